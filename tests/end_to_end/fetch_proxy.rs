//! `FETCH_PROXY`: photos through a proxy that notes what it is asked for.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use test_support::worker::Worker;

/// A proxy's address, and what it was asked for.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, Arc::clone(&noted)));
        }
    });
    (address, asked)
}

/// Lays a tunnel, or passes a request on as it is.
async fn forward(mut client: TcpStream, noted: Arc<Mutex<Vec<String>>>) {
    let head = head(&mut client).await;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    noted.lock().unwrap().push(format!("{method} {target}"));
    let target = target.trim_start_matches("http://");
    let mut server = TcpStream::connect(target.split('/').next().unwrap())
        .await
        .unwrap();
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    } else {
        server.write_all(head.as_bytes()).await.unwrap();
    }
    // Either side may hang up.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

/// The lines before a body.
async fn head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn certificate(kind: &str) -> String {
    format!(
        "{}/../tests/fixtures/tls/first.{kind}",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// A server that answers one request with this photo, over TLS; its address without the scheme.
async fn tls_server(photo: Bytes) -> String {
    let chain = vec![CertificateDer::from_pem_file(certificate("pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificate("key")).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        head(&mut stream).await;
        let length = photo.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&photo).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    address
}

#[test_support::test]
async fn photos_come_through_the_proxy_and_private_addresses_never_reach_it() {
    let (address, asked) = proxy().await;
    let trusted = certificate("pem");
    let settings = [
        ("FETCH_PROXY", address.as_str()),
        ("SSL_CERT_FILE", trusted.as_str()),
    ];
    let worker = Worker::start(&settings).await;
    worker.describe("coffee.png").await;
    let server = tls_server(worker.photos.get("obama.jpg")).await;
    let process = async |url: &str| {
        let body = json!({ "file_id": url, "image_url": url });
        worker.post("/api/process", &body).await
    };
    let (status, answer) = process(&format!("https://{server}/obama.jpg")).await;
    assert_eq!(status, 200, "{answer}");
    let expected = [
        format!("GET {}", worker.photos.url("coffee.png")),
        format!("CONNECT {server}"),
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
    for private in [
        "http://10.0.0.1/photo.jpg",
        "https://169.254.169.254/",
        "http://[::1]/",
    ] {
        let (status, problem) = process(private).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("photo_address_refused")),
            "{private}"
        );
    }
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[test_support::test]
async fn a_proxy_of_the_environment_is_not_used() {
    let (address, asked) = proxy().await;
    let names = ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"];
    let worker = Worker::start(&names.map(|name| (name, address.as_str()))).await;
    worker.describe("coffee.png").await;
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new());
}
