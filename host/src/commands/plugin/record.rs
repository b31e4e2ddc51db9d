//! `ai-worker plugin record`: golden cases from real photos.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use reqwest::{Method, Url};
use serde_json::Value;

use super::super::{Failure, Outcome, block_on, start_log};
use super::{case_files, component_argument, read_component, remote};
use crate::app::App;
use crate::commands::output::say;
use crate::config::Config;
use crate::domain::{Scene, ScoredTag};
use crate::pipeline::Observation;
use crate::plugins::cases::{self, Case};
use crate::plugins::{Candidate, Inspection, Workbench};

pub(super) fn command() -> Command {
    Command::new("record")
        .about(
            "Make golden cases from real photos: what the models see, and what the component answers",
        )
        .arg(component_argument())
        .arg(
            Arg::new("cases")
                .value_name("CASES_DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The folder for the cases; a case with the same name is replaced"),
        )
        .arg(
            Arg::new("photos")
                .value_name("PHOTO")
                .required(true)
                .num_args(1..)
                .help("Photo files; with --server, the file_id of photos that the worker has processed"),
        )
        .arg(
            Arg::new("with-text")
                .long("with-text")
                .action(ArgAction::SetTrue)
                .help(
                    "Keep the text that was read in the photos; it may be personal data, and cases are often shared",
                ),
        )
        .arg(
            crate::commands::remote::server()
                .default_value(None::<&str>)
                .help("Use the scenes that a running worker has stored, instead of photo files"),
        )
}

pub(super) fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let directory = arguments
        .get_one::<PathBuf>("cases")
        .ok_or("give the folder for the cases")?;
    let photos: Vec<String> = arguments
        .get_many("photos")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let plugin = load(&config, path, component)?;
    let recorder = plugin
        .recorder()
        .map_err(|reason| format!("{reason}; write its cases by hand"))?;
    let observed = if arguments.contains_id("server") {
        photos
            .iter()
            .map(|photo| stored(&config, arguments, photo))
            .collect::<Result<_, _>>()?
    } else {
        let _log = start_log(&config)?;
        block_on(observe(&config, &plugin, &photos))?
    };
    std::fs::create_dir_all(directory)
        .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
    for (photo, mut observation) in photos.iter().zip(observed) {
        if !arguments.get_flag("with-text") {
            observation.scene.text = None;
        }
        let asked = recorder(observation.scene, observation.tags);
        let case = record(&plugin, photo, asked)?;
        let file = directory.join(format!("{}.json", case.name));
        case_files::write(&file, &case)?;
        say!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn load(config: &Config, path: PathBuf, component: Vec<u8>) -> Result<Candidate, Failure> {
    let slot = Inspection::of(&component)?.slot;
    let limits = config.plugins.limits.clone();
    block_on(async move {
        tokio::task::spawn_blocking(move || {
            let bench = Workbench::new(limits)?;
            Ok(bench.load(slot, &component, &path.display().to_string())?)
        })
        .await?
    })
}

/// What this machine's models see in photo files.
async fn observe(
    config: &Config,
    plugin: &Candidate,
    photos: &[String],
) -> Result<Vec<Observation>, Failure> {
    let app = App::start(config).await?;
    let mut observed = Vec::new();
    for photo in photos {
        let bytes = std::fs::read(photo).map_err(|error| format!("{photo} cannot be read: {error}"))?;
        let place = app.admissions.photo().await?;
        observed.push(
            app.pipeline
                .observe(place, Bytes::from(bytes), plugin.evidence())
                .await?,
        );
    }
    Ok(observed)
}

/// What a running worker has stored of a photo.
fn stored(config: &Config, arguments: &ArgMatches, file_id: &str) -> Result<Observation, Failure> {
    // Only the path of this address is used: it encodes whatever a file_id may hold.
    let mut url = Url::parse("http://worker/api/files")?;
    url.path_segments_mut()
        .map_err(|()| "the path cannot be made")?
        .push(file_id);
    let path = format!("{}?details=true", url.path());
    let mut answer = remote::call(config, arguments, Method::GET, &path, None)?;
    let mut part = |name: &str| -> Result<Value, Failure> {
        let part = answer["details"][name].take();
        if part.is_null() {
            return Err(format!(
                "{file_id} was processed by a version that kept no scenes; process it again"
            )
            .into());
        }
        Ok(part)
    };
    // What is sent is what is stored; a test compares the two.
    Ok(Observation {
        scene: serde_json::from_value::<Scene>(part("scene")?)?,
        tags: serde_json::from_value::<Vec<ScoredTag>>(part("scored_tags")?)?,
    })
}

/// The case with its name and with the plugin's answer as what is expected.
fn record(plugin: &Candidate, photo: &str, asked: Case) -> Result<Case, Failure> {
    let path = Path::new(photo);
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let mut case = Case {
        name: part(path.file_stem()),
        description: format!("Recorded from {}.", part(path.file_name())),
        ..asked
    };
    let (plugin, asked) = (plugin.clone(), Arc::new(case.clone()));
    let outcome =
        block_on(async move { Ok(tokio::task::spawn_blocking(move || cases::run(&plugin, &asked)).await?) })?;
    let answer = outcome
        .answer
        .ok_or_else(|| format!("{photo}: {}", outcome.mismatches.join("; ")))?;
    case.expect = answer.as_expectation();
    Ok(case)
}
