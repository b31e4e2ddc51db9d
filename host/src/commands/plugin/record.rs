//! `ai-worker plugin record`: golden cases from real photos.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use clap::{Arg, ArgMatches, Command, value_parser};

use super::super::{Failure, Outcome, block_on};
use super::{case_files, component_argument, read_component};
use crate::app::App;
use crate::config::Config;
use crate::plugins::cases::{self, Case, Expectation};
use crate::plugins::{Candidate, Inspection, Slot, Workbench};

pub(super) fn command() -> Command {
    Command::new("record")
        .about(
            "Make golden cases from real photos: what the models see, and what the component answers to it",
        )
        .arg(component_argument())
        .arg(
            Arg::new("cases")
                .value_name("CASES_DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("Where the cases are written; a case of the same name is replaced"),
        )
        .arg(
            Arg::new("photos")
                .value_name("PHOTO")
                .required(true)
                .num_args(1..)
                .value_parser(value_parser!(PathBuf)),
        )
}

pub(super) fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let directory = arguments
        .get_one::<PathBuf>("cases")
        .cloned()
        .ok_or("name the folder of cases")?;
    let photos: Vec<PathBuf> = arguments
        .get_many("photos")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let slot = Inspection::of(&component)?.slot;
    if slot == Slot::ClusterPolicy {
        return Err(
            "a policy decides on neighbours, which one photo does not have; write its cases by hand".into(),
        );
    }
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
    block_on(async move {
        let limits = config.plugins.limits.clone();
        let origin = path.display().to_string();
        let plugin =
            tokio::task::spawn_blocking(move || Workbench::new(limits)?.load(slot, &component, &origin))
                .await??;
        let app = App::start(&config).await?;
        for photo in photos {
            let case = record(&app, &plugin, &photo).await?;
            let file = directory.join(&case.name).with_extension("json");
            case_files::write(&file, &case)?;
            println!("{}", file.display());
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn record(app: &App, plugin: &Candidate, photo: &PathBuf) -> Result<Case, Failure> {
    let bytes =
        std::fs::read(photo).map_err(|error| format!("{} cannot be read: {error}", photo.display()))?;
    let observed = app
        .pipeline
        .observe(Bytes::from(bytes), plugin.evidence())
        .await?;
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let mut case = Case {
        name: part(photo.file_stem()),
        description: format!("Recorded from {}.", part(photo.file_name())),
        scene: Some(observed.scene),
        tags: (plugin.slot() == Slot::ContextMapper).then_some(observed.tags),
        candidate: None,
        neighbours: None,
        model: None,
        expect: Expectation::default(),
        tolerance: None,
        budget_ms: None,
    };
    let (asked, plugin) = (case.clone(), plugin.clone());
    let outcome = tokio::task::spawn_blocking(move || cases::run(&plugin, &asked)).await?;
    let answer = outcome
        .answer
        .ok_or_else(|| format!("{}: {}", photo.display(), outcome.mismatches.join("; ")))?;
    case.expect = answer.as_expectation();
    Ok(case)
}
