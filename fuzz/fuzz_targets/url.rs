//! A URL that may be called names no special address, however it is spelled.
#![no_main]

use std::net::IpAddr;

use ai_worker::photo::fuzzing::literal_address;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|url: &str| {
    let Ok(Some(address)) = literal_address(url) else {
        return;
    };
    // What the standard library knows of special addresses, apart from the worker's own list.
    let special = match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    };
    assert!(!special, "{url:?} leads to {address}");
});
