//! Replays of the built-in components over a few hand-made photos.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::Mutex;

use super::people::CandidatePolicy;
use super::*;
use crate::audit::AuditLog;
use crate::config::Config;
use crate::domain::{
    BoundingBox, Embedding, EmbeddingModel, FileId, Gender, Label, Scene, SceneFace, ScoredTag,
};
use crate::people::{MakeThumbnail, NewFace};
use crate::plugins::{Graphs, Plugins, Slot};
use crate::store::{
    EmbeddedStore, IndexSettings, PhotoDescription, PhotoRecord, PluginDigests, StoredContext,
};

async fn built_in() -> Arc<PluginSet> {
    let load = || {
        let settings = Config::read(&|_| None).unwrap().plugins;
        let state = tempfile::tempdir().unwrap();
        let audit = Arc::new(AuditLog::open(state.path()).unwrap());
        Plugins::load(settings, state.path(), audit, &Graphs::new(), Box::new(()))
            .unwrap()
            .snapshot()
    };
    tokio::task::spawn_blocking(load).await.unwrap()
}

/// People in a directory, of whom policies are told this threshold.
fn people(directory: &Path, threshold: f32) -> Arc<People> {
    let model = EmbeddingModel {
        name: "test-embedder".to_owned(),
        dimension: 2,
        threshold,
    };
    let store = EmbeddedStore::open(&directory.join("faces"), &model, IndexSettings::default()).unwrap();
    Arc::new(People::new(Arc::new(store), model))
}

fn replay(people: &Arc<People>) -> Replay {
    let available = Evidence {
        labels: true,
        demographics: true,
        ..Evidence::default()
    };
    let settings = ReplaySettings {
        tag_threshold: 0.25,
        examples: DEFAULT_EXAMPLES,
        available,
    };
    Replay::new(Arc::clone(people), settings)
}

fn quiet() -> Progress {
    Arc::new(|_, _| {})
}

/// A vector in this direction; two of them have the cosine of the angle between them.
fn embedding(degrees: f32) -> Embedding {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    Embedding::normalised(vec![cosine, sine]).unwrap()
}

/// A portrait of somebody in a suit, which old plugins described in their own way.
fn photo(name: &str, faces: usize) -> PhotoRecord {
    let face = |index: usize| {
        let left = 200 * u32::try_from(index).unwrap();
        SceneFace {
            bounding_box: BoundingBox {
                x1: left,
                y1: 10,
                x2: left + 150,
                y2: 180,
            },
            confidence: 0.9,
            age: Some(40.0),
            gender: Some(Gender::Male),
            quality: 0.8,
        }
    };
    PhotoRecord {
        file_id: FileId::new(name).unwrap(),
        scene: Scene {
            width: 640,
            height: 480,
            faces: (0..faces).map(face).collect(),
            labels: Some(vec![Label {
                name: "suit".to_owned(),
                score: 0.9,
            }]),
            ..Scene::default()
        },
        prompts_of: "an old tagger".to_owned(),
        description: PhotoDescription {
            tags: vec![ScoredTag {
                name: "old tag".to_owned(),
                score: 0.9,
                reason: None,
            }],
            context: StoredContext {
                phrase: "Frasa lama\u{1b}[31m".to_owned(),
                confidence: 0.9,
            },
            plugins: PluginDigests::new(|slot| format!("an old {slot}")),
        },
        model_set: "open".to_owned(),
        source_url: None,
    }
}

/// Stores a photo with faces in these directions, clustered by the built-in policy.
async fn store(people: &People, plugins: &PluginSet, photo: PhotoRecord, degrees: &[f32]) {
    let faces = photo
        .scene
        .faces
        .iter()
        .zip(degrees)
        .map(|(scene, degrees)| NewFace::<MakeThumbnail> {
            scene: scene.clone(),
            embedding: embedding(*degrees),
            thumbnail: Box::new(|| Ok(b"a picture".to_vec())),
        });
    let faces = faces.collect();
    let policy = Arc::new(CandidatePolicy(Arc::clone(&plugins.cluster_policy)));
    people.place(photo, faces, policy).await.unwrap();
}

async fn read(people: &People, name: &str) -> PhotoRecord {
    let photo = people.photo(&FileId::new(name).unwrap()).await.unwrap();
    photo.unwrap().record.unwrap()
}

async fn policy_report(people: &Arc<People>, plugins: &PluginSet) -> PartitionReport {
    let candidate = Arc::clone(&plugins.cluster_policy);
    match replay(people).cluster_policy(candidate, quiet()).await.unwrap() {
        ReplayReport::ClusterPolicy(report) => report,
        other => unreachable!("{other}"),
    }
}

