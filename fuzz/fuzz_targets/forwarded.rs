//! Whatever a caller writes into the header, a trusted proxy's own entry to the right of it decides.
#![no_main]

use std::net::IpAddr;

use ai_worker::access::{ForwardedHeader, TrustedProxies};
use libfuzzer_sys::fuzz_target;

const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 9, 9, 1));
const CALLER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 5));

fuzz_target!(|written: &[u8]| {
    for (header, entry) in [
        (ForwardedHeader::XForwardedFor, &b"203.0.113.5"[..]),
        (ForwardedHeader::Forwarded, b"for=203.0.113.5"),
    ] {
        let proxies = TrustedProxies {
            networks: vec!["10.9.9.0/24".parse().unwrap()],
            header,
        };
        // A proxy appends to the value, or adds a value of its own.
        let appended = [written, b", ", entry].concat();
        for values in [&[appended.as_slice()][..], &[written, entry]] {
            let found = proxies.client(PROXY, values.iter().copied());
            assert!(found.is_err() || found == Ok(CALLER), "{found:?}");
        }
    }
});
