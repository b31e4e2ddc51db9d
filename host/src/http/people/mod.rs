//! `/api/clusters` and `/api/faces`: who is known, and what people correct.

mod clusters;
mod consolidation;
mod faces;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use serde::Deserialize;

pub(super) use clusters::DeletedFaces;

use super::problem::Problem;
use crate::app::App;
use crate::domain::{ClusterId, FaceId};

/// Entries of a page unless the caller wants another number.
const DEFAULT_PAGE: usize = 100;
/// Most entries of a page.
const MAX_PAGE: usize = 1_000;

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/api/clusters", get(clusters::list))
        .route("/api/clusters/consolidate", post(consolidation::consolidate))
        .route(
            "/api/clusters/{cluster_id}",
            get(clusters::one).delete(clusters::delete),
        )
        .route("/api/clusters/{cluster_id}/faces", get(clusters::faces))
        .route(
            "/api/clusters/{cluster_id}/representative",
            put(clusters::represent),
        )
        .route("/api/clusters/{cluster_id}/split", post(clusters::split))
        .route("/api/clusters/{cluster_id}/unmerge", post(clusters::unmerge))
        .route("/api/clusters/{cluster_id}/distinct", post(clusters::distinguish))
        .route("/api/faces/{face_id}", get(faces::one))
        .route("/api/faces/{face_id}/thumbnail", get(faces::thumbnail))
        .route("/api/faces/{face_id}/move", post(faces::relocate))
        .route("/api/faces/{face_id}/distinct", post(faces::distinguish))
        .route("/api/faces/{face_id}/reject", post(faces::reject))
}

/// How many entries a page has.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "usize")]
struct PageSize(usize);

impl Default for PageSize {
    fn default() -> Self {
        Self(DEFAULT_PAGE)
    }
}

impl TryFrom<usize> for PageSize {
    type Error = String;

    fn try_from(size: usize) -> Result<Self, String> {
        if (1..=MAX_PAGE).contains(&size) {
            Ok(Self(size))
        } else {
            Err(format!("limit must be 1 to {MAX_PAGE}"))
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
