//! A TCP proxy that can be killed and slowed down, before a server that cannot.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of connections.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Everything passes.
    Up,
    /// Each piece is held back for so long.
    Slow(Duration),
    /// Connections are cut, and new ones closed at once: what a killed server's port is like.
    Down,
}

/// The proxy; gone when dropped.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    mode: watch::Sender<Mode>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// A proxy before `http://host:port`.
    pub async fn before(target: &str) -> Self {
        let target: SocketAddr = target.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (mode, seen) = watch::channel(Mode::Up);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let seen = seen.clone();
                connections.spawn(connect(client, target, seen));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { url, mode, task }
    }

    /// Lets everything pass.
    pub fn up(&self) {
        self.mode.send_replace(Mode::Up);
    }

    /// Cuts all connections, and closes new ones at once.
    pub fn kill(&self) {
        self.mode.send_replace(Mode::Down);
    }

    /// Holds each piece back for so long.
    pub fn slow(&self, pause: Duration) {
        self.mode.send_replace(Mode::Slow(pause));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(client: TcpStream, target: SocketAddr, mut seen: watch::Receiver<Mode>) {
    if *seen.borrow_and_update() == Mode::Down {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let mode = Arc::new(seen.clone());
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(from_client, to_server, Arc::clone(&mode)) => {}
        () = pass(from_server, to_client, mode) => {}
        _ = seen.wait_for(|mode| *mode == Mode::Down) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mode: Arc<watch::Receiver<Mode>>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length) = from.read(&mut buffer).await {
        let pause = match *mode.borrow() {
            Mode::Slow(pause) => pause,
            _ => Duration::ZERO,
        };
        tokio::time::sleep(pause).await;
        if length == 0 || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
