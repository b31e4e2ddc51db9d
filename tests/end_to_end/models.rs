//! How model files arrive from a hub, scripted here. The files are real networks; the manifest says that they come from
//! the hub.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use ai_worker::plugins::digest;
use tempfile::TempDir;

use crate::hub::{Answer, Hub, Request};
use test_support::worker::{Worker, command};
use test_support::{eventually, prerequisites};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const DETECTOR: &str = "face_detection_yunet_2023mar.onnx";
pub(crate) const GENDER: &str = "gender-v1.onnx";

/// A models directory of its own, and a manifest whose only set takes networks from a hub.
pub(crate) struct Site {
    models: TempDir,
    manifest: PathBuf,
    library: PathBuf,
    pub(crate) detector: Vec<u8>,
    pub(crate) gender: Vec<u8>,
}

fn file_entry(name: &str, content: &[u8], hash: Option<&str>, licence: &str) -> String {
    let hash = hash.map_or_else(String::new, |hash| format!("sha256 = \"{hash}\"\n"));
    format!(
        "[[file]]\nname = \"{name}\"\npackage = \"repository\"\npath = \"networks/{name}\"\n{hash}bytes = {}\nlicence = \"{licence}\"\n\n",
        content.len()
    )
}

impl Site {
    /// The manifest knows the hash of the detector, and that of the gender network when `pinned`.
    pub(crate) fn new(pinned: bool) -> Self {
        let prerequisites = prerequisites();
        let read = |name: &str| fs::read(prerequisites.models.join(name)).unwrap();
        let (detector, gender) = (read(DETECTOR), read(GENDER));
        let hash = digest(&gender);
        let entries = [
            format!(
                "[[package]]\nid = \"repository\"\nname = \"owner/name\"\nversion = \"{COMMIT}\"\nkind = \"hub\"\n\n"
            ),
            file_entry(DETECTOR, &detector, Some(&digest(&detector)), "MIT"),
            file_entry(
                GENDER,
                &gender,
                pinned.then_some(hash.as_str()),
                "LicenseRef-Scripted",
            ),
            r#"
[[model]]
name = "detector"
role = "face-detector"
architecture = "yunet"
file = "face_detection_yunet_2023mar.onnx"
input = { size = 640, channels = "bgr", mean = [0.0, 0.0, 0.0], std = [1.0, 1.0, 1.0] }

[[model]]
name = "gender"
role = "gender"
architecture = "gender-binary"
file = "gender-v1.onnx"
input = { size = 32, channels = "rgb", mean = [122.0, 117.0, 104.0], std = [256.0, 256.0, 256.0] }

# Never fetched: a set must say how it tells people apart.
[[model]]
name = "embedder"
role = "face-embedder"
architecture = "arcface"
file = "face_detection_yunet_2023mar.onnx"
input = { size = 112, channels = "rgb", mean = [0.0, 0.0, 0.0], std = [1.0, 1.0, 1.0] }
embedding = { dimension = 128, threshold = 0.45 }

[[set]]
name = "scripted"
description = "Networks of a scripted hub."
models = ["detector", "gender"]
optional = ["embedder"]
"#
            .to_owned(),
        ];
        let place = tempfile::tempdir().unwrap();
        let manifest = place.path().join("manifest.toml");
        fs::write(&manifest, entries.concat()).unwrap();
        Self {
            models: place,
            manifest,
            library: prerequisites.runtime_library(),
            detector,
            gender,
        }
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.models.path().join("models")
    }

    fn command(&self, hub: &str, arguments: &[&str]) -> Command {
        let mut command = command(&[("MODEL_SET", "scripted")]);
        command
            .env("MODELS_DIR", self.directory())
            .env("MODEL_MANIFEST", &self.manifest)
            .env("ORT_DYLIB_PATH", &self.library)
            .env("HF_ENDPOINT", hub)
            // The hub is on loopback.
            .env("NO_PROXY", "127.0.0.1")
            .arg("models")
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, hub: &str, arguments: &[&str]) -> Output {
        self.command(hub, arguments).output().unwrap()
    }

