//! `ai-worker demo`: the whole product on real photos, with one command.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bytes::Bytes;
use tokio::net::TcpListener;

use super::{Outcome, annotate, serve};
use crate::app::App;
use crate::commands::output::{self, say};
use crate::config::Config;
use crate::domain::ClusterId;
use crate::http::answers::Gender;
use crate::http::{ProcessAnswer, samples};
use crate::models;
use crate::models::manifest::ModelDirectory;
use crate::photo;
use crate::telemetry::Traces;

/// What would keep the demonstration from speaking to itself, in plain HTTP, with `API_KEY` and directly; ignored.
const IGNORED: [&str; 4] = ["TLS_CERT_FILE", "TLS_KEY_FILE", "API_KEYS_FILE", "FETCH_PROXY"];

/// What the demonstration changes about the defaults; what else the user set stays.
const OVERRIDES: [(&str, &str); 5] = [
    ("DATA_DIR", "data/demo"),
    ("MODELS_DIR", "data/models"),
    // The sample photos are served on loopback, which photos may otherwise not come from.
    ("PHOTO_NETWORKS", "127.0.0.0/8"),
    ("LOG_LEVEL", "warn"),
    // So that the console can show the photos, for as long as they are served.
    ("STORE_URLS", "plain"),
];

/// The settings of the demonstration.
pub(super) fn settings(given: &dyn Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> {
    move |name| {
        if IGNORED.contains(&name) {
            return None;
        }
        given(name).or_else(|| {
            OVERRIDES
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }
}

/// A sample photo in memory.
struct Sample {
    name: String,
    bytes: Bytes,
}

/// Fetches what is missing, serves, describes each sample photo, and keeps serving unless `once`.
pub(super) async fn run(config: Config, once: bool) -> Outcome {
    let started = Instant::now();
    let port = serve::Port::take(&config)?;
    let for_fetching = config.clone();
    let samples = tokio::task::spawn_blocking(move || fetch(&for_fetching)).await??;

    let app = App::start(&config).await?;
    let signals = serve::Signals::listen()?;
    let listener = port.listen()?;
    let worker = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(serve::serve(listener, app, Traces::default(), signals));
    let photo_listener = TcpListener::bind("127.0.0.1:0").await?;
    let photos = format!("http://{}", photo_listener.local_addr()?);
    let served = samples
        .iter()
        .map(|sample| (sample.name.clone(), sample.bytes.clone()))
        .collect();
    let photo_server = tokio::spawn(samples::serve(photo_listener, served));
    say!(
        "ai-worker is ready at {worker} after {:.1} s\n",
        started.elapsed().as_secs_f64()
    );

    let output = config.directories.data.join("annotated");
    std::fs::create_dir_all(&output)
        .map_err(|error| format!("{} cannot be made: {error}", output.display()))?;
    let client = super::local_client()?;
    let mut people = HashMap::new();
    let mut failed = 0;
    for sample in samples {
        let url = format!("{photos}/{}", sample.name);
        let asked = Instant::now();
        let mut request = client
            .post(format!("{worker}/api/process"))
            .json(&serde_json::json!({ "file_id": sample.name, "image_url": url }));
        if let Some(key) = &config.server.api_key {
            request = request.header("X-API-Key", key);
        }
        match answer(request).await {
            Err(reason) => {
                failed += 1;
                say!("{}  failed: {reason}\n", sample.name);
            }
            Ok(answer) => {
                print_answer(&answer, asked, &mut people);
                let (settings, output) = (config.decode, output.clone());
                let numbers = people.clone();
                let draw = move || draw(&sample, &answer, &settings, &output, &numbers);
                let path = tokio::task::spawn_blocking(draw).await??;
                say!("  picture   {}\n", path.display());
            }
        }
    }
    if failed > 0 {
        say!("{failed} of the sample photos failed; the log above says more\n");
    }
    if once {
        return Ok(if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    say!("The worker is still running; press Ctrl-C to stop it. See the people in a browser:\n");
    say!("  {worker}/console/\n");
    say!("Or send a request yourself:\n");
    say!("  curl -s '{worker}/api/process?details=true' -H 'Content-Type: application/json' \\");
    let key = if config.server.api_key.is_some() {
        "    -H \"X-API-Key: $API_KEY\" \\\n"
    } else {
        ""
    };
    say!("{key}    -d '{{\"file_id\": \"mine\", \"image_url\": \"{photos}/obama.jpg\"}}'");
    let outcome = server.await?;
    photo_server.abort();
    outcome
}

/// The answer about a sample photo, or why there is none: one photo that fails does not end the demonstration.
async fn answer(request: reqwest::RequestBuilder) -> Result<ProcessAnswer, String> {
    let failed = |error: reqwest::Error| crate::report(&error);
    let response = request.send().await.map_err(failed)?;
    let status = response.status();
    let body = response.text().await.map_err(failed)?;
    if !status.is_success() {
        return Err(format!("the worker answered with {status}: {body}"));
    }
    serde_json::from_str(&body).map_err(|error| format!("the worker's answer cannot be read: {error}"))
}

/// Runtime, models and samples, from the network where they are not there yet.
fn fetch(config: &Config) -> Result<Vec<Sample>, Box<dyn std::error::Error + Send + Sync>> {
    let manifest = config.models.read_manifest()?;
    let set = manifest.set(&config.inference.model_set)?;
    let directory = ModelDirectory(config.directories.models.clone());
    let mut out = output::Output;
    let mut consent = super::models::ask_for_consent;
    let mut comparison = super::models::comparison(config, &manifest);
    let mut access = super::models::access(config, &mut consent, &mut comparison);
    models::pull(&manifest, set, false, &directory, &mut access, &mut out)?;
    let folder = config.directories.models.with_file_name("samples");
    let paths = models::pull_samples(&manifest, true, &folder, &mut access, &mut out)?;
    paths
        .into_iter()
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok(Sample {
                name,
                bytes: Bytes::from(std::fs::read(&path)?),
            })
        })
        .collect()
}

fn print_answer(answer: &ProcessAnswer, asked: Instant, people: &mut HashMap<ClusterId, usize>) {
    say!(
        "{}  ({:.0} ms)",
        answer.file_id,
        asked.elapsed().as_secs_f64() * 1_000.0
    );
    say!("  context   {}", answer.context);
    let tags = if answer.tags.is_empty() {
        "none".to_owned()
    } else {
        answer.tags.join(", ")
    };
    say!("  tags      {tags}");
    for face in &answer.faces {
        let next = people.len() + 1;
        let cluster = ClusterId::from(face.cluster_id);
        let number = *people.entry(cluster).or_insert(next);
        let gender = match face.gender {
            Some(Gender::Female) => "female, ",
            Some(Gender::Male) => "male, ",
            None => "",
        };
        let age = face.age.map_or(String::new(), |age| format!("about {age:.0}, "));
        let known = if face.is_new_cluster { "new" } else { "known" };
        say!(
            "  person {number:<3}{gender}{age}{known}, confidence {:.2}, cluster {cluster}",
            face.confidence,
        );
    }
}

fn draw(
    sample: &Sample,
    answer: &ProcessAnswer,
    settings: &photo::DecodeSettings,
    output: &Path,
    people: &HashMap<ClusterId, usize>,
) -> Result<PathBuf, Box<dyn std::error::Error + Send + Sync>> {
    let photo = photo::decode(&sample.bytes, settings)?;
    let picture = annotate::annotate(&photo, answer, |face| {
        people.get(&face.cluster_id.into()).copied().unwrap_or(0)
    })?;
    let path = output.join(&sample.name).with_extension("png");
    picture.save(&path)?;
    Ok(path)
}
