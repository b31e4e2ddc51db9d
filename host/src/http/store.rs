//! `/api/store`: backing up and checking the store of a running worker.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{BackupStatus, VerificationStatus};
use super::code::Code;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;

pub(super) fn administration() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(start_backup, backup))
        .routes(routes!(start_verification, verification))
}

problems!(BackUpProblems: [Code::StoreJobRunning, Code::BackupNotSupported]);
problems!(VerifyProblems: [Code::StoreJobRunning]);
problems!(StatusProblems: [Code::NoStoreJob]);

/// Backs up the present people, pictures and plugins into `BACKUP_DIR`, while the worker keeps running.
#[utoipa::path(
    post,
    path = "/api/store/backup",
    operation_id = "start_backup",
    tag = "store",
    responses(
        (status = ACCEPTED, description = "The backup has started; GET shows when it is done.", body = BackupStatus),
        BackUpProblems
    )
)]
async fn start_backup(State(app): State<Arc<App>>) -> Result<(StatusCode, Json<BackupStatus>), Problem> {
    let begun = app
        .start_backup()
        .map_err(|error| Problem::backup_not_supported(&error))?;
    let status = begun.ok_or_else(Problem::store_job_running)?;
    Ok((StatusCode::ACCEPTED, Json(status.into())))
}

/// The state of the latest backup that was requested since the worker started.
#[utoipa::path(
    get,
    path = "/api/store/backup",
    operation_id = "get_backup",
    tag = "store",
    responses((status = OK, description = "The state of the job.", body = BackupStatus), StatusProblems)
)]
async fn backup(State(app): State<Arc<App>>) -> Result<Json<BackupStatus>, Problem> {
    app.store_jobs
        .backup()
        .map(|status| Json(status.into()))
        .ok_or_else(Problem::no_store_job)
}

/// Checks that everything in the store is undamaged and consistent, while the worker keeps running.
///
/// An embedded store is first copied into a folder in `BACKUP_DIR`, which is removed after the check.
#[utoipa::path(
    post,
    path = "/api/store/verify",
    operation_id = "start_verification",
    tag = "store",
    responses(
        (status = ACCEPTED, description = "The check has started; GET shows its result.", body = VerificationStatus),
        VerifyProblems
    )
)]
async fn start_verification(
    State(app): State<Arc<App>>,
) -> Result<(StatusCode, Json<VerificationStatus>), Problem> {
    let status = app.start_verification().ok_or_else(Problem::store_job_running)?;
    Ok((StatusCode::ACCEPTED, Json(status.into())))
}

/// The result of the latest check that was requested since the worker started.
#[utoipa::path(
    get,
    path = "/api/store/verify",
    operation_id = "get_verification",
    tag = "store",
    responses((status = OK, description = "The state of the job.", body = VerificationStatus), StatusProblems)
)]
async fn verification(State(app): State<Arc<App>>) -> Result<Json<VerificationStatus>, Problem> {
    app.store_jobs
        .verification()
        .map(|status| Json(status.into()))
        .ok_or_else(Problem::no_store_job)
}