    fn pull(&self, hub: &Hub) -> Output {
        self.run(&hub.url, &["pull", "--accept-license"])
    }

    /// Whether a network lies in its place with this content.
    pub(crate) fn has(&self, name: &str, content: &[u8]) -> bool {
        fs::read(self.directory().join(name)).is_ok_and(|found| found == content)
    }

    /// Names of what lies in the directory, but for the lock and the record.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.directory()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock" && name != ".verified")
            .collect();
        names.sort();
        names
    }

    /// A hub that has both networks and says nothing of their hashes.
    fn hub(&self) -> Hub {
        self.hub_with(|request, content, _| Answer::file(request, content))
    }

    /// A hub whose `answer` gets each request, the network that is asked for, and how many requests came before.
    fn hub_with(&self, answer: impl Fn(&Request, &[u8], usize) -> Answer + Send + Sync + 'static) -> Hub {
        let (detector, gender) = (self.detector.clone(), self.gender.clone());
        Hub::start(move |request, before| {
            let content = if is_gender(request) { &gender } else { &detector };
            answer(request, content, before)
        })
    }
}

/// Whether the network is asked for whose hash the manifest may not know.
fn is_gender(request: &Request) -> bool {
    request.path.contains(GENDER)
}

/// The same but for one bit.
fn damaged(content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    content[1_000] ^= 1;
    content
}

pub(crate) fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

/// The one sentence that the command failed with.
pub(crate) fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    let sentences: Vec<&str> = errors
        .lines()
        .filter(|line| line.starts_with("ai-worker: "))
        .collect();
    assert_eq!(sentences.len(), 1, "{errors}");
    sentences[0].to_owned()
}

#[test_support::test]
fn a_pull_brings_a_set_from_the_hub_and_verify_runs_it() {
    let site = Site::new(true);
    let hub = site.hub();
    let output = site.pull(&hub);
    assert_success(&output);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("licence MIT") && said.contains("licence LicenseRef-Scripted"),
        "{said}"
    );
    assert!(site.has(DETECTOR, &site.detector) && site.has(GENDER, &site.gender));
    assert_eq!(site.names(), [DETECTOR, GENDER, "models.lock"]);
    let mut paths: Vec<String> = hub.asked().into_iter().map(|request| request.path).collect();
    paths.sort();
    assert_eq!(
        paths,
        [DETECTOR, GENDER].map(|name| format!("/owner/name/resolve/{COMMIT}/networks/{name}"))
    );

    // Nothing is missing, so nobody is asked.
    assert_success(&site.pull(&hub));
    assert_eq!(hub.asked().len(), 2);

    let output = site.run(&hub.url, &["verify"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("runs     detector") && said.contains("runs     gender"),
        "{said}"
    );
    fs::write(site.directory().join(GENDER), "damaged").unwrap();
    let output = site.run(&hub.url, &["verify"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&format!("wrong    {GENDER}")), "{said}");
}

#[test_support::test]
fn licences_are_accepted_once() {
    let site = Site::new(true);
    let hub = site.hub();
    let refused = failure(&site.run(&hub.url, &["pull"]));
    assert!(
        refused.contains("LicenseRef-Scripted") && refused.contains("--accept-license"),
        "{refused}"
    );
    assert_eq!(hub.asked().len(), 0, "nothing is downloaded before");
    assert_success(&site.pull(&hub));
    fs::remove_file(site.directory().join(GENDER)).unwrap();
    assert_success(&site.run(&hub.url, &["pull"]));
    assert!(site.has(GENDER, &site.gender));
}

#[test_support::test]
fn a_download_goes_on_where_the_connection_was_cut() {
    let site = Site::new(true);
    let hub = site.hub_with(|request, content, _| {
        let answer = Answer::file(request, content);
        match request.from {
            None if is_gender(request) => answer.cut_after(100_000),
            Some(100_000) => answer.cut_after(50_000),
            _ => answer,
        }
    });
    assert_success(&site.pull(&hub));
    assert!(site.has(GENDER, &site.gender));
    let parts: Vec<Option<usize>> = hub
        .asked()
        .into_iter()
        .filter(is_gender)
        .map(|request| request.from)
        .collect();
    assert_eq!(parts, [None, Some(100_000), Some(150_000)]);
}

