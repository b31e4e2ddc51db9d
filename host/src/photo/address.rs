//! Which addresses belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a packet to this address leaves for the public internet.
///
/// False for everything in IANA's special-purpose registries that is not globally reachable: private,
/// loopback, link-local, shared (carrier-grade NAT), documentation, benchmarking, multicast, reserved,
/// broadcast, unspecified, unique local, discard, ORCHID and others; and for the host service of Azure, which has an
/// address of the public range. IPv6 addresses that lead to an IPv4 address are judged by it, see [`embedded`].
#[must_use]
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127, ..]              // this network, private, loopback
        | [100, 64..=127, ..]           // shared with the provider, RFC 6598; Alibaba's metadata service
        | [168, 63, 129, 16]            // Azure's host service, which answers from within a virtual machine only
        | [169, 254, ..]                // link-local, home of cloud metadata services
        | [172, 16..=31, ..]            // private
        | [192, 0, 0 | 2, _]            // IETF protocols, documentation; Oracle's metadata service
        | [192, 88, 99, _]              // 6to4 relays, deprecated by RFC 7526
        | [192, 168, ..]                // private
        | [198, 18 | 19, ..]            // benchmarking
        | [198, 51, 100, _]             // documentation
        | [203, 0, 113, _]              // documentation
        | [224..=255, ..] // multicast, reserved, broadcast
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let inner = embedded(address);
    if !inner.into_iter().flatten().all(is_public_v4) {
        return false;
    }
    match address.segments() {
        // What leads to an IPv4 address only is as public as that.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x2001, 0, ..] => true,
        // IETF protocols (benchmarking, ORCHID and others), documentation (RFC 3849, RFC 9637).
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is 2000::/3; all the rest is local, multicast, discarded or not assigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The IPv4 addresses that a packet to this address is delivered to, or by way of: mapped (RFC 4291), compatible
/// (deprecated; covers `::` and `::1`), NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380: its server, and the
/// client with all bits inverted) and ISATAP (RFC 5214).
pub(super) fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let join = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            [join(high, low), None]
        }
        [0x2002, high, low, ..] => [join(high, low), None],
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            [join(server_high, server_low), join(!high, !low)]
        }
        [.., 0 | 0x200, 0x5efe, high, low] => [join(high, low), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            // First and last of each range, so that a wrong mask shows.
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.255",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::10.1.2.3",
            "::ffff:127.0.0.1",
            "::ffff:192.168.1.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:0:808:808::f5ff:fffe",
            "2001:0:a00:1::f7f7:f7f7",
            "2001:2::1",
            "2001:10::1",
            "2001:1f:ffff::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2001:db8:ffff::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:127.0.0.1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_beside_special_ranges_are_public() {
        for text in [
            "1.0.0.0",
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.1",
            "203.0.114.1",
            "223.255.255.255",
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2000::1",
            "2001:0:808:808::f7f7:f7f7",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2606:4700::1111",
            "2606:4700::5efe:8.8.8.8",
            "3fff:1000::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_embedded_address_is_judged_like_itself(bits: u32) {
            let inner = Ipv4Addr::from(bits);
            let expected = is_public(inner.into());
            let wide = u128::from(bits);
            for outer in [
                (0xffff << 32) | wide,
                wide,
                (0x0064_ff9b << 96) | wide,
                (0x2002 << 112) | (wide << 80) | 1,
                (0x2001_0000 << 96) | (0x0808_0808 << 64) | u128::from(!bits),
            ] {
                let outer = Ipv6Addr::from(outer);
                prop_assert_eq!(is_public(outer.into()), expected, "{} in {}", inner, outer);
            }
        }

        #[test]
        fn what_the_standard_library_calls_special_is_not_public(bits: u32) {
            let address = Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified()
            {
                prop_assert!(!is_public(address.into()));
            }
        }
    }
}
