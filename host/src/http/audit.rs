//! `GET /api/audit`: who changed plugins and corrected people.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{AuditEntry, each};
use super::code::Code;
use super::extract::QueryString;
use super::people::{PageSize, Position};
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
}

problems!(AuditProblems: [Code::MalformedRequest, Code::Internal]);

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditOptions {
    /// The position after which the page starts: `next` of the previous page. Without it, the list starts with the
    /// earliest entry that is kept.
    #[param(nullable = false, value_type = Option<u64>)]
    after: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// A page of entries, in the order in which they were made.
#[derive(Debug, Serialize, ToSchema)]
struct AuditPage {
    /// The entries.
    entries: Vec<AuditEntry>,
    /// Where the next page starts, now or after more has happened.
    next: u64,
    /// The position of the newest entry; there are more pages as long as `next` is less than this.
    latest: u64,
}

/// The audit log: who changed plugins and who corrected people, in order.
///
/// The log of this worker only: if several workers share a store, each has its own log. Entries are kept for
/// `AUDIT_KEEP_DAYS`. The ids of people and faces that were deleted later are removed from them.
#[utoipa::path(
    get,
    path = "/api/audit",
    operation_id = "list_audit_entries",
    tag = "worker",
    params(AuditOptions),
    responses((status = OK, description = "The page.", body = AuditPage), AuditProblems)
)]
async fn list(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<AuditOptions>,
) -> Result<Json<AuditPage>, Problem> {
    let after = options.after.map_or(0, |after| after.0);
    let audit = Arc::clone(&app.audit);
    let page = tokio::task::spawn_blocking(move || audit.page(after, options.limit.0))
        .await
        .map_err(|error| Problem::fault(&error))?
        .map_err(|error| Problem::fault(&error))?;
    Ok(Json(AuditPage {
        next: page.entries.last().map_or(after, |last| last.position),
        latest: page.latest,
        entries: each(page.entries),
    }))
}