#[test_support::test]
async fn a_later_process_goes_on_where_a_killed_one_was() {
    let site = Site::new(true);
    let hub = site.hub_with(|request, content, _| {
        let answer = Answer::file(request, content);
        match request.from {
            None => answer.stall_after(100_000),
            Some(_) => answer,
        }
    });
    let mut child = site
        .command(&hub.url, &["pull", "--accept-license"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let partial = site.directory().join(".partial");
    let have_arrived = async || {
        fs::read_dir(&partial).is_ok_and(|entries| {
            let sizes: Vec<u64> = entries
                .map(|entry| entry.unwrap().metadata().unwrap().len())
                .collect();
            sizes == [100_000, 100_000]
        })
    };
    eventually(Duration::from_secs(30), "parts of both arrive", have_arrived).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_success(&site.pull(&hub));
    assert!(site.has(DETECTOR, &site.detector) && site.has(GENDER, &site.gender));
    let later: Vec<Option<usize>> = hub.asked()[2..].iter().map(|request| request.from).collect();
    assert_eq!(later, [Some(100_000), Some(100_000)]);
    assert!(!partial.exists());
}

#[test_support::test]
fn a_server_that_ignores_ranges_is_read_from_the_start() {
    let site = Site::new(true);
    let hub = site.hub_with(|request, content, _| {
        let mut whole = request.clone();
        whole.from = None;
        let answer = Answer::file(&whole, content);
        if request.from.is_none() {
            answer.cut_after(1_000)
        } else {
            answer
        }
    });
    assert_success(&site.pull(&hub));
    assert!(site.has(DETECTOR, &site.detector) && site.has(GENDER, &site.gender));
}

#[test_support::test]
fn what_has_another_hash_is_not_kept() {
    let site = Site::new(true);
    let hub = site.hub_with(|request, content, _| {
        if is_gender(request) {
            Answer::file(request, &damaged(content))
        } else {
            Answer::file(request, content)
        }
    });
    let said = failure(&site.pull(&hub));
    assert!(
        said.contains(&digest(&site.gender)) && said.contains("nothing of it was kept"),
        "{said}"
    );
    assert!(!site.directory().join(GENDER).exists());
    let kept = fs::read_dir(site.directory().join(".partial")).unwrap();
    assert!(
        kept.into_iter()
            .all(|entry| !entry.unwrap().file_name().to_string_lossy().contains(GENDER))
    );
    // The right one is taken from elsewhere, with nothing to clear away before.
    assert_success(&site.pull(&site.hub()));
    assert!(site.has(GENDER, &site.gender));
}

#[test_support::test]
fn a_hub_that_states_another_hash_or_size_is_not_asked_for_the_content() {
    let site = Site::new(true);
    for (name, value) in [
        ("X-Linked-Etag", format!("\"{}\"", "0".repeat(64))),
        ("X-Linked-Size", "7".to_owned()),
    ] {
        let stated = value.clone();
        let hub = Hub::start(move |_, _| {
            let elsewhere = "http://127.0.0.1:9/store";
            Answer::status(302)
                .with(name, stated.clone())
                .with("Location", elsewhere)
        });
        let said = failure(&site.pull(&hub));
        let expected = value.trim_matches('"');
        assert!(said.contains(expected), "{name}: {said}");
    }
}

#[test_support::test]
fn redirects_lead_to_the_store_without_the_token() {
    let site = Site::new(true);
    let store = site.hub();
    let location = store.url.clone();
    let hub = site.hub_with(
        move |request, content, _| match request.authorization.as_deref() {
            Some("Bearer scripted-token") => Answer::status(302)
                .with("Location", format!("{location}{}?signature=secret", request.path))
                .with("X-Linked-Etag", format!("\"{}\"", digest(content))),
            _ => Answer::status(401),
        },
    );
    let said = failure(&site.pull(&hub));
    assert!(said.contains("401") && said.contains("HF_TOKEN"), "{said}");
    let output = site
        .command(&hub.url, &["pull", "--accept-license"])
        .env("HF_TOKEN", "scripted-token")
        .output()
        .unwrap();
    assert_success(&output);
    assert!(site.has(DETECTOR, &site.detector) && site.has(GENDER, &site.gender));
    let asked = store.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|request| request.authorization.is_none()));
}

