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
    /// Only those before this position: `next` of the page before.
    #[param(nullable = false, value_type = Option<u64>)]
    before: Option<Position>,
    /// How many at most.
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
    /// Where to go on; null at the end.
    #[schema(required)]
    next: Option<u64>,
}

/// Something that was corrected about people. Ids of what was deleted since are not in it.
#[derive(Debug, Serialize, ToSchema)]
struct CorrectionEntry {
    /// Its place in the order.
    position: u64,
    /// When, in seconds since 1970.
    at: u64,
    /// The name of the key with which it was asked for; null where no key was needed, or the worker did it by itself.
    #[schema(required)]
    key: Option<String>,
    /// What was corrected; of an undo, what it undid.
    kind: CorrectionKind,
    /// The people that it is about; in which order, `kind` says.
    cluster_ids: Vec<ClusterId>,
    /// The faces that it is about, the first 100.
    #[schema(max_items = 100)]
    face_ids: Vec<FaceId>,
    /// How many faces it is about.
    faces: u64,
    /// The position of the correction that this one undoes; null where it undoes none.
    #[schema(required)]
    undoes: Option<u64>,
    /// It was undone, and that was not undone.
    undone: bool,
    /// It can be undone now.
    undoable: bool,
    /// Why it cannot, as a clause; null where it can.
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

/// What was corrected about a person, newest first, and whether it can be undone.
///
/// Also what was corrected about everybody who was merged into the person, and what the worker merged by itself. The last
/// `CORRECTIONS_KEPT` corrections are kept. A person who is gone, because their only face was rejected or a split was
/// undone, still has a history.
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
    /// The person; the id of a cluster that was merged away answers for the one it is in now.
    cluster_id: ClusterId,
    /// The correction's `position`.
    position: u64,
}

/// What an undo did.
#[derive(Debug, Serialize, ToSchema)]
struct UndoAnswer {
    /// The people whom the correction was about, as they are called now; those who are there no more are left out.
    cluster_ids: Vec<ClusterId>,
    /// The undo's own entry, which can be undone in turn.
    entry: CorrectionEntry,
}

/// Undoes one correction: everything that it changed is as it was before.
///
/// Faces are back where they were, ids that were merged away name their own person again, and what was said of who is not
/// whom is as it was. That cannot be done where a later correction is about some of the same, or somebody was deleted:
/// `not_undoable` says which. After the undo of a merge that the worker made by itself the two are told apart, so that it
/// does not make it again.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/history/{position}/undo",
    operation_id = "undo_correction",
    tag = "people",
    params(CorrectionParameter, IdempotencyKey),
    responses((status = OK, description = "It is undone.", body = UndoAnswer), UndoProblems)
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
                "A position is a number; take it from the history.",
            )
        })
}
