//! Connections: how many there may be, how long each may wait, and what ends them. On real sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use test_support::TestApp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Far longer than anything here should take.
const LONG: Duration = Duration::from_secs(20);
/// For tests in which nobody's time for a head may be over, however busy the machine is.
const PATIENT: (&str, &str) = ("HEADER_TIMEOUT_MS", "600000");
const PROBE: &str = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
const CHANGES: &str = "GET /api/changes HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The largest answer that needs nothing stored: more than small buffers hold.
const DOCUMENT: &str = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A head without its end.
const HALF_A_HEAD: &str = "GET /livez HTTP/1.1\r\nHost: local";
/// A head that promises more than comes.
const HALF_A_BODY: &str = "POST /api/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                           Content-Length: 100\r\n\r\n{\"file_id\":";

/// A connection that sends this, from an address of loopback.
async fn connect_from(last: u8, worker: SocketAddr, text: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let own = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
    socket.bind(own).unwrap();
    let mut stream = socket.connect(worker).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn connect(worker: SocketAddr, text: &str) -> TcpStream {
    connect_from(1, worker, text).await
}

/// What comes until the connection is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    // A connection that is reset is closed, too.
    let _ = timeout(LONG, stream.read_to_end(&mut rest))
        .await
        .expect("it is not closed");
    String::from_utf8_lossy(&rest).into_owned()
}

/// Whether it is still open: whether nothing has come, not even its end.
async fn is_open(stream: &mut TcpStream) -> bool {
    timeout(Duration::from_millis(100), stream.read(&mut [0; 1]))
        .await
        .is_err()
}

/// Reads one answer and leaves the connection open; its head.
async fn answer(stream: &mut TcpStream) -> String {
    let read = async {
        let mut text = Vec::new();
        let mut byte = [0; 1];
        while !text.ends_with(b"\r\n\r\n") {
            assert_eq!(
                stream.read(&mut byte).await.unwrap(),
                1,
                "{}",
                String::from_utf8_lossy(&text)
            );
            text.push(byte[0]);
        }
        let head = String::from_utf8(text).unwrap().to_lowercase();
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        head
    };
    timeout(LONG, read).await.expect("there is no answer")
}

/// A worker on a port.
async fn serve(settings: &[(&str, &str)]) -> (TestApp, SocketAddr) {
    let app = TestApp::start(settings).await;
    let (address, _) = app.serve(std::future::pending()).await;
    (app, address)
}

#[test_support::test]
async fn a_head_has_its_time_and_so_has_the_pause_after_an_answer() {
    let settings = [("HEADER_TIMEOUT_MS", "500"), ("IDLE_CONNECTION_SECONDS", "6")];
    let (_app, worker) = serve(&settings).await;
    for text in ["", HALF_A_HEAD] {
        let started = Instant::now();
        let mut silent = connect(worker, text).await;
        assert_eq!(rest(&mut silent).await, "");
        assert!(
            started.elapsed() >= Duration::from_millis(400),
            "{:?}",
            started.elapsed()
        );
    }
    let mut kept = connect(worker, PROBE).await;
    assert!(answer(&mut kept).await.starts_with("http/1.1 200"));
    let started = Instant::now();
    // Longer than the time for a head, which is over.
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    kept.write_all(PROBE.as_bytes()).await.unwrap();
    assert!(answer(&mut kept).await.starts_with("http/1.1 200"));
    assert_eq!(rest(&mut kept).await, "");
    assert!(
        started.elapsed() >= Duration::from_millis(6_500),
        "{:?}",
        started.elapsed()
    );
}

#[test_support::test]
async fn whoever_has_waited_longest_makes_room_for_the_next() {
    let (_app, worker) = serve(&[("MAX_CONNECTIONS", "8"), PATIENT]).await;
    let mut waiting = Vec::new();
    let mut busy = connect(worker, HALF_A_BODY).await;
    for number in 0..50 {
        waiting.push(connect(worker, ["", HALF_A_HEAD, PROBE][number % 3]).await);
    }
    let mut honest = connect(worker, PROBE).await;
    assert!(answer(&mut honest).await.starts_with("http/1.1 200"));
    // Those that came first are gone, and those that came last are there.
    for stream in &mut waiting[..44] {
        rest(stream).await;
    }
    for (number, stream) in waiting.iter_mut().enumerate().skip(44) {
        if number % 3 == 2 {
            answer(stream).await;
        }
        assert!(is_open(stream).await, "{number}");
    }
    // Who sends a request goes after those who send none.
    assert!(is_open(&mut busy).await);
    honest.write_all(PROBE.as_bytes()).await.unwrap();
    assert!(answer(&mut honest).await.starts_with("http/1.1 200"));
}

