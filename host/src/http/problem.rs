//! Errors as RFC 9457 `application/problem+json`; the one place that knows HTTP statuses.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::InvalidValue;
use crate::faces::FacesError;
use crate::photo::PhotoError;
use crate::pipeline::PipelineError;
use crate::plugins::{PluginError, Slot, UnknownSlot};

/// What a caller is told when something went wrong.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// Stable, for programs.
    code: &'static str,
    /// One sentence, for people.
    detail: String,
    request_id: String,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            request_id: String::new(),
            retry_after: None,
        }
    }

    pub(super) fn with_request_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request_id);
        self
    }

    pub(super) fn malformed_body(rejection: &JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The request body is larger than the server accepts; send a shorter one.",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "The request body must be JSON; set Content-Type to application/json.",
            ),
            _ => Self::new(
                StatusCode::BAD_REQUEST,
                "malformed_request",
                rejection.body_text(),
            ),
        }
    }

    pub(super) fn malformed_query(rejection: &QueryRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed_request",
            rejection.body_text(),
        )
    }

    pub(super) fn invalid_idempotency_key() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_idempotency_key",
            "Idempotency-Key must have 1 to 255 visible ASCII characters; send a UUID.",
        )
    }

    pub(super) fn idempotency_key_in_use() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "idempotency_key_in_use",
            "A request with this Idempotency-Key is being answered; wait for it, then repeat this one.",
        )
    }

    pub(super) fn idempotency_key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key belongs to another request; send a new key for a new request.",
        )
    }

    pub(super) fn unwritable(error: &serde_json::Error) -> Self {
        internal().logged(error)
    }

    pub(super) fn busy(retry_after: Duration) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "busy",
            "As many photos as allowed are in work and waiting; try again later.",
        );
        problem.retry_after = Some(retry_after);
        problem
    }

    pub(super) fn deadline(limit: Duration) -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "deadline_exceeded",
            format!(
                "The request took longer than {} ms and was given up.",
                limit.as_millis()
            ),
        )
    }

    pub(super) fn address_not_allowed(address: IpAddr) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "address_not_allowed",
            format!("The address {address} may not call this server; add it to ALLOWED_IPS."),
        )
    }

    pub(super) fn wrong_api_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong_api_key",
            "The X-API-Key header is missing or wrong; send the key this server was configured with.",
        )
    }

    pub(super) fn wrong_admin_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong_admin_key",
            "The X-Admin-Key header is missing or wrong; send the ADMIN_KEY this server was configured with.",
        )
    }

    pub(super) fn no_admin_key() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no_admin_key",
            "Plugins cannot be changed here, because this server has no ADMIN_KEY; configure one.",
        )
    }

    pub(super) fn unknown_slot(error: &UnknownSlot) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_slot", error.to_string())
    }

    pub(super) fn no_shadow(slot: Slot) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_shadow",
            format!("No candidate runs beside the {slot} plugin; start one with POST."),
        )
    }

    pub(super) fn no_replay(slot: Slot) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_replay",
            format!(
                "No candidate for the {slot} slot was replayed since the worker started; start it with POST."
            ),
        )
    }

    /// A plugin that was not good enough: the reason is for its author, so it is all there.
    pub(super) fn refused_plugin(error: &PluginError) -> Self {
        let (status, code) = match error {
            PluginError::NothingBefore(_) => (StatusCode::CONFLICT, "nothing_to_roll_back"),
            PluginError::State { .. } | PluginError::Engine(_) => return internal().logged(error),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "plugin_refused"),
        };
        Self::new(status, code, crate::report(error)).logged(error)
    }

    pub(super) fn unreadable_component() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed_request",
            "The request body could not be read; send the component as it is.",
        )
    }

    pub(super) fn component_too_large(limit: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The component is larger than {limit} bytes; PLUGIN_FILE_BYTES sets the limit."),
        )
    }

    pub(super) fn stopped(error: &tokio::task::JoinError) -> Self {
        internal().logged(error)
    }

    pub(super) fn invalid_signature_header() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_signature_header",
            "X-Plugin-Signature is not base64 of a minisign signature file; send `base64 -w0 FILE.minisig`.",
        )
    }

    pub(super) fn unknown_cluster(id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_cluster",
            format!("There is no cluster {id}."),
        )
    }

    pub(super) fn unknown_face(id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_face",
            format!("There is no face {id}."),
        )
    }

    pub(super) fn unknown_file() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_file",
            "Nothing is stored under this file_id; process the photo first, and percent-encode the id in the path.",
        )
    }

    pub(super) fn no_such_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_route",
            "There is nothing at this path; see the README for the routes.",
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path does not answer to this method; see the README for the routes.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        // The outermost layer completes the problem with the request's id.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<InvalidValue> for Problem {
    fn from(error: InvalidValue) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", error.to_string())
    }
}

