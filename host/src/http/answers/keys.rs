//! What keys are good for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access;

/// What a key may do; each role also includes the rights of the role before it.
// `Role` is that of a network.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyRole {
    /// Have photos described, and read.
    Process,
    /// Correct, merge and delete.
    Curate,
    /// Change plugins.
    Admin,
}

impl From<access::Role> for KeyRole {
    fn from(role: access::Role) -> Self {
        match role {
            access::Role::Process => Self::Process,
            access::Role::Curate => Self::Curate,
            access::Role::Admin => Self::Admin,
        }
    }
}
