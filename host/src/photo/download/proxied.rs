//! Downloads through a scripted proxy in this process, which calls nobody and notes what it is asked for.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::tests::{serve, settings};
use super::*;

/// A proxy at an address that photos may not come from.
struct ScriptedProxy {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl ScriptedProxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                let answer = answer(&request);
                noted.lock().unwrap().push(request);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { port, requests }
    }

    /// The first lines of what it was asked for.
    fn lines(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let first = |request: &String| request.lines().next().unwrap().to_owned();
        requests.iter().map(first).collect()
    }

    fn downloader(&self) -> Downloader {
        let address = format!("http://127.0.0.1:{}", self.port);
        through(&address, DownloadSettings::default())
    }
}

/// Fetches by way of this proxy, with names as [`lookup`] knows them.
fn through(proxy: &str, settings: DownloadSettings) -> Downloader {
    let settings = DownloadSettings {
        proxy: Some(proxy.parse().unwrap()),
        ..settings
    };
    Downloader::with_lookup(settings, Arc::new(|name| async move { lookup(&name) }.boxed())).unwrap()
}

/// What the photo's server would answer.
fn answer(request: &str) -> String {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    if method == "CONNECT" {
        return "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
    }
    match target.split_once("/to?") {
        Some((_, to)) => {
            format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        None => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nphoto".to_owned(),
    }
}

fn lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    let addresses: &[[u8; 4]] = match name {
        "photos.test" => &[[8, 8, 8, 8], [8, 8, 4, 4]],
        "private.test" => &[[10, 0, 0, 1]],
        "mixed.test" => &[[8, 8, 8, 8], [169, 254, 169, 254]],
        "nobody.test" => &[],
        "proxy.test" => &[[127, 0, 0, 1]],
        _ => return Err(io::ErrorKind::NotFound.into()),
    };
    Ok(addresses.iter().copied().map(IpAddr::from).collect())
}

#[tokio::test]
async fn every_request_goes_through_the_proxy_by_its_name() {
    let proxy = ScriptedProxy::start().await;
    let downloader = proxy.downloader();
    for url in [
        "http://photos.test/a?b=c",
        "http://8.8.8.8/a",
        "http://photos.test/to?http://photos.test/b",
    ] {
        assert_eq!(downloader.fetch(url).await.unwrap(), "photo", "{url}");
    }
    // TLS is spoken with the photo's server, through a tunnel, which this proxy refuses.
    let refused = downloader.fetch("https://photos.test/secret").await;
    assert!(matches!(refused, Err(PhotoError::Unreachable(_))), "{refused:?}");
    let expected = [
        "GET http://photos.test/a?b=c HTTP/1.1",
        "GET http://8.8.8.8/a HTTP/1.1",
        "GET http://photos.test/to?http://photos.test/b HTTP/1.1",
        "GET http://photos.test/b HTTP/1.1",
        "CONNECT photos.test:443 HTTP/1.1",
    ];
    assert_eq!(proxy.lines(), expected);
}

#[tokio::test]
async fn what_may_not_be_called_never_reaches_the_proxy() {
    let proxy = ScriptedProxy::start().await;
    let downloader = proxy.downloader();
    for url in [
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "http://0xa9fea9fe/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://private.test/",
        "https://private.test/",
        // Which of its addresses a proxy calls, nobody knows.
        "http://mixed.test/",
        "https://mixed.test/",
        "http://proxy.test/",
    ] {
        let result = downloader.fetch(url).await;
        assert!(
            matches!(result, Err(PhotoError::AddressRefused(_))),
            "{url}: {result:?}"
        );
    }
    // What the worker does not know, a proxy may know from inside.
    for url in [
        "http://metadata.google.internal/",
        "https://intranet/",
        "http://nobody.test/",
    ] {
        let result = downloader.fetch(url).await;
        assert!(
            matches!(result, Err(PhotoError::Unreachable(_))),
            "{url}: {result:?}"
        );
    }
    assert_eq!(proxy.lines(), Vec::<String>::new());
    for target in [
        "http://10.0.0.1/",
        "http://private.test/",
        "//mixed.test/",
        "https://[::1]/",
    ] {
        let result = downloader.fetch(&format!("http://photos.test/to?{target}")).await;
        assert!(
            matches!(result, Err(PhotoError::AddressRefused(_))),
            "{target}: {result:?}"
        );
    }
    assert_eq!(proxy.lines().len(), 4, "a redirect was followed");
}

#[tokio::test]
async fn a_proxy_may_have_a_name_and_ask_for_a_password() {
    let proxy = ScriptedProxy::start().await;
    let address = format!("http://user:s3cret@proxy.test:{}", proxy.port);
    let downloader = through(&address, DownloadSettings::default());
    assert!(!format!("{downloader:?}").contains("s3cret"), "{downloader:?}");
    assert_eq!(downloader.fetch("http://photos.test/").await.unwrap(), "photo");
    assert!(downloader.fetch("https://photos.test/").await.is_err());
    for request in proxy.requests.lock().unwrap().iter() {
        // "user:s3cret".
        assert!(
            request
                .to_lowercase()
                .contains("proxy-authorization: basic dxnlcjpzm2nyzxq="),
            "{request}"
        );
    }
    // The password is the proxy's only.
    assert_eq!(proxy.lines().len(), 2);
}

#[tokio::test]
async fn without_its_proxy_nothing_is_fetched() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let server = serve().await;
    let downloader = through(&format!("http://{closed}"), settings());
    let result = downloader
        .fetch(&format!("http://127.0.0.1:{server}/photo"))
        .await;
    assert!(matches!(result, Err(PhotoError::Unreachable(_))), "{result:?}");
}
