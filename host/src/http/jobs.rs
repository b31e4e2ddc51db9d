//! `GET /api/jobs` and `GET /api/failures`: what the worker is doing, and what failed lately.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{FailureReport, JobReport, each};
use super::code::Code;
use super::extract::QueryString;
use super::people::PageSize;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(jobs))
}

/// Names of photos, and why they failed, are for those who correct.
pub(super) fn failures() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_failures))
}

problems!(FailuresProblems: [Code::MalformedRequest]);

/// What the worker is doing.
#[derive(Debug, Serialize, ToSchema)]
struct JobList {
    /// Those that run, the one that began last first; then the last that have ended, the one that ended last first.
    jobs: Vec<JobReport>,
}

/// What this worker is doing beside single photos, and the last `JOBS_KEPT` jobs that have ended since it started.
///
/// Batches, replays, backups, verifications, and consolidations of all clusters, asked for or daily; one that a caller walks
/// through page by page is one job, which is `done` between two pages. Clusters that are looked at again because faces came
/// near are no job. Reembedding runs while no worker does, so that it is never among these. In memory: a restart forgets
/// them.
#[utoipa::path(
    get,
    path = "/api/jobs",
    operation_id = "list_jobs",
    tag = "worker",
    responses((status = OK, description = "The jobs.", body = JobList))
)]
async fn jobs(State(app): State<Arc<App>>) -> Json<JobList> {
    Json(JobList {
        jobs: each(app.activity.jobs()),
    })
}

/// How many failures to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FailuresOptions {
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 50)]
    limit: PageSize<50, 1000>,
}

/// What failed lately.
#[derive(Debug, Serialize, ToSchema)]
struct FailureList {
    /// The latest first.
    failures: Vec<FailureReport>,
}

/// What failed lately at this worker, and why: photos, calls of plugins that the answer did without, and jobs.
///
/// The last `FAILURES_KEPT` since it started. Neither text that a plugin wrote, nor text that was read in a photo, nor a URL
/// is among it. The failures of a photo are forgotten when the photo is deleted at this worker. Requests that were refused
/// before a photo was in work are not listed. In memory: a restart forgets them.
#[utoipa::path(
    get,
    path = "/api/failures",
    operation_id = "list_failures",
    tag = "worker",
    params(FailuresOptions),
    responses((status = OK, description = "The failures.", body = FailureList), FailuresProblems)
)]
async fn list_failures(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<FailuresOptions>,
) -> Result<Json<FailureList>, Problem> {
    Ok(Json(FailureList {
        failures: each(app.activity.failures(options.limit.0)),
    }))
}
