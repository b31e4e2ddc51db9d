//! The OpenAPI document, made of the routes themselves, and the page that shows it.

use std::sync::LazyLock;

use axum::http::Method;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Paths};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::code::Code;
use super::middleware::RouteAccess;
use super::problem::Problem;
use super::problem_docs;
use crate::access::Role;

pub(super) mod page;

const DESCRIPTION: &str = "Describes photos: people, tags and one Indonesian phrase.\n\nEvery error is answered as \
     `application/problem+json` (RFC 9457) with a stable `code`. In addition to the errors that each operation lists, \
     a path that does not exist is 404 `no_such_route`, and a wrong method is 405 `method_not_allowed`. Each answer \
     has the request's id in `X-Request-Id`: the caller's id, or a new one. Fields and codes may be added, but are \
     never renamed or removed.";

const TAGS: [(&str, &str); 5] = [
    ("photos", "Photos and their descriptions."),
    ("people", "People, each a cluster of faces."),
    ("plugins", "The plugins of the running worker."),
    ("store", "Backups and checks of what is stored."),
    ("worker", "The worker itself."),
];

/// The document of every route.
pub(super) fn document() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(build);
    &DOCUMENT
}

fn build() -> OpenApi {
    let mut components = Components::new();
    let mut problem = Vec::new();
    Problem::schemas(&mut problem);
    components.schemas.extend(problem);
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("ai-worker")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION)),
        )
        .components(Some(components))
        .tags(Some(TAGS.map(|(name, description)| {
            TagBuilder::new()
                .name(name)
                .description(Some(description))
                .build()
        })))
        .build();
    for (access, routes) in super::routes() {
        let mut part = routes.into_openapi();
        document_access(access, &mut part);
        document.merge(part);
    }
    document.paths = without_wildcards(document.paths);
    document
}

/// Adds to every operation what its group of routes asks for and how that refuses.
fn document_access(access: RouteAccess, part: &mut OpenApi) {
    for item in part.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            let answers = &mut operation.responses.responses;
            let reachable =
                |code: &Code| *code != Code::RoleNotAllowed || access.role(&method) > Some(Role::Process);
            let refusals: Vec<Code> = access.refusals().iter().copied().filter(reachable).collect();
            problem_docs::document(answers, &refusals);
            problem_docs::document(answers, RouteAccess::EVERYWHERE);
            if !method.is_safe() {
                problem_docs::document(answers, RouteAccess::BEFORE_CHANGES);
            }
            if let Some((header, _)) = access.key() {
                operation.security = Some(vec![SecurityRequirement::new(header, [""; 0])]);
            }
        }
    }
    if let Some((header, description)) = access.key() {
        let scheme =
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(header, description)));
        part.components
            .get_or_insert_default()
            .add_security_scheme(header, scheme);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
        (Method::PATCH, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `{*name}` is the router's way to take slashes; OpenAPI has none, and its clients encode them.
fn without_wildcards(mut paths: Paths) -> Paths {
    paths.paths = std::mem::take(&mut paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    paths
}

#[cfg(test)]
mod tests;
