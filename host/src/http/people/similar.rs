//! `GET /api/clusters/{id}/similar`: who might be the same person.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::clusters::ClusterAnswer;
use super::{ClusterParameter, PageSize, cluster_in};
use crate::app::App;
use crate::http::answers::{ClusterId, each};
use crate::http::code::{Code, STORE};
use crate::http::extract::{PathParameters, QueryString};
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::people::{Similar, SimilarCursor};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(similar))
}

problems!(SimilarProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster]);

/// How many similar people to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SimilarOptions {
    /// Where the page starts: `next` of the previous page.
    #[param(nullable = false, value_type = Option<String>, pattern = r"^[0-389ab][0-9a-f]{7}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    after: Option<SimilarCursor>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 20)]
    limit: PageSize<20, 100>,
}

/// A page of people who resemble one person, most similar first.
#[derive(Debug, Serialize, ToSchema)]
struct SimilarClusterPage {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// The people who resemble the person.
    similar: Vec<SimilarCluster>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// A person who resembles another.
#[derive(Debug, Serialize, ToSchema)]
struct SimilarCluster {
    #[serde(flatten)]
    cluster: ClusterAnswer,
    /// The cosine similarity of the other person's most similar face to the mean of the person's best faces, -1 to 1.
    similarity: f32,
    /// Whether the two were stated to be different people.
    distinct: bool,
    /// Whether the pair was marked as unsure.
    unsure: bool,
}

impl From<Similar> for SimilarCluster {
    fn from(similar: Similar) -> Self {
        Self {
            cluster: similar.cluster.into(),
            similarity: similar.similarity,
            distinct: similar.distinct,
            unsure: similar.unsure,
        }
    }
}

/// The people who are most similar to one person, page by page.
///
/// For a user who decides which of them are the same person, with `merge-clusters`, `distinct` or `unsure`. The list
/// ends after the 20,000 most similar faces.
#[utoipa::path(
    get,
    path = "/api/clusters/{cluster_id}/similar",
    operation_id = "list_similar_clusters",
    tag = "people",
    params(ClusterParameter, SimilarOptions),
    responses((status = OK, description = "The page.", body = SimilarClusterPage), SimilarProblems)
)]
async fn similar(
    State(app): State<Arc<App>>,
    PathParameters(cluster): PathParameters<String>,
    QueryString(options): QueryString<SimilarOptions>,
) -> Result<Json<SimilarClusterPage>, Problem> {
    let page = app
        .people
        .similar(&cluster_in(&cluster)?, options.after, options.limit.0)
        .await?;
    Ok(Json(SimilarClusterPage {
        cluster_id: page.cluster.into(),
        similar: each(page.similar),
        next: page.next.map(String::from),
    }))
}
