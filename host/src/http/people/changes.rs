//! `GET /api/changes`: what happened to people, whoever did it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{PageSize, Position};
use crate::app::App;
use crate::http::answers::{ClusterId, FaceId, each};
use crate::http::code::{Code, STORE};
use crate::http::extract::QueryString;
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::store::{Event, LoggedEvent};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
}

problems!(ChangesProblems: STORE, [Code::MalformedRequest, Code::ChangesGone]);

/// Which changes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesOptions {
    /// The position after which the page starts: `next` of the previous page, or the value of `latest` from when the
    /// copy was made. Without it, the list starts with the earliest change that is kept.
    #[param(nullable = false, value_type = Option<u64>)]
    after: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// A page of changes, in the order in which they happened.
#[derive(Debug, Serialize, ToSchema)]
struct ChangesPage {
    /// The changes.
    changes: Vec<PeopleChange>,
    /// Where the next page starts, now or after more has happened.
    next: u64,
    /// The position of the newest change; there are more pages as long as `next` is less than this.
    latest: u64,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChangeKind {
    /// A face is in another cluster: `from_cluster_id` is null when it has come, `to_cluster_id` when it is gone.
    Face,
    /// The id `from_cluster_id` answers for `to_cluster_id` from now on; its faces have moved.
    Merged,
    /// The cluster `to_cluster_id` is there again, which had been merged into `from_cluster_id`.
    Unmerged,
    /// Faces were taken out of `from_cluster_id` into the new cluster `to_cluster_id`.
    Split,
    /// The id `from_cluster_id` answers no more, unless an undo brings a face back into it.
    Deleted,
}

/// A change to people, by a photo, a correction, a deletion or a consolidation.
#[derive(Debug, Serialize, ToSchema)]
struct PeopleChange {
    /// Its position in the list.
    position: u64,
    /// When, in seconds since 1970.
    at: u64,
    /// The kind of change.
    kind: ChangeKind,
    /// The face; null if the change concerns whole clusters.
    #[schema(required)]
    face_id: Option<FaceId>,
    /// The cluster in which it was before.
    #[schema(required)]
    from_cluster_id: Option<ClusterId>,
    /// The cluster in which it is now.
    #[schema(required)]
    to_cluster_id: Option<ClusterId>,
}

impl From<LoggedEvent> for PeopleChange {
    fn from(logged: LoggedEvent) -> Self {
        let (kind, face, from, to) = match logged.event {
            Event::Face { face, from, to } => (ChangeKind::Face, Some(face), from, to),
            Event::Merged { from, to } => (ChangeKind::Merged, None, Some(from), Some(to)),
            Event::Unmerged { from, to } => (ChangeKind::Unmerged, None, Some(from), Some(to)),
            Event::Split { from, to } => (ChangeKind::Split, None, Some(from), Some(to)),
            Event::Deleted { from } => (ChangeKind::Deleted, None, Some(from), None),
        };
        Self {
            position: logged.position,
            at: logged.at,
            kind,
            face_id: face.map(Into::into),
            from_cluster_id: from.map(Into::into),
            to_cluster_id: to.map(Into::into),
        }
    }
}

/// The changes to people, in order, whatever caused them.
///
/// Use this list to keep a copy of all people up to date. It has every face that was added, moved to another cluster or
/// deleted, and every cluster that was merged, restored, split or deleted. Only the last `CHANGES_KEPT` changes can be
/// listed; a client that needs earlier ones gets 410 and must read all data again.
#[utoipa::path(
    get,
    path = "/api/changes",
    operation_id = "list_changes",
    tag = "people",
    params(ChangesOptions),
    responses((status = OK, description = "The page.", body = ChangesPage), ChangesProblems)
)]
async fn list(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<ChangesOptions>,
) -> Result<Json<ChangesPage>, Problem> {
    let after = options.after.map(|after| after.0);
    let page = app.people.events(after, options.limit.0).await?;
    Ok(Json(ChangesPage {
        changes: each(page.events),
        next: page.next,
        latest: page.latest,
    }))
}
