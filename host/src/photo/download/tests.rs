//! Downloads from a server in this process that speaks just enough HTTP to misbehave.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::error::Error as _;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Serves on a free port of 127.0.0.1 until the test ends.
pub(super) async fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Clients that hang up early are part of the tests.
                let _ = answer(stream, port).await;
            });
        }
    });
    port
}

async fn answer(mut stream: TcpStream, port: u16) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let redirect = |to: &str| {
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    };
    let simple = match path {
        "/photo" => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nphoto".to_owned(),
        "/request" => format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{request}",
            request.len()
        ),
        "/empty" => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/error" => "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy".to_owned(),
        "/relative" => redirect("photo"),
        "/other-address" => redirect(&format!("http://127.0.0.2:{port}/photo")),
        "/other-spelling" => redirect(&format!("http://0x7f000002:{port}/photo")),
        "/mapped" => redirect(&format!("http://[::ffff:127.0.0.2]:{port}/photo")),
        "/file" => redirect("file:///etc/hostname"),
        "/broken-location" => redirect("http://["),
        "/no-location" => "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/loop" => redirect("/loop"),
        "/hop/0" => redirect("/photo"),
        "/announced" => "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\nconnection: close\r\n\r\n".to_owned(),
        "/short" => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nphoto".to_owned(),
        "/long" => "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nphoto".to_owned(),
        "/no-http" => "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "/gzip" => "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\nconnection: close\r\n\r\n\x1f\x08bomb".to_owned(),
        "/endless" | "/slow" | "/silent" => String::new(),
        target if target.starts_with("/to?") => redirect(&target["/to?".len()..]),
        hop => match hop
            .strip_prefix("/hop/")
            .and_then(|number| number.parse::<u32>().ok())
        {
            Some(number) => redirect(&format!("/hop/{}", number - 1)),
            None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        },
    };
    stream.write_all(simple.as_bytes()).await?;
    if path == "/endless" || path == "/slow" {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
            .await?;
        loop {
            stream.write_all(&[b'x'; 64]).await?;
            if path == "/slow" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    if path == "/silent" {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    Ok(())
}

/// May call 127.0.0.1 and public addresses; 1000 bytes, 3 redirects, 5 seconds.
pub(super) fn settings() -> DownloadSettings {
    DownloadSettings {
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        max_bytes: 1000,
        timeout: Duration::from_secs(5),
        max_redirects: 3,
        ..DownloadSettings::default()
    }
}

async fn fetch_with(settings: DownloadSettings, url: &str) -> Result<Bytes, PhotoError> {
    Downloader::new(settings)?.fetch(url).await
}

/// Also how long that took, without reading the system's certificates, for which a downloader takes longer than for a photo.
async fn timed(settings: DownloadSettings, url: &str) -> (Result<Bytes, PhotoError>, Duration) {
    let downloader = Downloader::new(settings).unwrap();
    let started = Instant::now();
    (downloader.fetch(url).await, started.elapsed())
}

async fn fetch(path: &str) -> Result<Bytes, PhotoError> {
    let port = serve().await;
    fetch_with(settings(), &format!("http://127.0.0.1:{port}{path}")).await
}

#[tokio::test]
async fn a_photo_arrives_directly_and_by_redirect() {
    for path in ["/photo", "/relative", "/hop/0", "/hop/2"] {
        assert_eq!(fetch(path).await.unwrap(), "photo", "{path}");
    }
}

#[tokio::test]
async fn the_request_names_the_worker_and_asks_for_the_file_as_it_is() {
    let request = String::from_utf8(fetch("/request").await.unwrap().to_vec())
        .unwrap()
        .to_lowercase();
    assert!(request.contains("user-agent: ai-worker/"), "{request}");
    assert!(request.contains("accept: image/jpeg"), "{request}");
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    assert!(!request.contains("referer"), "{request}");
}

#[tokio::test]
async fn failures_of_the_source_are_told_apart() {
    assert!(matches!(
        fetch("/missing").await,
        Err(PhotoError::SourceStatus(404))
    ));
    assert!(matches!(
        fetch("/error").await,
        Err(PhotoError::SourceBusy {
            status: 503,
            retry_after: None
        })
    ));
    assert!(matches!(
        fetch("/no-location").await,
        Err(PhotoError::SourceStatus(302))
    ));
    assert!(matches!(fetch("/empty").await, Err(PhotoError::EmptyBody)));
    assert!(matches!(fetch("/no-http").await, Err(PhotoError::NotHttp(..))));
    assert!(matches!(
        fetch("/broken-location").await,
        Err(PhotoError::InvalidUrl(_))
    ));
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let result = fetch_with(settings(), &format!("http://127.0.0.1:{port}/photo")).await;
    assert!(matches!(result, Err(PhotoError::Unreachable(_))), "{result:?}");
    let result = fetch_with(settings(), "http://no-such-host.invalid/photo").await;
    assert!(matches!(result, Err(PhotoError::Unreachable(_))), "{result:?}");
}

#[tokio::test]
async fn bodies_stop_at_the_limit() {
    for path in ["/endless", "/announced"] {
        let result = fetch(path).await;
        assert!(
            matches!(result, Err(PhotoError::TooLarge { limit: 1000 })),
            "{path}: {result:?}"
        );
    }
    let port = serve().await;
    let url = format!("http://127.0.0.1:{port}/photo");
    let exact = DownloadSettings {
        max_bytes: 5,
        ..settings()
    };
    assert_eq!(fetch_with(exact, &url).await.unwrap(), "photo");
    let less = DownloadSettings {
        max_bytes: 4,
        ..settings()
    };
    assert!(matches!(
        fetch_with(less, &url).await,
        Err(PhotoError::TooLarge { limit: 4 })
    ));
}

#[tokio::test]
async fn a_wrong_length_never_gives_more_or_less_than_announced() {
    assert!(matches!(fetch("/short").await, Err(PhotoError::Broken(_))));
    assert_eq!(fetch("/long").await.unwrap(), "pho");
}

#[tokio::test]
async fn slow_and_silent_servers_time_out() {
    let port = serve().await;
    for path in ["/slow", "/silent"] {
        let hurried = DownloadSettings {
            timeout: Duration::from_millis(200),
            max_bytes: 1 << 20,
            ..settings()
        };
        let (result, took) = timed(hurried, &format!("http://127.0.0.1:{port}{path}")).await;
        assert!(matches!(result, Err(PhotoError::TimedOut)), "{path}: {result:?}");
        assert!(took < Duration::from_secs(2), "{path}: {took:?}");
    }
}

#[tokio::test]
async fn the_first_byte_has_a_limit_of_its_own() {
    let port = serve().await;
    let hurried = DownloadSettings {
        first_byte_timeout: Duration::from_millis(200),
        ..settings()
    };
    let (result, took) = timed(hurried, &format!("http://127.0.0.1:{port}/silent")).await;
    assert!(matches!(result, Err(PhotoError::TimedOut)), "{result:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn nothing_is_decompressed_on_the_way() {
    let result = fetch("/gzip").await;
    assert!(
        matches!(&result, Err(PhotoError::Compressed(encoding)) if encoding == "gzip"),
        "{result:?}"
    );
}

#[tokio::test]
async fn redirects_end() {
    assert!(matches!(
        fetch("/loop").await,
        Err(PhotoError::TooManyRedirects(3))
    ));
    assert!(matches!(
        fetch("/hop/3").await,
        Err(PhotoError::TooManyRedirects(3))
    ));
}

#[tokio::test]
async fn redirects_are_checked_like_the_first_url() {
    for path in ["/other-address", "/other-spelling", "/mapped"] {
        let result = fetch(path).await;
        assert!(
            matches!(result, Err(PhotoError::AddressRefused(_))),
            "{path}: {result:?}"
        );
    }
    assert!(matches!(fetch("/file").await, Err(PhotoError::InvalidUrl(_))));
}

#[tokio::test]
async fn special_addresses_are_refused_in_every_spelling() {
    let port = serve().await;
    let downloader = Downloader::new(DownloadSettings::default()).unwrap();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "127.1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "169.254.169.254",
        // Only the resolver can know this one, so the refusal comes through the client's errors.
        "localhost",
    ] {
        let result = downloader.fetch(&format!("http://{host}:{port}/photo")).await;
        assert!(
            matches!(result, Err(PhotoError::AddressRefused(_))),
            "{host}: {result:?}"
        );
    }
}

#[tokio::test]
async fn allowed_networks_and_private_addresses_open_the_door() {
    let port = serve().await;
    for url in [
        format!("http://localhost:{port}/photo"),
        format!("http://[::ffff:127.0.0.1]:{port}/photo"),
        format!("http://2130706433:{port}/photo"),
    ] {
        assert_eq!(fetch_with(settings(), &url).await.unwrap(), "photo", "{url}");
    }
    let open = DownloadSettings {
        allow_private: true,
        ..DownloadSettings::default()
    };
    let url = format!("http://127.0.0.1:{port}/other-spelling");
    // 127.0.0.2 is not configured everywhere; what matters is that it is tried.
    let result = fetch_with(open, &url).await;
    assert!(
        !matches!(result, Err(PhotoError::AddressRefused(_))),
        "{result:?}"
    );
}

#[tokio::test]
async fn urls_that_are_no_photo_urls_are_refused() {
    let downloader = Downloader::new(DownloadSettings::default()).unwrap();
    for url in [
        "",
        "photo.jpg",
        "//example.org/photo.jpg",
        "file:///etc/passwd",
        "ftp://example.org/photo.jpg",
        "data:image/png;base64,AAAA",
        "http://",
        "http://user@example.org/photo.jpg",
        "http://:secret@example.org/photo.jpg",
        "http://example.org:99999/",
        "http://256.256.256.256/",
    ] {
        let result = downloader.fetch(url).await;
        assert!(
            matches!(result, Err(PhotoError::InvalidUrl(_))),
            "{url}: {result:?}"
        );
    }
}

#[tokio::test]
async fn no_message_and_no_cause_repeats_the_query() {
    let port = serve().await;
    let secret = "signature=s3cret";
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for url in [
        format!("http://127.0.0.1:{port}/missing?{secret}"),
        format!("http://127.0.0.1:{port}/no-http?{secret}"),
        format!("http://127.0.0.1:{closed}/photo?{secret}"),
        format!("http://127.0.0.2:{port}/photo?{secret}"),
        format!("http://no-such-host.invalid/photo?{secret}"),
        format!("ftp://127.0.0.1/photo?{secret}"),
    ] {
        let error = fetch_with(settings(), &url).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}");
        let mut cause = error.source();
        while let Some(current) = cause {
            assert!(!current.to_string().contains("s3cret"), "{url}");
            cause = current.source();
        }
    }
}
