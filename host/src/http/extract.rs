//! Bodies, query strings and path parameters, whose errors are problems and not plain text.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::Deserialize;

use super::problem::Problem;

/// A JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: for<'de> Deserialize<'de>> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, state)
            .await
            .map_err(|rejection: JsonRejection| Problem::malformed_body(&rejection))?;
        Ok(Self(body))
    }
}

/// What stands behind the question mark.
pub(super) struct QueryString<T>(pub(super) T);

impl<S: Send + Sync, T: for<'de> Deserialize<'de>> FromRequestParts<S> for QueryString<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(query) = Query::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::malformed_query(&rejection))?;
        Ok(Self(query))
    }
}

/// What a path names in its braces.
pub(super) struct PathParameters<T>(pub(super) T);

impl<S: Send + Sync, T: for<'de> Deserialize<'de> + Send> FromRequestParts<S> for PathParameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(parameters) = Path::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::malformed_path(&rejection))?;
        Ok(Self(parameters))
    }
}
