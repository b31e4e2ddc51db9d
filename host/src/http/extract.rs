//! Bodies, query strings and path parameters, whose errors are problems and not plain text.

use std::ops::RangeInclusive;

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

/// The number that a parameter of this name has, if it is whole and in the range. JSON has one kind of number, so that
/// `100.0` is as whole as `100`.
///
/// # Errors
/// What the parameter must be.
pub(super) fn whole(name: &str, number: f64, range: RangeInclusive<usize>) -> Result<usize, String> {
    // What is too large or negative becomes the nearest that there is, which is out of the range as well.
    let value = number as usize;
    if number.fract() == 0.0 && range.contains(&value) {
        Ok(value)
    } else {
        let (least, most) = range.into_inner();
        Err(format!("{name} must be a whole number from {least} to {most}"))
    }
}
