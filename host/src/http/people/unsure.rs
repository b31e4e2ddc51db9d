//! `/api/clusters/{id}/unsure/{other}`: whether two people are one cannot be said.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{PairParameter, cluster_in};
use crate::app::App;
use crate::audit::Who;
use crate::http::answers::ClusterId;
use crate::http::code::{Code, STORE};
use crate::http::extract::PathParameters;
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(mark, withdraw))
}

problems!(UnsureProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster, Code::SameCluster]);

/// Whether it is uncertain that two people are one.
#[derive(Debug, Serialize, ToSchema)]
struct UnsureAnswer {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// The other one, likewise.
    other_cluster_id: ClusterId,
    /// Somebody could not say whether they are the same person.
    unsure: bool,
}

/// Says that nobody can tell whether two people are one.
///
/// Nothing moves, and the two may still be merged; `GET /api/pairs` leaves the pair out. It is kept through merges as it
/// is kept who is somebody else. Repeating it is no error.
#[utoipa::path(
    put,
    path = "/api/clusters/{cluster_id}/unsure/{other_cluster_id}",
    operation_id = "mark_clusters_unsure",
    tag = "people",
    params(PairParameter),
    responses((status = OK, description = "It is kept.", body = UnsureAnswer), UnsureProblems)
)]
async fn mark(
    app: State<Arc<App>>,
    who: Extension<Who>,
    pair: PathParameters<(String, String)>,
) -> Result<Json<UnsureAnswer>, Problem> {
    set(app, who, pair, true).await
}

/// Takes back that nobody can tell whether two people are one.
///
/// `GET /api/pairs` may show the pair again. Repeating it is no error.
#[utoipa::path(
    delete,
    path = "/api/clusters/{cluster_id}/unsure/{other_cluster_id}",
    operation_id = "withdraw_clusters_unsure",
    tag = "people",
    params(PairParameter),
    responses((status = OK, description = "It is not kept any more.", body = UnsureAnswer), UnsureProblems)
)]
async fn withdraw(
    app: State<Arc<App>>,
    who: Extension<Who>,
    pair: PathParameters<(String, String)>,
) -> Result<Json<UnsureAnswer>, Problem> {
    set(app, who, pair, false).await
}

async fn set(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters((cluster, other)): PathParameters<(String, String)>,
    unsure: bool,
) -> Result<Json<UnsureAnswer>, Problem> {
    let (cluster, other) = (cluster_in(&cluster)?, cluster_in(&other)?);
    let people = app.people.by(&who);
    let [cluster_id, other_cluster_id] = people.mark_unsure(&cluster, &other, unsure).await?;
    Ok(Json(UnsureAnswer {
        cluster_id: cluster_id.into(),
        other_cluster_id: other_cluster_id.into(),
        unsure,
    }))
}
