//! URLs, names and redirects that try to lead the worker where its caller may not go, one case each, and a canary
//! that must never be called.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use tokio::net::TcpListener;

use super::tests::{serve, settings};
use super::*;

/// One of each kind of special address; those of 127.0.0.0/8 and 0.0.0.0 are where the canary listens.
const SPECIAL: [[u8; 4]; 20] = [
    [127, 0, 0, 2],
    [127, 1, 2, 3],
    [127, 255, 255, 254],
    [0, 0, 0, 0],
    [10, 0, 0, 1],
    [172, 16, 0, 1],
    [192, 168, 0, 1],
    [169, 254, 169, 254],
    [100, 64, 0, 1],
    [100, 100, 100, 200],
    [168, 63, 129, 16],
    [192, 0, 0, 192],
    [192, 0, 2, 1],
    [192, 88, 99, 1],
    [198, 18, 0, 1],
    [198, 51, 100, 1],
    [203, 0, 113, 1],
    [224, 0, 0, 1],
    [240, 0, 0, 1],
    [255, 255, 255, 255],
];

/// Special IPv6 addresses that hold no IPv4 address.
const SPECIAL_V6: [&str; 18] = [
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::2",
    "100::1",
    "64:ff9b:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

/// Counts who connects, whatever address of this machine they use.
struct Canary {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let canary = Self {
            port: 0,
            connections: Arc::default(),
        };
        let port = canary.also_on((Ipv6Addr::UNSPECIFIED, 0)).await;
        Self { port, ..canary }
    }

    /// Listens at one more place; its port.
    async fn also_on(&self, address: impl Into<SocketAddr>) -> u16 {
        let listener = TcpListener::bind(address.into()).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::clone(&self.connections);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                connections.fetch_add(1, Ordering::Relaxed);
            }
        });
        port
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// How an IPv4 address can be written as the host of a URL, so that some software still finds the way to it.
fn spellings(octets: [u8; 4]) -> Vec<String> {
    let address = Ipv4Addr::from(octets);
    let [a, b, c, d] = octets;
    let number = u32::from(address);
    let (high, low) = (number >> 16, number & 0xffff);
    let dotted = address.to_string();
    let wide: String = dotted
        .chars()
        .map(|letter| match letter.to_digit(10) {
            Some(digit) => char::from_u32(0xff10 + digit).unwrap(),
            None => letter,
        })
        .collect();
    let percent: String = dotted.bytes().map(|byte| format!("%{byte:02x}")).collect();
    vec![
        dotted.clone(),
        format!("{dotted}."),
        number.to_string(),
        format!("{number:#010x}"),
        format!("{number:#010X}"),
        format!("0{number:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{b}.{}", low),
        format!("{a}.{}", number & 0x00ff_ffff),
        format!("{a}.{b:#x}.0{c:o}.{d}"),
        percent,
        wide,
        dotted.replace('.', "\u{3002}"),
        format!("[::ffff:{dotted}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0000:0000:0000:0000:0000:FFFF:{high:04X}:{low:04X}]"),
        format!("[::{dotted}]"),
        format!("[64:ff9b::{dotted}]"),
        format!("[64:ff9b:1::{dotted}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2001:0:808:808:0:0:{:x}:{:x}]", high ^ 0xffff, low ^ 0xffff),
        format!("[2001:0:{high:x}:{low:x}::f7f7:f7f7]"),
        format!("[2606:4700::5efe:{dotted}]"),
        format!("[2606:4700::200:5efe:{dotted}]"),
        format!("[::ffff:0:{dotted}]"),
    ]
}

/// What must come of a case.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The address is refused.
    Address,
    /// Nothing is fetched: the URL is none, or its address is refused, or its host is a name that nobody has.
    Any,
}

/// What is tried, and what must come of it.
type Case = (String, Expected);

