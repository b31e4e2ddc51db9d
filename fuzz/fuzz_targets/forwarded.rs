//! Whatever a caller writes into the header of proxies, what its proxy appends decides who it is.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use ai_worker::access::{ForwardedHeader, TrustedProxies};
use libfuzzer_sys::fuzz_target;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 9, 1));
const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5));

fuzz_target!(|written: &[u8]| {
    let networks = vec!["10.9.9.0/24".parse().expect("a network")];
    for (header, appended) in [
        (ForwardedHeader::XForwardedFor, &b"203.0.113.5"[..]),
        (ForwardedHeader::Forwarded, b"for=203.0.113.5"),
        (ForwardedHeader::Forwarded, b"for=\"203.0.113.5:80\";proto=https"),
    ] {
        let proxies = TrustedProxies {
            networks: networks.clone(),
            header,
        };
        // Appended to the caller's own header, or in one of the proxy's own behind it.
        let joined = [written, b", ", appended].concat();
        let one = proxies.client(PROXY, [&joined[..]].into_iter());
        let two = proxies.client(PROXY, [written, appended].into_iter());
        for found in [one, two] {
            assert!(found.is_err() || found == Ok(CALLER), "{header:?}: {found:?}");
        }
        // Who comes without a proxy is who it is.
        assert_eq!(proxies.client(CALLER, [written].into_iter()), Ok(CALLER));
    }
});
