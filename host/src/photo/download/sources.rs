//! Downloads from servers that break off, are busy, compress what they should not, or write odd HTTP: each kind on a
//! connection's first request and on a kept one, called directly and through a proxy.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::tests::settings;
use super::*;

const PHOTO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nphoto";

/// How a connection ends when no answer is left for it.
#[derive(Clone, Copy, Debug)]
enum End {
    /// As soon as the last answer was sent.
    AtOnce,
    /// When it has read one more request.
    Closed,
    /// When it has read the beginning of one more request, by a reset: bytes are left unread.
    Reset,
    /// With this much of an answer to one more request.
    Cut(&'static [u8]),
    /// Never; one more request is read and not answered.
    Silent,
}

/// Answers every connection alike, and counts them.
struct Source {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Source {
    async fn start(answers: Vec<Vec<u8>>, end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let source = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let answers = Arc::new(answers);
        let (connections, requests) = (Arc::clone(&source.connections), Arc::clone(&source.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let (answers, requests) = (Arc::clone(&answers), Arc::clone(&requests));
                tokio::spawn(async move {
                    // Clients that hang up early are part of the tests.
                    let _ = speak(stream, &answers, end, &requests).await;
                });
            }
        });
        source
    }

    /// Answers the first request of each connection with the photo, and the next as `end` says.
    async fn once(end: End) -> Self {
        Self::start(vec![PHOTO.to_vec()], end).await
    }

    fn counts(&self) -> (usize, usize) {
        (
            self.connections.load(Ordering::Relaxed),
            self.requests.load(Ordering::Relaxed),
        )
    }

