//! Another embedder for people who are known already: their ids, former ids and corrections stay.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ai_worker::domain::{ClusterId, Embedding, EmbeddingModel, FileId, SourceUrl};
use ai_worker::people::{DEFAULT_CHANGES_KEPT, People};
use ai_worker::photo::{PhotoError, PhotoSource};
use ai_worker::reembedding::{
    Eyes, Looking, Moved, Outcome, SeenFace, Sources, Target, Vectors, finish_cut_off, is_cut_off,
    move_people,
};
use ai_worker::store::{EmbeddedStore, FaceStore, IndexSettings, PhotoRecord, QdrantStore, StoreReads as _};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use crate::fixtures::{
    ThresholdPolicyForTests, assert_sound, embedding, file, model, new_face, place, record,
};
use crate::snapshot::rows;
use crate::{embedded, qdrant};
use test_support::stand_in::StandIn;

/// Width of the new vectors.
const WIDTH: usize = 16;

fn new_model() -> EmbeddingModel {
    EmbeddingModel {
        name: "new-embedder".to_owned(),
        dimension: WIDTH,
        threshold: 0.5,
    }
}

/// What the new network makes of a person.
fn new_embedding(person: usize) -> Embedding {
    let old = embedding(person, 0);
    Embedding::normalised(old.as_slice()[..WIDTH].to_vec()).unwrap()
}

/// The new networks: a photo is a text that names its people, and a picture one that names its person.
#[derive(Default)]
struct FakeEyes {
    looks: AtomicUsize,
    /// Faces in pictures look like nobody.
    is_short_sighted: bool,
}

#[async_trait]
impl Eyes for FakeEyes {
    async fn faces(&self, photo: Bytes) -> Result<Vec<SeenFace>, String> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let text = String::from_utf8(photo.to_vec()).unwrap();
        let face = |number, person| SeenFace {
            bounding_box: place(number),
            embedding: new_embedding(person),
        };
        if let Some(person) = text.strip_prefix("a picture of ") {
            let person = person.parse::<usize>().unwrap();
            return Ok(vec![face(0, person + usize::from(self.is_short_sighted))]);
        }
        if text == "broken" {
            return Err("the photo cannot be decoded".to_owned());
        }
        let persons = text.split(',').filter(|part| !part.is_empty());
        // The order in which they are seen is another one.
        let mut faces: Vec<SeenFace> = persons
            .enumerate()
            .map(|(number, person)| face(number, person.parse().unwrap()))
            .collect();
        faces.reverse();
        Ok(faces)
    }
}

/// What is behind URLs.
#[derive(Default)]
struct Web(HashMap<String, String>);

#[async_trait]
impl PhotoSource for Web {
    async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError> {
        match self.0.get(url) {
            Some(text) => Ok(text.clone().into()),
            None => Err(PhotoError::Unreachable("there is no such photo".into())),
        }
    }
}

fn sources(folder: Option<&Path>, urls: &[(&str, &str)], web: Web) -> Sources {
    Sources {
        urls: urls
            .iter()
            .map(|(name, url)| (file(name), (*url).to_owned()))
            .collect(),
        folder: folder.map(Path::to_owned),
        max_bytes: 20,
        fetch: Arc::new(web),
    }
}

async fn photo(people: &People, name: &str, url: Option<&str>, persons: &[usize]) -> Vec<ClusterId> {
    let photo = PhotoRecord {
        source_url: url.and_then(SourceUrl::full),
        ..record(name, persons.len())
    };
    let faces = persons
        .iter()
        .enumerate()
        .map(|(number, person)| new_face(number, *person, 0))
        .collect();
    let placed = people
        .place(photo, faces, Arc::new(ThresholdPolicyForTests))
        .await
        .unwrap();
    placed.into_iter().map(|face| face.cluster_id).collect()
}

/// People with every kind of correction, in photos with every kind of source.
struct Known {
    /// Person 1, into whom `also_anna` was merged.
    anna: ClusterId,
    also_anna: ClusterId,
    /// Person 3, told from person 4.
    budi: ClusterId,
    citra: ClusterId,
}

