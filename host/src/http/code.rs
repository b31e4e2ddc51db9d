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
    MalformedRequest "malformed_request" BAD_REQUEST "the request cannot be read as what this call takes"
    InvalidValue "invalid_value" BAD_REQUEST "a value is outside of what is allowed"
    InvalidImageUrl "invalid_image_url" BAD_REQUEST "`image_url` is no http or https URL"
    InvalidSignatureHeader "invalid_signature_header" BAD_REQUEST "`X-Plugin-Signature` is not base64 of a signature file"
    InvalidForwardedHeader "invalid_forwarded_header" BAD_REQUEST "a trusted proxy does not say whom it speaks for"
    InvalidHostHeader "invalid_host_header" BAD_REQUEST "the request does not name one host in `Host`"
    InvalidIdempotencyKey "invalid_idempotency_key" BAD_REQUEST "`Idempotency-Key` is no visible ASCII of 1 to 255 characters"
    EmptyBatch "empty_batch" BAD_REQUEST "the batch names no photo"
    EmptyMerge "empty_merge" BAD_REQUEST "there is nothing to merge"
    SourceIsTarget "source_is_target" BAD_REQUEST "a cluster was to be merged into itself"
    EmptySplit "empty_split" BAD_REQUEST "the split names no face"
    SameFace "same_face" BAD_REQUEST "a face was to be told from itself"
    WrongApiKey "wrong_api_key" UNAUTHORIZED "`X-API-Key` is missing or wrong"
    WrongAdminKey "wrong_admin_key" UNAUTHORIZED "`X-Admin-Key` is missing or wrong"
    AddressNotAllowed "address_not_allowed" FORBIDDEN "the server does not serve this address"
    HostNotAllowed "host_not_allowed" FORBIDDEN "a server that asks for no key answers to names of its own only"
    OriginNotAllowed "origin_not_allowed" FORBIDDEN "a page of another site may not change anything"
    NoAdminKey "no_admin_key" FORBIDDEN "the server has no admin key, so this call is off"
    RoleNotAllowed "role_not_allowed" FORBIDDEN "the key's role is not enough for this call"
    UnknownCluster "unknown_cluster" NOT_FOUND "there is no such cluster and never was"
    UnknownFace "unknown_face" NOT_FOUND "there is no such face"
    UnknownFile "unknown_file" NOT_FOUND "nothing is stored under this id"
    UnknownEntry "unknown_entry" NOT_FOUND "the history of this person has no such correction"
    UnknownSlot "unknown_slot" NOT_FOUND "there is no such slot"
    NoShadow "no_shadow" NOT_FOUND "no candidate runs beside this slot's plugin"
    NoReplay "no_replay" NOT_FOUND "nothing was replayed for this slot since the worker started"
    NoStoreJob "no_store_job" NOT_FOUND "no backup, or no check of the store, was asked for since the worker started"
    NoSuchRoute "no_such_route" NOT_FOUND "there is nothing at this path"
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "this path does not answer to this method"
    NoStoredUrl "no_stored_url" CONFLICT "the photo's URL was not kept (`STORE_URLS`), so that it cannot be fetched again"
    NothingToRollBack "nothing_to_roll_back" CONFLICT "no plugin was active before this one"
    NothingToRestore "nothing_to_restore" CONFLICT "no face is left that could be given back"
    NothingStays "nothing_stays" CONFLICT "the split names every face of the cluster"
    FaceNotInCluster "face_not_in_cluster" CONFLICT "the face is in another cluster"
    SameCluster "same_cluster" CONFLICT "both ids name one cluster"
    UploadTimedOut "upload_timed_out" REQUEST_TIMEOUT "the photo in the request did not arrive in the time that a download may take"
    NotUndoable "not_undoable" CONFLICT "the correction cannot be undone as it was; `detail` says why"
    IdempotencyKeyInUse "idempotency_key_in_use" CONFLICT "a request with this `Idempotency-Key` is being answered"
    StoreJobRunning "store_job_running" CONFLICT "a backup or a check of the store runs"
    BackupNotSupported "backup_not_supported" CONFLICT "the people are on Qdrant, which has snapshots of its own"
    ChangesGone "changes_gone" GONE "these changes are not kept any more, or not of this store; `detail` says where to go on"
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "the request body is larger than allowed"
    BatchTooLarge "batch_too_large" PAYLOAD_TOO_LARGE "the batch has more photos than allowed"
    PhotoTooLarge "photo_too_large" PAYLOAD_TOO_LARGE "the photo has more bytes, metadata or scans than allowed"
    PhotoTooManyPixels "photo_too_many_pixels" PAYLOAD_TOO_LARGE "the photo has more pixels than allowed"
    PhotoTooMuchMemory "photo_too_much_memory" PAYLOAD_TOO_LARGE "the photo takes more memory to decode than allowed"
    NotJson "not_json" UNSUPPORTED_MEDIA_TYPE "the request body is not declared as JSON"
    PhotoNotAnImage "photo_not_an_image" UNSUPPORTED_MEDIA_TYPE "what the URL gave, or the request, is no image of a known format, or of a kind of it that is not supported"
    PhotoCompressed "photo_compressed" UNSUPPORTED_MEDIA_TYPE "the photo's server sent it with a `Content-Encoding`"
    PhotoDamaged "photo_damaged" UNPROCESSABLE_ENTITY "the photo cannot be decoded"
    PhotoEmpty "photo_empty" UNPROCESSABLE_ENTITY "the URL, or the request, gave no bytes"
    PhotoNotAvailable "photo_not_available" UNPROCESSABLE_ENTITY "the photo's server answered with an error"
    PhotoUnreachable "photo_unreachable" UNPROCESSABLE_ENTITY "the photo's server cannot be reached, or closes the connection"
    PhotoSourceInvalid "photo_source_invalid" UNPROCESSABLE_ENTITY "the photo's server answers with what is no valid HTTP, or too many headers"
    PhotoAddressRefused "photo_address_refused" UNPROCESSABLE_ENTITY "photos are not fetched from this address"
    PhotoTooManyRedirects "photo_too_many_redirects" UNPROCESSABLE_ENTITY "the URL redirects too often"
    PluginRefused "plugin_refused" UNPROCESSABLE_ENTITY "the component is not good enough; `detail` is for its author"
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY "this `Idempotency-Key` belongs to another request"
    Busy "busy" TOO_MANY_REQUESTS "as many photos as allowed are in work and waiting"
    RateLimited "rate_limited" TOO_MANY_REQUESTS "this key, or this address, has sent too many requests"
    TooManyWrongKeys "too_many_wrong_keys" TOO_MANY_REQUESTS "too many wrong keys came from this address"
    Internal "internal" INTERNAL_SERVER_ERROR "the server failed"
    MergeCircle "merge_circle" INTERNAL_SERVER_ERROR "the store is damaged: clusters were merged in a circle, which `ai-worker store repair` breaks"
    PluginFailed "plugin_failed" BAD_GATEWAY "a plugin failed on this photo"
    InferenceFailed "inference_failed" SERVICE_UNAVAILABLE "a model failed on this photo"
    PhotoSourceBusy "photo_source_busy" SERVICE_UNAVAILABLE "the photo's server is busy or away for a while"
    StoreUnavailable "store_unavailable" SERVICE_UNAVAILABLE "the vector store does not answer"
    StoreNotWritable "store_not_writable" SERVICE_UNAVAILABLE "the store cannot be written, as when its disk is full; deletions go on"
    StoreLost "store_lost" SERVICE_UNAVAILABLE "the store's database was deleted or renamed while the worker runs"
    NotReady "not_ready" SERVICE_UNAVAILABLE "the worker cannot describe photos right now"
    ShuttingDown "shutting_down" SERVICE_UNAVAILABLE "the server stops and begins nothing new"
    PhotoTimedOut "photo_timed_out" GATEWAY_TIMEOUT "the photo's server took too long"
    DeadlineExceeded "deadline_exceeded" GATEWAY_TIMEOUT "the request took too long and was given up"
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
