//! `/api/plugins`: looking after the plugins of a running worker.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{self, Change, ReplayStatus, ShadowReport, SlotReport, each};
use super::code::Code;
use super::extract::{PathParameters, QueryString};
use super::middleware::{self, IsAdministrator};
use super::problem::Problem;
use super::problem_docs::problems;
use crate::activity::JobKind;
use crate::app::App;
use crate::audit::Who;
use crate::plugins::{PluginError, Plugins, Slot, Terms};
use crate::replay::Mode;

/// The header that carries a component's minisign signature file, as base64.
pub const SIGNATURE_HEADER: &str = "x-plugin-signature";

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The routes that change plugins or run what callers bring.
pub(super) fn administration() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(swap))
        .routes(routes!(roll_back))
        .routes(routes!(start_shadow, shadow, end_shadow))
        .routes(routes!(start_replay, replay))
        // `Component` has a limit of its own.
        .layer(DefaultBodyLimit::disable())
}

/// A component of at most `PLUGIN_FILE_BYTES`.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
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
                middleware::discard(chunks, limit).await;
                return Err(Problem::component_too_large(limit));
            }
        }
        Ok(Self(component.freeze()))
    }
}

/// The slot that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
struct SlotParameter {
    /// The slot.
    #[expect(dead_code, reason = "it is only described")]
    slot: answers::Slot,
}

/// What comes with a component when `PLUGIN_TRUST` is set.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
struct Signature {
    /// The component's minisign signature file, base64-encoded; required if the server accepts only signed components
    /// (`PLUGIN_TRUST`).
    #[param(rename = "X-Plugin-Signature", nullable = false, format = Byte)]
    #[expect(dead_code, reason = "it is only described")]
    signature: Option<String>,
}

problems!(ListProblems: [Code::Internal]);
problems!(RollBackProblems: NAMED, [Code::NothingToRollBack, Code::PluginRefused, Code::Internal]);
problems!(ShadowProblems: NAMED, [Code::NoShadow]);
problems!(ReplayProblems: NAMED, [Code::NoReplay]);
problems!(UploadProblems:
    NAMED,
    [Code::InvalidSignatureHeader, Code::BodyTooLarge, Code::PluginRefused, Code::Internal],
);

/// The problems of a path that names a slot.
const NAMED: [Code; 2] = [Code::MalformedRequest, Code::UnknownSlot];

/// Every slot with its active plugin and the statistics of its calls.
///
/// A key with the role `admin` also gets `last_failure`, with what the plugin wrote in the call that failed.
#[utoipa::path(
    get,
    path = "/api/plugins",
    operation_id = "list_plugins",
    tag = "plugins",
    responses((status = OK, description = "The slots.", body = [SlotReport]), ListProblems)
)]
async fn list(
    State(app): State<Arc<App>>,
    Extension(IsAdministrator(for_administrator)): Extension<IsAdministrator>,
) -> Result<Json<Vec<SlotReport>>, Problem> {
    // The list waits for a change that is being written down.
    let available = app.pipeline.available();
    on_plugins(&app, move |plugins| {
        Ok(each(plugins.report(available, for_administrator)))
    })
    .await
}

/// Whether a component is tried first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TrialChoice {
    #[default]
    On,
    Off,
}

/// How a component is put into its slot.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SwapOptions {
    /// `off` puts the component into its slot without the trial, and the audit log records that; the default is `on`.
    #[serde(default)]
    #[param(inline)]
    trial: TrialChoice,
}

/// Puts a component into its slot.
///
/// The component is first called once, then its own golden cases run, then a trial: the component answers about the
/// latest `PLUGIN_TRIAL_SCENES` stored scenes (for a cluster policy: faces), under the rules for live answers. `trial`
/// in the answer has the result. A component that does not pass changes nothing, and the problem names the case or the
/// photo. If the caller disconnects before the component is in its slot, nothing changes either. Running requests keep
/// the plugin with which they started.
#[utoipa::path(
    put,
    path = "/api/plugins/{slot}",
    operation_id = "swap_plugin",
    tag = "plugins",
    params(SlotParameter, Signature, SwapOptions),
    request_body(content = inline(Component), content_type = "application/wasm"),
    responses((status = OK, description = "The change.", body = Change), UploadProblems)
)]
async fn swap(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(slot): PathParameters<String>,
    QueryString(options): QueryString<SwapOptions>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<Json<Change>, Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    let is_off = options.trial == TrialChoice::Off;
    let trial = app.trial.clone().filter(|_| !is_off);
    let abandoned = CancellationToken::new();
    // Dropped with this request, when its caller hangs up or its time is over.
    let _waiting = abandoned.clone().drop_guard();
    on_plugins(&app, move |plugins| {
        let terms = Terms {
            who: &who,
            trial: trial.as_deref(),
            remark: if is_off { "without a trial: trial=off" } else { "" },
            abandoned,
        };
        let change = plugins.swap(slot, &component, signature.as_deref(), "uploaded", terms)?;
        Ok(change.into())
    })
    .await
}