async fn fill(people: &People) -> Known {
    let anna = photo(
        people,
        "stored/one",
        Some("https://photos.example/one?id=1"),
        &[1, 3],
    )
    .await;
    let also = photo(people, "folder/two", None, &[2]).await[0];
    let citra = photo(people, "sent three", None, &[4, 1]).await[0];
    let again = photo(
        people,
        "stored/four",
        Some("https://photos.example/four"),
        &[1, 5, 6],
    )
    .await;
    people.merge(&[also], &anna[0]).await.unwrap();
    people.distinguish_clusters(&anna[1], &citra).await.unwrap();
    let group = people.photo(&file("stored/four")).await.unwrap().unwrap();
    people.reject(&group.faces[2].face_id).await.unwrap();
    people
        .move_face(&group.faces[1].face_id, Some(&citra))
        .await
        .unwrap();
    assert_eq!(again[0], anna[0]);
    assert_sound(people).await;
    Known {
        anna: anna[0],
        also_anna: also,
        budi: anna[1],
        citra,
    }
}

fn web() -> Web {
    let one = ("https://photos.example/one?id=1".to_owned(), "1,3".to_owned());
    let three = ("https://backend.example/three".to_owned(), "4,1".to_owned());
    let four = ("https://photos.example/four".to_owned(), "1,5,6".to_owned());
    Web([one, three, four].into())
}

/// A folder with photo `folder/two`, and a file outside of it that no photo may name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::fs::write(folder.path().join("folder/two"), "2").unwrap();
    folder
}

const SENT: (&str, &str) = ("sent three", "https://backend.example/three");

async fn look(
    store: &Arc<dyn FaceStore>,
    eyes: &Arc<FakeEyes>,
    sources: &Sources,
    (pictures, limit): (bool, Option<usize>),
    vectors: &mut Vectors,
) -> Outcome {
    let looking = Looking {
        store: Arc::clone(store),
        eyes: Arc::<FakeEyes>::clone(eyes),
        sources,
        at_once: 2,
        pictures,
        progress: &|_, _| {},
    };
    looking.run(vectors, limit).await.unwrap()
}

/// Everything but the vectors.
async fn without_vectors(store: &dyn FaceStore) -> Value {
    let mut rows = rows(store, &[]).await;
    for face in rows["faces"].as_array_mut().unwrap() {
        face["embedding"] = Value::Null;
    }
    rows
}

/// Whether the people and what was said of them is there, under the new embedder.
async fn assert_moved(store: Arc<dyn FaceStore>, known: &Known, before: &Value) {
    assert_eq!(&without_vectors(&*store).await, before);
    let people = People::new(store, new_model());
    assert_sound(&people).await;
    assert_eq!(
        people.cluster(&known.also_anna).await.unwrap().cluster_id,
        known.anna
    );
    assert_eq!(people.distinct_from(&known.budi).await.unwrap(), [known.citra]);
    // Who comes now is recognised.
    let faces = vec![ai_worker::people::NewFace {
        embedding: new_embedding(3),
        ..new_face(0, 3, 0)
    }];
    let placed = people
        .place(record("new", 1), faces, Arc::new(ThresholdPolicyForTests))
        .await
        .unwrap();
    assert_eq!(placed[0].cluster_id, known.budi);
}

#[tokio::test]
async fn an_embedded_store_keeps_its_people_under_another_embedder() {
    let data = tempfile::tempdir().unwrap();
    let store: Arc<dyn FaceStore> = Arc::new(embedded::open(&data.path().join("faces")));
    let known = fill(&People::new(Arc::clone(&store), model())).await;
    let before = without_vectors(&*store).await;
    let (folder, eyes) = (folder(), Arc::new(FakeEyes::default()));
    let path = data.path().join("reembedding/vectors.jsonl");

    // Dry: nothing is looked at but what is measured, and nothing kept.
    let scratch = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::open(&scratch.path().join("vectors.jsonl"), &new_model()).unwrap();
    let none = sources(None, &[], Web::default());
    let dry = look(&store, &eyes, &none, (true, Some(50)), &mut vectors).await;
    assert_eq!(
        (dry.faces, dry.done, dry.with_source, dry.failed.len()),
        (7, 0, 4, 2)
    );
    assert!(!path.exists());

    // Without the photo in the folder; cut off in the middle of a line.
    let some = sources(None, &[SENT], web());
    let first = look(
        &store,
        &eyes,
        &some,
        (false, None),
        &mut Vectors::open(&path, &new_model()).unwrap(),
    )
    .await;
    assert_eq!((first.faces, first.done, first.missing.len()), (7, 6, 1));
    assert_eq!(first.failed, []);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{{\"face\":{{\"face_")).unwrap();
    // It goes on: one photo is looked at, and none of the others once more.
    eyes.looks.store(0, Ordering::Relaxed);
    let all = sources(Some(folder.path()), &[SENT], web());
    let mut vectors = Vectors::open(&path, &new_model()).unwrap();
    let outcome = look(&store, &eyes, &all, (false, None), &mut vectors).await;
    assert_eq!((outcome.done, outcome.missing.len()), (7, 0));
    // The photo, and one picture to measure.
    assert_eq!(eyes.looks.load(Ordering::Relaxed), 2);

    let to = new_model();
    let target = (Target::Embedded(IndexSettings::default()), &to);
    let moved = moved(data.path(), store, target, vectors).await;
    assert_eq!((moved.faces, moved.dropped), (7, 0));
    assert!(!data.path().join("reembedding").exists());
    // The old store is whole, and aside.
    let aside = embedded::open(&moved.aside.unwrap());
    assert_eq!(without_vectors(&aside).await, before);
    let made = EmbeddedStore::open(&data.path().join("faces"), &new_model(), IndexSettings::default());
    assert_moved(Arc::new(made.unwrap()), &known, &before).await;
}