#[test_support::test]
fn what_the_hub_does_not_have_is_said_at_once() {
    let site = Site::new(true);
    let hub = Hub::start(|_, _| Answer::status(404));
    let said = failure(&site.pull(&hub));
    assert!(
        said.contains("owner/name") && said.contains(COMMIT) && said.contains("HF_ENDPOINT"),
        "{said}"
    );
}

#[test_support::test]
fn a_hub_that_fails_for_a_moment_is_asked_again() {
    let site = Site::new(true);
    let hub = site.hub_with(|request, content, before| match before {
        0 => Answer::status(503),
        1 => Answer::status(429),
        _ => Answer::file(request, content),
    });
    assert_success(&site.pull(&hub));
    assert!(site.has(DETECTOR, &site.detector) && site.has(GENDER, &site.gender));
}

#[test_support::test]
fn what_the_manifest_does_not_know_is_locked() {
    let site = Site::new(false);
    assert_success(&site.pull(&site.hub()));
    let lock = fs::read_to_string(site.directory().join("models.lock")).unwrap();
    assert!(lock.contains(&digest(&site.gender)), "{lock}");
    assert!(
        !lock.contains(&digest(&site.detector)),
        "the manifest knows that one: {lock}"
    );

    // Another content under the same name, with the hub's word for it.
    fs::remove_file(site.directory().join(GENDER)).unwrap();
    let hub = site.hub_with(|request, content, _| {
        let other = damaged(content);
        Answer::file(request, &other).with("ETag", format!("\"{}\"", digest(&other)))
    });
    let said = failure(&site.pull(&hub));
    assert!(said.contains(&digest(&site.gender)), "{said}");
    assert!(!site.directory().join(GENDER).exists());
    assert_success(&site.pull(&site.hub()));
}

#[test_support::test]
fn the_hubs_word_counts_where_the_manifest_has_none() {
    let site = Site::new(false);
    let hub = site.hub_with(|request, content, _| {
        if !is_gender(request) {
            return Answer::file(request, content);
        }
        // The content that arrives is not the one that the hub means.
        Answer::file(request, &damaged(content)).with("X-Linked-Etag", format!("\"{}\"", digest(content)))
    });
    let said = failure(&site.pull(&hub));
    assert!(said.contains(&digest(&site.gender)), "{said}");
    assert!(!site.directory().join(GENDER).exists());
}

/// Which networks `/health` says are in memory.
async fn in_memory(worker: &Worker) -> Vec<bool> {
    let health = worker.health().await;
    let models = health["models"].as_array().unwrap();
    models
        .iter()
        .map(|model| model["loaded"].as_bool().unwrap())
        .collect()
}

#[test_support::test(flavor = "multi_thread")]
async fn models_come_when_they_are_needed_and_go_when_they_are_not() {
    let settings = [("PRELOAD", "none"), ("MODEL_IDLE_SECONDS", "1")];
    let worker = Worker::start(&settings).await;
    assert!(in_memory(&worker).await.iter().all(|loaded| !loaded));
    let first = worker.describe("obama.jpg").await;
    assert!(in_memory(&worker).await.iter().any(|loaded| *loaded));
    let are_gone = async || !in_memory(&worker).await.contains(&true);
    eventually(Duration::from_secs(30), "idle models go", are_gone).await;
    let again = worker.describe("obama.jpg").await;
    assert_eq!(first["faces"][0]["face_id"], again["faces"][0]["face_id"]);
    assert_eq!(first["tags"], again["tags"]);
}

#[test_support::test(flavor = "multi_thread")]
async fn some_models_are_loaded_at_the_start() {
    let worker = Worker::start(&[("PRELOAD", "face-detector")]).await;
    let health = worker.health().await;
    for model in health["models"].as_array().unwrap() {
        assert_eq!(model["loaded"], model["role"] == "face-detector", "{model}");
    }
}