/// Restores the plugin that was active before (rollback).
#[utoipa::path(
    post,
    path = "/api/plugins/{slot}/rollback",
    operation_id = "roll_back_plugin",
    tag = "plugins",
    params(SlotParameter),
    responses((status = OK, description = "The change.", body = Change), RollBackProblems)
)]
async fn roll_back(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(slot): PathParameters<String>,
) -> Result<Json<Change>, Problem> {
    let slot = named(&slot)?;
    on_plugins(&app, move |plugins| Ok(plugins.roll_back(slot, &who)?.into())).await
}

/// Runs a candidate beside the active plugin on live photos (shadow); a candidate that was already running is stopped.
#[utoipa::path(
    post,
    path = "/api/plugins/{slot}/shadow",
    operation_id = "start_shadow",
    tag = "plugins",
    params(SlotParameter, Signature),
    request_body(content = inline(Component), content_type = "application/wasm"),
    responses((status = OK, description = "The results so far.", body = ShadowReport), UploadProblems)
)]
async fn start_shadow(
    State(app): State<Arc<App>>,
    PathParameters(slot): PathParameters<String>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<Json<ShadowReport>, Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    on_plugins(&app, move |plugins| {
        Ok(plugins
            .start_shadow(slot, &component, signature.as_deref())?
            .into())
    })
    .await
}

/// The results so far of a candidate that runs beside the active plugin (shadow).
#[utoipa::path(
    get,
    path = "/api/plugins/{slot}/shadow",
    operation_id = "get_shadow",
    tag = "plugins",
    params(SlotParameter),
    responses((status = OK, description = "The findings.", body = ShadowReport), ShadowProblems)
)]
async fn shadow(
    State(app): State<Arc<App>>,
    PathParameters(slot): PathParameters<String>,
) -> Result<Json<ShadowReport>, Problem> {
    let slot = named(&slot)?;
    app.plugins
        .shadow(slot)
        .map(|report| Json(report.into()))
        .ok_or_else(|| Problem::no_shadow(slot))
}

/// Stops the candidate that runs beside the active plugin.
#[utoipa::path(
    delete,
    path = "/api/plugins/{slot}/shadow",
    operation_id = "end_shadow",
    tag = "plugins",
    params(SlotParameter),
    responses((status = OK, description = "The results.", body = ShadowReport), ShadowProblems)
)]
async fn end_shadow(
    State(app): State<Arc<App>>,
    PathParameters(slot): PathParameters<String>,
) -> Result<Json<ShadowReport>, Problem> {
    let slot = named(&slot)?;
    app.plugins
        .end_shadow(slot)
        .map(|report| Json(report.into()))
        .ok_or_else(|| Problem::no_shadow(slot))
}

/// What a replay may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReplayOptions {
    /// Whether to store the candidate's tags or contexts; a policy's decisions cannot be applied.
    #[serde(default)]
    apply: bool,
}

/// Runs a candidate over all stored photos or faces; a running replay for the same slot is stopped.
#[utoipa::path(
    post,
    path = "/api/plugins/{slot}/replay",
    operation_id = "start_replay",
    tag = "plugins",
    params(SlotParameter, Signature, ReplayOptions),
    request_body(content = inline(Component), content_type = "application/wasm"),
    responses(
        (status = ACCEPTED, description = "The replay has started; GET shows its progress.", body = ReplayStatus),
        UploadProblems
    )
)]
async fn start_replay(
    State(app): State<Arc<App>>,
    PathParameters(slot): PathParameters<String>,
    QueryString(options): QueryString<ReplayOptions>,
    headers: HeaderMap,
    Component(component): Component,
) -> Result<(StatusCode, Json<ReplayStatus>), Problem> {
    let (slot, signature) = (named(&slot)?, signature(&headers)?);
    let Json(candidate) = on_plugins(&app, move |plugins| {
        plugins.candidate(slot, &component, signature.as_deref(), "replay")
    })
    .await?;
    let mode = if options.apply { Mode::Apply } else { Mode::Compare };
    let job = app.activity.begin(JobKind::Replay, Some(slot.name()));
    let status = app
        .replays
        .start(job, app.replay(), candidate, app.plugins.snapshot(), mode);
    Ok((StatusCode::ACCEPTED, Json(status.into())))
}

/// The progress of the latest replay and, once it is done, what would change.
#[utoipa::path(
    get,
    path = "/api/plugins/{slot}/replay",
    operation_id = "get_replay",
    tag = "plugins",
    params(SlotParameter),
    responses((status = OK, description = "The progress of the replay.", body = ReplayStatus), ReplayProblems)
)]
async fn replay(
    State(app): State<Arc<App>>,
    PathParameters(slot): PathParameters<String>,
) -> Result<Json<ReplayStatus>, Problem> {
    let slot = named(&slot)?;
    app.replays
        .status(slot)
        .map(|status| Json(status.into()))
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
        .map_err(|error| Problem::fault(&error))?
        .map(Json)
        .map_err(|error| Problem::refused_plugin(&error))
}
