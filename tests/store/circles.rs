//! Merges that lead in a circle are found, broken, and never followed for ever.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use ai_worker::domain::{ClusterId, FaceId};
use ai_worker::models::manifest::Manifest;
use ai_worker::people::{People, PeopleError};
use ai_worker::store::{
    Change, ClusterFlags, EmbeddedStore, FaceStore, IndexSettings, Redirect, SequencedFace, StoreError,
    StoreReads as _,
};
use test_support::stand_in::StandIn;

use crate::fixtures::{apply, assert_sound, model, place_photo};
use crate::{embedded, qdrant};

fn redirect(source: ClusterId, target: ClusterId, faces: Vec<FaceId>) -> Change {
    Change::PutRedirect(Redirect {
        source,
        target,
        representative: None,
        faces,
        distinctions: Vec::new(),
        moment: 0,
        automatic: false,
        flags: ClusterFlags::default(),
    })
}

/// Three people who were merged, A into B into C, and what makes a circle of them: C into B.
async fn a_to_b_to_c_to_b(people: &People, store: &dyn FaceStore) -> [ClusterId; 3] {
    let mut ids = [ClusterId::random(); 3];
    for (person, id) in ids.iter_mut().enumerate() {
        *id = place_photo(people, &person.to_string(), &[person], 0).await[0].cluster_id;
    }
    let [a, b, c] = ids;
    people.merge(&[a], &b).await.unwrap();
    people.merge(&[b], &c).await.unwrap();
    apply(store, vec![redirect(c, b, Vec::new())]).await;
    ids
}

async fn is_found_and_broken(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model());
    let ids = a_to_b_to_c_to_b(&people, &*store).await;
    for id in &ids {
        let found = tokio::time::timeout(Duration::from_secs(5), people.cluster(id)).await;
        assert!(matches!(
            found.unwrap(),
            Err(PeopleError::Store(StoreError::Circle(circle))) if circle == *id
        ));
    }
    // The turn is not held: others go on.
    let dewi = place_photo(&people, "dewi", &[7], 0).await[0].cluster_id;
    let eka = place_photo(&people, "eka", &[8], 0).await[0].cluster_id;
    people.merge(&[dewi], &eka).await.unwrap();
    let faults = people.verify().await.unwrap().faults;
    assert!(
        faults.iter().any(|fault| fault.contains("in a circle")),
        "{faults:?}"
    );

    let done = people.repair().await.unwrap();
    assert_eq!(done.len(), 1, "{done:?}");
    assert_sound(&people).await;
    assert_eq!(people.repair().await.unwrap(), [""; 0]);
    for id in &ids {
        assert_eq!(people.cluster(id).await.unwrap().cluster_id, ids[2]);
    }
    assert_eq!(people.unmerge(&ids[0]).await.unwrap().moved, 1);
    assert_sound(&people).await;
}

#[tokio::test]
async fn a_circle_in_the_embedded_store_is_found_and_broken() {
    let directory = tempfile::tempdir().unwrap();
    is_found_and_broken(Arc::new(embedded::open(directory.path()))).await;
}

#[tokio::test]
async fn a_circle_on_qdrant_is_found_and_broken() {
    let stand_in = StandIn::default();
    is_found_and_broken(Arc::new(qdrant::open(&stand_in.door()).await)).await;
}

#[tokio::test]
async fn a_circle_without_faces_leads_to_where_they_are_or_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let people = People::new(Arc::new(store.clone()), model());
    let placed = place_photo(&people, "anna", &[1], 0).await.remove(0);
    let [a, b, c, d, e] = [(); 5].map(|()| ClusterId::random());
    let changes = vec![
        redirect(a, b, vec![placed.face_id, FaceId::random()]),
        redirect(b, a, Vec::new()),
        redirect(c, d, vec![FaceId::random()]),
        redirect(d, c, Vec::new()),
        redirect(e, d, Vec::new()),
    ];
    apply(&store, changes).await;
    assert_eq!(people.verify().await.unwrap().faults.len(), 2);
    assert_eq!(people.repair().await.unwrap().len(), 2);
    assert_sound(&people).await;
    for id in [a, b] {
        assert_eq!(people.cluster(&id).await.unwrap().cluster_id, placed.cluster_id);
    }
    for id in [c, d, e] {
        assert!(matches!(
            people.cluster(&id).await,
            Err(PeopleError::UnknownCluster(_))
        ));
    }
}

#[tokio::test]
async fn the_command_finds_and_breaks_a_circle() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = Manifest::built_in().unwrap();
    let model = manifest.embedding_model(manifest.set("open").unwrap()).unwrap();
    let store =
        EmbeddedStore::open(&directory.path().join("faces"), &model, IndexSettings::default()).unwrap();
    a_to_b_to_c_to_b(&People::new(Arc::new(store.clone()), model), &store).await;
    // The command looks at pictures, too.
    let faces = store.faces(None, 100).await.unwrap();
    let picture = |sequenced: &SequencedFace| {
        let picture = include_bytes!("../fixtures/grey.jpg").to_vec();
        Change::PutPortrait(sequenced.face.face_id, picture)
    };
    apply(&store, faces.iter().map(picture).collect()).await;
    drop(store);
    let found = command(directory.path(), "verify");
    assert!(
        !found.status.success() && said(&found).contains("in a circle"),
        "{found:?}"
    );
    let repaired = command(directory.path(), "repair");
    assert!(
        repaired.status.success() && said(&repaired).contains("the merge was removed"),
        "{repaired:?}"
    );
    let found = command(directory.path(), "verify");
    assert!(
        found.status.success() && said(&found).contains("0 faults"),
        "{found:?}"
    );
}

fn command(directory: &Path, name: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ai-worker"))
        .args(["store", name])
        .current_dir(directory)
        .env_clear()
        .env("DATA_DIR", ".")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
