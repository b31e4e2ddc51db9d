//! The golden cases beside a component, which `ai-worker plugin swap` runs before it sends anything.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches};

use super::super::Failure;
use super::{case_files, on_workbench};
use crate::commands::output::note;
use crate::config::Config;
use crate::plugins::Inspection;

/// How `swap` may be told to leave out what is done first, here and at the worker.
pub(super) fn arguments() -> [Arg; 2] {
    [
        Arg::new("no-cases")
            .long("no-cases")
            .action(ArgAction::SetTrue)
            .help(
                "Do not run the golden cases in the folder `cases` beside FILE; without this option they run first, if \
                 the folder exists",
            ),
        Arg::new("no-trial")
            .long("no-trial")
            .action(ArgAction::SetTrue)
            .help(
                "Let the worker skip the trial on its latest stored scenes (PLUGIN_TRIAL_SCENES); its audit log \
                 records that",
            ),
    ]
}

/// What the worker is told of it.
pub(super) fn query(arguments: &ArgMatches) -> &'static str {
    if arguments.get_flag("no-trial") {
        "?trial=off"
    } else {
        ""
    }
}

/// Runs the cases in the folder `cases` beside a component, and says on standard error what came of them.
///
/// # Errors
/// When one does not pass.
pub(super) fn run(
    config: &Config,
    arguments: &ArgMatches,
    (path, component): &(PathBuf, Vec<u8>),
) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("")).join("cases");
    if arguments.get_flag("no-cases") || !folder.is_dir() {
        return Ok(());
    }
    let cases = case_files::read(&folder)
        .map_err(|error| format!("{error}; nothing was sent. Use --no-cases to send the component anyway"))?;
    let (component, origin) = (component.clone(), path.display().to_string());
    let ran = on_workbench(config.plugins.limits.clone(), move |bench| {
        let plugin = bench.load(Inspection::of(&component)?.slot, &component, &origin)?;
        let failures = case_files::failures(&plugin, &cases);
        let failed = failures.len();
        for (case, mismatches) in failures {
            note!("FAILED   {case}");
            for mismatch in mismatches {
                note!("           {mismatch}");
            }
        }
        note!(
            "{}: {} passed, {failed} failed",
            folder.display(),
            cases.len() - failed
        );
        Ok(if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })?;
    if ran == ExitCode::SUCCESS {
        return Ok(());
    }
    Err(
        "nothing was sent; see `ai-worker plugin test`, or use --no-cases to send the component anyway"
            .into(),
    )
}
