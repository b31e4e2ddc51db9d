//! `ai-worker serve`.

use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::app::App;
use crate::config::Config;
use crate::http;
use crate::telemetry::Traces;

/// Connections that may wait to be let in, as far as the system allows.
const WAITING: u32 = 1_024;

/// Loads everything, then serves until Ctrl-C or SIGTERM.
pub(super) async fn run(config: Config, traces: Traces) -> Outcome {
    let port = Port::take(&config)?;
    let app = App::start(&config).await?;
    let listener = port.listen()?;
    tracing::info!(address = %listener.local_addr()?, "ready");
    serve(listener, app, traces).await
}

/// The configured port, which is taken before anything is loaded, so that one that is not free is told at once. Nobody is let
/// in yet: who calls is refused, and does not wait for a worker that only starts.
pub(super) struct Port {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Port {
    /// Takes the port.
    pub(super) fn take(config: &Config) -> Result<Self, String> {
        let address = SocketAddr::new(config.server.host, config.server.port);
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        };
        let taken = socket.and_then(|socket| {
            // As for every server: a port is free again at once when a worker has ended.
            #[cfg(unix)]
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(Self { socket, address })
        });
        taken.map_err(|error| not_free(address, &error))
    }

    /// Lets callers in.
    pub(super) fn listen(self) -> Result<TcpListener, String> {
        let Self { socket, address } = self;
        socket.listen(WAITING).map_err(|error| not_free(address, &error))
    }
}

fn not_free(address: SocketAddr, error: &std::io::Error) -> String {
    format!("cannot listen on {address} ({error}); free the port or choose another with PORT")
}

/// Serves until Ctrl-C or SIGTERM. Then nobody is let in any more, who waits is sent away, and what is in work is
/// finished and the last spans are sent, for `SHUTDOWN_SECONDS` at most; a second signal ends it at once.
pub(super) async fn serve(listener: TcpListener, app: Arc<App>, traces: Traces) -> Outcome {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let mut serving = pin!(http::serve(
        listener,
        Arc::clone(&app),
        stop.clone().cancelled_owned()
    ));
    tokio::select! {
        outcome = &mut serving => {
            outcome?;
            return Ok(ExitCode::SUCCESS);
        }
        () = signals.next() => {}
    }
    let end = Instant::now() + app.load.shutdown;
    let in_work = app.admissions.occupancy().working;
    tracing::info!(
        in_work,
        "stopping: photos in work are finished, nothing new is begun"
    );
    app.admissions.close();
    stop.cancel();
    tokio::select! {
        outcome = serving => outcome?,
        () = tokio::time::sleep_until(end) => {
            tracing::warn!("SHUTDOWN_SECONDS are over; photos in work are given up");
            return Ok(ExitCode::FAILURE);
        }
        () = signals.next() => {
            tracing::warn!("a second signal came; photos in work are given up");
            return Ok(ExitCode::FAILURE);
        }
    }
    tokio::select! {
        () = traces.finish(end.saturating_duration_since(Instant::now())) => {}
        () = signals.next() => {}
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// What asks the worker to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From here on signals are heard, also those that come between two calls of [`Self::next`].
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for Ctrl-C or SIGTERM.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What asks the worker to stop.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Waits for Ctrl-C.
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
