//! What must hold of people whatever happens to them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Assignment, BoundingBox, ClusterId, Decision, Embedding, EmbeddingModel, FaceId, FileId, Neighbour,
    Scene, SceneFace, ScoredTag,
};

const WIDTH: usize = 128;

pub(super) fn model() -> EmbeddingModel {
    EmbeddingModel {
        name: "test-embedder".to_owned(),
        dimension: WIDTH,
        threshold: 0.5,
    }
}

/// Person `person` as seen in view `view`: views of one person are similar, persons are nearly orthogonal.
pub(super) fn embedding(person: usize, view: usize) -> Embedding {
    let mut values = vec![0.0_f32; WIDTH];
    let mut state = person as u64 + 1;
    for value in &mut values {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *value = if state >> 63 == 0 { 1.0 } else { -1.0 };
    }
    values[view % WIDTH] *= 0.5;
    Embedding::normalised(values).unwrap()
}

pub(super) fn scene_face() -> SceneFace {
    let bounding_box = BoundingBox {
        x1: 0,
        y1: 0,
        x2: 9,
        y2: 9,
    };
    SceneFace {
        bounding_box,
        confidence: 0.9,
        age: None,
        gender: None,
        quality: 0.8,
    }
}

fn new_face(person: usize, view: usize) -> NewFace {
    let thumbnail: MakeThumbnail = Box::new(|| Ok(b"a picture".to_vec()));
    NewFace {
        scene: scene_face(),
        embedding: embedding(person, view),
        thumbnail,
    }
}

pub(super) fn file(name: &str) -> FileId {
    FileId::new(name).unwrap()
}

/// The record of a photo with this many faces.
pub(super) fn record(name: &str, faces: usize) -> PhotoRecord {
    let digest = |slot: &str| format!("digest of the {slot}");
    PhotoRecord {
        file_id: file(name),
        scene: Scene {
            width: 640,
            height: 480,
            faces: vec![scene_face(); faces],
            ..Scene::default()
        },
        prompts_of: digest("tagger"),
        description: PhotoDescription {
            tags: vec![ScoredTag {
                name: "people".to_owned(),
                score: 0.7,
            }],
            context: StoredContext {
                phrase: "Beberapa orang".to_owned(),
                confidence: 0.5,
            },
            plugins: PluginDigests {
                tagger: digest("tagger"),
                context_mapper: digest("mapper"),
                cluster_policy: digest("policy"),
            },
        },
        model_set: "open".to_owned(),
    }
}

/// A stand-in for the plugin: joins the nearest neighbour at or above the threshold.
struct ThresholdPolicyForTests;

impl Policy for ThresholdPolicyForTests {
    fn neighbours(&self) -> usize {
        5
    }

    fn decide(
        &self,
        _face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        let near = neighbours
            .iter()
            .find(|neighbour| neighbour.similarity >= model.threshold);
        let assignment = near.map_or(Assignment::Create, |near| Assignment::Join(near.cluster_id));
        Ok(Decision {
            assignment,
            reason: "a test".to_owned(),
        })
    }
}

/// A stand-in for a plugin that names a cluster it was not shown.
struct ForeignPolicyForTests;

impl Policy for ForeignPolicyForTests {
    fn neighbours(&self) -> usize {
        1
    }

    fn decide(&self, _: &SceneFace, _: &[Neighbour], _: &EmbeddingModel) -> Result<Decision, PolicyError> {
        Ok(Decision {
            assignment: Assignment::Join(ClusterId::random()),
            reason: String::new(),
        })
    }
}

fn people(directory: &Path) -> (People, EmbeddedStore) {
    let store = EmbeddedStore::open(&directory.join("faces"), &model()).unwrap();
    (
        People::open(Arc::new(store.clone()), &directory.join("thumbnails"), model()).unwrap(),
        store,
    )
}

#[tokio::test]
async fn two_hundred_new_people_in_four_photos_at_once_are_two_hundred_clusters() {
    let directory = tempfile::tempdir().unwrap();
    let (people, _) = people(directory.path());
    let mut tasks = tokio::task::JoinSet::new();
    for person in 0..200 {
        for view in 0..4 {
            let people = people.clone();
            tasks.spawn(async move {
                let photo = record(&format!("{person}-{view}"), 1);
                let policy = Arc::new(ThresholdPolicyForTests);
                (
                    person,
                    people
                        .place(photo, vec![new_face(person, view)], policy)
                        .await
                        .unwrap(),
                )
            });
        }
    }
    let mut clusters: HashMap<usize, HashSet<ClusterId>> = HashMap::new();
    while let Some(placed) = tasks.join_next().await {
        let (person, placed) = placed.unwrap();
        clusters.entry(person).or_default().insert(placed[0].cluster_id);
    }
    assert!(clusters.values().all(|clusters| clusters.len() == 1));
    assert_eq!(
        people.counts().await.unwrap(),
        Counts {
            faces: 800,
            clusters: 200,
            photos: 800
        }
    );
}

