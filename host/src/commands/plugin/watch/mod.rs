//! `ai-worker plugin watch`: a project that is built, tested and swapped whenever one of its files is saved.

mod build;
mod project;
mod sources;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use reqwest::Method;

use super::super::serve::Signals;
use super::super::{Failure, Outcome, block_on};
use super::{case_files, read, remote, summary};
use crate::commands;
use crate::commands::output::say;
use crate::config::Config;
use crate::plugins::{Inspection, PluginLimits, Slot, Workbench};
use project::Project;
use sources::Sources;

/// How often the files are looked at. What was saved counts once they have stayed as they are from one look to the next.
const POLL: Duration = Duration::from_millis(200);
/// How many lines are shown of why a step failed.
const SHOWN_LINES: usize = 40;

pub(super) fn command() -> Command {
    Command::new("watch")
        .about("Build, test and swap a plugin whenever one of its files is saved; needs ADMIN_KEY to swap")
        .after_help(
            "The project is built by its build.sh, or by `npm run build` if there is a package.json. The component is \
             the .wasm file in DIR that was written last. The golden cases in DIR/cases must pass before a swap; if \
             only cases changed, nothing is built. Not watched: hidden files, .wasm files, and the folders build, \
             dist, node_modules, target and __pycache__. If a build, a test or a swap fails, nothing changes, and the \
             command waits for the next save. Ctrl-C stops it, also during a build.",
        )
        .arg(
            Arg::new("directory")
                .value_name("DIR")
                .default_value(".")
                .value_parser(value_parser!(PathBuf))
                .help("The project's folder, such as one made by `ai-worker plugin new`"),
        )
        .arg(
            Arg::new("build")
                .long("build")
                .value_name("COMMAND")
                .help("Build with this shell command instead"),
        )
        .arg(
            Arg::new("no-swap")
                .long("no-swap")
                .action(ArgAction::SetTrue)
                .help("Only build and test"),
        )
        .arg(commands::remote::server())
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let directory = arguments
        .get_one::<PathBuf>("directory")
        .ok_or("give the project's folder")?;
    let project = Project::open(directory, arguments.get_one("build"))?;
    let swaps = !arguments.get_flag("no-swap");
    if swaps && config.server.admin_key.is_none() {
        return Err("ADMIN_KEY is not set; set it to the worker's ADMIN_KEY, or use --no-swap".into());
    }
    let watch = Watch {
        project,
        config,
        arguments,
        swaps,
    };
    block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            ended = watch.run() => ended,
            // What is being built is dropped here, and ends with that.
            () = signals.next() => {
                say!("ended");
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

struct Watch<'a> {
    project: Project,
    config: &'a Config,
    arguments: &'a ArgMatches,
    swaps: bool,
}

/// A component that passed its cases.
struct Tested {
    slot: Slot,
    path: PathBuf,
    component: Vec<u8>,
    cases: usize,
}

/// Why a step did not come to its end.
struct Failed {
    why: String,
    /// What is shown below that.
    lines: Vec<String>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self {
            why: crate::report(failure.as_ref()),
            lines: Vec::new(),
        }
    }
}

