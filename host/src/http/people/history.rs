//! `/api/clusters/{id}/history`: what was corrected about a person, and undoing it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ClusterParameter, PageSize, Position, cluster_in};
use crate::app::App;
use crate::audit::Who;
use crate::http::answers::{ClusterId, CorrectionKind, FaceId, each};
use crate::http::code::{Code, IDEMPOTENT, STORE};
use crate::http::extract::{PathParameters, QueryString};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::people::HistoryEntry;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(history))
        .routes(routes!(undo))
}

problems!(HistoryProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster]);

/// Which corrections to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryOptions {
    /// The position before which the page starts: `next` of the previous page.
    #[param(nullable = false, value_type = Option<u64>)]
    before: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 20)]
    limit: PageSize<20, 100>,
}

/// A page of corrections, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryAnswer {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// The corrections.
    entries: Vec<CorrectionEntry>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<u64>,
}

/// A correction of people. It does not have ids of people, faces or photos that were deleted later.
#[derive(Debug, Serialize, ToSchema)]
struct CorrectionEntry {
    /// Its position in the list.
    position: u64,
    /// When, in seconds since 1970.
    at: u64,
    /// The name of the key of the request; null if no key was needed, or if the worker acted by itself.
    #[schema(required)]
    key: Option<String>,
    /// The kind of correction; for an undo, the kind of the correction that it undid.
    kind: CorrectionKind,
    /// The people that the correction concerns; the order depends on `kind`.
    cluster_ids: Vec<ClusterId>,
    /// The first 100 faces that the correction concerns.
    #[schema(max_items = 100)]
    face_ids: Vec<FaceId>,
    /// How many faces the correction concerns.
    faces: u64,
    /// The position of the correction that this one undoes; null if this is not an undo.
    #[schema(required)]
    undoes: Option<u64>,
    /// Whether the correction is undone (and the undo was not undone in turn).
    undone: bool,
    /// Whether the correction can be undone now.
    undoable: bool,
    /// Why it cannot be undone, as a clause; null if it can.
    #[schema(required)]
    why_not: Option<String>,
}

impl From<HistoryEntry> for CorrectionEntry {
    fn from(entry: HistoryEntry) -> Self {
        let correction = entry.correction;
        Self {
            position: correction.position,
            at: correction.at,
            key: correction.key,
            kind: correction.kind.into(),
            cluster_ids: each(correction.cluster_ids),
            face_ids: each(correction.face_ids),
            faces: correction.faces,
            undoes: Some(correction.undoes).filter(|undoes| *undoes > 0),
            undone: correction.undone,
            undoable: entry.why_not.is_none(),
            why_not: entry.why_not,
        }
    }
}

/// The corrections of a person, newest first, and whether each can be undone.
///
/// The list includes the corrections of everybody who was merged into the person, and the merges that the worker made
/// by itself. The last `CORRECTIONS_KEPT` corrections are kept. A person who no longer exists, because the only face
/// was rejected or a split was undone, still has a history.
#[utoipa::path(
    get,
    path = "/api/clusters/{cluster_id}/history",
    operation_id = "list_corrections",
    tag = "people",
    params(ClusterParameter, HistoryOptions),
    responses((status = OK, description = "The page.", body = HistoryAnswer), HistoryProblems)
)]
async fn history(
    State(app): State<Arc<App>>,
    PathParameters(cluster): PathParameters<String>,
    QueryString(options): QueryString<HistoryOptions>,
) -> Result<Json<HistoryAnswer>, Problem> {
    let id = cluster_in(&cluster)?;
    let before = options.before.map(|before| before.0);
    let page = app.people.history(&id, before, options.limit.0).await?;
    Ok(Json(HistoryAnswer {
        cluster_id: page.cluster.into(),
        entries: each(page.entries),
        next: page.next,
    }))
}

problems!(UndoProblems:
    IDEMPOTENT,
    STORE,
    [Code::MalformedRequest, Code::UnknownCluster, Code::UnknownEntry, Code::NotUndoable],
);

/// The correction that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is only described")]
struct CorrectionParameter {
    /// The person's cluster id; the id of a cluster that was merged into another one means the cluster that contains it
    /// now.
    cluster_id: ClusterId,
    /// The correction's `position`.
    position: u64,
}

/// What an undo did.
#[derive(Debug, Serialize, ToSchema)]
struct UndoAnswer {
    /// The present ids of the people whom the correction concerned; people who no longer exist are left out.
    cluster_ids: Vec<ClusterId>,
    /// The entry of the undo itself, which can be undone in turn.
    entry: CorrectionEntry,
}

/// Undoes one correction: everything that it changed is restored.
///
/// Faces return to their earlier clusters, merged ids are people of their own again, and statements about different
/// people are restored. This is not possible if a later correction concerns some of the same people, faces or photos,
/// or if one of them was deleted: the problem `not_undoable` says which. After the undo of a merge that the worker made
/// by itself, the two count as different people, so that the worker does not merge them again.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/history/{position}/undo",
    operation_id = "undo_correction",
    tag = "people",
    params(CorrectionParameter, IdempotencyKey),
    responses((status = OK, description = "The correction is undone.", body = UndoAnswer), UndoProblems)
)]
async fn undo(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters((cluster, position)): PathParameters<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = cluster_in(&cluster)?;
    let position = position_in(&position)?;
    once(&app, &headers, ("undo", &(&id, position)), None, async {
        let undone = app.people.by(&who).undo(&id, position).await?;
        Ok(UndoAnswer {
            cluster_ids: each(undone.clusters),
            entry: undone.entry.into(),
        })
    })
    .await
}

/// A position in a path; what is no number names no entry, which is the same to the caller.
fn position_in(path: &str) -> Result<u64, Problem> {
    let number = path.parse::<u64>().ok();
    number
        .filter(|number| *number <= i64::MAX.unsigned_abs())
        .ok_or_else(|| {
            Problem::new(
                Code::UnknownEntry,
                "The position must be a number; use the value of position from the person's history.",
            )
        })
}
