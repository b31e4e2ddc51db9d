//! `ai-worker serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;

use super::Outcome;
use crate::app::App;
use crate::config::Config;
use crate::http;

/// Loads everything, then serves until Ctrl-C or SIGTERM.
pub(super) async fn run(config: Config) -> Outcome {
    let app = App::start(&config).await?;
    let listener = listen(&config).await?;
    tracing::info!(address = %listener.local_addr()?, "ready");
    http::serve(listener, app, shutdown()).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Opens the configured port.
pub(super) async fn listen(config: &Config) -> Result<TcpListener, String> {
    let address = SocketAddr::new(config.server.host, config.server.port);
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address} ({error}); free the port or choose another with PORT")
    })
}

/// Ends with Ctrl-C or, where there is such a thing, SIGTERM.
pub(super) async fn shutdown() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
