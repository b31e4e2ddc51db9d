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
    /// Only those after this place; `next` of the page before.
    #[param(nullable = false, value_type = Option<String>, pattern = r"^[0-9]{1,18}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    after: Option<PairCursor>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 20)]
    limit: PageSize<20, 100>,
    /// Also pairs of which somebody could not say whether they are one.
    #[serde(default)]
    unsure: bool,
}

/// A page of pairs: those first that consolidation would merge, then the most similar ones.
#[derive(Debug, Serialize, ToSchema)]
struct PairPage {
    /// The pairs; a page may have fewer than were asked for, or none, and others come after it.
    pairs: Vec<PairAnswer>,
    /// Where to go on; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Two people who may be one.
#[derive(Debug, Serialize, ToSchema)]
struct PairAnswer {
    /// The one that stays when they are merged: as a rule the larger one.
    first: ClusterAnswer,
    /// The other one.
    second: ClusterAnswer,
    /// How similar the larger one's most similar face is to the mean of the other's best faces, as a cosine, -1 to 1.
    similarity: f32,
    /// Consolidation would merge them.
    proposed: bool,
    /// Somebody could not say whether they are one.
    unsure: bool,
    /// What speaks for it, one sentence.
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

/// Pairs of people who may be one, page by page, for somebody who is to answer `merge-clusters`, `distinct` or `unsure`.
///
/// People are looked at from those with most faces on, 15 a page, each with the larger ones who resemble them most. Pairs
/// of which somebody said that they are two people are left out, and so are hidden people.
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
