//! Accepts connections and serves the router on them, within the bounds of [`Connections`].

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::{Connection, Connections, PARTING, Peer, Place};
use crate::app::App;
use crate::metrics;

/// How long to wait when the system gives no connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the shutdown signal. Then connections on which no whole request has come are closed, and what is being
/// answered is finished. Speaks TLS when a certificate is configured.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let connections = Connections::new(app.server.connections);
    let server = Arc::new(Server {
        router: super::router(Arc::clone(&app)),
        tls: app.access.tls.clone().map(TlsAcceptor::from),
        stop: CancellationToken::new(),
        app,
    });
    let tasks = TaskTracker::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let (stream, address) = match accepted {
            Ok(connection) => connection,
            Err(error) if is_of_the_peer(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "accepting a connection failed; trying again");
                connections.make_room();
                sleep(PAUSE).await;
                continue;
            }
        };
        match connections.admit(address.ip(), server.peer(address)) {
            Some(place) => drop(tasks.spawn(Arc::clone(&server).attend(stream, address, place))),
            None => metrics::connection_ended("refused"),
        }
    }
    drop(listener);
    server.stop.cancel();
    tasks.close();
    tasks.wait().await;
}

async fn accept(listener: &TcpListener, connections: &Connections) -> io::Result<(TcpStream, SocketAddr)> {
    connections.room().await;
    listener.accept().await
}

/// Whether the other end gave up before it was accepted.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// What every connection needs.
struct Server {
    app: Arc<App>,
    router: Router,
    tls: Option<TlsAcceptor>,
    /// Set when the worker stops.
    stop: CancellationToken,
}

impl Server {
    fn peer(&self, address: SocketAddr) -> Peer {
        let address = address.ip().to_canonical();
        if self.app.access.proxies.trusts(address) {
            Peer::Proxy
        } else if self.app.server.allows(address) {
            Peer::Caller
        } else {
            Peer::Excluded
        }
    }

    async fn attend(self: Arc<Self>, stream: TcpStream, address: SocketAddr, place: Place) {
        let connection = &place.connection;
        let Some(tls) = &self.tls else {
            return self.answer(stream, address, connection).await;
        };
        let handshake = timeout(self.app.access.tls_handshake, tls.accept(stream));
        let (time_over, _) = connection.deadline();
        let stream = tokio::select! {
            stream = handshake => match stream {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    tracing::debug!(ip = %address.ip(), %error, "a TLS handshake failed");
                    return;
                }
                Err(_) => return metrics::connection_ended("time"),
            },
            () = connection.ended() => return,
            () = self.stop.cancelled() => return,
            () = sleep_until(time_over.into()), if connection.peer == Peer::Excluded => {
                return metrics::connection_ended("time");
            }
        };
        connection.is_ready();
        self.answer(stream, address, connection).await;
    }

    /// Answers requests until either side has enough.
    async fn answer<S>(&self, stream: S, address: SocketAddr, connection: &Arc<Connection>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            connection.begins(request.body().is_end_stream());
            let mut request = request.map(|body| Received {
                body,
                connection: Arc::clone(connection),
            });
            request.extensions_mut().insert(ConnectInfo(address));
            let answer = router.call(request);
            let connection = Arc::clone(connection);
            async move {
                let response: Response<Body> = answer.await?;
                Ok::<_, Infallible>(response.map(|body| Sent { body, connection }))
            }
        });
        let io = TokioIo::new(Watched {
            stream,
            connection: Arc::clone(connection),
        });
        let mut serving = pin!(
            http1::Builder::new()
                // Who may not call gets one answer.
                .keep_alive(connection.peer != Peer::Excluded)
                .max_buf_size(self.app.server.connections.header_bytes)
                .serve_connection(io, service)
        );
        let mut parting: Option<Instant> = None;
        loop {
            let (mut deadline, is_over) = connection.deadline();
            if is_over {
                return metrics::connection_ended("time");
            }
            if let Some(end) = &mut parting {
                if connection.is_working() {
                    *end = Instant::now() + PARTING;
                } else if *end <= Instant::now() {
                    return;
                }
                deadline = deadline.min(*end);
            }
            tokio::select! {
                biased;
                _ = serving.as_mut() => return,
                () = connection.ended(), if parting.is_none() => {
                    // Unless a request came at the same moment.
                    if !connection.is_working() {
                        return;
                    }
                }
                () = self.stop.cancelled(), if parting.is_none() => {
                    if connection.is_new() {
                        return;
                    }
                }
                () = sleep_until(deadline.into()) => continue,
            }
            parting = Some(Instant::now() + PARTING);
            serving.as_mut().graceful_shutdown();
        }
    }
}

/// A request's body, which tells when it has come.
struct Received {
    body: Incoming,
    connection: Arc<Connection>,
}

impl hyper::body::Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.connection.has_received();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, which tells when it is given: it is dropped then, with the last of it in the HTTP library's buffer.
struct Sent {
    body: Body,
    connection: Arc<Connection>,
}

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.connection.has_answered();
    }
}

/// A stream that tells whether the other end takes what is written.
struct Watched<S> {
    stream: S,
    connection: Arc<Connection>,
}

impl<S: Unpin> Watched<S> {
    fn note<T>(&self, outcome: Poll<T>) -> Poll<T> {
        self.connection.flows(outcome.is_ready());
        outcome
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.note(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.note(outcome)
    }
}