/// Moves everybody, with all faces.
async fn moved(
    data: &Path,
    store: Arc<dyn FaceStore>,
    target: (Target, &EmbeddingModel),
    vectors: Vectors,
) -> Moved {
    let from = (store, &model());
    move_people(data, from, target, vectors, &[], DEFAULT_CHANGES_KEPT, &|_, _| {})
        .await
        .unwrap()
}

#[tokio::test]
async fn collections_keep_their_people_under_another_embedder() {
    let (stand_in, data) = (StandIn::default(), tempfile::tempdir().unwrap());
    let store: Arc<dyn FaceStore> = Arc::new(qdrant::open(&stand_in.door()).await);
    let known = fill(&People::new(Arc::clone(&store), model())).await;
    let before = without_vectors(&*store).await;
    let (folder, eyes) = (folder(), Arc::new(FakeEyes::default()));
    let all = sources(Some(folder.path()), &[SENT], web());
    let path = data.path().join("reembedding/vectors.jsonl");
    let mut vectors = Vectors::open(&path, &new_model()).unwrap();
    let outcome = look(&store, &eyes, &all, (false, None), &mut vectors).await;
    assert_eq!(outcome.missing, []);
    let mut settings = stand_in.door().settings();
    settings.collection = "faces-of-the-new-embedder".to_owned();
    let to = new_model();
    let target = (Target::Qdrant(settings.clone()), &to);
    let moved = moved(data.path(), Arc::clone(&store), target, vectors).await;
    assert_eq!((moved.faces, moved.aside), (7, None));
    assert_eq!(without_vectors(&*store).await, before);
    let made = QdrantStore::open(settings, &new_model()).await.unwrap();
    assert_moved(Arc::new(made), &known, &before).await;
}

/// A store with many people, of whose photos some are gone.
async fn many(directory: &Path) -> (Arc<dyn FaceStore>, Sources) {
    let store: Arc<dyn FaceStore> = Arc::new(embedded::open(directory));
    let people = People::new(Arc::clone(&store), model());
    let mut web = Web::default();
    for person in 0..40 {
        let url = format!("https://photos.example/{person}");
        photo(&people, &format!("photo {person}"), Some(&url), &[person]).await;
        if person < 30 {
            web.0.insert(url, person.to_string());
        }
    }
    (store, sources(None, &[], web))
}

#[tokio::test]
async fn pictures_are_taken_only_where_a_measurement_shows_that_they_suffice() {
    for (is_short_sighted, pictures, by_pictures) in [(false, true, 10), (true, true, 0), (false, false, 0)] {
        let data = tempfile::tempdir().unwrap();
        let (store, sources) = many(&data.path().join("faces")).await;
        let eyes = Arc::new(FakeEyes {
            is_short_sighted,
            ..FakeEyes::default()
        });
        let mut vectors = Vectors::open(&data.path().join("vectors.jsonl"), &new_model()).unwrap();
        let outcome = look(&store, &eyes, &sources, (pictures, None), &mut vectors).await;
        assert_eq!(outcome.by_pictures, by_pictures, "{is_short_sighted} {pictures}");
        assert_eq!(outcome.missing.len(), 10 - by_pictures);
        assert_eq!(outcome.failed.len(), 10);
        let agreement = outcome.agreement.unwrap();
        assert_eq!((agreement.faces, agreement.suffices()), (30, !is_short_sighted));
    }
}

