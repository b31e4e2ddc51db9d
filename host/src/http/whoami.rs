//! `GET /api/whoami`: what a key is good for.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::KeyRole;
use crate::access::Role;
use crate::app::App;
use crate::audit::Who;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(whoami))
}

/// What the caller's key permits.
#[derive(Debug, Serialize, ToSchema)]
struct WhoamiAnswer {
    /// The highest role that the keys of the request give; `curate` if the server needs no key and the request has no
    /// known key.
    role: KeyRole,
    /// The name of the key that gives the role: its name in `API_KEYS_FILE`, or `API_KEY` or `ADMIN_KEY`. Null if the
    /// request has no known key, which is possible only on a server that needs no key.
    #[schema(required)]
    key_name: Option<String>,
    /// Whether the server needs a key.
    key_required: bool,
}

/// What the caller's key permits.
///
/// Any valid key is accepted. The same key may be sent in `X-API-Key` and in `X-Admin-Key` at once; if it is wrong, it
/// counts as one wrong key.
#[utoipa::path(
    get,
    path = "/api/whoami",
    operation_id = "get_whoami",
    tag = "worker",
    responses((status = OK, description = "The role, and the name of the key that gives it.", body = WhoamiAnswer))
)]
async fn whoami(
    State(app): State<Arc<App>>,
    Extension(role): Extension<Role>,
    Extension(who): Extension<Who>,
) -> Json<WhoamiAnswer> {
    Json(WhoamiAnswer {
        role: role.into(),
        key_name: who.key.as_deref().map(str::to_owned),
        key_required: app.access.asks_for_keys(),
    })
}
