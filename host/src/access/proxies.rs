//! Whose address a request comes from when proxies stand between.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

/// The header in which proxies write whom they speak for. Only one is read: a caller could write the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: addresses, separated by commas.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    /// The header's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

impl FromStr for ForwardedHeader {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::XForwardedFor, Self::Forwarded]
            .into_iter()
            .find(|header| header.name() == text)
            .ok_or("choose x-forwarded-for or forwarded")
    }
}

/// A proxy that is believed wrote something that names no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The proxies whose word about a caller's address is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    /// `TRUSTED_PROXIES`; empty: nobody is believed.
    pub networks: Vec<IpNet>,
    /// `FORWARDED_HEADER`.
    pub header: ForwardedHeader,
}

impl TrustedProxies {
    /// Who calls: the peer of the connection, or, when that is a trusted proxy, whom it names. Read from right to left,
    /// since each proxy adds at the right what it saw itself: the first address that is no trusted proxy is the
    /// caller's, and whatever stands to the left of it the caller may have invented. `values` are the header's, in
    /// their order.
    ///
    /// # Errors
    /// When a trusted proxy's word names no address.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        values: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> Result<IpAddr, Unreadable> {
        // A dual-stack socket shows IPv4 clients as IPv4-mapped IPv6 addresses.
        let mut address = peer.to_canonical();
        if !self.trusts(address) {
            return Ok(address);
        }
        for value in values.rev() {
            let value = std::str::from_utf8(value).map_err(|_| Unreadable)?;
            for element in split(value, ',').ok_or(Unreadable)?.into_iter().rev() {
                let node = match self.header {
                    ForwardedHeader::XForwardedFor => element.trim().to_owned(),
                    ForwardedHeader::Forwarded => forwarded_for(element).ok_or(Unreadable)?,
                };
                address = node_address(&node).ok_or(Unreadable)?.to_canonical();
                if !self.trusts(address) {
                    return Ok(address);
                }
            }
        }
        Ok(address)
    }

    /// Whether this is a proxy that is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// Splits at a separator, but for those within quotes. None when a quote stays open: a caller could open one to swallow
/// what its proxy appends.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => {
                parts.push(&text[start..index]);
                start = index + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!quoted).then_some(parts)
}