#[test_support::test]
async fn one_address_cannot_take_the_room_of_others() {
    let settings = [
        ("MAX_CONNECTIONS", "12"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "4"),
        PATIENT,
    ];
    let (_app, worker) = serve(&settings).await;
    let mut others = Vec::new();
    for last in [2, 3] {
        let mut stream = connect_from(last, worker, PROBE).await;
        answer(&mut stream).await;
        others.push(stream);
    }
    let mut many = Vec::new();
    for _ in 0..30 {
        many.push(connect(worker, "").await);
    }
    for stream in &mut many[..26] {
        assert_eq!(rest(stream).await, "");
    }
    for stream in others.iter_mut().chain(&mut many[26..]) {
        assert!(is_open(stream).await);
    }
    // A trusted proxy speaks for many.
    let settings = [
        ("MAX_CONNECTIONS_PER_ADDRESS", "4"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        PATIENT,
    ];
    let (_app, worker) = serve(&settings).await;
    let mut many = Vec::new();
    for _ in 0..30 {
        many.push(connect(worker, "").await);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    for stream in &mut many {
        assert!(is_open(stream).await);
    }
}

#[test_support::test]
async fn who_is_excluded_is_told_so_and_holds_little_for_a_second() {
    let settings = [
        ("ALLOWED_IPS", "127.0.0.2"),
        ("EXCLUDED_CONNECTIONS", "3"),
        PATIENT,
    ];
    let (_app, worker) = serve(&settings).await;
    let mut refused = connect(worker, PROBE).await;
    let text = rest(&mut refused).await;
    assert!(text.starts_with("HTTP/1.1 403"), "{text}");
    assert!(text.contains("address_not_allowed") && text.to_lowercase().contains("connection: close"));

    let mut silent = Vec::new();
    for number in 0..20 {
        silent.push(connect(worker, ["", HALF_A_HEAD][number % 2]).await);
    }
    let mut refused = connect(worker, PROBE).await;
    assert!(rest(&mut refused).await.starts_with("HTTP/1.1 403"));
    for stream in &mut silent {
        rest(stream).await;
    }
    let mut welcome = connect_from(2, worker, PROBE).await;
    assert!(answer(&mut welcome).await.starts_with("http/1.1 200"));
}

#[test_support::test]
async fn those_who_never_begin_a_handshake_keep_nobody_waiting() {
    let fixture = |name: &str| format!("{}/../tests/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let (certificate, key) = (fixture("first.pem"), fixture("first.key"));
    let settings = [
        ("TLS_CERT_FILE", certificate.as_str()),
        ("TLS_KEY_FILE", key.as_str()),
        ("TLS_HANDSHAKE_MS", "60000"),
        ("MAX_CONNECTIONS", "40"),
        PATIENT,
    ];
    let (_app, worker) = serve(&settings).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(connect(worker, "").await);
    }
    // Another installation in this process fails, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = reqwest::Certificate::from_pem(&std::fs::read(&certificate).unwrap()).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .tls_certs_only([certificate])
        .build()
        .unwrap();
    for _ in 0..5 {
        let request = client
            .get(format!("https://127.0.0.1:{}/livez", worker.port()))
            .send();
        let response = timeout(LONG, request).await.expect("nobody is let in").unwrap();
        assert_eq!(response.status(), 200);
    }
    for stream in &mut silent[..260] {
        assert_eq!(rest(stream).await, "");
    }
}

#[test_support::test]
async fn what_a_client_does_not_take_is_not_kept_for_ever() {
    let (_app, worker) = serve(&[("SEND_TIMEOUT_MS", "500")]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(worker).await.unwrap();
    stream.write_all(DOCUMENT.as_bytes()).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'H', "it is not answered");
    let started = Instant::now();
    // More answers than all buffers on the way can hold.
    let sending = async {
        loop {
            if stream.write_all(DOCUMENT.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    timeout(LONG, sending)
        .await
        .expect("the worker keeps what nobody takes");
    // Not for another reason, which would have closed it sooner.
    assert!(
        started.elapsed() >= Duration::from_millis(400),
        "{:?}",
        started.elapsed()
    );
}

#[test_support::test]
async fn a_head_has_a_size() {
    let (_app, worker) = serve(&[("MAX_HEADER_BYTES", "20000")]).await;
    for (bytes, expected) in [(15_000, 200), (30_000, 431)] {
        let padding = "x".repeat(bytes);
        let head = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Padding: {padding}\r\n");
        let mut stream = connect(worker, &head).await;
        // What the worker does not read any more it may reset.
        let _ = stream.write_all(b"Connection: close\r\n\r\n").await;
        let text = rest(&mut stream).await;
        assert!(
            text.starts_with(&format!("HTTP/1.1 {expected}")),
            "{bytes}: {text}"
        );
    }
}

#[test_support::test]
async fn a_request_has_one_host() {
    let (_app, worker) = serve(&[]).await;
    let end = "Connection: close\r\n\r\n";
    for (head, expected) in [
        ("GET /livez HTTP/1.1\r\n", 400),
        (
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
            400,
        ),
        (
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
            400,
        ),
        (
            "GET /livez HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n",
            400,
        ),
        (
            "GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n",
            403,
        ),
        ("GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n", 200),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\n", 200),
        // Health checks of old load balancers.
        ("GET /livez HTTP/1.0\r\n", 200),
    ] {
        let mut stream = connect(worker, &format!("{head}{end}")).await;
        let text = rest(&mut stream).await;
        assert!(
            text.starts_with("HTTP/1.") && text[8..].starts_with(&format!(" {expected}")),
            "{head}: {text}"
        );
        if expected == 400 {
            assert!(text.contains("invalid_host_header"), "{text}");
        }
    }
}

#[test_support::test]
async fn a_stop_waits_for_nobody_who_has_not_sent_a_whole_request() {
    let app = TestApp::start(&[]).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let (worker, server) = app.serve(async move { drop(stopped.await) }).await;
    let mut streams = Vec::new();
    for text in ["", HALF_A_HEAD, HALF_A_BODY] {
        streams.push(connect(worker, text).await);
    }
    let mut kept = connect(worker, CHANGES).await;
    answer(&mut kept).await;
    kept.write_all(HALF_A_HEAD.as_bytes()).await.unwrap();
    streams.push(kept);
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.send(()).unwrap();
    let started = Instant::now();
    timeout(LONG, server).await.expect("it waits").unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    for stream in &mut streams {
        rest(stream).await;
    }
}

/// What a client has of [`DOCUMENT`], which takes it bit by bit from before a stop until long after it, and the longest
/// pause that it made.
async fn taken_slowly_at_a_stop(app: &TestApp) -> (Vec<u8>, Duration) {
    /// Most of the answer waits in the worker.
    const BUFFER: u32 = 4_096;
    /// Longer than a connection without a request may take to end.
    const SLOWLY: Duration = Duration::from_secs(2);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(BUFFER).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = socket.listen(1).unwrap();
    let (worker, server) = app.serve_on(listener, async move { drop(stopped.await) });
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(BUFFER).unwrap();
    let mut stream = socket.connect(worker).await.unwrap();
    stream.write_all(DOCUMENT.as_bytes()).await.unwrap();
    let (mut taken, mut bytes, mut pause) = (Vec::new(), [0; 1_024], Duration::ZERO);
    taken.push(stream.read_u8().await.unwrap());
    stop.send(()).unwrap();
    let started = Instant::now();
    let mut last = started;
    while let Ok(count @ 1..) = timeout(LONG, stream.read(&mut bytes))
        .await
        .expect("it is not closed")
    {
        taken.extend(&bytes[..count]);
        if started.elapsed() < SLOWLY {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        pause = pause.max(last.elapsed());
        last = Instant::now();
    }
    timeout(LONG, server).await.expect("it waits").unwrap();
    (taken, pause)
}

#[test_support::test]
async fn a_stop_waits_for_an_answer_that_is_taken_slowly() {
    let app = TestApp::start(&[]).await;
    let document = app.get("/openapi.json").await.body;
    for _ in 0..10 {
        let (taken, pause) = taken_slowly_at_a_stop(&app).await;
        if taken.ends_with(&document) {
            return;
        }
        // Where the machine stood still for a while, this client took nothing.
        assert!(
            pause > Duration::from_millis(500),
            "{} bytes came of more than {}",
            taken.len(),
            document.len()
        );
    }
    panic!("the machine stands still all the time");
}
