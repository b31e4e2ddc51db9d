//! `/console/`: the page for people, whose files are in the program; and `/`, which leads there.
//!
//! The files ask for no key: they hold nothing but the page, which calls the REST interface with the key that is entered.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code::Code;
use super::extract::PathParameters;
use super::openapi::page::hash_of;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;
use crate::digest::digest;

/// Lets the page load what lies beside it, and call the worker that it came from; nothing else, and no page may frame it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page at `/`.
const WELCOME: &str = include_str!("welcome.html");
/// Its link to the console, when there is one.
const CONSOLE_LINK: &str = "<a href=\"console/\"><strong>Console</strong>People, photos and plugins. <span lang=\"id\">Orang, \
                            foto, dan plugin.</span></a>\n";

macro_rules! built {
    ($($name:literal)+) => {
        /// What `console/` is built to, by the names under `/console/`.
        const FILES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../../console/dist/", $name)))),+];
    };
}

// A test holds this list against the folder.
built! {
    "index.html"
    "console.js"
    "console.css"
    "icon.svg"
    "plus-jakarta-sans.woff2"
    "OFL.txt"
}

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(welcome))
        .routes(routes!(console))
        .routes(routes!(console_file))
}

problems!(ConsoleProblems: [Code::NoSuchRoute]);
problems!(FileProblems: [Code::MalformedRequest, Code::NoSuchRoute]);

/// A font file as the body.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Font(#[expect(dead_code, reason = "it is only described")] Vec<u8>);

/// A page with links to the console and to the API reference.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "get_welcome",
    tag = "worker",
    responses((status = OK, description = "The page.", body = String, content_type = "text/html"))
)]
async fn welcome(State(app): State<Arc<App>>) -> impl IntoResponse {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        format!(
            "default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash_of(WELCOME, "style")
        )
    });
    let link = if app.server.console { CONSOLE_LINK } else { "" };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
    ];
    (headers, WELCOME.replace("{console}", link))
}

/// The web console.
///
/// The key that a user enters there decides what the console shows and does. `CONSOLE=off` turns it off.
#[utoipa::path(
    get,
    path = "/console/",
    operation_id = "get_console",
    tag = "worker",
    responses(
        (status = OK, description = "The page.", body = String, content_type = "text/html"),
        (status = NOT_MODIFIED, description = "The client already has this version (`If-None-Match`)."),
        ConsoleProblems
    )
)]
async fn console(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    file(&app, "index.html", &headers)
}

/// A file of the console: a script, a style, an icon or a font.
#[utoipa::path(
    get,
    path = "/console/{file}",
    operation_id = "get_console_file",
    tag = "worker",
    params(("file" = String, Path, description = "The file's name.")),
    responses(
        (status = OK, description = "The file.", content(
            (String = "text/html"), (String = "text/javascript"), (String = "text/css"), (String = "text/plain"),
            (String = "image/svg+xml"), (inline(Font) = "font/woff2")
        )),
        (status = NOT_MODIFIED, description = "The client already has this version (`If-None-Match`)."),
        FileProblems
    )
)]
async fn console_file(
    State(app): State<Arc<App>>,
    PathParameters(name): PathParameters<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    file(&app, &name, &headers)
}

/// What is answered where there is no route. Relative links of the page need the slash that people leave out.
pub(super) async fn elsewhere(State(app): State<Arc<App>>, uri: Uri) -> Response {
    if app.server.console && uri.path() == "/console" {
        let there = [(header::LOCATION, "console/")];
        return (StatusCode::PERMANENT_REDIRECT, there).into_response();
    }
    Problem::no_such_route().into_response()
}

fn file(app: &App, name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let tag = |(_, bytes): &(&str, &[u8])| format!("\"{}\"", digest(bytes));
        FILES.iter().map(tag).collect()
    });
    let found = FILES.iter().zip(TAGS.iter()).find(|((file, _), _)| *file == name);
    let Some(((_, bytes), tag)) = found.filter(|_| app.server.console) else {
        return Err(Problem::no_such_route());
    };
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type(name))),
        // It is asked for again each time, and comes again only after an update of the worker.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    // Browsers take the headers of a 304 for those of what they have: the policy must be there, too.
    let mut answer = if is_known(headers, tag) {
        (StatusCode::NOT_MODIFIED, described).into_response()
    } else {
        (described, *bytes).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

/// Whether the client has what has this tag, which it may call weak.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_program_has_every_file_that_the_console_is_built_to() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../console/dist");
        let mut built: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        built.sort();
        let mut listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        assert_eq!(built, listed, "name each file of console/dist in `built!`");
        for name in listed {
            assert_ne!(media_type(name), "application/octet-stream", "{name}");
        }
    }
}