/// URLs that are refused for what is written in them.
fn written(canary: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    for host in SPECIAL.into_iter().flat_map(spellings) {
        cases.push((format!("http://{host}:{canary}/photo"), Expected::Address));
    }
    for address in SPECIAL_V6 {
        cases.push((format!("http://[{address}]:{canary}/photo"), Expected::Address));
        cases.push((format!("https://[{address}]:{canary}/photo"), Expected::Address));
    }
    let there = format!("127.0.0.2:{canary}");
    for url in [
        // Who may be a user name to one parser is the host to another.
        format!("http://photos.example@{there}/"),
        format!("http://photos.example:80@{there}/"),
        format!("http://photos.example%40@{there}/"),
        format!("http://a:b@{there}/"),
        format!("http://@{there}/"),
        format!("http://:@{there}/"),
        format!("http://{there}#@photos.example/"),
        format!("http://{there}?@photos.example/"),
        format!("http://{there}\\@photos.example/"),
        format!("http://{there}/@photos.example/"),
        // Slashes, blanks and letters that parsers forgive.
        format!("http:{there}/"),
        format!("http:/{there}/"),
        format!("http:///{there}/"),
        format!("http:\\\\{there}\\"),
        format!("  http://{there}/  "),
        format!("ht\ttp://{there}/"),
        format!("http://127.0.0.2\n:{canary}/"),
        format!("HTTP://{there}/"),
        format!("hTTpS://{there}/"),
        format!("http://127.0.0.2%00.photos.example:{canary}/"),
        format!("http://127.0.0.2%20:{canary}/"),
        format!("http://[::1%25lo]:{canary}/"),
        format!("http://[::1%lo]:{canary}/"),
        format!("http://[127.0.0.2]:{canary}/"),
        format!("http://127.0.0.2.:{canary}/"),
        format!("http://127.0.0.2..:{canary}/"),
        format!("http://\u{ff11}\u{ff12}\u{ff17}\u{ff0e}0.0.2:{canary}/"),
        format!("http://\u{2460}\u{2461}\u{2466}.0.0.2:{canary}/"),
        format!("http://127.0.0.2:{canary}0000000/"),
        format!("http://127.0.0.1e2:{canary}/"),
        format!("http://0177.0.0.0x2:{canary}/"),
        // Other schemes.
        format!("ftp://{there}/photo.jpg"),
        format!("gopher://{there}/_GET"),
        format!("dict://{there}/x"),
        format!("ldap://{there}/x"),
        format!("ws://{there}/"),
        format!("tftp://{there}/x"),
        format!("jar:http://{there}!/photo"),
        format!("blob:http://{there}/photo"),
        format!("view-source:http://{there}/photo"),
        format!("//{there}/photo"),
        format!("{there}/photo"),
        "file:///etc/passwd".to_owned(),
        "file://localhost/etc/passwd".to_owned(),
        "data:image/png;base64,AAAA".to_owned(),
        "javascript:alert(1)".to_owned(),
        "unix:/var/run/docker.sock".to_owned(),
    ] {
        cases.push((url, Expected::Any));
    }
    cases
}

/// URLs that a server, which may be called, redirects to: after one step and after two.
fn redirected(server: u16, canary: u16) -> Vec<Case> {
    let from = format!("http://127.0.0.1:{server}/to?");
    let mut cases = Vec::new();
    for octets in SPECIAL {
        for spelling in [0, 2, 3, 14, 18].map(|index| spellings(octets)[index].clone()) {
            let target = format!("http://{spelling}:{canary}/photo");
            cases.push((format!("{from}{target}"), Expected::Address));
        }
        let target = format!("//{}:{canary}/photo", Ipv4Addr::from(octets));
        cases.push((format!("{from}/to?{target}"), Expected::Address));
    }
    for address in SPECIAL_V6 {
        cases.push((format!("{from}http://[{address}]:{canary}/"), Expected::Address));
    }
    for target in [
        format!("http://a:b@127.0.0.2:{canary}/"),
        format!("ftp://127.0.0.2:{canary}/"),
        format!("gopher://127.0.0.2:{canary}/"),
        "file:///etc/passwd".to_owned(),
    ] {
        cases.push((format!("{from}{target}"), Expected::Any));
    }
    cases
}

