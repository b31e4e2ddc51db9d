//! What keys are good for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access;

sent! {
    /// What a key may do; each role also includes the rights of the role before it.
    // `Role` is that of a network.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "lowercase")]
    access::Role as KeyRole {
        /// Have photos described, and read.
        Process,
        /// Correct, merge and delete.
        Curate,
        /// Change plugins.
        Admin,
    }
}
