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

/// Whether a pair is marked as unsure.
#[derive(Debug, Serialize, ToSchema)]
struct UnsureAnswer {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// The other person's cluster id, in the same way.
    other_cluster_id: ClusterId,
    /// Whether the pair is marked as unsure.
    unsure: bool,
}

/// Marks a pair as unsure: a user could not tell whether the two are the same person.
///
/// No face moves, and the two may still be merged; `GET /api/pairs` leaves the pair out. The mark stays through merges,
/// like the statement that two people are different. Repeating the call is not an error.
#[utoipa::path(
    put,
    path = "/api/clusters/{cluster_id}/unsure/{other_cluster_id}",
    operation_id = "mark_clusters_unsure",
    tag = "people",
    params(PairParameter),
    responses((status = OK, description = "The pair is marked as unsure.", body = UnsureAnswer), UnsureProblems)
)]
async fn mark(
    app: State<Arc<App>>,
    who: Extension<Who>,
    pair: PathParameters<(String, String)>,
) -> Result<Json<UnsureAnswer>, Problem> {
    set(app, who, pair, true).await
}

/// Removes the mark that a pair is unsure.
///
/// `GET /api/pairs` may show the pair again. Repeating the call is not an error.
#[utoipa::path(
    delete,
    path = "/api/clusters/{cluster_id}/unsure/{other_cluster_id}",
    operation_id = "withdraw_clusters_unsure",
    tag = "people",
    params(PairParameter),
    responses(
        (status = OK, description = "The pair is no longer marked as unsure.", body = UnsureAnswer),
        UnsureProblems
    )
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
