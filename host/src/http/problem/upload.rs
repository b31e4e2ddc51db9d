//! Problems of photos in the body of a request.

use std::time::Duration;

use super::Problem;
use crate::http::code::Code;
use crate::photo::{FileLimits, PhotoError};

impl Problem {
    /// The same refusal of a body that is not JSON, where it may be a photo, too.
    pub(in crate::http) fn or_photos(self) -> Self {
        match self.code {
            Code::NotJson => Self::new(
                Code::NotJson,
                "The request body must be JSON (application/json), a form (multipart/form-data) or, if this call takes \
                 one photo, the bytes of the photo (image/* or application/octet-stream); set Content-Type accordingly.",
            ),
            _ => self,
        }
    }

    /// One photo where two are asked for.
    pub(in crate::http) fn not_a_pair() -> Self {
        Self::new(
            Code::NotJson,
            "This call compares two photos; send JSON with image_urls, or a form (multipart/form-data) with the parts \
             first and second.",
        )
    }

    pub(in crate::http) fn upload_too_large(limits: &FileLimits) -> Self {
        super::photo::of_photo(&PhotoError::TooLarge {
            limit: limits.max_bytes,
        })
    }

    pub(in crate::http) fn upload_timed_out(limit: Duration) -> Self {
        Self::new(
            Code::UploadTimedOut,
            format!(
                "The photo did not arrive within {} ms (DOWNLOAD_TIMEOUT_MS); send it again, or send a smaller file.",
                limit.as_millis()
            ),
        )
    }

    pub(in crate::http) fn unreadable_photo() -> Self {
        Self::new(
            Code::MalformedRequest,
            "The request body could not be read to its end; send the photo again.",
        )
    }

    pub(in crate::http) fn malformed_form(reason: &str) -> Self {
        Self::new(
            Code::MalformedRequest,
            format!("The form cannot be parsed: {reason}. Send multipart/form-data according to RFC 7578."),
        )
    }

    pub(in crate::http) fn missing_part(name: &str) -> Self {
        Self::new(
            Code::MalformedRequest,
            format!("The form has no part named {name}; add it."),
        )
    }

    pub(in crate::http) fn missing_file_id() -> Self {
        Self::new(
            Code::MalformedRequest,
            "The request has no file_id; send it as a field of the form, or as ?file_id= if the body is the photo.",
        )
    }

    pub(in crate::http) fn repeated_part(name: &str) -> Self {
        Self::new(
            Code::MalformedRequest,
            format!("The form has more than one part named {name}; send exactly one."),
        )
    }

    pub(in crate::http) fn unknown_part(name: &str, photos: &[&str], texts: &[&str]) -> Self {
        let known = [photos, texts].concat().join(", ");
        let name: String = name.chars().take(64).collect();
        Self::new(
            Code::MalformedRequest,
            format!("The form has an unknown part {name:?}; the known parts are {known}."),
        )
    }

    pub(in crate::http) fn field_too_large(name: &str, limit: u64) -> Self {
        Self::new(
            Code::BodyTooLarge,
            format!("The form field {name} has more than {limit} bytes; send a shorter value."),
        )
    }

    /// A stored photo whose URL was not kept.
    pub(in crate::http) fn no_stored_url() -> Self {
        Self::new(
            Code::NoStoredUrl,
            "The URL of this photo was not stored, so the photo cannot be fetched again. With STORE_URLS, the worker \
             stores the URLs of photos that are processed afterwards; process this photo again.",
        )
    }
}
