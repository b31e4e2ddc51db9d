//! The worker's own headers, in requests and answers.

use axum::http::HeaderName;

/// The header that carries the caller's key.
pub const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");
/// The header that carries the key of whoever may change plugins.
pub const ADMIN_KEY_HEADER: HeaderName = HeaderName::from_static("x-admin-key");
/// The header that names the cluster an answer is about, which is another than was asked for when that was merged.
pub const CLUSTER_ID_HEADER: HeaderName = HeaderName::from_static("x-cluster-id");
/// The header that names a request, in and out.
pub(super) const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");
