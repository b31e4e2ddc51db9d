//! Any text as a photo's URL, and as a rule of `URL_ALLOW` and `URL_DENY`: no address that is not public is let in.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use ai_worker::photo::{UrlRule, fuzzing};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

/// What nobody may call, by the standard library's own judgement.
fn is_special(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || address.is_unspecified()
}

fuzz_target!(|text: &str| {
    let (url, rule) = text.split_once('\n').unwrap_or((text, ""));
    let rule = rule.parse::<UrlRule>().ok();
    if let Some(rule) = &rule {
        let again: UrlRule = rule
            .to_string()
            .parse()
            .expect("a rule that is shown can be read");
        assert_eq!(&again, rule);
    }
    let open = fuzzing::is_let_in(url, &[], &[]);
    if open {
        let url = Url::parse(url).expect("what is let in is a URL");
        assert!(matches!(url.scheme(), "http" | "https"));
        assert!(url.username().is_empty() && url.password().is_none());
        match url.host().expect("it has a host") {
            Host::Ipv4(address) => assert!(!is_special(address), "{address}"),
            Host::Ipv6(address) => {
                assert!(!address.is_loopback() && !address.is_unspecified() && !address.is_multicast());
                assert!(!address.is_unique_local() && !address.is_unicast_link_local());
                if let IpAddr::V4(inner) = address.to_canonical() {
                    assert!(!is_special(inner), "{address}");
                }
            }
            Host::Domain(_) => {}
        }
    }
    if let Some(rule) = rule {
        let rules = [rule];
        // A rule only ever narrows, and what it denies it does not allow.
        let allowed = fuzzing::is_let_in(url, &rules, &[]);
        let spared = fuzzing::is_let_in(url, &[], &rules);
        assert!(open || !(allowed || spared));
        assert!(!fuzzing::is_let_in(url, &rules, &rules) || matches!(rules[0], UrlRule::Network(_)));
    }
});