#[tokio::test]
async fn a_policy_that_names_a_foreign_cluster_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (people, _) = people(directory.path());
    let outcome = people
        .place(
            record("one", 1),
            vec![new_face(1, 0)],
            Arc::new(ForeignPolicyForTests),
        )
        .await;
    assert!(matches!(outcome, Err(FacesError::InvalidDecision(_))));
    assert_eq!(
        people.counts().await.unwrap(),
        Counts {
            faces: 0,
            clusters: 0,
            photos: 0
        }
    );
}

#[tokio::test]
async fn a_thumbnail_that_cannot_be_made_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (people, _) = people(directory.path());
    let mut broken = new_face(2, 0);
    broken.thumbnail = Box::new(|| Err("no picture".into()));
    let faces = vec![new_face(1, 0), broken];
    let outcome = people
        .place(record("one", 2), faces, Arc::new(ThresholdPolicyForTests))
        .await;
    assert!(matches!(outcome, Err(FacesError::Thumbnail(_))));
    assert_eq!(
        people.counts().await.unwrap(),
        Counts {
            faces: 0,
            clusters: 0,
            photos: 0
        }
    );
    assert_eq!(thumbnails(directory.path()), HashSet::new());
}

/// The clusters that have a thumbnail.
fn thumbnails(directory: &Path) -> HashSet<ClusterId> {
    let mut found = HashSet::new();
    for folder in std::fs::read_dir(directory.join("thumbnails")).unwrap() {
        for entry in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let name = entry.unwrap().path();
            found.insert(ClusterId::parse(name.file_stem().unwrap().to_str().unwrap()).unwrap());
        }
    }
    found
}

/// One thing that happens to a store of people.
#[derive(Clone, Debug)]
enum Event {
    Place {
        file: u8,
        people: Vec<usize>,
    },
    Merge {
        source: prop::sample::Index,
        target: prop::sample::Index,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let place = (0_u8..6, proptest::collection::vec(0_usize..5, 0..4))
        .prop_map(|(file, people)| Event::Place { file, people });
    let merge = (any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(|(source, target)| Event::Merge { source, target });
    proptest::collection::vec(prop_oneof![3 => place, 1 => merge], 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn faces_clusters_and_thumbnails_agree_whatever_happens(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut expected: HashMap<u8, usize> = HashMap::new();
        let mut known: HashSet<ClusterId> = HashSet::new();
        runtime.block_on(async {
            let (people, store) = people(directory.path());
            for (view, event) in events.into_iter().enumerate() {
                match event {
                    Event::Place { file: number, people: persons } => {
                        expected.insert(number, persons.len());
                        let photo = record(&number.to_string(), persons.len());
                        let faces = persons.into_iter().map(|person| new_face(person, view)).collect();
                        let placed = people.place(photo, faces, Arc::new(ThresholdPolicyForTests)).await.unwrap();
                        let mut ids: Vec<FaceId> = placed.iter().map(|face| face.face_id).collect();
                        ids.sort();
                        ids.dedup();
                        assert_eq!(ids.len(), placed.len());
                    }
                    Event::Merge { source, target } => {
                        let mut clusters: Vec<ClusterId> = thumbnails(directory.path()).into_iter().collect();
                        clusters.sort();
                        if clusters.len() > 1 {
                            let (source, target) =
                                (clusters[source.index(clusters.len())], clusters[target.index(clusters.len())]);
                            let outcome = people.merge(&[source], &target).await;
                            assert_eq!(outcome.is_ok(), source != target);
                        }
                    }
                }
                known = thumbnails(directory.path());
                let counts = people.counts().await.unwrap();
                assert_eq!(counts.faces as usize, expected.values().sum::<usize>());
                assert_eq!(counts.clusters as usize, known.len());
                assert_eq!(counts.photos as usize, expected.len());
                let mut faces = 0;
                for cluster in &known {
                    let found = store.faces_of_cluster(cluster).await.unwrap().len();
                    assert!(found > 0);
                    faces += found;
                }
                assert_eq!(faces as u64, counts.faces);
            }
        });
        // Another process finds the same.
        drop(runtime);
        let (reopened, _) = people(directory.path());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let counts = runtime.block_on(reopened.counts()).unwrap();
        prop_assert_eq!(counts.clusters as usize, known.len());
        prop_assert_eq!(counts.faces as usize, expected.values().sum::<usize>());
    }
}
