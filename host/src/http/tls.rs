//! Connections that speak TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Handshakes at a time; further connections wait in the system's queue.
const HANDSHAKES: usize = 256;

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Listens for TLS. A slow handshake keeps nobody else waiting.
pub(super) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    /// The longest time for one handshake.
    limit: Duration,
    handshakes: FuturesUnordered<BoxFuture<'static, Option<Connection>>>,
}

impl TlsListener {
    pub(super) fn new(listener: TcpListener, config: Arc<ServerConfig>, limit: Duration) -> Self {
        Self {
            listener,
            acceptor: config.into(),
            limit,
            handshakes: FuturesUnordered::new(),
        }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        loop {
            let free = self.handshakes.len() < HANDSHAKES;
            tokio::select! {
                (stream, peer) = Listener::accept(&mut self.listener), if free => {
                    let (accept, limit) = (self.acceptor.accept(stream), self.limit);
                    self.handshakes.push(Box::pin(async move {
                        match tokio::time::timeout(limit, accept).await {
                            Ok(Ok(stream)) => Some((stream, peer)),
                            Ok(Err(error)) => {
                                tracing::debug!(ip = %peer.ip(), %error, "a TLS handshake failed");
                                None
                            }
                            Err(_) => None,
                        }
                    }));
                }
                Some(ended) = self.handshakes.next() => {
                    if let Some(connection) = ended {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
