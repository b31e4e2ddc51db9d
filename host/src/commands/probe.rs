//! `ai-worker probe`: asks the worker on this machine whether it lives or is ready, for the health checks of containers
//! and services, which then need no HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::Value;

use super::{Failure, Outcome};
use crate::commands::output::say;
use crate::config::Config;

pub(super) fn command() -> Command {
    Command::new("probe")
        .about(
            "Ask the worker that runs with these settings whether it is alive or ready; exits with 1 if not",
        )
        .arg(
            Arg::new("question")
                .value_name("live|ready")
                .value_parser(["live", "ready"])
                .default_value("ready")
                .help("live: it answers; ready: it can describe photos"),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout-ms")
                .value_name("MILLISECONDS")
                .value_parser(value_parser!(u64).range(1..))
                .default_value("5000")
                .help("Longest wait for the answer"),
        )
}

/// Asks, and prints the worker's status.
pub(super) async fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let path = match arguments.get_one::<String>("question").map(String::as_str) {
        Some("live") => "livez",
        _ => "readyz",
    };
    let milliseconds = arguments.get_one::<u64>("timeout").copied().unwrap_or_default();
    let url = format!("{}/{path}", server(&config)?);
    let status = ask(&url, Duration::from_millis(milliseconds)).await?;
    say!("{status}");
    Ok(ExitCode::SUCCESS)
}

/// The worker's own address, as it is called on the machine where it runs.
fn server(config: &Config) -> Result<String, Failure> {
    let (host, port) = (config.server.host, config.server.port);
    if port == 0 {
        return Err("PORT is 0, so the worker's port is not known; choose a port".into());
    }
    let scheme = if config.access.tls.is_some() {
        "https"
    } else {
        "http"
    };
    Ok(format!("{scheme}://{}", SocketAddr::new(called(host), port)))
}

/// The address at which one that listens there is called: loopback for all addresses.
fn called(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// The `status` of a probe's answer.
async fn ask(url: &str, timeout: Duration) -> Result<String, Failure> {
    let client = crate::client_builder()
        .no_proxy()
        .timeout(timeout)
        // The certificate names the worker as others call it, and no key is sent.
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let response = client
        .get(url)
        .send()
        .await
        .map_err(|error| format!("{url} does not answer: {}", crate::report(&error)))?;
    let status = response.status();
    let body: Value = response
        .json()
        .await
        .map_err(|_| format!("{url} answered {status} without JSON; is it an ai-worker?"))?;
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    if status.is_success() {
        Ok(text("status"))
    } else {
        Err(format!("{url} answered {status}: {}", text("detail")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_listens_everywhere_is_called_at_loopback() {
        for (host, expected) in [
            ("0.0.0.0", "127.0.0.1"),
            ("::", "::1"),
            ("127.0.0.1", "127.0.0.1"),
            ("10.0.0.7", "10.0.0.7"),
        ] {
            let called = host.parse().map(called);
            assert_eq!(called, expected.parse(), "{host}");
        }
    }
}