/// Names whose addresses are in them: `a.127-0-0-2.test` and, with a second one, `a.10-0-0-1.127-0-0-2.test`.
fn resolved(canary: u16) -> Vec<Case> {
    let mut cases = Vec::new();
    for octets in SPECIAL {
        let label = Ipv4Addr::from(octets).to_string().replace('.', "-");
        for host in [
            format!("a.{label}.test"),
            format!("a.{label}.test."),
            format!("A.{label}.TEST"),
            // The same address as IPv6: mapped, and by NAT64.
            format!("mapped.{label}.test"),
            format!("nat64.{label}.test"),
            format!("a.{label}.127-0-0-2.test"),
        ] {
            cases.push((format!("http://{host}:{canary}/photo"), Expected::Address));
        }
    }
    cases
}

/// Answers names of [`resolved`].
fn lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    let name = name.trim_end_matches('.').to_lowercase();
    let mut labels = name.split('.');
    let kind = labels.next().unwrap_or_default();
    let addresses: Vec<IpAddr> = labels
        .filter_map(|label| label.replace('-', ".").parse::<Ipv4Addr>().ok())
        .map(|address| match kind {
            "mapped" => address.to_ipv6_mapped().into(),
            "nat64" => Ipv6Addr::from((0x0064_ff9b_u128 << 96) | u128::from(u32::from(address))).into(),
            _ => address.into(),
        })
        .collect();
    if addresses.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(addresses)
}

#[tokio::test]
async fn nothing_leads_to_the_canary() {
    let canary = Canary::start().await;
    let server = serve().await;
    // Of special addresses only the server's may be called.
    let lookup: Lookup = Arc::new(|name| async move { lookup(&name) }.boxed());
    let downloader = Downloader::with_lookup(settings(), lookup).unwrap();
    let cases: Vec<Case> = [
        written(canary.port),
        redirected(server, canary.port),
        resolved(canary.port),
    ]
    .concat();
    let distinct: std::collections::HashSet<&String> = cases.iter().map(|(url, _)| url).collect();
    let count = distinct.len();
    assert!(count >= 300, "{count}");
    let results = futures_util::stream::iter(&cases)
        .map(async |case| (case, downloader.fetch(&case.0).await))
        .buffer_unordered(16);
    results
        .for_each(async |((url, expected), result)| {
            let refused = match expected {
                Expected::Address => matches!(result, Err(PhotoError::AddressRefused(_))),
                Expected::Any => result.is_err(),
            };
            assert!(refused, "{url}: {result:?}");
        })
        .await;
    assert_eq!(canary.connections(), 0);
    println!("{count} cases refused, 0 connections to the canary");

    // The canary does see who calls it.
    let open = DownloadSettings {
        allow_private: true,
        timeout: Duration::from_millis(300),
        ..settings()
    };
    let open = Downloader::new(open).unwrap();
    for host in [
        "127.0.0.2",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.1.2.3]",
        "2130706434",
    ] {
        let before = canary.connections();
        let _ = open.fetch(&format!("http://{host}:{}/", canary.port)).await;
        // Twice, because it ends connections without an answer.
        assert_eq!(canary.connections(), before + 2, "{host}");
    }
}

