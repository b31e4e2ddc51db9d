//! Everything in a store as a file, and back: the same in whichever store it is.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ai_worker::domain::EmbeddingModel;
use ai_worker::models::manifest::Manifest;
use ai_worker::people::People;
use ai_worker::store::{
    EmbeddedStore, FaceStore, IndexSettings, QdrantStore, StoreError, Totals, TransferError, export, import,
};

use crate::embedded;
use crate::fixtures::{assert_sound, file, model, place_photo};
use crate::qdrant::{open, real};
use test_support::stand_in::StandIn;

fn quietly(_: u64, _: u64) {}

async fn export_to(store: &dyn FaceStore, file: &Path) -> Result<Totals, TransferError> {
    export(store, &model(), "a test", file, &quietly).await
}

async fn import_from(store: &dyn FaceStore, file: &Path) -> Result<Totals, TransferError> {
    import(store, &model(), "a test", file, &quietly).await
}

/// People with everything that can be stored of them.
async fn fill(people: &People) -> Totals {
    let anna = place_photo(people, "anna é", &[1], 0).await[0].cluster_id;
    let budi = place_photo(people, "budi", &[2], 0).await[0].cluster_id;
    let crowd = place_photo(people, "crowd", &[1, 2, 3, 4, 5], 1).await;
    people.hide(&budi, true).await.unwrap();
    people.merge(&[budi], &anna).await.unwrap();
    people
        .merge(&[crowd[2].cluster_id], &crowd[3].cluster_id)
        .await
        .unwrap();
    people.split(&anna, &[crowd[0].face_id]).await.unwrap();
    people.reject(&crowd[4].face_id).await.unwrap();
    people
        .distinguish_clusters(&anna, &crowd[3].cluster_id)
        .await
        .unwrap();
    people.represent(&anna, &crowd[1].face_id).await.unwrap();
    people.hide(&anna, true).await.unwrap();
    people
        .mark_unsure(&budi, &crowd[3].cluster_id, true)
        .await
        .unwrap();
    place_photo(people, "nobody", &[], 0).await;
    for person in 10..40 {
        place_photo(people, &format!("person {person}"), &[person], 0).await;
    }
    assert_sound(people).await;
    Totals {
        faces: 36,
        portraits: 36,
        photos: 34,
        clusters: 33,
        distinctions: 6,
        unsure: 4,
        redirects: 2,
        rejections: 1,
        events: people.events(None, 1).await.unwrap().latest,
        corrections: 9,
    }
}

/// An archive's rows, without what a store counts for itself.
fn rows(file: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(file).unwrap();
    let mut rows: Vec<serde_json::Value> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for row in &mut rows {
        for kind in ["face", "photo"] {
            if let Some(fields) = row.get_mut(kind) {
                fields.as_object_mut().unwrap().remove("position");
            }
        }
    }
    rows
}

#[tokio::test]
async fn a_store_is_the_same_after_the_way_to_qdrant_and_back() {
    to_and_back(open(&StandIn::default().door()).await).await;
}

#[tokio::test]
#[ignore = "needs a Qdrant server in QDRANT_URL; cargo test --test store -- --ignored real_server"]
async fn a_store_is_the_same_after_the_way_to_a_real_server_and_back() {
    to_and_back(QdrantStore::open(real(), &model()).await.unwrap()).await;
}

async fn to_and_back(second: QdrantStore) {
    let directory = tempfile::tempdir().unwrap();
    let archive = |name: &str| directory.path().join(name);
    let people = embedded::people(&archive("first"));
    let expected = fill(&people).await;
    drop(people);

    let first = embedded::open(&archive("first"));
    assert_eq!(export_to(&first, &archive("one")).await.unwrap(), expected);
    assert_eq!(import_from(&second, &archive("one")).await.unwrap(), expected);
    assert_eq!(export_to(&second, &archive("two")).await.unwrap(), expected);
    let third = embedded::open(&archive("third"));
    assert_eq!(import_from(&third, &archive("two")).await.unwrap(), expected);
    assert_eq!(export_to(&third, &archive("three")).await.unwrap(), expected);
    assert_eq!(rows(&archive("one")), rows(&archive("two")));
    assert_eq!(rows(&archive("one")), rows(&archive("three")));
    let text = fs::read_to_string(archive("one")).unwrap();
    for kind in [
        "portrait\":\"",
        "decided_by",
        "corrected\":true",
        "\"distinction\"",
        "\"unsure\"",
        "\"hidden\":true",
        "\"redirect\"",
        "\"rejection\"",
        "\"event\"",
    ] {
        assert!(text.contains(kind), "{kind}");
    }
    for store in [Arc::new(second) as Arc<dyn FaceStore>, Arc::new(third)] {
        assert_sound(&People::new(store, model())).await;
    }
    // Nothing is left beside them.
    let count = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(count, 5, "two directories and three archives");
}