    /// The two ways to it: directly, and as the proxy of a server elsewhere.
    fn ways(&self) -> [(Downloader, String); 2] {
        let direct = Downloader::new(settings()).unwrap();
        let proxied = DownloadSettings {
            proxy: Some(format!("http://127.0.0.1:{}", self.port).parse().unwrap()),
            ..settings()
        };
        [
            (direct, self.url()),
            (
                Downloader::new(proxied).unwrap(),
                "http://8.8.8.8/photo".to_owned(),
            ),
        ]
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/photo", self.port)
    }
}

async fn speak(
    mut stream: TcpStream,
    answers: &[Vec<u8>],
    end: End,
    requests: &AtomicUsize,
) -> io::Result<()> {
    for answer in answers {
        read_request(&mut stream, requests).await?;
        stream.write_all(answer).await?;
    }
    match end {
        End::AtOnce => {}
        End::Closed => read_request(&mut stream, requests).await?,
        End::Reset => {
            stream.read_u8().await?;
            requests.fetch_add(1, Ordering::Relaxed);
        }
        End::Cut(part) => {
            read_request(&mut stream, requests).await?;
            stream.write_all(part).await?;
        }
        End::Silent => {
            read_request(&mut stream, requests).await?;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
    Ok(())
}

async fn read_request(stream: &mut TcpStream, requests: &AtomicUsize) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    // Whoever asks, and however often: the request is the same.
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    requests.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Fetches what leaves a connection for the next request, which is kept a moment after the photo is there.
async fn fetch_and_keep(downloader: &Downloader, url: &str) {
    assert_eq!(downloader.fetch(url).await.unwrap(), "photo");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// What comes of this answer: to the first request, and to the second on a kept connection; directly and by proxy.
async fn answers_to(answer: &[u8]) -> Vec<Result<Bytes, PhotoError>> {
    let mut found = Vec::new();
    for kept in [false, true] {
        let mut answers = vec![answer.to_vec()];
        if kept {
            answers.insert(0, PHOTO.to_vec());
        }
        let source = Source::start(answers, End::AtOnce).await;
        for (downloader, url) in source.ways() {
            if kept {
                fetch_and_keep(&downloader, &url).await;
            }
            found.push(downloader.fetch(&url).await);
        }
        let each = if kept { 2 } else { 1 };
        assert_eq!(source.counts(), (2, 2 * each), "one connection each");
    }
    found
}

#[tokio::test]
async fn a_kept_connection_that_ends_without_an_answer_is_tried_once_more() {
    for end in [
        End::AtOnce,
        End::Closed,
        End::Reset,
        End::Cut(b""),
        End::Cut(b"HTTP/1.1 200 O"),
    ] {
        let source = Source::once(end).await;
        for (downloader, url) in source.ways() {
            for turn in 0..6 {
                let found = downloader.fetch(&url).await;
                assert_eq!(found.unwrap(), "photo", "{end:?}, photo {turn} of {url}");
            }
        }
    }
}

#[tokio::test]
async fn the_second_attempt_takes_no_other_kept_connection() {
    let source = Source::once(End::Closed).await;
    for (downloader, url) in source.ways() {
        for _ in 0..3 {
            // As many connections are kept as were needed at a time, and all of them are dead.
            let found = futures_util::future::join_all((0..8).map(|_| downloader.fetch(&url))).await;
            for found in found {
                assert_eq!(found.unwrap(), "photo", "{url}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_asked_twice_and_no_more() {
    for end in [End::Closed, End::Reset, End::Cut(b"HTTP/1.1 200 OK\r\nconte")] {
        let source = Source::start(Vec::new(), end).await;
        for (way, (downloader, url)) in source.ways().into_iter().enumerate() {
            let result = downloader.fetch(&url).await;
            assert!(
                matches!(result, Err(PhotoError::Broken(_))),
                "{end:?}: {result:?}"
            );
            assert_eq!(source.counts(), (2 * (way + 1), 2 * (way + 1)), "{end:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_again() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nphoto"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nphoto\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n50\r\nphoto",
    ] {
        for result in answers_to(answer).await {
            assert!(matches!(result, Err(PhotoError::Broken(_))), "{result:?}");
        }
    }
}

#[tokio::test]
async fn the_second_attempt_has_no_time_of_its_own() {
    // The first connection answers one photo and ends at the next; the new one is then silent.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/photo", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let requests = AtomicUsize::new(0);
        let (stream, _) = listener.accept().await.unwrap();
        let _ = speak(stream, &[PHOTO.to_vec()], End::Closed, &requests).await;
        let (stream, _) = listener.accept().await.unwrap();
        let _ = speak(stream, &[], End::Silent, &requests).await;
    });
    let hurried = DownloadSettings {
        first_byte_timeout: Duration::from_millis(500),
        ..settings()
    };
    let downloader = Downloader::new(hurried).unwrap();
    fetch_and_keep(&downloader, &url).await;
    let started = std::time::Instant::now();
    let result = downloader.fetch(&url).await;
    assert!(matches!(result, Err(PhotoError::TimedOut)), "{result:?}");
    assert!(started.elapsed() < settings().timeout);
}

#[tokio::test]
async fn the_second_attempt_is_checked_like_the_first() {
    let source = Source::once(End::Closed).await;
    // A name that turns to a private address as soon as it has been called once.
    let asked = Arc::new(AtomicUsize::new(0));
    let rebinding: Lookup = Arc::new({
        let asked = Arc::clone(&asked);
        move |_| {
            let address = if asked.fetch_add(1, Ordering::Relaxed) == 0 {
                [127, 0, 0, 1]
            } else {
                [127, 0, 0, 2]
            };
            async move { Ok(vec![IpAddr::from(address)]) }.boxed()
        }
    });
    let canary = TcpListener::bind(("127.0.0.2", source.port)).await.unwrap();
    let downloader = Downloader::with_lookup(settings(), rebinding).unwrap();
    let url = format!("http://rebind.example:{}/photo", source.port);
    fetch_and_keep(&downloader, &url).await;
    let result = downloader.fetch(&url).await;
    assert!(matches!(result, Err(PhotoError::AddressRefused(_))), "{result:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let called = tokio::time::timeout(Duration::from_millis(100), canary.accept()).await;
    assert!(called.is_err(), "the canary was called");
}

#[tokio::test]
async fn by_proxy_the_second_attempt_is_checked_like_the_first() {
    let source = Source::once(End::Closed).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let rebinding: Lookup = Arc::new({
        let asked = Arc::clone(&asked);
        move |_| {
            // Twice for the two photos; the third time is the second attempt at the second.
            let address = if asked.fetch_add(1, Ordering::Relaxed) < 2 {
                [8, 8, 8, 8]
            } else {
                [10, 0, 0, 1]
            };
            async move { Ok(vec![IpAddr::from(address)]) }.boxed()
        }
    });
    let proxied = DownloadSettings {
        proxy: Some(format!("http://127.0.0.1:{}", source.port).parse().unwrap()),
        ..settings()
    };
    let downloader = Downloader::with_lookup(proxied, rebinding).unwrap();
    let url = "http://rebind.example/photo";
    fetch_and_keep(&downloader, url).await;
    let result = downloader.fetch(url).await;
    assert!(matches!(result, Err(PhotoError::AddressRefused(_))), "{result:?}");
    assert_eq!(source.counts(), (1, 2));
}

#[tokio::test]
async fn a_failure_that_passes_is_told_from_one_that_stays() {
    let answer = |status: u16, header: &str| {
        format!("HTTP/1.1 {status} Status\r\n{header}content-length: 4\r\nconnection: close\r\n\r\nbusy")
    };
    for (status, header, wait) in [
        (429, "Retry-After: 7\r\n", Some(7)),
        (503, "Retry-After: 120\r\n", Some(120)),
        (503, "retry-after:\t86400 \r\n", Some(3600)),
        (503, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", Some(3600)),
        (429, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", Some(0)),
        (503, "Retry-After: later\r\n", None),
        (408, "", None),
        (502, "", None),
        (503, "", None),
        (504, "", None),
    ] {
        for result in answers_to(answer(status, header).as_bytes()).await {
            let Err(PhotoError::SourceBusy {
                status: found,
                retry_after,
            }) = result
            else {
                unreachable!("{status} {header}: {result:?}");
            };
            assert_eq!(
                (found, retry_after),
                (status, wait.map(Duration::from_secs)),
                "{header}"
            );
        }
    }
    for status in [400, 401, 403, 404, 410, 500, 501] {
        for result in answers_to(answer(status, "Retry-After: 7\r\n").as_bytes()).await {
            assert!(
                matches!(result, Err(PhotoError::SourceStatus(found)) if found == status),
                "{status}: {result:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_was_compressed_unasked_is_named_and_a_picture_is_taken_as_it_is() {
    let answer = |encoding: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
    for (encoding, body) in [
        ("gzip", &b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..]),
        ("br", b"\x0b\x02\x80"),
        ("zstd", b"\x28\xb5\x2f\xfd\x04\0"),
        ("deflate", b"\x78\x9c\x03\0"),
    ] {
        for result in answers_to(&answer(encoding, body)).await {
            assert!(
                matches!(&result, Err(PhotoError::Compressed(named)) if named == encoding),
                "{encoding}: {result:?}"
            );
            let message = result.unwrap_err().to_string();
            assert!(message.contains(encoding), "{message}");
        }
        for result in answers_to(&answer(encoding, jpeg)).await {
            assert_eq!(result.unwrap(), &jpeg[..], "{encoding}");
        }
    }
    for result in answers_to(&answer("identity", b"photo")).await {
        assert_eq!(result.unwrap(), "photo");
    }
}

#[tokio::test]
async fn headers_that_other_clients_read_are_read() {
    let many = |count: usize| "X-Policy: a\r\n".repeat(count - 1);
    for (what, headers) in [
        (
            "space before the colon",
            "X-A : b\r\nContent-Length : 5\r\n".to_owned(),
        ),
        ("tab before the colon", "Content-Length\t: 5\r\n".to_owned()),
        (
            "folded line",
            "X-A: b\r\n c\r\n\td\r\nContent-Length: 5\r\n".to_owned(),
        ),
        ("folded length", "Content-Length:\r\n 5\r\n".to_owned()),
        ("no value", "X-A:\r\nContent-Length: 5\r\n".to_owned()),
        ("a space in a name", "X A: b\r\nContent-Length: 5\r\n".to_owned()),
        (
            "bytes beyond ASCII",
            "X-Ä: b\r\nX-B: ä\r\nContent-Length: 5\r\n".to_owned(),
        ),
        ("101 headers", many(101) + "Content-Length: 5\r\n"),
        ("1000 headers", many(1000) + "Content-Length: 5\r\n"),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}\r\nphoto");
        for result in answers_to(answer.as_bytes()).await {
            assert_eq!(result.unwrap(), "photo", "{what}");
        }
    }
    for result in answers_to(b"HTTP/1.1 200 OK\nContent-Length: 5\n\nphoto").await {
        assert_eq!(result.unwrap(), "photo");
    }
}

#[tokio::test]
async fn more_headers_than_are_read_are_named_with_their_limit() {
    let long = format!("X-A: {}\r\n", "a".repeat(4096)).repeat(400);
    for headers in ["X-A: b\r\n".repeat(1001), long] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}\r\nphoto");
        for result in answers_to(answer.as_bytes()).await {
            assert!(
                matches!(result, Err(PhotoError::HeadTooLarge { .. })),
                "{} bytes of headers: {result:?}",
                headers.len()
            );
            let message = result.unwrap_err().to_string();
            assert!(
                message.contains("1000 headers") && message.contains("408 KiB"),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_http_is_said_to_be_none() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"<!doctype html><title>photo</title>\r\n\r\n",
        b"HTTP/3.0 200 OK\r\ncontent-length: 5\r\n\r\nphoto",
        b"HTTP/1.1 20 OK\r\ncontent-length: 5\r\n\r\nphoto",
        b"HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nphoto",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nphoto",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfive\r\nphoto\r\n0\r\n\r\n",
    ] {
        for result in answers_to(answer).await {
            let what = String::from_utf8_lossy(answer);
            assert!(
                matches!(result, Err(PhotoError::NotHttp(..))),
                "{what}: {result:?}"
            );
            let message = result.unwrap_err().to_string();
            assert!(message.contains("not valid HTTP"), "{message}");
        }
    }
}
