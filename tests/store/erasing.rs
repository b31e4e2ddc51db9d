//! After a deletion no byte of what was deleted is anywhere: not in the database, its write-ahead log, the index or the list of
//! deletions, nor in a collection.

use std::sync::Arc;
use std::time::Duration;

use ai_worker::domain::{Label, SourceUrl};
use ai_worker::people::{NewAnswer, NewFace, People};
use ai_worker::store::{EmbeddedStore, ErasureList, IndexSettings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixtures::{ThresholdPolicyForTests, embedding, file, model, new_face, place_photo, record};
use crate::qdrant;
use test_support::stand_in::StandIn;
use test_support::{eventually, files_with, holds_within};

/// What the photo `anna` holds that no other does.
const PHOTO: [&str; 5] = [
    "anna-and-nobody-else",
    "a-token-of-anna",
    "a caption of anna",
    "a label of anna",
    "an answer of anna",
];

/// The picture of Anna's face: as long as one takes several pages of the database.
fn picture() -> Vec<u8> {
    (0..20_000_u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

/// Stores a photo of Anna, person 1, among photos of others.
async fn fill(people: &People) {
    for other in 10..40 {
        place_photo(people, &format!("other {other}"), &[other], 0).await;
    }
    let mut photo = record(PHOTO[0], 2);
    photo.source_url = SourceUrl::full(&format!("https://photos.example/1?token={}", PHOTO[1]));
    photo.scene.caption = Some(PHOTO[2].to_owned());
    photo.scene.labels = Some(vec![Label {
        name: PHOTO[3].to_owned(),
        score: 0.5,
    }]);
    let anna: NewFace = NewFace {
        thumbnail: Box::new(|| Ok(picture())),
        ..new_face(0, 1, 0)
    };
    let faces = vec![anna, new_face(1, 2, 0)];
    people
        .place(photo, faces, Arc::new(ThresholdPolicyForTests))
        .await
        .unwrap();
    let answer = NewAnswer {
        key: "a key".to_owned(),
        request: "a digest".to_owned(),
        body: PHOTO[4].to_owned(),
        file_id: Some(file(PHOTO[0])),
    };
    people
        .keep_answer(answer, Duration::from_secs(1_000_000))
        .await
        .unwrap();
}

/// Deletes Anna, and then the photo she was in.
async fn delete_person(people: &People) {
    let photo = people.photo(&file(PHOTO[0])).await.unwrap().unwrap();
    assert_eq!(
        people.delete_cluster(&photo.faces[0].cluster_id).await.unwrap(),
        1
    );
}

async fn delete_photo(people: &People) {
    assert_eq!(people.delete_file(&file(PHOTO[0])).await.unwrap(), 1);
}

/// What must be gone when Anna is deleted: her vector in both widths, and pieces of her picture.
fn of_the_person() -> ([Vec<u8>; 2], Vec<Vec<u8>>) {
    let vector = embedding(1, 0);
    let halves = vector.as_slice().iter();
    let halves = halves.flat_map(|value| half::f16::from_f32(*value).to_le_bytes());
    let picture = picture();
    let pieces = picture.chunks(1_000).map(|piece| piece[..64].to_vec());
    ([vector.to_bytes(), halves.collect()], pieces.collect())
}

/// Waits until no file of a folder holds any of these.
async fn assert_gone(folder: &std::path::Path, all: &[Vec<u8>]) {
    let holds = || all.iter().flat_map(|bytes| files_with(folder, bytes)).next();
    let is_gone = async || holds().is_none();
    assert!(
        holds_within(Duration::from_secs(40), is_gone).await,
        "{:?} still holds what was deleted",
        holds()
    );
}

#[tokio::test]
async fn no_file_of_an_embedded_store_holds_what_was_deleted() {
    // With a graph, so that its file is searched, too; then without one.
    for exact_faces in [0, 1_000] {
        let folder = tempfile::tempdir().unwrap();
        let settings = IndexSettings {
            exact_faces,
            batch_faces: 1,
            erased_within: Duration::from_millis(20),
            ..IndexSettings::default()
        };
        let list = Arc::new(ErasureList::at(folder.path().join("erasures.jsonl")));
        let open = || {
            let store = EmbeddedStore::open(&folder.path().join("faces"), &model(), settings).unwrap();
            let people = People::new(Arc::new(store.clone()), model()).with_erasures(Arc::clone(&list));
            (store, people)
        };
        let (store, people) = open();
        fill(&people).await;
        while exact_faces == 0 && store.waiting_for_graph() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // What is in the graph is in its file then.
        drop((store, people));
        let is_there = |bytes: &Vec<u8>| !files_with(folder.path(), bytes).is_empty();
        let of_the_photo = PHOTO.map(|text| text.as_bytes().to_vec());
        assert!(of_the_photo.iter().all(is_there));
        let (vectors, mut pieces) = of_the_person();
        assert_eq!(vectors.each_ref().map(is_there), [true, exact_faces == 0]);
        // One that lies across two pages is not found.
        pieces.retain(is_there);
        assert!(pieces.len() > 10, "{}", pieces.len());

        let (store, people) = open();
        let person = [vectors.to_vec(), pieces].concat();
        delete_person(&people).await;
        assert_gone(folder.path(), &person).await;
        delete_photo(&people).await;
        assert_gone(folder.path(), &of_the_photo).await;
        drop((store, people));
        assert!(!person.iter().chain(&of_the_photo).any(is_there));
    }
}

#[tokio::test]
async fn a_photo_without_faces_leaves_every_file_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let settings = IndexSettings {
        erased_within: Duration::from_millis(20),
        ..IndexSettings::default()
    };
    let store = EmbeddedStore::open(folder.path(), &model(), settings).unwrap();
    let people = People::new(Arc::new(store), model());
    place_photo(&people, PHOTO[0], &[], 0).await;
    assert!(!files_with(folder.path(), PHOTO[0].as_bytes()).is_empty());
    assert_eq!(people.delete_file(&file(PHOTO[0])).await.unwrap(), 0);
    assert_gone(folder.path(), &[PHOTO[0].as_bytes().to_vec()]).await;
}

#[tokio::test]
async fn no_point_of_a_collection_holds_what_was_deleted() {
    let stand_in = StandIn::default();
    let people = qdrant::people(&stand_in.door()).await;
    fill(&people).await;
    let holds = |text: &str| serde_json::to_string(&stand_in.dump()).unwrap().contains(text);
    let person = [
        STANDARD.encode(embedding(1, 0).to_bytes()),
        STANDARD.encode(picture()),
    ];
    for text in person.iter().map(String::as_str).chain(PHOTO) {
        assert!(holds(text), "{text}");
    }
    delete_person(&people).await;
    for text in &person {
        assert!(!holds(text), "{text}");
    }
    delete_photo(&people).await;
    for text in PHOTO {
        assert!(!holds(text), "{text}");
    }
    // What was promised is kept until it is done, and removed behind the caller's back.
    let is_done = async || stand_in.records("journal") == 0;
    eventually(Duration::from_secs(20), "no journal is kept", is_done).await;
}