#[tokio::test]
async fn an_interrupted_export_goes_on_and_a_changed_store_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let archive = |name: &str| directory.path().join(name);
    let people = embedded::people(&archive("store"));
    fill(&people).await;
    drop(people);
    let store = embedded::open(&archive("store"));
    export_to(&store, &archive("whole")).await.unwrap();
    let whole = fs::read(archive("whole")).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 60) {
        // What a power cut may leave.
        let torn = [&whole[..cut], &[0, b'{', 7][..cut % 4 % 3]].concat();
        fs::write(archive("again.partial"), torn).unwrap();
        export_to(&store, &archive("again")).await.unwrap();
        assert!(fs::read(archive("again")).unwrap() == whole, "cut at {cut}");
        fs::remove_file(archive("again")).unwrap();
    }
    let exists = export_to(&store, &archive("whole")).await;
    assert!(matches!(exists, Err(TransferError::Exists(_))));

    let people = People::new(Arc::new(store), model());
    people.delete_file(&file("anna é")).await.unwrap();
    let left = people.counts().await.unwrap();
    drop(people);
    let store = embedded::open(&archive("store"));
    fs::write(archive("again.partial"), &whole[..whole.len() / 2]).unwrap();
    let totals = export_to(&store, &archive("again")).await.unwrap();
    assert_eq!((totals.faces, totals.photos), (left.faces, left.photos));
    assert!(!fs::read_to_string(archive("again")).unwrap().contains("anna"));
}

#[tokio::test]
async fn an_interrupted_import_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let archive = |name: &str| directory.path().join(name);
    let people = embedded::people(&archive("store"));
    let expected = fill(&people).await;
    // Several batches' worth.
    for person in 100..700 {
        place_photo(&people, &format!("person {person}"), &[person], 0).await;
    }
    drop(people);
    export_to(&embedded::open(&archive("store")), &archive("one"))
        .await
        .unwrap();
    let stand_in = StandIn::default();
    let door = stand_in.door();
    let target = open(&door).await;
    let mut interruptions = 0;
    for writes in [0, 3, 10, 100] {
        door.shut_after(writes, writes % 2 == 1);
        let outcome = import_from(&target, &archive("one")).await;
        door.open();
        match outcome {
            Err(TransferError::Store(StoreError::Unreachable { .. } | StoreError::Unfinished(_))) => {
                interruptions += 1
            }
            done => {
                assert_eq!(done.unwrap().faces, expected.faces + 600);
                break;
            }
        }
    }
    assert_eq!(interruptions, 3);
    export_to(&target, &archive("two")).await.unwrap();
    assert_eq!(rows(&archive("one")), rows(&archive("two")));
    assert!(!archive("one.import").exists());
}

#[tokio::test]
async fn what_cannot_be_imported_whole_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let archive = |name: &str| directory.path().join(name);
    let people = embedded::people(&archive("store"));
    fill(&people).await;
    drop(people);
    let store = embedded::open(&archive("store"));
    export_to(&store, &archive("one")).await.unwrap();

    let refused = import_from(&store, &archive("one")).await;
    assert!(matches!(refused, Err(TransferError::NotEmpty)));
    let other = EmbeddingModel {
        name: "another".to_owned(),
        ..model()
    };
    let refused = import(&store, &other, "a test", &archive("one"), &quietly).await;
    assert!(matches!(
        refused,
        Err(TransferError::Store(StoreError::OtherModel { .. }))
    ));

    let text = fs::read_to_string(archive("one")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let endless = lines[..lines.len() - 1].join("\n") + "\n";
    let missing = [&lines[..5], &lines[6..]].concat().join("\n") + "\n";
    let damaged = text.replacen("\"quality\":", "\"qualitx\":", 1);
    for (name, text) in [("endless", endless), ("missing", missing), ("damaged", damaged)] {
        fs::write(archive(name), text).unwrap();
        let target = embedded::open(&archive(&format!("into {name}")));
        let refused = import_from(&target, &archive(name)).await.unwrap_err();
        let is_told = match name {
            "endless" => matches!(refused, TransferError::Unfinished(_)),
            "missing" => matches!(refused, TransferError::Counts { .. }),
            _ => matches!(refused, TransferError::Line { line: 2, .. }),
        };
        assert!(is_told, "{name}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_moves_a_store_to_qdrant() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = Manifest::built_in().unwrap();
    let model = manifest.embedding_model(manifest.set("open").unwrap()).unwrap();
    assert_eq!(model.dimension, crate::fixtures::WIDTH);
    let store =
        EmbeddedStore::open(&directory.path().join("faces"), &model, IndexSettings::default()).unwrap();
    place_photo(&People::new(Arc::new(store), model.clone()), "one", &[1, 2], 0).await;
    let door = StandIn::default().door();
    let command = |arguments: &[&str], vector_store: &str| {
        Command::new(env!("CARGO_BIN_EXE_ai-worker"))
            .args(arguments)
            .current_dir(directory.path())
            .env_clear()
            .envs([
                ("DATA_DIR", "."),
                ("VECTOR_STORE", vector_store),
                ("QDRANT_URL", &door.url),
            ])
            .output()
            .unwrap()
    };
    let done = command(&["store", "export", "archive"], "embedded");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success() && said.contains("2 faces with 2 pictures"),
        "{done:?}"
    );
    let done = command(&["store", "import", "archive"], "qdrant");
    assert!(done.status.success(), "{done:?}");
    let refused = command(&["store", "import", "archive"], "qdrant");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("not empty"),
        "{refused:?}"
    );
}