impl Watch<'_> {
    /// Goes on until it is dropped or the project cannot be read.
    async fn run(&self) -> Outcome {
        say!(
            "watching {}; press Ctrl-C to stop",
            self.project.directory.display()
        );
        let mut known = Sources::default();
        // Whether the latest build succeeded; none before the first.
        let mut built = None;
        // What changed while it ran: the build may have written it, or somebody who saved meanwhile.
        let mut during = BTreeSet::new();
        loop {
            let now = self.settled(&known).await?;
            let changed = now.changed_since(&known);
            known = now;
            if built.is_some() {
                say!("{:<6}{:>8}  {}", "saved", "", listed(&changed));
            }
            if built != Some(true) || !changed.iter().all(|path| path.starts_with("cases")) {
                // What changes during a build is built once more. What changes during that build, too, is its own.
                let is_repeated = built.is_some() && changed.iter().all(|path| during.contains(path));
                built = Some(self.step("build", self.build()).await.is_some());
                let after = self.read(known.clone()).await?;
                during = after.changed_since(&known).into_iter().collect();
                if is_repeated {
                    known = after;
                } else {
                    known.add_new(after);
                }
            }
            if built == Some(true)
                && let Some(tested) = self.step("test", self.test()).await
                && self.swaps
            {
                self.step("swap", self.swap(tested)).await;
            }
        }
    }

    /// Waits until something differs from what is known and stays as it is for a while.
    async fn settled(&self, known: &Sources) -> Result<Sources, Failure> {
        let mut latest = self.read(known.clone()).await?;
        loop {
            tokio::time::sleep(POLL).await;
            let now = self.read(latest.clone()).await?;
            let is_still = now.changed_since(&latest).is_empty();
            latest = now;
            if is_still && !latest.changed_since(known).is_empty() {
                return Ok(latest);
            }
        }
    }

    async fn read(&self, before: Sources) -> Result<Sources, Failure> {
        let directory = self.project.directory.clone();
        let read = tokio::task::spawn_blocking(move || Sources::read(&directory, &before));
        let unreadable = |error| format!("{} cannot be read: {error}", self.project.directory.display());
        Ok(read.await?.map_err(unreadable)?)
    }

    /// Does something, and tells in one line how long it took and what came of it.
    async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<(T, String), Failed>>,
    ) -> Option<T> {
        let began = Instant::now();
        let outcome = work.await;
        let took = format!("{:.1} s", began.elapsed().as_secs_f64());
        match outcome {
            Ok((done, what)) => {
                say!("{name:<6}{took:>8}  {what}");
                Some(done)
            }
            Err(Failed { why, lines }) => {
                say!("{name:<6}{took:>8}  FAILED: {why}");
                for line in lines.iter().take(SHOWN_LINES) {
                    say!("    {line}");
                }
                if lines.len() > SHOWN_LINES {
                    say!("    and {} more lines", lines.len() - SHOWN_LINES);
                }
                None
            }
        }
    }

    async fn build(&self) -> Result<((), String), Failed> {
        let command = self.project.build()?;
        let built = build::run(&command, &self.project.directory).await?;
        if built.status.success() {
            return Ok(((), command));
        }
        Err(Failed {
            why: format!("`{command}` ended with {}", built.status),
            lines: built.tail,
        })
    }

    /// The component, when it could fill its slot and passes its cases.
    async fn test(&self) -> Result<(Tested, String), Failed> {
        let (project, limits) = (self.project.clone(), self.config.plugins.limits.clone());
        let tested = tokio::task::spawn_blocking(move || test(&project, limits)).await;
        let tested = tested.map_err(Failure::from)??;
        let said = match tested.cases {
            0 => "it can fill its slot; there is no folder of cases".to_owned(),
            cases => format!("{cases} passed, 0 failed"),
        };
        Ok((tested, said))
    }

    async fn swap(&self, tested: Tested) -> Result<((), String), Failed> {
        let path = format!("/api/plugins/{}", tested.slot);
        let component = Some((tested.path, tested.component));
        let request = remote::request(self.config, self.arguments, Method::PUT, &path, component)?;
        let change = commands::remote::call(self.arguments, request).await?;
        Ok(((), summary::change(&change).join("; ")))
    }
}

/// Loads the component and runs its cases, as `ai-worker plugin test` does. Blocks; call it from a blocking thread of a
/// tokio runtime.
fn test(project: &Project, limits: PluginLimits) -> Result<Tested, Failed> {
    let path = project.component()?;
    let component = read(&path)?;
    let slot = Inspection::of(&component).map_err(Failure::from)?.slot;
    let plugin = Workbench::new(limits)
        .and_then(|bench| bench.load(slot, &component, &path.display().to_string()))
        .map_err(Failure::from)?;
    let folder = project.cases();
    let cases = if folder.is_dir() {
        case_files::read(&folder)?
    } else {
        Vec::new()
    };
    let failures = case_files::failures(&plugin, &cases);
    if !failures.is_empty() {
        let failed = failures.len();
        let why = format!("{} passed, {failed} failed", cases.len() - failed);
        let told = |(case, mismatches): (String, Vec<String>)| {
            std::iter::once(case).chain(mismatches.into_iter().map(|mismatch| format!("  {mismatch}")))
        };
        let lines = failures.into_iter().flat_map(told).collect();
        return Err(Failed { why, lines });
    }
    Ok(Tested {
        slot,
        path,
        component,
        cases: cases.len(),
    })
}

/// The first of some files, and how many more there are.
fn listed(files: &[PathBuf]) -> String {
    match files {
        [] => String::new(),
        [file] => file.display().to_string(),
        [file, rest @ ..] => format!("{} and {} more", file.display(), rest.len()),
    }
}
