//! A store with many people in it, of photos that nobody took.

use std::collections::HashSet;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use ai_worker::domain::{ClusterId, Embedding, EmbeddingModel, FaceId, FileId, ScoredTag};
use ai_worker::models::manifest::Manifest;
use ai_worker::store::{
    Change, ClusterFlags, DecidedBy, EmbeddedStore, Explanation, FaceStore as _, IndexSettings, PhotoRecord,
    StoredFace,
};
use image::{ImageFormat, Rgb, RgbImage};
use uuid::Uuid;

use test_support::measuring::made_up;
use test_support::measuring::population::Population;

/// Gives three photos to a person in the mean, so that 300,000 faces are some 100,000 people.
const MOST_PHOTOS: u32 = 11;
/// Faces of one photo.
const FACES: usize = 3;
/// Photos that are written in one batch.
const BATCH: usize = 500;
/// Different pictures of faces.
const PICTURES: u32 = 64;
/// The side of a picture in pixels.
const SIDE: u32 = 160;
const QUALITY: f32 = 0.8;
/// One person of so many is hidden, and another is provisional.
const HIDDEN: u32 = 20;
const PROVISIONAL: u32 = 10;
/// The n-th is on one of n + 1 photos.
pub(crate) const TAGS: [&str; 12] = [
    "people",
    "outdoor",
    "group",
    "celebration",
    "wedding",
    "school",
    "food",
    "beach",
    "mountain",
    "batik",
    "night",
    "cat",
];

/// Fills the embedded store of a data directory as the worker's default model set would.
pub(crate) async fn fill(data: &Path, faces: usize) {
    let manifest = Manifest::built_in().unwrap();
    let model = manifest.embedding_model(manifest.set("open").unwrap()).unwrap();
    let population = Population::new(faces, model.dimension, MOST_PHOTOS);
    let settings = IndexSettings::default();
    let store = EmbeddedStore::open(&data.join("faces"), &model, settings).unwrap();
    let pictures: Vec<Vec<u8>> = (0..PICTURES).map(picture).collect();
    let mut known = HashSet::new();
    let rows: Vec<u64> = (1..=faces as u64).collect();
    let photos: Vec<&[u64]> = rows.chunks(FACES).collect();
    for (batch, photos) in photos.chunks(BATCH).enumerate() {
        let mut changes = Vec::new();
        for (place, rows) in photos.iter().enumerate() {
            let photo = batch * BATCH + place;
            add_photo(
                &mut changes,
                &mut known,
                &population,
                &model,
                &pictures,
                (photo, rows),
            );
        }
        store.turn().await.unwrap().apply(changes).await.unwrap();
    }
    while faces > settings.exact_faces && store.waiting_for_graph() >= settings.batch_faces {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!(
        "{faces} faces of {} people in {} photos",
        population.people(),
        photos.len()
    );
}

/// A person of the store.
pub(crate) fn cluster_id(person: u32) -> ClusterId {
    ClusterId::parse(&Uuid::from_u128(1 << 96 | u128::from(person)).to_string()).unwrap()
}

/// A face of the store; the first is 1.
pub(crate) fn face_id(row: u64) -> FaceId {
    FaceId::parse(&Uuid::from_u128(2 << 96 | u128::from(row)).to_string()).unwrap()
}

/// A photo of the store; the first is 0.
pub(crate) fn file_id(photo: usize) -> FileId {
    FileId::new(format!("made-up/{photo}.jpg")).unwrap()
}

fn add_photo(
    changes: &mut Vec<Change>,
    known: &mut HashSet<u32>,
    population: &Population,
    model: &EmbeddingModel,
    pictures: &[Vec<u8>],
    (photo, rows): (usize, &[u64]),
) {
    let file_id = file_id(photo);
    let mut seen = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let person = population.person(*row);
        let (face_id, cluster) = (face_id(*row), cluster_id(person));
        let face = made_up::face(index, QUALITY);
        changes.push(Change::PutFace(StoredFace {
            face_id,
            file_id: file_id.clone(),
            cluster_id: cluster,
            embedding: Embedding::normalised(population.vector(*row)).unwrap(),
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: QUALITY,
            corrected: false,
            joined: 0,
        }));
        if known.insert(person) {
            changes.push(Change::PutCluster {
                cluster,
                representative: face_id,
                flags: ClusterFlags {
                    hidden: person.is_multiple_of(HIDDEN),
                    provisional: person % PROVISIONAL == 1,
                },
            });
        }
        let picture = &pictures[person as usize % pictures.len()];
        changes.push(Change::PutPortrait(face_id, picture.clone()));
        changes.push(Change::Explain(face_id, explanation(model)));
        seen.push(face);
    }
    let mut record = made_up::record(file_id, seen);
    describe(&mut record, photo);
    changes.push(Change::PutPhoto(Box::new(record)));
}

fn describe(record: &mut PhotoRecord, photo: usize) {
    let has = |index: &usize| photo.is_multiple_of(index + 1);
    record.description.tags = (0..TAGS.len())
        .filter(has)
        .map(|index| ScoredTag {
            name: TAGS[index].to_owned(),
            score: 0.8,
            reason: None,
        })
        .collect();
    record.description.context.phrase = "Beberapa orang berkumpul di luar ruangan".to_owned();
}

fn explanation(model: &EmbeddingModel) -> Explanation {
    Explanation {
        decided_by: DecidedBy::Policy,
        reason: "The best faces of the nearest cluster are more similar than the threshold.".to_owned(),
        at: 1_700_000_000,
        policy: Some("0".repeat(64)),
        embedding_model: model.name.clone(),
        threshold: model.threshold,
        neighbours: Vec::new(),
    }
}

/// A JPEG of one of many colours.
fn picture(number: u32) -> Vec<u8> {
    let channel = |step: u32| (number * step % 200 + 40) as u8;
    let image = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        Rgb([channel(37), channel(91), ((x + y) * 255 / (2 * SIDE)) as u8])
    });
    let mut jpeg = Cursor::new(Vec::new());
    image.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}
