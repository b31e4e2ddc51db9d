//! Errors as RFC 9457 `application/problem+json`: which code each has, and what its text says.

mod photo;
mod store;
mod upload;

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::code::{Code, PROBLEM_JSON};
use crate::access::Role;
use crate::domain::InvalidValue;
use crate::people::PeopleError;
use crate::pipeline::{NotAdmitted, PipelineError};
use crate::plugins::{PluginError, Slot, UnknownSlot};
use crate::store::StoreError;

/// About the time in which a worker is up again.
const RESTART: Duration = Duration::from_secs(5);

/// After this a store that was away is worth another try: it is left alone for about as long.
const STORE_RETURN: Duration = Duration::from_secs(1);

/// An error answer (problem details, RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: `code` says what went wrong.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The HTTP status in words.
    title: &'static str,
    /// The HTTP status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The stable code, for programs. Each operation lists its codes; later versions may add codes.
    #[schema(value_type = str)]
    #[serde(serialize_with = "name")]
    code: Code,
    /// One sentence, for people.
    detail: String,
    /// The request's id, as in the header `X-Request-Id` and in the log.
    request_id: String,
    /// Seconds to wait before sending the same request again, as in the header `Retry-After`; left out if not known.
    #[schema(value_type = u64, required = false, minimum = 1)]
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
    /// What a refused plugin wrote to its standard output, its standard error and the log before it failed: at most the
    /// last `PLUGIN_OUTPUT_BYTES`, as text of several lines without control characters, for the plugin's author. Only
    /// in answers to administrators, and only if the plugin wrote anything.
    #[schema(value_type = String, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Box<str>>,
}

/// Rounded up, and one at least: whoever waits as long as told is let in.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn seconds<S: serde::Serializer>(wait: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    wait.map(whole_seconds).serialize(serializer)
}

fn name<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