async fn tagger_report(people: &Arc<People>, plugins: &Arc<PluginSet>, mode: Mode) -> DescriptionReport {
    let candidate = Arc::clone(&plugins.tagger);
    let replay = replay(people);
    let report = replay
        .tagger(candidate, Arc::clone(plugins), mode, quiet())
        .await
        .unwrap();
    match report {
        ReplayReport::Tagger(report) => report,
        other => unreachable!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_threshold_splits_and_a_looser_one_merges() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let made = people(directory.path(), 0.7);
    // The first two are 30 degrees apart, the third is 60 degrees from the second.
    for (name, degrees) in [("one", 0.0), ("two", 30.0), ("three", 90.0)] {
        store(&made, &plugins, photo(name, 1), &[degrees]).await;
    }
    let same = policy_report(&made, &plugins).await;
    assert_eq!((same.clusters_before, same.clusters_after), (2, 2));
    assert_eq!((same.faces, same.faces_moved), (3, 0));
    assert!(same.merges.is_empty() && same.splits.is_empty());
    drop(made);

    let strict = policy_report(&people(directory.path(), 0.9), &plugins).await;
    assert_eq!((strict.clusters_after, strict.faces_moved), (3, 1));
    assert_eq!((strict.merges_found, strict.splits_found), (0, 1));
    assert_eq!(strict.splits[0].parts, [1, 1]);

    let loose = policy_report(&people(directory.path(), 0.1), &plugins).await;
    assert_eq!((loose.clusters_after, loose.faces_moved), (1, 1));
    assert_eq!((loose.merges_found, loose.splits_found), (1, 0));
    let faces: Vec<u64> = loose.merges[0]
        .clusters
        .iter()
        .map(|cluster| cluster.faces)
        .collect();
    assert_eq!((loose.merges[0].faces, faces), (3, vec![2, 1]));

    // What people merged by hand is part of what is stored: no threshold does it, so it shows as a split.
    let corrected = people(directory.path(), 0.7);
    let clusters = (
        corrected
            .photo(&FileId::new("one").unwrap())
            .await
            .unwrap()
            .unwrap()
            .faces[0]
            .cluster_id,
        corrected
            .photo(&FileId::new("three").unwrap())
            .await
            .unwrap()
            .unwrap()
            .faces[0]
            .cluster_id,
    );
    corrected.merge(&[clusters.1], &clusters.0).await.unwrap();
    let undone = policy_report(&corrected, &plugins).await;
    assert_eq!((undone.splits_found, undone.faces_moved), (1, 1));
    assert_eq!(undone.splits[0].parts, [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_that_decided_decides_the_same_again() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let people = people(directory.path(), 0.999);
    let mut state = 1_u32;
    let mut direction = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 % 360.0
    };
    // More faces than two pages hold, and photos across their ends.
    let mut faces = 0;
    for number in 0..70 {
        let count = 1 + number % 3;
        faces += count as u64;
        let degrees: Vec<f32> = (0..count).map(|_| direction()).collect();
        store(&people, &plugins, photo(&number.to_string(), count), &degrees).await;
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let progress: Progress = {
        let seen = Arc::clone(&seen);
        Arc::new(move |done, total| seen.lock().unwrap().push((done, total)))
    };
    let candidate = Arc::clone(&plugins.cluster_policy);
    let report = replay(&people).cluster_policy(candidate, progress).await.unwrap();
    let ReplayReport::ClusterPolicy(report) = report else {
        unreachable!()
    };
    assert_eq!((report.faces, report.faces_moved, report.failed), (faces, 0, 0));
    assert_eq!(report.clusters_before, report.clusters_after);
    assert!(report.clusters_before > 1 && report.clusters_before < faces);
    assert_eq!(report.missing_evidence, MissingEvidence::default());
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen.last()), (70, Some(&(faces, faces))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tagger_is_compared_and_applied() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let people = people(directory.path(), 0.7);
    store(&people, &plugins, photo("one", 1), &[0.0]).await;
    store(&people, &plugins, photo("two", 1), &[90.0]).await;
    let stored = read(&people, "one").await;

    let report = tagger_report(&people, &plugins, Mode::Compare).await;
    assert_eq!((report.photos, report.tags_changed, report.failed), (2, 2, 0));
    let both = || ["one", "two"].map(|name| FileId::new(name).unwrap()).to_vec();
    let change = |gained, lost| TagChange {
        gained,
        lost,
        gained_in: if gained > 0 { both() } else { Vec::new() },
        lost_in: if lost > 0 { both() } else { Vec::new() },
    };
    assert_eq!(report.tags["old tag"], change(0, 2));
    assert_eq!(report.tags["formal wear"], change(2, 0));
    assert_eq!(report.contexts_changed, 2);
    let phrases: Vec<(u64, &Vec<FileId>)> = report
        .phrases
        .iter()
        .map(|change| (change.photos, &change.first))
        .collect();
    assert_eq!(phrases, [(2, &both())]);
    assert_eq!(report.examples.len(), 2);
    assert_eq!(report.examples[0].lost, ["old tag"]);
    assert_eq!(report.compared_with["an old tagger"], 2);
    assert_eq!(
        (report.missing_evidence, report.applied),
        (MissingEvidence::default(), None)
    );
    assert_eq!(read(&people, "one").await, stored);
    let context = report.examples[0].context.clone().unwrap().after;
    let text = ReplayReport::Tagger(report).to_string();
    assert!(text.contains("+2      -0      formal wear"), "{text}");
    assert!(
        text.contains(" +one +two\n") && text.contains(" -one -two\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!("->  {context}\n            in one, two\n")),
        "{text}"
    );
    assert!(text.contains("Frasa lama") && !text.contains('\u{1b}'), "{text}");

    let report = tagger_report(&people, &plugins, Mode::Apply).await;
    let written = Applied {
        written: 2,
        ..Applied::default()
    };
    assert_eq!(report.applied, Some(written));
    let applied = read(&people, "one").await;
    assert!(
        applied
            .description
            .tags
            .iter()
            .any(|tag| tag.name == "formal wear")
    );
    assert_eq!(applied.description.context.phrase, context);
    assert_eq!(
        applied.description.plugins[Slot::Tagger],
        plugins.tagger.identity().digest
    );
    assert_eq!(
        (applied.scene, applied.prompts_of),
        (stored.scene, stored.prompts_of)
    );

    let again = tagger_report(&people, &plugins, Mode::Compare).await;
    assert_eq!(
        (again.tags_changed, again.tags_reordered, again.contexts_changed),
        (0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_mapper_is_compared_and_applied() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let people = people(directory.path(), 0.7);
    store(&people, &plugins, photo("one", 1), &[0.0]).await;
    let mapper = || Arc::clone(&plugins.context_mapper);
    let report = replay(&people)
        .context_mapper(mapper(), Mode::Apply, quiet())
        .await
        .unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["slot"], "context-mapper");
    assert_eq!(
        (&json["contexts_changed"], &json["tags_changed"]),
        (&1.into(), &0.into())
    );
    let changed = &json["examples"][0]["context"];
    assert_eq!(changed["before"], "Frasa lama\u{1b}[31m");
    let applied = read(&people, "one").await.description;
    assert_eq!(changed["after"], applied.context.phrase.as_str());
    assert_eq!(applied.tags, photo("one", 1).description.tags);
    assert_eq!(applied.plugins[Slot::Tagger], "an old tagger");
    assert_eq!(applied.plugins[Slot::ContextMapper], mapper().identity().digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_evidence_is_counted_and_not_applied() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let people = people(directory.path(), 0.7);
    let mut without_labels = photo("without labels", 0);
    without_labels.scene.labels = None;
    let mut without_ages = photo("without ages", 1);
    without_ages.scene.faces[0].age = None;
    // Made for a tagger with two prompts: the candidate must not take them for its own.
    let mut of_others = photo("of others", 0);
    of_others.scene.similarities = Some(vec![0.9, 0.9]);
    // Said to be the candidate's own, which it finds out not to be.
    let mut broken = photo("broken", 0);
    broken.scene.similarities = Some(vec![0.9, 0.9]);
    broken.prompts_of.clone_from(&plugins.tagger.identity().digest);
    for photo in [
        without_labels,
        without_ages,
        of_others,
        broken,
        photo("complete", 0),
    ] {
        store(&people, &plugins, photo, &[0.0]).await;
    }
    let report = tagger_report(&people, &plugins, Mode::Apply).await;
    let missing = MissingEvidence {
        photos: 3,
        labels: 1,
        demographics: 1,
        similarities: 1,
        ..MissingEvidence::default()
    };
    assert_eq!(report.missing_evidence, missing);
    let applied = Applied {
        written: 1,
        incomplete: 3,
        changed_meanwhile: 0,
    };
    assert_eq!((report.failed, report.applied), (1, Some(applied)));
    assert_eq!(report.failures[0].file_id.as_str(), "broken");
    assert!(
        report.failures[0].error.contains("2 similarities"),
        "{:?}",
        report.failures
    );
    let kept = read(&people, "without labels").await.description;
    assert_eq!(kept, photo("without labels", 0).description);
    let text = ReplayReport::Tagger(report).to_string();
    assert!(text.contains("3 photos lack evidence"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_changed_meanwhile_is_left() {
    let plugins = built_in().await;
    let directory = tempfile::tempdir().unwrap();
    let people = people(directory.path(), 0.7);
    store(&people, &plugins, photo("one", 1), &[0.0]).await;
    let seen = read(&people, "one").await;
    store(&people, &plugins, photo("one", 0), &[]).await;
    let mut description = seen.description.clone();
    description.tags.clear();
    assert!(!people.describe_anew(seen, description).await.unwrap());
    assert_eq!(read(&people, "one").await, photo("one", 0));
}