#[tokio::test]
async fn nothing_leads_to_a_proxy_that_would_fetch_it() {
    let canary = Canary::start().await;
    let through_canary = DownloadSettings {
        proxy: Some(format!("http://127.0.0.1:{}", canary.port).parse().unwrap()),
        timeout: Duration::from_millis(500),
        ..settings()
    };
    let lookup: Lookup = Arc::new(|name| async move { lookup(&name) }.boxed());
    let downloader = Downloader::with_lookup(through_canary, lookup).unwrap();
    for (url, expected) in [written(canary.port), resolved(canary.port)].concat() {
        let result = downloader.fetch(&url).await;
        let refused = match expected {
            Expected::Address => matches!(result, Err(PhotoError::AddressRefused(_))),
            Expected::Any => result.is_err(),
        };
        assert!(refused, "{url}: {result:?}");
    }
    assert_eq!(canary.connections(), 0);
    // What may be called does go there.
    assert!(downloader.fetch("http://8.8.8.8/photo").await.is_err());
    // Twice, because it ends connections without an answer.
    assert_eq!(canary.connections(), 2);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_what_was_checked_is_dialled() {
    let server = serve().await;
    let canary = Canary::start().await;
    canary
        .also_on(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), server)))
        .await;
    // Turns to the canary with every second answer, as a rebinding name server does.
    let asked = Arc::new(AtomicUsize::new(0));
    let rebinding: Lookup = Arc::new({
        let asked = Arc::clone(&asked);
        move |_| {
            let turn = asked.fetch_add(1, Ordering::Relaxed);
            let last = if turn.is_multiple_of(2) { 1 } else { 2 };
            async move { Ok(vec![IpAddr::from([127, 0, 0, last])]) }.boxed()
        }
    });
    let downloader = Downloader::with_lookup(settings(), rebinding).unwrap();
    let url = format!("http://rebind.example:{server}/photo");
    for turn in 0..20 {
        let result = downloader.fetch(&url).await;
        if turn % 2 == 0 {
            assert_eq!(result.unwrap(), "photo");
        } else {
            assert!(matches!(result, Err(PhotoError::AddressRefused(_))), "{result:?}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), turn + 1);
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn of_mixed_addresses_only_the_allowed_ones_are_dialled() {
    let server = serve().await;
    let canary = Canary::start().await;
    for address in [
        IpAddr::from([127, 0, 0, 2]),
        IpAddr::from([127, 1, 2, 3]),
        Ipv6Addr::LOCALHOST.into(),
    ] {
        canary.also_on(SocketAddr::new(address, server)).await;
    }
    let mixed: Lookup = Arc::new(|_| {
        let answer = ["::1", "127.0.0.2", "127.0.0.1", "::ffff:127.1.2.3", "127.1.2.3"];
        async move { Ok(answer.iter().map(|text| text.parse().unwrap()).collect()) }.boxed()
    });
    let downloader = Downloader::with_lookup(settings(), mixed).unwrap();
    for _ in 0..10 {
        let found = downloader
            .fetch(&format!("http://mixed.example:{server}/photo"))
            .await;
        assert_eq!(found.unwrap(), "photo");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn listed_hosts_and_networks_decide_after_the_name_is_resolved() {
    let server = serve().await;
    let lookup: Lookup = Arc::new(|_| async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }.boxed());
    for (allow, deny, open) in [
        ("", "", true),
        ("photos.example", "", true),
        ("*.example", "", true),
        ("127.0.0.0/8", "", true),
        ("other.example", "", false),
        ("*.photos.example", "", false),
        ("10.0.0.0/8", "", false),
        ("", "photos.example", false),
        ("", "127.0.0.1", false),
        ("photos.example", "127.0.0.0/8", false),
        ("", "*.photos.example", true),
    ] {
        let rules = |text: &str| -> Vec<UrlRule> {
            let texts = text.split(',').filter(|text| !text.is_empty());
            texts.map(|text| text.parse().unwrap()).collect()
        };
        let settings = DownloadSettings {
            allow: rules(allow),
            deny: rules(deny),
            ..settings()
        };
        let downloader = Downloader::with_lookup(settings, Arc::clone(&lookup)).unwrap();
        let result = downloader
            .fetch(&format!("http://photos.example:{server}/photo"))
            .await;
        let as_expected = match &result {
            Ok(_) => open,
            Err(PhotoError::HostRefused(_)) => !open,
            Err(_) => false,
        };
        assert!(as_expected, "allow {allow:?}, deny {deny:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_header_of_one_origin_is_not_carried_to_another() {
    let (here, there) = (serve().await, serve().await);
    let settings = DownloadSettings {
        headers: vec![
            format!("http://127.0.0.1:{here}=X-Token: hidden")
                .parse()
                .unwrap(),
        ],
        ..settings()
    };
    let downloader = Downloader::new(settings).unwrap();
    for (path, carried) in [
        (format!("{here}/request"), true),
        (format!("{here}/to?/request"), true),
        (format!("{there}/request"), false),
        (format!("{here}/to?http://127.0.0.1:{there}/request"), false),
        // Back again it is the origin's own header, which the caller could have had directly.
        (format!("{there}/to?http://127.0.0.1:{here}/request"), true),
    ] {
        let request = downloader
            .fetch(&format!("http://127.0.0.1:{path}"))
            .await
            .unwrap();
        let request = String::from_utf8_lossy(&request).to_lowercase();
        assert_eq!(request.contains("x-token: hidden"), carried, "{path}");
    }
}
