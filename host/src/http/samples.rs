//! Serves the demonstration's sample photos on loopback, so that they are fetched like any other photo.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

/// Photos by file name.
pub type Samples = HashMap<String, Bytes>;

/// Serves the photos until the returned future is dropped.
///
/// # Errors
/// When the listener fails.
#[expect(
    clippy::disallowed_methods,
    reason = "a server of its own, which is no part of the REST interface"
)]
pub async fn serve(listener: TcpListener, samples: Samples) -> std::io::Result<()> {
    let router = Router::new()
        .route("/{name}", get(photo))
        .with_state(Arc::new(samples));
    axum::serve(listener, router).await
}

async fn photo(State(samples): State<Arc<Samples>>, Path(name): Path<String>) -> Result<Bytes, StatusCode> {
    samples.get(&name).cloned().ok_or(StatusCode::NOT_FOUND)
}
