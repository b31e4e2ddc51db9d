//! Calls to a running worker.

use clap::{Arg, ArgMatches};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Failure, block_on, local_client};
use crate::config::Config;
use crate::http::{ADMIN_KEY_HEADER, API_KEY_HEADER};

/// Which worker is called.
pub(super) fn server() -> Arg {
    Arg::new("server")
        .long("server")
        .value_name("URL")
        .default_value("http://127.0.0.1:8000")
        .help("The running worker")
}

fn address(arguments: &ArgMatches) -> &str {
    arguments
        .get_one::<String>("server")
        .map_or("", |server| server.trim_end_matches('/'))
}

/// A request with the configured keys.
pub(super) fn request(
    config: &Config,
    arguments: &ArgMatches,
    method: Method,
    path: &str,
) -> Result<RequestBuilder, Failure> {
    let client = local_client()?;
    let mut request = client.request(method, format!("{}{path}", address(arguments)));
    for (header, key) in [
        (API_KEY_HEADER, &config.server.api_key),
        (ADMIN_KEY_HEADER, &config.server.admin_key),
    ] {
        if let Some(key) = key {
            request = request.header(header.as_str(), key);
        }
    }
    Ok(request)
}

/// Sends a request; a problem becomes an error with its detail.
pub(super) fn send(arguments: &ArgMatches, request: RequestBuilder) -> Result<Value, Failure> {
    block_on(answer(request, address(arguments).to_owned()))
}

/// As [`send`], within a command that runs on the async threads already.
pub(super) async fn call(arguments: &ArgMatches, request: RequestBuilder) -> Result<Value, Failure> {
    answer(request, address(arguments).to_owned()).await
}

async fn answer(request: RequestBuilder, server: String) -> Result<Value, Failure> {
    let response = request
        .send()
        .await
        .map_err(|error| format!("{server} does not answer: {}", crate::report(&error)))?;
    let status = response.status();
    let body: Value = response
        .json()
        .await
        .map_err(|_| format!("{server} answered {status} without JSON; is it an ai-worker?"))?;
    if status.is_success() {
        Ok(body)
    } else {
        let text = |field: &str| body[field].as_str().map(str::to_owned);
        Err(Refused {
            detail: text("detail").unwrap_or_else(|| "the worker refused".to_owned()),
            output: text("output").unwrap_or_default(),
        }
        .into())
    }
}

/// A worker's problem.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(super) struct Refused {
    detail: String,
    /// What a plugin wrote that was refused.
    pub(super) output: String,
}
