//! `Idempotency-Key`: a request that is repeated under the same key is answered as it was the first time.
//!
//! The key covers answers only: what a request does can be repeated without harm in any case. A worker that dies
//! between the deed and the keeping of its answer does the deed once more, with the same outcome, when the request is
//! repeated. After draft-ietf-httpapi-idempotency-key-header.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::IntoParams;

use super::problem::Problem;
use crate::app::App;
use crate::digest::digest;
use crate::domain::FileId;
use crate::metrics;
use crate::people::NewAnswer;

/// The header that names a request that may be repeated.
pub const IDEMPOTENCY_KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key, in characters.
const MAX_KEY: usize = 255;

/// The header that names a request, as the document describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct IdempotencyKey {
    /// Makes it safe to repeat the request: a repeated request gets the first answer again, with `Idempotency-Replayed:
    /// true`. Use a new UUID for each request, and the same UUID for each attempt at that request.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 1,
        max_length = 255
    )]
    key: Option<String>,
}

/// Answers a request, or answers it again. `route` and `request` are what makes two requests the same; `file` is the
/// photo that the answer speaks of, with which the kept answer is deleted.
pub(super) async fn once<T: Serialize>(
    app: &App,
    headers: &HeaderMap,
    (route, request): (&str, &impl Serialize),
    file: Option<&FileId>,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<Response, Problem> {
    let Some(key) = headers.get(&IDEMPOTENCY_KEY_HEADER) else {
        return Ok(axum::Json(work.await?).into_response());
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= MAX_KEY)
        .ok_or_else(Problem::invalid_idempotency_key)?;
    let _in_use = app
        .people
        .use_key(key)
        .ok_or_else(Problem::idempotency_key_in_use)?;
    let request = fingerprint(route, request);
    let known = app.people.answer(key, app.answers_kept).await?;
    metrics::lookups("answers", known.is_some(), 1);
    if let Some(known) = known {
        if known.request != request {
            return Err(Problem::idempotency_key_reused());
        }
        return Ok(replayed(known.body));
    }
    let body = serde_json::to_string(&work.await?).map_err(|error| Problem::fault(&error))?;
    let answer = NewAnswer {
        key: key.to_owned(),
        request,
        body: body.clone(),
        file_id: file.cloned(),
    };
    // The deed is done, so its answer is given even when it cannot be kept.
    if let Err(error) = app.people.keep_answer(answer, app.answers_kept).await {
        tracing::error!(
            error = crate::report(&error),
            "the answer could not be stored under its Idempotency-Key; a repeated request will run again"
        );
    }
    Ok(json(body))
}

fn fingerprint(route: &str, request: &impl Serialize) -> String {
    // The requests are plain structs, which always become JSON.
    let request = serde_json::to_vec(request).unwrap_or_default();
    digest(&[route.as_bytes(), &[0], &request].concat())
}

fn json(body: String) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (StatusCode::OK, [kind], body).into_response()
}

fn replayed(body: String) -> Response {
    let mut response = json(body);
    response
        .headers_mut()
        .insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    response
}