impl From<PipelineError> for Problem {
    fn from(error: PipelineError) -> Self {
        let problem = match &error {
            PipelineError::Photo(error) => of_photo(error),
            PipelineError::Faces(error) => of_faces(error),
            PipelineError::Plugin(error) => {
                Self::new(StatusCode::BAD_GATEWAY, "plugin_failed", error.to_string())
            }
            PipelineError::Inference(_) | PipelineError::Vocabulary(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "inference_failed",
                "A model failed on this photo; the log has the cause.",
            ),
            PipelineError::Stage(_) => internal(),
        };
        problem.logged(&error)
    }
}

impl From<FacesError> for Problem {
    fn from(error: FacesError) -> Self {
        of_faces(&error).logged(&error)
    }
}

impl Problem {
    /// Logs the causes, which the caller does not get: loudly when the server is at fault.
    fn logged(self, error: &dyn std::error::Error) -> Self {
        let causes = crate::report(error);
        if self.status >= 500 {
            tracing::error!(code = self.code, error = causes, "request failed");
        } else {
            tracing::debug!(code = self.code, error = causes, "request refused");
        }
        self
    }
}

fn internal() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "The server failed; the log has the cause under this request id.",
    )
}

fn of_photo(error: &PhotoError) -> Problem {
    let (status, code) = match error {
        PhotoError::InvalidUrl(_) => (StatusCode::BAD_REQUEST, "invalid_image_url"),
        PhotoError::AddressRefused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "photo_address_refused"),
        PhotoError::Unreachable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "photo_unreachable"),
        PhotoError::SourceStatus(_) => (StatusCode::UNPROCESSABLE_ENTITY, "photo_not_available"),
        PhotoError::TooManyRedirects(_) => (StatusCode::UNPROCESSABLE_ENTITY, "photo_too_many_redirects"),
        PhotoError::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "photo_timed_out"),
        PhotoError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "photo_too_large"),
        PhotoError::TooManyPixels { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "photo_too_many_pixels"),
        PhotoError::EmptyBody => (StatusCode::UNPROCESSABLE_ENTITY, "photo_empty"),
        PhotoError::NotAnImage(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "photo_not_an_image"),
        PhotoError::Damaged(_) => (StatusCode::UNPROCESSABLE_ENTITY, "photo_damaged"),
        PhotoError::Geometry(_) | PhotoError::HttpClient(_) | PhotoError::Internal(_) => return internal(),
    };
    Problem::new(status, code, error.to_string())
}

fn of_faces(error: &FacesError) -> Problem {
    let (status, code) = match error {
        FacesError::Store(_) => return store_unavailable(),
        FacesError::UnknownCluster(id) => return Problem::unknown_cluster(&id.to_string()),
        FacesError::UnknownFace(id) => return Problem::unknown_face(&id.to_string()),
        FacesError::Policy(_) | FacesError::InvalidDecision(_) => (StatusCode::BAD_GATEWAY, "plugin_failed"),
        FacesError::EmptyMerge => (StatusCode::BAD_REQUEST, "empty_merge"),
        FacesError::SourceIsTarget(_) => (StatusCode::BAD_REQUEST, "source_is_target"),
        FacesError::EmptySplit => (StatusCode::BAD_REQUEST, "empty_split"),
        FacesError::SameFace => (StatusCode::BAD_REQUEST, "same_face"),
        FacesError::NothingToRestore(_) | FacesError::NothingElse { .. } => {
            (StatusCode::CONFLICT, "nothing_to_restore")
        }
        FacesError::NothingStays(_) => (StatusCode::CONFLICT, "nothing_stays"),
        FacesError::NotInCluster { .. } => (StatusCode::CONFLICT, "face_not_in_cluster"),
        FacesError::SameCluster(..) => (StatusCode::CONFLICT, "same_cluster"),
        FacesError::Thumbnail(_) | FacesError::Stopped(_) => return internal(),
    };
    Problem::new(status, code, error.to_string())
}

fn store_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "The vector store does not answer; try again, and see the log for the cause.",
    )
}
