//! Made-up people in made-up photos.

use std::path::Path;
use std::sync::Arc;

use ai_worker::domain::{
    Assignment, BoundingBox, ClusterId, Decision, Embedding, EmbeddingModel, FaceId, FileId, Neighbour,
    Scene, SceneFace, ScoredTag,
};
use ai_worker::people::{
    Consolidation, ConsolidationRequest, NewFace, People, PlacedFace, Policy, PolicyError,
};
use ai_worker::store::{
    Change, FaceStore, PhotoDescription, PhotoRecord, PluginDigests, StoredContext, StoredFace,
};

use test_support::stand_in::StandIn;

use crate::{embedded, qdrant};

pub(crate) const WIDTH: usize = 128;

/// A store of each kind: one in a folder, and one on a stand-in of a server.
pub(crate) async fn both(directory: &Path, stand_in: &StandIn) -> [Arc<dyn FaceStore>; 2] {
    [
        Arc::new(embedded::open(directory)),
        Arc::new(qdrant::open(&stand_in.door()).await),
    ]
}

pub(crate) fn model() -> EmbeddingModel {
    EmbeddingModel {
        name: "test-embedder".to_owned(),
        dimension: WIDTH,
        threshold: 0.5,
    }
}

/// Person `person` as seen in view `view`: views of one person are similar, persons are nearly orthogonal.
///
/// The squares are multiples of 2^-16 and add up to 1 without rounding: a server that brings vectors to length 1 by its
/// own arithmetic leaves these as they are, bit for bit.
pub(crate) fn embedding(person: usize, view: usize) -> Embedding {
    let mut state = person as u64 + 1;
    let mut magnitudes = [24.0; 16].into_iter().chain([23.0; 55]).chain([22.0; 56]);
    let values = (0..WIDTH).map(|index| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let magnitude = if index == view % WIDTH {
            11.0
        } else {
            magnitudes.next().unwrap()
        };
        let sign = if state >> 63 == 0 { 1.0 } else { -1.0 };
        sign * magnitude / 256.0
    });
    Embedding::normalised(values.collect()).unwrap()
}

/// The place of the face with this number in its photo.
pub(crate) fn place(number: usize) -> BoundingBox {
    let left = number as u32 * 20;
    BoundingBox {
        x1: left,
        y1: 0,
        x2: left + 10,
        y2: 10,
    }
}

pub(crate) fn scene_face(number: usize) -> SceneFace {
    SceneFace {
        bounding_box: place(number),
        confidence: 0.9,
        age: None,
        gender: None,
        quality: 0.8,
    }
}

pub(crate) fn file(name: &str) -> FileId {
    FileId::new(name).unwrap()
}

/// A stored face of this person, the first of its photo.
pub(crate) fn stored(name: &str, cluster: ClusterId, person: usize) -> StoredFace {
    StoredFace {
        face_id: FaceId::random(),
        file_id: file(name),
        cluster_id: cluster,
        embedding: embedding(person, 0),
        bounding_box: place(0),
        confidence: 0.9,
        quality: 0.8,
        corrected: false,
        joined: 1_764_000_000_000_000,
    }
}

/// The record of a photo with this many faces.
pub(crate) fn record(name: &str, faces: usize) -> PhotoRecord {
    let digest = |slot: &str| format!("digest of the {slot}");
    PhotoRecord {
        file_id: file(name),
        scene: Scene {
            width: 640,
            height: 480,
            faces: (0..faces).map(scene_face).collect(),
            ..Scene::default()
        },
        prompts_of: digest("tagger"),
        description: PhotoDescription {
            tags: vec![ScoredTag {
                name: "people".to_owned(),
                score: 0.7,
                reason: None,
            }],
            context: StoredContext {
                phrase: "Beberapa orang".to_owned(),
                confidence: 0.5,
            },
            plugins: PluginDigests::new(|slot| digest(slot.name())),
        },
        model_set: "open".to_owned(),
        source_url: None,
    }
}

/// A stand-in for the plugin: joins the nearest neighbour at or above the threshold.
pub(crate) struct ThresholdPolicyForTests;

impl Policy for ThresholdPolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

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

/// A stand-in for a plugin that knows nobody.
pub(crate) struct AlonePolicyForTests;

impl Policy for AlonePolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

    fn neighbours(&self) -> usize {
        1
    }

    fn decide(&self, _: &SceneFace, _: &[Neighbour], _: &EmbeddingModel) -> Result<Decision, PolicyError> {
        Ok(Decision {
            assignment: Assignment::Create,
            reason: "a test".to_owned(),
        })
    }
}

pub(crate) fn new_face(number: usize, person: usize, view: usize) -> NewFace {
    NewFace {
        scene: scene_face(number),
        embedding: embedding(person, view),
        thumbnail: Box::new(move || Ok(format!("a picture of {person}").into_bytes())),
    }
}

/// Places a photo of these people, each in this view.
pub(crate) async fn place_photo(
    people: &People,
    name: &str,
    persons: &[usize],
    view: usize,
) -> Vec<PlacedFace> {
    let faces = persons
        .iter()
        .enumerate()
        .map(|(number, person)| new_face(number, *person, view))
        .collect();
    people
        .place(
            record(name, persons.len()),
            faces,
            Arc::new(ThresholdPolicyForTests),
        )
        .await
        .unwrap()
}

/// Makes changes in one turn.
pub(crate) async fn apply(store: &dyn FaceStore, changes: Vec<Change>) {
    let mut turn = store.turn().await.unwrap();
    turn.apply(changes).await.unwrap();
}

/// Everything fits together, and there is this many of each.
pub(crate) async fn assert_sound(people: &People) {
    let found = people.verify().await.unwrap();
    assert_eq!(found.faults, Vec::<String>::new());
    let counts = people.counts().await.unwrap();
    assert_eq!(
        (counts.faces, counts.clusters, counts.photos),
        (found.faces, found.clusters, found.photos)
    );
}

/// Looks at up to a hundred clusters again, by the threshold.
pub(crate) async fn consolidate(people: &People, dry_run: bool) -> Consolidation {
    let request = ConsolidationRequest {
        dry_run,
        after: None,
        limit: 100,
    };
    people
        .consolidate(request, Arc::new(ThresholdPolicyForTests))
        .await
        .unwrap()
}