impl Problem {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            request_id: String::new(),
            retry_after: None,
            output: None,
        }
    }

    /// With the time after which the same request is worth sending again.
    fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(super) fn with_request_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request_id);
        self
    }

    /// Its stable code.
    pub(super) fn code_name(&self) -> &'static str {
        self.code.name()
    }

    /// What it says to people.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn malformed_body(rejection: &JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                Code::BodyTooLarge,
                "The request body is larger than the server accepts; send a shorter one.",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                Code::NotJson,
                "The request body must be JSON; set Content-Type to application/json.",
            ),
            _ => Self::new(Code::MalformedRequest, rejection.body_text()),
        }
    }

    pub(super) fn malformed_query(rejection: &QueryRejection) -> Self {
        Self::new(Code::MalformedRequest, rejection.body_text())
    }

    pub(super) fn malformed_path(rejection: &PathRejection) -> Self {
        Self::new(Code::MalformedRequest, rejection.body_text())
    }

    pub(super) fn invalid_idempotency_key() -> Self {
        Self::new(
            Code::InvalidIdempotencyKey,
            "Idempotency-Key must have 1 to 255 visible ASCII characters; send a UUID.",
        )
    }

    pub(super) fn idempotency_key_in_use() -> Self {
        Self::new(
            Code::IdempotencyKeyInUse,
            "A request with this Idempotency-Key is still running; wait until it is answered, then send this one again.",
        )
    }

    pub(super) fn idempotency_key_reused() -> Self {
        Self::new(
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was already used for a different request; use a new key for each new request.",
        )
    }

    /// A fault of the server itself.
    pub(super) fn fault(error: &dyn std::error::Error) -> Self {
        internal().logged(error)
    }

    /// A photo or a batch that was not let in.
    pub(super) fn refused(refusal: NotAdmitted) -> Self {
        match refusal {
            NotAdmitted::Busy { retry_after } => Self::new(
                Code::Busy,
                "Too many photos are running and queued; retry after the time in Retry-After.",
            )
            .after(retry_after),
            NotAdmitted::ShuttingDown => Self::new(
                Code::ShuttingDown,
                "The server is shutting down. Retry, against another instance if possible.",
            )
            .after(RESTART),
        }
    }

    /// What keeps the worker from working, each in a clause.
    pub(super) fn not_ready(obstacles: &[String]) -> Self {
        Self::new(
            Code::NotReady,
            format!("The server is not ready: {}.", obstacles.join("; ")),
        )
    }

    pub(super) fn empty_batch() -> Self {
        Self::new(Code::EmptyBatch, "photos is empty; send at least one photo.")
    }

    pub(super) fn batch_too_large(photos: usize, limit: usize) -> Self {
        Self::new(
            Code::BatchTooLarge,
            format!("The batch has {photos} photos; send at most {limit} at a time (BATCH_PHOTOS)."),
        )
    }

    /// The same name twice in one batch; `first` is the index of the photo that has it.
    pub(super) fn repeated_file(first: usize) -> Self {
        Self::new(
            Code::InvalidValue,
            format!("The photo with index {first} has the same file_id; give each photo its own."),
        )
    }

    pub(super) fn batch_deadline(limit: Duration) -> Self {
        Self::new(
            Code::DeadlineExceeded,
            format!(
                "The batch took longer than {} ms (BATCH_TIMEOUT_MS); send this photo again.",
                limit.as_millis()
            ),
        )
    }

    pub(super) fn deadline(limit: Duration) -> Self {
        Self::new(
            Code::DeadlineExceeded,
            format!(
                "The request took longer than {} ms (REQUEST_TIMEOUT_MS) and was stopped; try again later.",
                limit.as_millis()
            ),
        )
    }

    pub(super) fn address_not_allowed(address: IpAddr) -> Self {
        Self::new(
            Code::AddressNotAllowed,
            format!("The client address {address} may not call this server; add it to ALLOWED_IPS."),
        )
    }

    pub(super) fn invalid_host_header() -> Self {
        Self::new(
            Code::InvalidHostHeader,
            "The request must have exactly one Host header, with the host and port of this server.",
        )
    }

    pub(super) fn host_not_allowed() -> Self {
        Self::new(
            Code::HostNotAllowed,
            "This server needs no key and therefore accepts only localhost and loopback addresses in the Host header; \
             add the host to ALLOWED_HOSTS, or set API_KEY.",
        )
    }

    pub(super) fn origin_not_allowed() -> Self {
        Self::new(
            Code::OriginNotAllowed,
            "Pages of another origin may not change anything on this server; add the page's origin to CORS_ORIGINS.",
        )
    }

    pub(super) fn invalid_forwarded_header(header: &str) -> Self {
        Self::new(
            Code::InvalidForwardedHeader,
            format!("The proxy's {header} header has no valid client address; let the proxy append it."),
        )
    }

    pub(super) fn role_not_allowed(role: Role, needed: Option<Role>) -> Self {
        Self::new(
            Code::RoleNotAllowed,
            format!(
                "This call needs a key with the role {}, but this key has the role {}; use another key.",
                needed.unwrap_or(Role::Admin).name(),
                role.name()
            ),
        )
    }

    pub(super) fn rate_limited(retry_after: Duration) -> Self {
        Self::new(
            Code::RateLimited,
            "This key, or this client address, has sent too many requests; retry after the time in Retry-After.",
        )
        .after(retry_after)
    }

    pub(super) fn too_many_wrong_keys(retry_after: Duration) -> Self {
        Self::new(
            Code::TooManyWrongKeys,
            "Too many wrong keys came from this address; wait for the time in Retry-After, then send a valid key.",
        )
        .after(retry_after)
    }

    pub(super) fn wrong_api_key() -> Self {
        Self::new(
            Code::WrongApiKey,
            "The X-API-Key header is missing or wrong; send a valid key of this server.",
        )
    }

    pub(super) fn wrong_admin_key() -> Self {
        Self::new(
            Code::WrongAdminKey,
            "The X-Admin-Key header is missing or wrong; send this server's ADMIN_KEY or a key with the role admin.",
        )
    }

    pub(super) fn no_admin_key() -> Self {
        Self::new(
            Code::NoAdminKey,
            "This call is disabled: the server has neither ADMIN_KEY nor a key with the role admin; configure one.",
        )
    }

    pub(super) fn unknown_slot(error: &UnknownSlot) -> Self {
        Self::new(Code::UnknownSlot, error.to_string())
    }

    pub(super) fn no_shadow(slot: Slot) -> Self {
        Self::new(
            Code::NoShadow,
            format!("No candidate runs in shadow mode for the {slot} slot; start one with POST."),
        )
    }

    pub(super) fn no_replay(slot: Slot) -> Self {
        Self::new(
            Code::NoReplay,
            format!(
                "No replay was started for the {slot} slot since the worker started; start one with POST."
            ),
        )
    }

    /// A plugin that was not good enough: the reason is for its author, so it is all there.
    pub(super) fn refused_plugin(error: &PluginError) -> Self {
        let code = match error {
            PluginError::NothingBefore(_) => Code::NothingToRollBack,
            PluginError::State { .. } | PluginError::Engine(_) => return Self::fault(error),
            _ => Code::PluginRefused,
        };
        tracing::debug!(code = code.name(), error = error.logged(), "request refused");
        let mut problem = Self::new(code, crate::report(error));
        let output = error.output();
        problem.output = (!output.is_empty()).then(|| output.into());
        problem
    }

    pub(super) fn unreadable_component() -> Self {
        Self::new(
            Code::MalformedRequest,
            "The request body could not be read to its end; send the plain bytes of the component again.",
        )
    }

    pub(super) fn component_too_large(limit: u64) -> Self {
        Self::new(
            Code::BodyTooLarge,
            format!("The component is larger than {limit} bytes (PLUGIN_FILE_BYTES); make it smaller."),
        )
    }

    pub(super) fn invalid_signature_header() -> Self {
        Self::new(
            Code::InvalidSignatureHeader,
            "X-Plugin-Signature is not a base64-encoded minisign signature; send `base64 -w0 FILE.minisig`.",
        )
    }

    pub(super) fn unknown_cluster(id: &str) -> Self {
        Self::new(
            Code::UnknownCluster,
            format!("There is no cluster {}.", shortened(id)),
        )
    }

    pub(super) fn unknown_face(id: &str) -> Self {
        Self::new(Code::UnknownFace, format!("There is no face {}.", shortened(id)))
    }

    pub(super) fn unknown_file() -> Self {
        Self::new(
            Code::UnknownFile,
            "Nothing is stored under this file_id; process the photo first, and percent-encode the id in the path.",
        )
    }

    pub(super) fn no_such_route() -> Self {
        Self::new(
            Code::NoSuchRoute,
            "This path does not exist; see /openapi.json for the routes.",
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            Code::MethodNotAllowed,
            "This path does not support this HTTP method; see /openapi.json for the routes.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        // The outermost layer completes the problem with the request's id.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<InvalidValue> for Problem {
    fn from(error: InvalidValue) -> Self {
        Self::new(Code::InvalidValue, error.to_string())
    }
}

impl From<PipelineError> for Problem {
    fn from(error: PipelineError) -> Self {
        let problem = match &error {
            PipelineError::Photo(error) => photo::of_photo(error),
            PipelineError::Faces(error) => of_faces(error),
            PipelineError::Plugin(error) => Self::new(Code::PluginFailed, error.for_callers()),
            PipelineError::Inference(_) | PipelineError::Vocabulary(_) => Self::new(
                Code::InferenceFailed,
                "A model failed on this photo; the worker's log has the cause under this request id.",
            ),
            PipelineError::Stage(_) => internal(),
        };
        problem.logged(&error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        PeopleError::from(error).into()
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        of_faces(&error).logged(&error)
    }
}

impl Problem {
    /// Logs the causes, which the caller does not get: loudly when the server is at fault, which it is not for a photo's.
    fn logged(self, error: &dyn std::error::Error) -> Self {
        let causes = crate::report(error);
        if self.status >= 500 && self.code != Code::PhotoSourceBusy {
            tracing::error!(code = self.code.name(), error = causes, "request failed");
        } else {
            tracing::debug!(code = self.code.name(), error = causes, "request refused");
        }
        self
    }
}

/// As much of what a caller calls an id as an id can have.
fn shortened(id: &str) -> String {
    id.chars().take(64).collect()
}

fn internal() -> Problem {
    Problem::new(
        Code::Internal,
        "An internal error occurred; the worker's log has the cause under this request id.",
    )
}

fn of_faces(error: &PeopleError) -> Problem {
    let code = match error {
        PeopleError::Store(StoreError::Circle(_)) => Code::MergeCircle,
        PeopleError::Store(StoreError::NotWritable(_)) => return Problem::store_not_writable(),
        PeopleError::Store(StoreError::Lost(_)) => return Problem::store_lost(),
        PeopleError::Store(_) => return Problem::store_unavailable(),
        PeopleError::UnknownCluster(id) => return Problem::unknown_cluster(&id.to_string()),
        PeopleError::UnknownFile => return Problem::unknown_file(),
        PeopleError::UnknownFace(id) => return Problem::unknown_face(&id.to_string()),
        PeopleError::Policy(_) | PeopleError::InvalidDecision(_) => Code::PluginFailed,
        PeopleError::EmptyMerge => Code::EmptyMerge,
        PeopleError::SourceIsTarget(_) => Code::SourceIsTarget,
        PeopleError::EmptySplit => Code::EmptySplit,
        PeopleError::SameFace => Code::SameFace,
        PeopleError::NothingToRestore(_) | PeopleError::NothingElse { .. } => Code::NothingToRestore,
        PeopleError::NothingStays(_) => Code::NothingStays,
        PeopleError::NotInCluster { .. } => Code::FaceNotInCluster,
        PeopleError::SameCluster(..) => Code::SameCluster,
        PeopleError::ChangesGone { .. } => Code::ChangesGone,
        PeopleError::UnknownEntry(_) => Code::UnknownEntry,
        PeopleError::NotUndoable { .. } => Code::NotUndoable,
        PeopleError::Thumbnail(_) | PeopleError::Stopped(_) => return internal(),
    };
    Problem::new(code, error.to_string())
}

#[cfg(test)]
mod tests;
