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

/// The jobs of the worker.
#[derive(Debug, Serialize, ToSchema)]
struct JobList {
    /// First the running jobs, the latest start first; then the ended jobs, the latest end first.
    jobs: Vec<JobReport>,
}

/// The jobs that this worker is running, besides single photos, and the last `JOBS_KEPT` jobs that have ended since it
/// started.
///
/// Jobs are batches, replays, backups, verifications, and consolidations of all clusters, requested or daily. A
/// consolidation that a caller runs page by page is one job, which is `done` between two pages. The automatic
/// comparison of clusters near new faces is not a job. Re-embedding runs only while no worker runs, so it is never in
/// this list. The list is in memory: a restart clears it.
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
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 50)]
    limit: PageSize<50, 1000>,
}

/// The latest failures.
#[derive(Debug, Serialize, ToSchema)]
struct FailureList {
    /// The latest first.
    failures: Vec<FailureReport>,
}

/// The latest failures of this worker and their causes: photos, plugin calls that were left out of an answer, and jobs.
///
/// Lists the last `FAILURES_KEPT` failures since the worker started. An entry never contains text that a plugin wrote,
/// text that was read in a photo, or a URL. When a photo is deleted at this worker, its failures are removed. Requests
/// that were refused before their photo was processed are not listed. The list is in memory: a restart clears it.
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
