//! `GET /api/files/{file_id}`: what is stored is what was answered, and what a replay makes of it.

use std::path::Path;
use std::sync::Arc;

use ai_worker::audit::AuditLog;
use ai_worker::config::Config;
use ai_worker::domain::{EmbeddingModel, Evidence, FileId};
use ai_worker::people::People;
use ai_worker::plugins::{Graphs, Plugins};
use ai_worker::replay::{Mode, Replay, ReplayReport, ReplaySettings};
use ai_worker::store::{EmbeddedStore, IndexSettings};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use test_support::worker::{Worker, clusters, respond};

/// A name with everything that a path would take for something else.
const NAME: &str = "/album 1/ü?#%2F&.jpg";

/// What is stored under a name, which is encoded as one segment of the path.
async fn stored(worker: &Worker, name: &str) -> (u16, Value) {
    let mut url = Url::parse(&format!("{}/api/files", worker.url)).unwrap();
    url.path_segments_mut().unwrap().push(name);
    respond(worker.client.get(url)).await
}

/// The part of an answer that is stored.
fn expected(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for face in answer["faces"].as_array_mut().unwrap() {
        face.as_object_mut().unwrap().remove("is_new_cluster");
    }
    answer["has_url"] = json!(false);
    answer
}

#[test_support::test]
async fn what_was_answered_is_stored() {
    let worker = Worker::start(&[]).await;
    let (status, answer) = worker.process_as(NAME, "t1.jpg").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(stored(&worker, NAME).await, (200, expected(&answer)));
    let empty = worker.describe("coffee.png").await;
    assert_eq!(stored(&worker, "coffee.png").await, (200, expected(&empty)));
    // Slashes need not be encoded.
    worker.process_as("album/2/obama", "obama.jpg").await;
    let (status, found) = worker.get("/api/files/album/2/obama").await;
    assert_eq!((status, &found["file_id"]), (200, &json!("album/2/obama")));

    // A merge shows.
    let people = clusters(&answer);
    let merge = json!({ "source_cluster_ids": [people[1]], "target_cluster_id": people[0] });
    assert_eq!(worker.post("/api/merge-clusters", &merge).await.0, 200);
    let (_, merged) = stored(&worker, NAME).await;
    assert_eq!(clusters(&merged)[1], people[0]);

    // So does a photo that comes again, and everything is there after a crash.
    let (_, replaced) = worker.process_as(NAME, "coffee.png").await;
    let worker = Worker::start_in(worker.kill(), &[]).await;
    assert_eq!(stored(&worker, NAME).await, (200, expected(&replaced)));
}

#[test_support::test]
async fn unknown_files_are_a_problem_and_the_key_is_asked_for() {
    let worker = Worker::start(&[("API_KEY", "secret")]).await;
    let ask = async |path: &str, key: &str| {
        let request = worker.request(Method::GET, &format!("/api/files/{path}"));
        let (status, problem) = respond(request.header("X-API-Key", key)).await;
        (status, problem["code"].as_str().unwrap().to_owned())
    };
    let too_long = "x".repeat(257);
    for path in ["nobody", "a/b", "%FF", "a%0Ab", "%2F", &too_long] {
        let found = ask(path, "secret").await;
        assert_eq!(found, (404, "unknown_file".to_owned()), "{path}");
    }
    assert_eq!(ask("", "secret").await, (404, "no_such_route".to_owned()));
    assert_eq!(ask("nobody", "wrong").await, (401, "wrong_api_key".to_owned()));
}

/// The people of a worker that has stopped.
fn people(data: &Path) -> Arc<People> {
    let model = EmbeddingModel {
        name: "sface-2021dec".to_owned(),
        dimension: 128,
        threshold: 0.363,
    };
    let store = EmbeddedStore::open(&data.join("faces"), &model, IndexSettings::default()).unwrap();
    Arc::new(People::new(Arc::new(store), model))
}

#[test_support::test(flavor = "multi_thread")]
async fn a_replay_on_stored_evidence_gives_the_answer_again() {
    let worker = Worker::start(&[]).await;
    let answer = expected(&worker.describe("obama.jpg").await);
    let data = worker.kill();

    {
        let people = people(data.path());
        let file = FileId::new("obama.jpg").unwrap();
        let record = people.photo(&file).await.unwrap().unwrap().record.unwrap();
        let mut description = record.description.clone();
        description.tags.clear();
        description.context.phrase = "Entah apa".to_owned();
        assert!(people.describe_anew(record, description).await.unwrap());
    }
    let worker = Worker::start_in(data, &[]).await;
    let (_, spoiled) = stored(&worker, "obama.jpg").await;
    assert_eq!(
        (&spoiled["tags"], &spoiled["context"]),
        (&json!([]), &json!("Entah apa"))
    );
    let data = worker.kill();

    {
        let load = tokio::task::spawn_blocking(|| {
            let settings = Config::read(&|_| None).unwrap().plugins;
            let state = tempfile::tempdir().unwrap();
            let audit = Arc::new(AuditLog::open(state.path()).unwrap());
            let plugins = Plugins::load(settings, state.path(), audit, &Graphs::new(), Box::new(()));
            plugins.unwrap().snapshot()
        });
        let plugins = load.await.unwrap();
        let settings = ReplaySettings {
            tag_threshold: 0.25,
            examples: 20,
            available: Evidence::default(),
        };
        let replay = Replay::new(people(data.path()), settings);
        let candidate = Arc::clone(&plugins.tagger);
        let report = replay
            .tagger(candidate, plugins, Mode::Apply, Arc::new(|_, _| {}))
            .await
            .unwrap();
        let ReplayReport::Tagger(report) = report else {
            panic!("{report}")
        };
        assert_eq!(report.applied.unwrap().written, 1);
    }
    let worker = Worker::start_in(data, &[]).await;
    assert_eq!(stored(&worker, "obama.jpg").await, (200, answer));
}
