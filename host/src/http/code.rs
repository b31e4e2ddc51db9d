//! The stable codes of problems: which status each has, and which an operation may answer.

use axum::http::StatusCode;

/// The media type of problems.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $meaning:literal)+) => {
        /// What went wrong, for programs. A code never gets another name or another status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$variant),+];

            /// As callers see it.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The status it is answered with.
            pub(super) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$variant => StatusCode::$status,)+
                }
            }

            /// One clause for whoever reads the document.
            pub(super) const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

codes! {
    MalformedRequest "malformed_request" BAD_REQUEST "the request cannot be parsed, or does not have the form that this call expects"
    InvalidValue "invalid_value" BAD_REQUEST "a value is outside the allowed range"
    InvalidImageUrl "invalid_image_url" BAD_REQUEST "`image_url` is not an http or https URL"
    InvalidSignatureHeader "invalid_signature_header" BAD_REQUEST "`X-Plugin-Signature` is not a base64-encoded signature file"
    InvalidForwardedHeader "invalid_forwarded_header" BAD_REQUEST "a trusted proxy sent no readable client address in its forwarded header"
    InvalidHostHeader "invalid_host_header" BAD_REQUEST "the request does not have exactly one valid `Host` header"
    InvalidIdempotencyKey "invalid_idempotency_key" BAD_REQUEST "`Idempotency-Key` is not 1 to 255 visible ASCII characters"
    EmptyBatch "empty_batch" BAD_REQUEST "the batch contains no photo"
    EmptyMerge "empty_merge" BAD_REQUEST "there is nothing to merge"
    SourceIsTarget "source_is_target" BAD_REQUEST "the request merges a cluster into itself"
    EmptySplit "empty_split" BAD_REQUEST "the split lists no face"
    SameFace "same_face" BAD_REQUEST "both ids are the same face"
    WrongApiKey "wrong_api_key" UNAUTHORIZED "`X-API-Key` is missing or wrong"
    WrongAdminKey "wrong_admin_key" UNAUTHORIZED "`X-Admin-Key` is missing or wrong"
    AddressNotAllowed "address_not_allowed" FORBIDDEN "the client's address is not in `ALLOWED_IPS`"
    HostNotAllowed "host_not_allowed" FORBIDDEN "the server needs no key and therefore accepts only its own host names in `Host`"
    OriginNotAllowed "origin_not_allowed" FORBIDDEN "the browser page comes from an origin that is not in `CORS_ORIGINS` and may not change anything"
    NoAdminKey "no_admin_key" FORBIDDEN "the server has no admin key, so this call is disabled"
    RoleNotAllowed "role_not_allowed" FORBIDDEN "the key's role does not permit this call"
    UnknownCluster "unknown_cluster" NOT_FOUND "this cluster does not exist and never existed"
    UnknownFace "unknown_face" NOT_FOUND "this face does not exist"
    UnknownFile "unknown_file" NOT_FOUND "nothing is stored under this `file_id`"
    UnknownEntry "unknown_entry" NOT_FOUND "this person's history does not contain this correction"
    UnknownSlot "unknown_slot" NOT_FOUND "this plugin slot does not exist"
    NoShadow "no_shadow" NOT_FOUND "no candidate plugin runs in shadow mode for this slot"
    NoReplay "no_replay" NOT_FOUND "no replay was started for this slot since the worker started"
    NoStoreJob "no_store_job" NOT_FOUND "no backup, or no check of the store, was started since the worker started"
    NoSuchRoute "no_such_route" NOT_FOUND "this path does not exist"
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "this path does not support this HTTP method"
    NoStoredUrl "no_stored_url" CONFLICT "the photo's URL was not stored (`STORE_URLS`), so the photo cannot be fetched again"
    NothingToRollBack "nothing_to_roll_back" CONFLICT "there is no previous plugin to return to"
    NothingToRestore "nothing_to_restore" CONFLICT "none of the cluster's earlier faces is left to be returned to it"
    NothingStays "nothing_stays" CONFLICT "the split lists every face of the cluster"
    FaceNotInCluster "face_not_in_cluster" CONFLICT "the face is in another cluster"
    SameCluster "same_cluster" CONFLICT "both ids are now the same cluster"
    UploadTimedOut "upload_timed_out" REQUEST_TIMEOUT "the photo in the request did not arrive within `DOWNLOAD_TIMEOUT_MS`"
    NotUndoable "not_undoable" CONFLICT "the correction cannot be undone now; `detail` says why"
    IdempotencyKeyInUse "idempotency_key_in_use" CONFLICT "another request with this `Idempotency-Key` is still running"
    StoreJobRunning "store_job_running" CONFLICT "a backup or a check of the store is already running"
    BackupNotSupported "backup_not_supported" CONFLICT "the people are stored in Qdrant; use its snapshots instead"
    ChangesGone "changes_gone" GONE "the requested changes are no longer kept, or belong to another store; `detail` says where to continue"
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "the request body is larger than allowed"
    BatchTooLarge "batch_too_large" PAYLOAD_TOO_LARGE "the batch has more photos than allowed"
    PhotoTooLarge "photo_too_large" PAYLOAD_TOO_LARGE "the photo has more bytes, metadata or JPEG scans than allowed"
    PhotoTooManyPixels "photo_too_many_pixels" PAYLOAD_TOO_LARGE "the photo has more pixels than allowed"
    PhotoTooMuchMemory "photo_too_much_memory" PAYLOAD_TOO_LARGE "decoding the photo needs more memory than allowed"
    NotJson "not_json" UNSUPPORTED_MEDIA_TYPE "`Content-Type` does not declare a body that this call accepts"
    PhotoNotAnImage "photo_not_an_image" UNSUPPORTED_MEDIA_TYPE "the content is not an image of a supported format"
    PhotoCompressed "photo_compressed" UNSUPPORTED_MEDIA_TYPE "the photo's server sent the photo with a `Content-Encoding`"
    PhotoDamaged "photo_damaged" UNPROCESSABLE_ENTITY "the photo cannot be decoded"
    PhotoEmpty "photo_empty" UNPROCESSABLE_ENTITY "the photo has no bytes"
    PhotoNotAvailable "photo_not_available" UNPROCESSABLE_ENTITY "the photo's server answered with an error status"
    PhotoUnreachable "photo_unreachable" UNPROCESSABLE_ENTITY "the photo's server could not be reached, or closed the connection"
    PhotoSourceInvalid "photo_source_invalid" UNPROCESSABLE_ENTITY "the photo's server did not send valid HTTP, or sent too many headers"
    PhotoAddressRefused "photo_address_refused" UNPROCESSABLE_ENTITY "photos may not be fetched from this address (SSRF protection)"
    PhotoTooManyRedirects "photo_too_many_redirects" UNPROCESSABLE_ENTITY "the URL redirects too often"
    PluginRefused "plugin_refused" UNPROCESSABLE_ENTITY "the plugin component was not accepted; `detail` tells its author why"
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY "this `Idempotency-Key` was already used for a different request"
    Busy "busy" TOO_MANY_REQUESTS "the worker is at its limit: too many photos are running and queued"
    RateLimited "rate_limited" TOO_MANY_REQUESTS "this key, or this client address, exceeded its rate limit"
    TooManyWrongKeys "too_many_wrong_keys" TOO_MANY_REQUESTS "too many wrong keys came from this client address"
    Internal "internal" INTERNAL_SERVER_ERROR "an internal error of the server"
    MergeCircle "merge_circle" INTERNAL_SERVER_ERROR "the store is damaged: clusters were merged in a circle; run `ai-worker store repair`"
    PluginFailed "plugin_failed" BAD_GATEWAY "a plugin failed on this photo"
    InferenceFailed "inference_failed" SERVICE_UNAVAILABLE "a model failed on this photo"
    PhotoSourceBusy "photo_source_busy" SERVICE_UNAVAILABLE "the photo's server is temporarily unavailable"
    StoreUnavailable "store_unavailable" SERVICE_UNAVAILABLE "the vector store does not answer"
    StoreNotWritable "store_not_writable" SERVICE_UNAVAILABLE "the store cannot be written, for example because its disk is full; deletions still work"
    StoreLost "store_lost" SERVICE_UNAVAILABLE "the store's database file was deleted or renamed while the worker was running"
    NotReady "not_ready" SERVICE_UNAVAILABLE "the worker cannot describe photos right now"
    ShuttingDown "shutting_down" SERVICE_UNAVAILABLE "the server is shutting down and starts no new work"
    PhotoTimedOut "photo_timed_out" GATEWAY_TIMEOUT "the photo's server took too long"
    DeadlineExceeded "deadline_exceeded" GATEWAY_TIMEOUT "the request took longer than its time limit and was stopped"
}

/// The problems of a request that carries JSON.
pub(super) const JSON_BODY: [Code; 3] = [Code::MalformedRequest, Code::NotJson, Code::BodyTooLarge];

/// The problems of whatever reads or writes what is stored.
pub(super) const STORE: [Code; 5] = [
    Code::StoreUnavailable,
    Code::StoreNotWritable,
    Code::StoreLost,
    Code::Internal,
    Code::MergeCircle,
];

/// The problems of a request that may carry an `Idempotency-Key`.
pub(super) const IDEMPOTENT: [Code; 3] = [
    Code::InvalidIdempotencyKey,
    Code::IdempotencyKeyInUse,
    Code::IdempotencyKeyReused,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_the_interface_lists_every_code_beside_its_status() {
        let page = include_str!("../../../docs/api.md");
        for code in Code::ALL {
            let name = format!("`{}`", code.name());
            let row = page
                .lines()
                .find(|line| (line.starts_with("| 4") || line.starts_with("| 5")) && line.contains(&name));
            let statuses = row.and_then(|row| row.split('|').nth(1)).unwrap_or_default();
            assert!(statuses.contains(code.status().as_str()), "{name}: {row:?}");
        }
    }
}
