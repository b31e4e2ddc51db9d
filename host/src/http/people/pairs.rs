//! `GET /api/pairs`: who may be the same person.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PageSize;
use super::clusters::ClusterAnswer;
use crate::app::App;
use crate::http::answers::each;
use crate::http::code::{Code, STORE};
use crate::http::extract::QueryString;
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::people::{Pair, PairCursor, PairRequest};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(pairs))
}

problems!(PairProblems: STORE, [Code::MalformedRequest, Code::InvalidValue, Code::PluginFailed]);

/// Which pairs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PairOptions {
    /// Where the page starts: `next` of the previous page.
    #[param(nullable = false, value_type = Option<String>, pattern = r"^[0-9]{1,18}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    after: Option<PairCursor>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 20)]
    limit: PageSize<20, 100>,
    /// Whether to include pairs that were marked as unsure.
    #[serde(default)]
    unsure: bool,
}

/// A page of pairs: first those that consolidation would merge, then the most similar ones.
#[derive(Debug, Serialize, ToSchema)]
struct PairPage {
    /// The pairs; a page may have fewer pairs than requested, or none, although more pages follow.
    pairs: Vec<PairAnswer>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Two people who may be the same person.
#[derive(Debug, Serialize, ToSchema)]
struct PairAnswer {
    /// The person that stays if the two are merged: usually the one with more faces.
    first: ClusterAnswer,
    /// The other person.
    second: ClusterAnswer,
    /// The cosine similarity of the larger person's most similar face to the mean of the other person's best faces, -1
    /// to 1.
    similarity: f32,
    /// Whether consolidation would merge the two.
    proposed: bool,
    /// Whether the pair was marked as unsure.
    unsure: bool,
    /// Why the two may be the same person, in one sentence.
    reason: String,
}

impl From<Pair> for PairAnswer {
    fn from(pair: Pair) -> Self {
        Self {
            first: pair.first.into(),
            second: pair.second.into(),
            similarity: pair.similarity,
            proposed: pair.proposed,
            unsure: pair.unsure,
            reason: pair.reason,
        }
    }
}

/// Pairs of people who may be the same person, page by page, for a user who answers with `merge-clusters`, `distinct`
/// or `unsure`.
///
/// The worker goes through the people from those with the most faces to those with the fewest, 15 per page, and pairs
/// each with the most similar people who have more faces. Pairs that were stated to be different people are left out,
/// and so are hidden people.
#[utoipa::path(
    get,
    path = "/api/pairs",
    operation_id = "list_pairs",
    tag = "people",
    params(PairOptions),
    responses((status = OK, description = "The page.", body = PairPage), PairProblems)
)]
async fn pairs(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<PairOptions>,
) -> Result<Json<PairPage>, Problem> {
    let request = PairRequest {
        after: options.after,
        limit: options.limit.0,
        unsure: options.unsure,
    };
    let page = app.pipeline.pairs(request).await?;
    Ok(Json(PairPage {
        pairs: each(page.pairs),
        next: page.next.map(String::from),
    }))
}
