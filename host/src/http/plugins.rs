//! `/api/plugins`: looking after the plugins of a running worker.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::routing::{post, put};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::doors;
use super::problem::Problem;
use crate::app::App;
use crate::plugins::{Change, PluginError, Plugins, ShadowReport, Slot, SlotReport};
use crate::replay::{Mode, ReplayStatus};

/// The header that carries a component's minisign signature file, as base64.
pub const SIGNATURE_HEADER: &str = "x-plugin-signature";

/// The routes that change plugins or run what callers bring; all behind the admin key.
pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/api/plugins/{slot}", put(swap))
        .route("/api/plugins/{slot}/rollback", post(roll_back))
        .route(
            "/api/plugins/{slot}/shadow",
            post(start_shadow).get(shadow).delete(end_shadow),
        )
        .route("/api/plugins/{slot}/replay", post(start_replay).get(replay))
        // `Component` has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            doors::require_admin_key,
        ))
}

/// A component of at most `PLUGIN_FILE_BYTES`.
struct Component(Bytes);

impl FromRequest<Arc<App>> for Component {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let limit = app.plugins.component_bytes();
        let mut chunks = request.into_body().into_data_stream();
        let mut component = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            component.extend_from_slice(&chunk.map_err(|_| Problem::unreadable_component())?);
            if component.len() as u64 > limit {
                drop(component);
                doors::discard(chunks, limit).await;
                return Err(Problem::component_too_large(limit));
            }
        }
        Ok(Self(component.freeze()))
    }
}

/// Every slot with its plugin and how that has been doing.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<SlotReport>>, Problem> {
    // The list waits for a change that is being written down.
    on_plugins(&app, |plugins| Ok(plugins.report())).await
}

async fn swap(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<Json<Change>, Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    on_plugins(&app, move |plugins| {
        plugins.swap(slot, &component, signature.as_deref(), "uploaded")
    })
    .await
}

async fn roll_back(State(app): State<Arc<App>>, Path(slot): Path<String>) -> Result<Json<Change>, Problem> {
    let slot = named(&slot)?;
    on_plugins(&app, move |plugins| plugins.roll_back(slot)).await
}

async fn start_shadow(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<Json<ShadowReport>, Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    on_plugins(&app, move |plugins| {
        plugins.start_shadow(slot, &component, signature.as_deref())
    })
    .await
}

async fn shadow(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
) -> Result<Json<ShadowReport>, Problem> {
    let slot = named(&slot)?;
    app.plugins
        .shadow(slot)
        .map(Json)
        .ok_or_else(|| Problem::no_shadow(slot))
}

async fn end_shadow(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
) -> Result<Json<ShadowReport>, Problem> {
    let slot = named(&slot)?;
    app.plugins
        .end_shadow(slot)
        .map(Json)
        .ok_or_else(|| Problem::no_shadow(slot))
}

/// What a replay may be asked for.
#[derive(Debug, Deserialize)]
struct ReplayOptions {
    /// Writes the candidate's tags or contexts.
    #[serde(default)]
    apply: bool,
}

async fn start_replay(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
    Query(options): Query<ReplayOptions>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<(StatusCode, Json<ReplayStatus>), Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    let Json(candidate) = on_plugins(&app, move |plugins| {
        plugins.candidate(slot, &component, signature.as_deref(), "replay")
    })
    .await?;
    let mode = if options.apply { Mode::Apply } else { Mode::Compare };
    let status = app
        .replays
        .start(app.replay(), candidate, app.plugins.snapshot(), mode);
    Ok((StatusCode::ACCEPTED, Json(status)))
}

async fn replay(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
) -> Result<Json<ReplayStatus>, Problem> {
    let slot = named(&slot)?;
    app.replays
        .status(slot)
        .map(Json)
        .ok_or_else(|| Problem::no_replay(slot))
}

fn named(slot: &str) -> Result<Slot, Problem> {
    slot.parse().map_err(|error| Problem::unknown_slot(&error))
}

fn signature(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    headers
        .get(SIGNATURE_HEADER)
        .map(|value| {
            let decoded = BASE64_STANDARD.decode(value.as_bytes()).ok();
            decoded
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(Problem::invalid_signature_header)
        })
        .transpose()
}

/// Compiling and calling plugins blocks for up to many seconds.
async fn on_plugins<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Plugins) -> Result<T, PluginError> + Send + 'static,
) -> Result<Json<T>, Problem> {
    let plugins = Arc::clone(&app.plugins);
    tokio::task::spawn_blocking(move || work(&plugins))
        .await
        .map_err(|error| Problem::stopped(&error))?
        .map(Json)
        .map_err(|error| Problem::refused_plugin(&error))
}
