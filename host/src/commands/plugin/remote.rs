//! `ai-worker plugin list`, `swap`, `rollback` and `shadow`: the plugins of a running worker.

use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::{Arg, ArgMatches, Command};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::super::{Failure, Outcome, remote};
use super::{beside, component_argument, form, read_component, summary};
use crate::commands::output::say;
use crate::config::Config;
use crate::http::SIGNATURE_HEADER;
use crate::plugins::{Inspection, Slot, signature_path};

pub(super) fn commands() -> [Command; 4] {
    [
        Command::new("list")
            .about("Show the plugins of a running worker and the statistics of their calls")
            .arg(remote::server()),
        Command::new("swap")
            .about("Put a component into a slot of a running worker; needs ADMIN_KEY")
            .arg(slot())
            .arg(component_argument())
            .args(beside::arguments())
            .arg(remote::server()),
        Command::new("rollback")
            .about("Restore the previous plugin in a slot of a running worker (rollback); needs ADMIN_KEY")
            .arg(slot())
            .arg(remote::server()),
        Command::new("shadow")
            .about("Run a component beside the active one (shadow), or show its results; needs ADMIN_KEY")
            .arg(slot())
            .arg(component_argument().required(false))
            .arg(remote::server()),
    ]
    .map(form::in_either_form)
}

pub(super) fn slot() -> Arg {
    Arg::new("slot")
        .value_name("SLOT")
        .required(true)
        .value_parser(Slot::ALL.map(Slot::name))
}

/// A call to a running worker: path and method from the subcommand, keys from the configuration.
pub(super) fn run(name: &str, config: &Config, arguments: &ArgMatches) -> Outcome {
    let slot = || arguments.get_one::<String>("slot").map_or("", String::as_str);
    let component = || component_for(slot(), arguments).map(Some);
    if name != "list" && config.server.admin_key.is_none() {
        return Err("ADMIN_KEY is not set; set it to the worker's ADMIN_KEY".into());
    }
    let (method, path, component) = match name {
        "swap" => {
            let component = component_for(slot(), arguments)?;
            beside::run(config, arguments, &component)?;
            let query = beside::query(arguments);
            (
                Method::PUT,
                format!("/api/plugins/{}{query}", slot()),
                Some(component),
            )
        }
        "rollback" => (Method::POST, format!("/api/plugins/{}/rollback", slot()), None),
        "shadow" if arguments.contains_id("component") => (
            Method::POST,
            format!("/api/plugins/{}/shadow", slot()),
            component()?,
        ),
        "shadow" => (Method::GET, format!("/api/plugins/{}/shadow", slot()), None),
        _ => (Method::GET, "/api/plugins".to_owned(), None),
    };
    let answer = call(config, arguments, method, &path, component)?;
    if !form::is_text(arguments) {
        say!("{}", serde_json::to_string_pretty(&answer)?);
        return Ok(ExitCode::SUCCESS);
    }
    let lines = match name {
        "list" => summary::list(&answer),
        "shadow" => summary::shadow(slot(), &answer),
        _ => summary::change(&answer),
    };
    for line in lines {
        say!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The component, looked at before it is sent: what fills another slot would be refused, and less plainly.
fn component_for(slot: &str, arguments: &ArgMatches) -> Result<(PathBuf, Vec<u8>), Failure> {
    let (path, component) = read_component(arguments)?;
    let fills = Inspection::of(&component)?.slot;
    if fills.name() == slot {
        Ok((path, component))
    } else {
        Err(format!(
            "{} is a plugin for the {fills} slot, not for {slot}; give that slot or another file",
            path.display()
        )
        .into())
    }
}

/// Sends a request with the configured keys; a problem becomes an error with its detail.
pub(super) fn call(
    config: &Config,
    arguments: &ArgMatches,
    method: Method,
    path: &str,
    component: Option<(PathBuf, Vec<u8>)>,
) -> Result<Value, Failure> {
    remote::send(arguments, request(config, arguments, method, path, component)?)
}

/// A request with the configured keys, and with a component's signature where one lies beside it.
pub(super) fn request(
    config: &Config,
    arguments: &ArgMatches,
    method: Method,
    path: &str,
    component: Option<(PathBuf, Vec<u8>)>,
) -> Result<RequestBuilder, Failure> {
    let mut request = remote::request(config, arguments, method, path)?;
    if let Some((file, component)) = component {
        if let Ok(signature) = std::fs::read(signature_path(&file)) {
            request = request.header(SIGNATURE_HEADER, BASE64_STANDARD.encode(signature));
        }
        request = request.body(component);
    }
    Ok(request)
}