/// How many changes are kept.
const CHANGES: u64 = 12;

#[tokio::test]
async fn faces_for_which_nothing_is_to_be_had_may_be_left_out() {
    let data = tempfile::tempdir().unwrap();
    let (store, sources) = many(&data.path().join("faces")).await;
    let eyes = Arc::new(FakeEyes::default());
    let path = data.path().join("reembedding/vectors.jsonl");
    let mut vectors = Vectors::open(&path, &new_model()).unwrap();
    let outcome = look(&store, &eyes, &sources, (false, None), &mut vectors).await;
    assert_eq!(outcome.missing.len(), 10);
    let to = new_model();
    // Not unless somebody says so.
    let target = || (Target::Embedded(IndexSettings::default()), &to);
    let from = model();
    let refused = move_people(
        data.path(),
        (Arc::clone(&store), &from),
        target(),
        Vectors::open(&path, &to).unwrap(),
        &[],
        DEFAULT_CHANGES_KEPT,
        &|_, _| {},
    );
    refused.await.unwrap_err();
    let moved = move_people(
        data.path(),
        (store, &model()),
        target(),
        vectors,
        &outcome.missing,
        CHANGES,
        &|_, _| {},
    )
    .await
    .unwrap();
    assert_eq!((moved.faces, moved.dropped), (30, 10));
    let made = EmbeddedStore::open(&data.path().join("faces"), &to, IndexSettings::default()).unwrap();
    // As many changes are kept as the settings say.
    let (earliest, latest) = made.event_range().await.unwrap().unwrap();
    assert_eq!(latest - earliest + 1, CHANGES);
    let people = People::new(Arc::new(made), to);
    assert_sound(&people).await;
    // Their photos are still known.
    assert_eq!(people.counts().await.unwrap().photos, 40);
}

#[tokio::test]
async fn a_new_store_that_was_cut_off_before_its_place_is_put_there() {
    let data = tempfile::tempdir().unwrap();
    assert!(!is_cut_off(data.path()));
    let (place, fresh) = (data.path().join("faces"), data.path().join("reembedding/faces"));
    drop(embedded::open(&fresh));
    drop(embedded::open(&place));
    assert!(!is_cut_off(data.path()));
    std::fs::remove_dir_all(&place).unwrap();
    assert!(is_cut_off(data.path()));
    // Whoever takes the lock makes the folder, which is no store.
    drop(EmbeddedStore::lock(&place).unwrap());
    assert!(place.exists() && is_cut_off(data.path()));
    finish_cut_off(data.path()).unwrap();
    assert!(!is_cut_off(data.path()) && data.path().join("faces/faces.sqlite").exists());
}

#[tokio::test]
async fn a_file_id_that_leads_out_of_the_folder_names_no_file() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("photos");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let sources = sources(Some(&folder), &[], Web::default());
    let absolute = outside.path().join("secret");
    for name in ["../secret", absolute.to_str().unwrap()] {
        let file = FileId::new(name).unwrap();
        assert!(!sources.has(&file, None), "{name}");
        assert_eq!(sources.photo(&file, None).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn a_photo_that_is_not_had_says_why() {
    let folder = folder();
    std::fs::write(folder.path().join("large"), [b'1'; 21]).unwrap();
    let sources = sources(Some(folder.path()), &[SENT], Web::default());
    let photo = async |name: &str| sources.photo(&file(name), None).await;
    assert_eq!(photo("folder/two").await.unwrap().unwrap(), "2");
    let too_large = photo("large").await.unwrap_err();
    assert!(too_large.contains("larger than 20 bytes"), "{too_large}");
    let unreachable = photo(SENT.0).await.unwrap_err();
    assert!(unreachable.ends_with(": there is no such photo"), "{unreachable}");
}

#[test]
fn what_was_found_for_another_embedder_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.jsonl");
    drop(Vectors::open(&path, &new_model()).unwrap());
    assert!(Vectors::open(&path, &new_model()).is_ok());
    assert!(Vectors::open(&path, &model()).is_err());
}