/// The node of the one `for` parameter of an element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<String> {
    let mut nodes = split(element, ';')?.into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    });
    let node = nodes.next()?;
    if nodes.next().is_some() {
        return None;
    }
    match node.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').map(|inner| inner.replace('\\', "")),
        None => Some(node.to_owned()),
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn node_address(node: &str) -> Option<IpAddr> {
    let bare = || node.parse::<IpAddr>().ok();
    let with_port = || node.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || {
        let inner = node.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok().map(IpAddr::V6)
    };
    bare().or_else(with_port).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    /// Who is let in; the proxy is 10.9.9.1, and so is one more before it.
    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        TrustedProxies {
            networks: ["10.9.9.0/24", "fd00:9::/64"]
                .map(|network| network.parse().unwrap())
                .to_vec(),
            header,
        }
    }

    fn client(header: ForwardedHeader, peer: &str, values: &[&str]) -> Result<IpAddr, Unreadable> {
        let values = values.iter().map(|value| value.as_bytes());
        proxies(header).client(peer.parse().unwrap(), values)
    }

    /// What an outsider (203.0.113.5) sends, and what a trusted proxy makes of it, to pass as 10.1.1.1, who may call.
    const SPOOFED: [(&str, &[&str]); 35] = [
        // Without the proxy: nothing is believed.
        ("203.0.113.5", &[]),
        ("203.0.113.5", &["10.1.1.1"]),
        ("203.0.113.5", &["10.1.1.1, 10.9.9.1"]),
        ("203.0.113.5", &["10.9.9.1"]),
        ("203.0.113.5", &["10.1.1.1", "10.1.1.1"]),
        ("::ffff:203.0.113.5", &["10.1.1.1"]),
        ("10.9.8.255", &["10.1.1.1"]),
        ("10.9.10.0", &["10.1.1.1"]),
        ("fd00:9:0:1::1", &["10.1.1.1"]),
        ("::10.9.9.1", &["10.1.1.1"]),
        // Through it: it appends whom it saw.
        ("10.9.9.1", &["203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1,203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1", "203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1, 10.1.1.1, 203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5, 10.9.9.2"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5", "10.9.9.2"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5, 10.9.9.2, 10.9.9.3"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5, ::ffff:10.9.9.2"]),
        ("10.9.9.1", &["10.1.1.1, ::ffff:203.0.113.5"]),
        ("10.9.9.1", &["10.1.1.1, 203.0.113.5:4711"]),
        ("10.9.9.1", &["10.1.1.1, [2001:db8::5]:4711"]),
        ("10.9.9.1", &["10.1.1.1, 2001:db8::5"]),
        ("fd00:9::1", &["10.1.1.1, 203.0.113.5"]),
        ("::ffff:10.9.9.1", &["10.1.1.1, 203.0.113.5"]),
        ("10.9.9.1", &["garbage, 203.0.113.5"]),
        ("10.9.9.1", &["\"10.1.1.1, 203.0.113.5"]),
        // Through one that appends nothing, or nothing that can be read: refused rather than guessed.
        ("10.9.9.1", &["10.1.1.1, unknown"]),
        ("10.9.9.1", &["10.1.1.1, "]),
        ("10.9.9.1", &["10.1.1.1,"]),
        ("10.9.9.1", &[""]),
        ("10.9.9.1", &["10.1.1.1, 10.1.1.1.1"]),
        ("10.9.9.1", &["10.1.1.1, 0x0a010101"]),
        ("10.9.9.1", &["10.1.1.1, 010.001.001.001"]),
        ("10.9.9.1", &["10.1.1.1, 10.1.1.1:99999"]),
    ];

    /// The same with `Forwarded`.
    const SPOOFED_FORWARDED: [(&str, &[&str]); 24] = [
        ("203.0.113.5", &["for=10.1.1.1"]),
        ("203.0.113.5", &["for=10.1.1.1, for=10.9.9.1"]),
        ("10.9.9.1", &["for=203.0.113.5"]),
        ("10.9.9.1", &["for=10.1.1.1, for=203.0.113.5"]),
        ("10.9.9.1", &["for=10.1.1.1,for=203.0.113.5;proto=https"]),
        ("10.9.9.1", &["for=10.1.1.1", "by=10.9.9.1;for=203.0.113.5"]),
        ("10.9.9.1", &["for=10.1.1.1, FOR=\"203.0.113.5:80\""]),
        ("10.9.9.1", &["for=10.1.1.1, for=\"[2001:db8::5]\""]),
        ("10.9.9.1", &["for=10.1.1.1, for=\"[2001:db8::5]:80\";by=_x"]),
        ("10.9.9.1", &["for=10.1.1.1, for=203.0.113.5, for=10.9.9.2"]),
        ("10.9.9.1", &["for=\"10.1.1.1, for=203.0.113.5"]),
        ("10.9.9.1", &["for=\"a\\\", for=10.1.1.1\", for=203.0.113.5"]),
        ("10.9.9.1", &["for=203.0.113.5;for=10.1.1.1"]),
        ("10.9.9.1", &["for=10.1.1.1;for=203.0.113.5"]),
        ("10.9.9.1", &["for=10.1.1.1, for=unknown"]),
        ("10.9.9.1", &["for=10.1.1.1, for=_hidden"]),
        ("10.9.9.1", &["for=10.1.1.1, by=10.9.9.2"]),
        ("10.9.9.1", &["for=10.1.1.1, 10.1.1.1"]),
        ("10.9.9.1", &["for=10.1.1.1, for="]),
        ("10.9.9.1", &["for=10.1.1.1, for=\"10.1.1.1"]),
        ("10.9.9.1", &["for=10.1.1.1, host=10.1.1.1"]),
        ("10.9.9.1", &["for=10.1.1.1,"]),
        // A quote that the caller opens, and that what the proxy appends closes and opens again.
        ("10.9.9.1", &["for=10.1.1.1;x=\", for=\"203.0.113.5:80\""]),
        ("10.9.9.1", &["for=10.1.1.1;x=\", for=\"[2001:db8::5]\""]),
    ];

    #[test]
    fn nobody_passes_as_somebody_else() {
        use ForwardedHeader::{Forwarded, XForwardedFor};

        let allowed: IpNet = "10.1.0.0/16".parse().unwrap();
        let mut cases = 0;
        for (header, table) in [
            (XForwardedFor, &SPOOFED[..]),
            (Forwarded, &SPOOFED_FORWARDED[..]),
            // And what the proxy does not write at all.
            (Forwarded, &SPOOFED[1..5]),
        ] {
            for (peer, values) in table {
                let found = client(header, peer, values);
                assert!(
                    !found.is_ok_and(|address| allowed.contains(&address)),
                    "{peer} {values:?}: {found:?}"
                );
                cases += 1;
            }
        }
        assert!(cases >= 50, "{cases}");
        println!("{cases} spoofed addresses denied");
    }

    #[test]
    fn a_trusted_proxy_speaks_for_its_callers() {
        use ForwardedHeader::{Forwarded, XForwardedFor};

        for (header, peer, values, expected) in [
            (XForwardedFor, "10.9.9.1", &["10.1.1.1"][..], "10.1.1.1"),
            (XForwardedFor, "10.9.9.1", &["10.1.1.1, 10.9.9.2"], "10.1.1.1"),
            (XForwardedFor, "10.9.9.1", &["10.1.1.1", "10.9.9.2"], "10.1.1.1"),
            (XForwardedFor, "10.9.9.1", &["8.8.8.8, 10.1.1.1:80"], "10.1.1.1"),
            (XForwardedFor, "10.9.9.1", &["[2001:db8::1]"], "2001:db8::1"),
            (XForwardedFor, "10.9.9.1", &["::ffff:10.1.1.1"], "10.1.1.1"),
            // What it asks for itself, and what another proxy asks for itself.
            (XForwardedFor, "10.9.9.1", &[], "10.9.9.1"),
            (XForwardedFor, "10.9.9.1", &["10.9.9.2"], "10.9.9.2"),
            (Forwarded, "10.9.9.1", &["for=10.1.1.1;by=10.9.9.1"], "10.1.1.1"),
            (
                Forwarded,
                "fd00:9::1",
                &["proto=https;For=\"[2001:db8::1]:443\""],
                "2001:db8::1",
            ),
        ] {
            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(client(header, peer, values), Ok(expected), "{peer} {values:?}");
        }
    }
}
