//! `/api/clusters` and `/api/faces`: who is known, and what people correct.

mod changes;
mod clusters;
mod consolidation;
mod corrections;
mod faces;
mod history;
mod pairs;
mod similar;
mod unsure;

use std::sync::Arc;

use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

pub(super) use clusters::{DeletedFaces, thumbnail_path};

use super::answers;
use super::extract::whole;
use super::problem::Problem;
use crate::app::App;
use crate::domain::{ClusterId, FaceId};

/// Entries of a page unless the caller wants another number.
const DEFAULT_PAGE: usize = 100;
/// Most entries of a page.
const MAX_PAGE: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    clusters::routes()
        .merge(corrections::routes())
        .merge(consolidation::routes())
        .merge(faces::routes())
        .merge(similar::routes())
        .merge(pairs::routes())
        .merge(unsure::routes())
        .merge(changes::routes())
        .merge(history::routes())
}

/// The cluster that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is only described")]
struct ClusterParameter {
    /// The person's cluster id; the id of a cluster that was merged into another one means the cluster that contains it
    /// now.
    cluster_id: answers::ClusterId,
}

/// The face that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is only described")]
struct FaceParameter {
    /// The face.
    face_id: answers::FaceId,
}

/// The two clusters that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is only described")]
struct PairParameter {
    /// The person's cluster id; the id of a cluster that was merged into another one means the cluster that contains it
    /// now.
    cluster_id: answers::ClusterId,
    /// The other person's cluster id, in the same way.
    other_cluster_id: answers::ClusterId,
}

/// A picture as the body.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(super) struct Jpeg(#[expect(dead_code, reason = "it is only described")] Vec<u8>);

/// The answer with a picture, which may be another before long.
fn picture(jpeg: Vec<u8>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, max-age=60"),
    ];
    (headers, jpeg)
}

/// Where the page after this one begins; none when this one is the last.
fn next<T, K>(page: &[T], limit: usize, key: impl Fn(&T) -> K) -> Option<K> {
    page.last().filter(|_| page.len() == limit).map(key)
}

/// How many entries a page has.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct PageSize<const DEFAULT: usize = DEFAULT_PAGE, const MAX: usize = MAX_PAGE>(
    pub(super) usize,
);

impl<const DEFAULT: usize, const MAX: usize> Default for PageSize<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: usize, const MAX: usize> TryFrom<f64> for PageSize<DEFAULT, MAX> {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        whole("limit", number, 1..=MAX).map(Self)
    }
}

/// Where a page of faces begins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u64")]
pub(super) struct Position(pub(super) u64);

impl TryFrom<u64> for Position {
    type Error = String;

    /// Positions are signed numbers in the stores, and `int64` in the document.
    fn try_from(position: u64) -> Result<Self, String> {
        let most = i64::MAX.unsigned_abs();
        if position <= most {
            Ok(Self(position))
        } else {
            Err(format!(
                "a position must be 0 to {most}; use the value of next from the previous page"
            ))
        }
    }
}

/// A cluster in a path; what is not a UUID names no cluster, which is the same to the caller.
fn cluster_in(path: &str) -> Result<ClusterId, Problem> {
    ClusterId::parse(path).map_err(|_| Problem::unknown_cluster(path))
}

/// A face in a path; what is not a UUID names no face, which is the same to the caller.
fn face_in(path: &str) -> Result<FaceId, Problem> {
    FaceId::parse(path).map_err(|_| Problem::unknown_face(path))
}
