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

/// What the caller may do.
#[derive(Debug, Serialize, ToSchema)]
struct WhoamiAnswer {
    /// The highest role that the keys of the request give; `curate` where no key is asked for and none is known.
    role: KeyRole,
    /// The name of the key that gives it: of `API_KEYS_FILE`, or `API_KEY` or `ADMIN_KEY`. Null when no key of the request
    /// is known, which only a server that asks for none answers.
    #[schema(required)]
    key_name: Option<String>,
    /// Whether the server asks for a key.
    key_required: bool,
}

/// What the caller may do.
///
/// Any key will do. A key may be sent in `X-API-Key` and in `X-Admin-Key` at once, and a wrong one counts as one guess
/// then.
#[utoipa::path(
    get,
    path = "/api/whoami",
    operation_id = "get_whoami",
    tag = "worker",
    responses((status = OK, description = "The role, and the key that gives it.", body = WhoamiAnswer))
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
