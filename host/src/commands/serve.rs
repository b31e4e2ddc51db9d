//! `ai-worker serve`.

use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::app::App;
use crate::config::Config;
use crate::http;
use crate::inference;
use crate::telemetry::Traces;

/// How long networks that run may take when the worker is to end at once.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Connections that may wait to be let in, as far as the system allows.
const WAITING: u32 = 1_024;

/// Loads everything, then serves until it is asked to stop.
pub(super) async fn run(config: Config, traces: Traces) -> Outcome {
    let mut signals = Signals::listen()?;
    let port = Port::take(&config)?;
    for name in config.server.short_keys() {
        tracing::warn!(
            "{name} is so short that it can be guessed; make a longer key with `ai-worker keys new NAME ROLE \
             --api-keys-file FILE`"
        );
    }
    let app = tokio::select! {
        app = App::start(&config) => app?,
        () = signals.next() => {
            tracing::info!("stopped during startup");
            return end(config.load.shutdown, &mut signals).await;
        }
    };
    let listener = port.listen()?;
    tracing::info!(address = %listener.local_addr()?, "ready");
    serve(listener, app, traces, signals).await
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

/// Serves until it is asked to stop. Then nobody is let in any more, who waits is sent away, and what is in work is
/// finished and the last spans are sent, for `SHUTDOWN_SECONDS` at most; a second signal ends it at once.
pub(super) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    traces: Traces,
    mut signals: Signals,
) -> Outcome {
    let stop = CancellationToken::new();
    let mut serving = pin!(http::serve(
        listener,
        Arc::clone(&app),
        stop.clone().cancelled_owned()
    ));
    tokio::select! {
        () = &mut serving => return Ok(ExitCode::SUCCESS),
        () = signals.next() => {}
    }
    let end_by = Instant::now() + app.load.shutdown;
    let in_work = app.admissions.occupancy().working;
    tracing::info!(
        in_work,
        "shutting down: running photos finish, new requests are refused"
    );
    app.admissions.close();
    stop.cancel();
    tokio::select! {
        () = serving => {}
        () = tokio::time::sleep_until(end_by) => {
            tracing::warn!("photos were still running after SHUTDOWN_SECONDS; they are aborted");
            return give_up().await;
        }
        () = signals.next() => {
            tracing::warn!("a second signal arrived; running photos are aborted");
            return give_up().await;
        }
    }
    tokio::select! {
        () = traces.finish(end_by.saturating_duration_since(Instant::now())) => {}
        () = signals.next() => {}
    }
    end(end_by.saturating_duration_since(Instant::now()), &mut signals).await
}

/// Waits for networks that run or are loaded for callers who have left; not for longer than `limit`.
async fn end(limit: Duration, signals: &mut Signals) -> Outcome {
    tokio::select! {
        done = close(limit) => if !done {
            tracing::warn!("a network was still running after SHUTDOWN_SECONDS; it is aborted");
            return give_up().await;
        },
        () = signals.next() => return give_up().await,
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Ends although something is in work.
async fn give_up() -> Outcome {
    if close(AT_ONCE).await {
        Ok(ExitCode::FAILURE)
    } else {
        tracing::warn!("a running network does not end; the worker kills its own process");
        // Not here: the log is written first.
        Err(Box::new(super::StillRunning))
    }
}

/// Whether no network runs any more.
async fn close(limit: Duration) -> bool {
    let closing = tokio::task::spawn_blocking(move || inference::close(limit));
    closing.await.unwrap_or(false)
}

/// What asks the worker to stop.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where SIGHUP is ignored, as `nohup` has it, and where that is not known.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// From here on signals are heard, also those that come between two calls of [`Self::next`].
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // To listen to it is to ignore it no longer.
        let heeds_hangup = is_ignored(SignalKind::hangup().as_raw_value()) == Some(false);
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: heeds_hangup.then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    /// Waits for Ctrl-C, SIGTERM or SIGHUP.
    pub(super) async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hangup => {}
        }
    }
}

/// Whether this process was started with a signal ignored, where the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> Option<bool> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some(mask >> (signal - 1) & 1 == 1)
}

/// What asks the worker to stop.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Waits for Ctrl-C.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
