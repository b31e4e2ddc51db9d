//! The registries' own client programs, pip and npm, as subprocesses.
//!
//! They bring the user's own settings with them (mirrors, proxies, certificates, credentials), which is why the
//! worker does not speak to a registry itself.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    manifest::{Package, PackageKind},
    program::{ClientError, run},
    progress::Progress,
};

/// A Python that has pip.
#[derive(Debug)]
pub(super) struct Python {
    program: &'static str,
}

impl Python {
    /// Looks for one under the usual names.
    ///
    /// # Errors
    /// When there is none, or none with pip.
    pub(super) fn find() -> Result<Self, ClientError> {
        // Exit codes: 0 usable, 4 without pip; anything else is no Python, or too old a one.
        const PROBE: &str = "import sys, importlib.util\n\
            sys.exit(3 if sys.version_info < (3, 9) else 4 if importlib.util.find_spec('pip') is None else 0)";
        let mut without_pip = None;
        for program in ["python3", "python", "py"] {
            let probe = Command::new(program)
                .args(["-c", PROBE])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            match probe.ok().and_then(|status| status.code()) {
                Some(0) => return Ok(Self { program }),
                Some(4) => without_pip = without_pip.or(Some(program)),
                _ => {}
            }
        }
        Err(without_pip.map_or(ClientError::NoPython, |program| {
            ClientError::NoPip(program.to_owned())
        }))
    }

    /// Runs this Python; the directory and `what` are as for [`run`].
    ///
    /// # Errors
    /// When it does not end well.
    pub(super) fn run(
        &self,
        arrange: impl FnOnce(&mut Command),
        work: &Path,
        what: &str,
        progress: &Progress,
    ) -> Result<(), ClientError> {
        let mut command = Command::new(self.program);
        arrange(&mut command);
        run(command, "Python", work, what, progress)
    }

    /// Runs `pip` of this Python with the arguments that every use of it shares.
    ///
    /// # Errors
    /// When it does not end well.
    pub(super) fn pip(
        &self,
        subcommand: &str,
        arrange: impl FnOnce(&mut Command),
        work: &Path,
        what: &str,
        progress: &Progress,
    ) -> Result<(), ClientError> {
        let mut command = Command::new(self.program);
        command.args(["-m", "pip", subcommand]);
        command.args([
            "--no-deps",
            "--no-cache-dir",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        command.args(["--progress-bar", "off"]);
        // A user's `user = true` setting does not go together with a target directory.
        command.env("PIP_USER", "0");
        arrange(&mut command);
        run(command, "pip", work, what, progress)
    }
}

/// The client programs, looked for when they are first needed.
#[derive(Debug, Default)]
pub(super) struct Clients {
    python: Option<Python>,
}

impl Clients {
    /// The Python that runs pip and the conversions.
    ///
    /// # Errors
    /// When there is none, or none with pip.
    pub(super) fn python(&mut self) -> Result<&Python, ClientError> {
        match &mut self.python {
            Some(python) => Ok(python),
            empty => Ok(empty.insert(Python::find()?)),
        }
    }

    /// Brings a registry package's archive into `work`, a directory of its own, and says where it is.
    ///
    /// # Errors
    /// When the client is missing or fails.
    pub(super) fn download(&mut self, package: &Package, work: &Path) -> Result<PathBuf, ClientError> {
        let what = format!("{} {}", package.name, package.version);
        let progress = match package.bytes {
            Some(bytes) => Progress::bytes(what.clone(), bytes),
            None => Progress::unknown(what.clone()),
        };
        let client = if package.kind == PackageKind::Npm {
            "npm"
        } else {
            "pip"
        };
        let destination = work.join("archive");
        let failed = |source| ClientError::Io {
            client,
            what: what.clone(),
            source,
        };
        fs::create_dir_all(&destination).map_err(failed)?;
        if package.kind == PackageKind::Npm {
            let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
            let mut npm = Command::new(program);
            npm.args(["pack", &format!("{}@{}", package.name, package.version)]);
            npm.args(["--ignore-scripts", "--no-update-notifier", "--no-fund"]);
            npm.arg("--cache").arg(work.join("cache"));
            npm.arg("--pack-destination").arg(&destination);
            // Outside of any project, whose settings would apply.
            npm.current_dir(work);
            run(npm, "npm", work, &what, &progress)?;
        } else {
            self.python()?.pip(
                "download",
                |pip| {
                    pip.args(pip_arguments(package));
                    pip.arg("--dest").arg(&destination);
                },
                work,
                &what,
                &progress,
            )?;
        }
        let archive = fs::read_dir(&destination).map_err(failed)?.next();
        match archive {
            Some(item) => Ok(item.map_err(failed)?.path()),
            None => Err(failed(io::ErrorKind::NotFound.into())),
        }
    }
}

/// The arguments of `pip download` that choose one archive, the same on every machine and under every Python.
fn pip_arguments(package: &Package) -> Vec<String> {
    let mut arguments: Vec<String> = if package.kind == PackageKind::Sdist {
        vec![
            format!("--no-binary={}", package.name),
            "--ignore-requires-python".into(),
        ]
    } else {
        vec!["--only-binary=:all:".into(), "--python-version=3.11".into()]
    };
    if let Some(platform) = &package.platform {
        arguments.push(format!("--platform={platform}"));
        arguments.push("--implementation=cp".into());
        arguments.push("--abi=cp311".into());
    }
    arguments.push(format!("{}=={}", package.name, package.version));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(kind: PackageKind, platform: Option<&str>) -> Package {
        Package {
            id: "p".into(),
            name: "p".into(),
            version: "1.2".into(),
            kind,
            platform: platform.map(str::to_owned),
            bytes: Some(1),
            sha256: None,
        }
    }

    #[test]
    fn pip_is_told_exactly_one_archive() {
        assert_eq!(
            pip_arguments(&package(PackageKind::Wheel, Some("win_amd64"))),
            [
                "--only-binary=:all:",
                "--python-version=3.11",
                "--platform=win_amd64",
                "--implementation=cp",
                "--abi=cp311",
                "p==1.2"
            ]
        );
        assert_eq!(
            pip_arguments(&package(PackageKind::Sdist, None)),
            ["--no-binary=p", "--ignore-requires-python", "p==1.2"]
        );
    }

    #[test]
    fn a_failing_program_is_told_in_its_own_words() -> Result<(), ClientError> {
        let directory = tempfile::tempdir().map_err(|source| ClientError::Io {
            client: "test",
            what: "test".into(),
            source,
        })?;
        let progress = Progress::unknown(String::new());
        let python = Python::find()?;
        let script = |text: &'static str| {
            python.run(
                |command| {
                    command.args(["-c", text]);
                },
                directory.path(),
                "a test",
                &progress,
            )
        };
        script("pass")?;
        assert!(matches!(
            script("import sys; sys.exit('ERROR: no such thing')"),
            Err(ClientError::Failed { reason, .. }) if reason == "no such thing"
        ));
        assert!(matches!(
            script("import sys; sys.exit('getaddrinfo ENOTFOUND registry')"),
            Err(ClientError::Unreachable { .. })
        ));
        Ok(())
    }
}
