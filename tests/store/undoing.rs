//! Whatever people correct, undone in reverse order it leaves everything as it was before; and done again, as it was after.

use std::sync::Arc;

use ai_worker::domain::{ClusterId, FaceId};
use ai_worker::people::People;
use ai_worker::store::FaceStore;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use test_support::stand_in::StandIn;

use crate::changes::assert_followed;
use crate::fixtures::{assert_sound, model, place_photo};
use crate::snapshot::rows;
use crate::{embedded, qdrant};

/// One thing that somebody corrects.
#[derive(Clone, Debug)]
enum Deed {
    Merge { sources: [Index; 2], target: Index },
    Unmerge { cluster: Index },
    Split { face: Index, also: Index },
    Move { face: Index, target: Option<Index> },
    Represent { face: Index },
    DistinguishClusters { one: Index, other: Index },
    WithdrawClusters { one: Index, other: Index },
    DistinguishFaces { one: Index, other: Index },
    WithdrawFaces { one: Index, other: Index },
    Reject { face: Index },
    WithdrawRejection { face: Index },
    Hide { cluster: Index, hidden: bool },
    BeUnsure { one: Index, other: Index, unsure: bool },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let index = any::<Index>;
    let pair = || (any::<Index>(), any::<Index>());
    let deed = prop_oneof![
        4 => (pair(), index()).prop_map(|((one, other), target)| Deed::Merge { sources: [one, other], target }),
        3 => index().prop_map(|cluster| Deed::Unmerge { cluster }),
        2 => pair().prop_map(|(face, also)| Deed::Split { face, also }),
        4 => (index(), proptest::option::of(index())).prop_map(|(face, target)| Deed::Move { face, target }),
        2 => index().prop_map(|face| Deed::Represent { face }),
        1 => pair().prop_map(|(one, other)| Deed::DistinguishClusters { one, other }),
        2 => pair().prop_map(|(one, other)| Deed::WithdrawClusters { one, other }),
        2 => pair().prop_map(|(one, other)| Deed::DistinguishFaces { one, other }),
        1 => pair().prop_map(|(one, other)| Deed::WithdrawFaces { one, other }),
        3 => index().prop_map(|face| Deed::Reject { face }),
        1 => index().prop_map(|face| Deed::WithdrawRejection { face }),
        2 => (index(), any::<bool>()).prop_map(|(cluster, hidden)| Deed::Hide { cluster, hidden }),
        2 => (pair(), any::<bool>())
            .prop_map(|((one, other), unsure)| Deed::BeUnsure { one, other, unsure }),
    ];
    proptest::collection::vec(deed, 1..16)
}

/// Everything that people can correct, in an order of its own.
async fn state(store: &dyn FaceStore) -> Value {
    let mut all = rows(store, &[]).await;
    for (table, key) in [("faces", "face_id"), ("photos", "file_id")] {
        let table = all[table].as_array_mut().unwrap();
        table.sort_by_key(|row| row[key].to_string());
    }
    let redirects = store.redirects(None, 1_000).await.unwrap();
    let clusters = store.clusters(None, 1_000).await.unwrap();
    let flags: Vec<_> = clusters
        .iter()
        .map(|cluster| {
            json!([
                cluster.cluster_id,
                cluster.flags.hidden,
                cluster.flags.provisional
            ])
        })
        .collect();
    let former = redirects.iter().map(|redirect| redirect.source);
    let mut marks = Vec::new();
    for id in clusters.iter().map(|cluster| cluster.cluster_id).chain(former) {
        let distinct = store.distinct_from(&id).await.unwrap();
        marks.push(json!([id, distinct, store.unsure_of(&id).await.unwrap()]));
    }
    let mut photos = Vec::new();
    for photo in store.photos(None, 1_000).await.unwrap() {
        let faces = store.faces_of_file(&photo.photo.file_id).await.unwrap();
        let faces: Vec<_> = faces.iter().map(|face| (face.face_id, face.joined)).collect();
        photos.push(json!([photo.photo.file_id, faces]));
    }
    photos.sort_by_key(Value::to_string);
    all["flags"] = flags.into();
    all["marks"] = marks.into();
    all["faces of photos"] = photos.into();
    all
}

/// What the test knows besides the store.
#[derive(Default)]
struct Known {
    clusters: Vec<ClusterId>,
    faces: Vec<FaceId>,
}

impl Known {
    fn cluster(&self, index: &Index) -> ClusterId {
        self.clusters[index.index(self.clusters.len())]
    }

    fn face(&self, index: &Index) -> FaceId {
        self.faces[index.index(self.faces.len())]
    }

    /// Does it, if it can be done.
    async fn correct(&mut self, people: &People, deed: &Deed) {
        match deed {
            Deed::Merge { sources, target } => {
                let sources = sources.each_ref().map(|index| self.cluster(index));
                let _ = people.merge(&sources, &self.cluster(target)).await;
            }
            Deed::Unmerge { cluster } => drop(people.unmerge(&self.cluster(cluster)).await),
            Deed::Split { face, also } => {
                let faces = [self.face(face), self.face(also)];
                let Ok(first) = people.face(&faces[0]).await else {
                    return;
                };
                // Of one cluster, or else the first alone.
                let other = people.face(&faces[1]).await;
                let both = other.is_ok_and(|other| other.cluster_id == first.cluster_id);
                let faces = &faces[..1 + usize::from(both)];
                if let Ok(split) = people.split(&first.cluster_id, faces).await {
                    self.clusters.push(split.cluster);
                }
            }
            Deed::Move { face, target } => {
                let target = target.as_ref().map(|target| self.cluster(target));
                if let Ok(moved) = people.move_face(&self.face(face), target.as_ref()).await {
                    self.clusters.push(moved.cluster);
                }
            }
            Deed::Represent { face } => {
                let Ok(face) = people.face(&self.face(face)).await else {
                    return;
                };
                people.represent(&face.cluster_id, &face.face_id).await.unwrap();
            }
            Deed::DistinguishClusters { one, other } => {
                let _ = people
                    .distinguish_clusters(&self.cluster(one), &self.cluster(other))
                    .await;
            }
            Deed::WithdrawClusters { one, other } => {
                let _ = people
                    .withdraw_distinction(&self.cluster(one), &self.cluster(other))
                    .await;
            }
            Deed::DistinguishFaces { one, other } => {
                if let Ok(moved) = people.distinguish_faces(&self.face(one), &self.face(other)).await {
                    self.clusters.push(moved.cluster);
                }
            }
            Deed::WithdrawFaces { one, other } => {
                let _ = people
                    .withdraw_face_distinction(&self.face(one), &self.face(other))
                    .await;
            }
            Deed::Reject { face } => drop(people.reject(&self.face(face)).await),
            Deed::WithdrawRejection { face } => {
                people.withdraw_rejection(&self.face(face)).await.unwrap();
            }
            Deed::Hide { cluster, hidden } => drop(people.hide(&self.cluster(cluster), *hidden).await),
            Deed::BeUnsure { one, other, unsure } => {
                let (one, other) = (self.cluster(one), self.cluster(other));
                let _ = people.mark_unsure(&one, &other, *unsure).await;
            }
        }
    }
}

/// Undoes what is at a position, whoever it is about; gives the position of the undo.
async fn undo(people: &People, store: &dyn FaceStore, position: u64) -> u64 {
    let entry = store.correction(position).await.unwrap().unwrap();
    let undone = people.undo(&entry.cluster_ids[0], position).await.unwrap();
    assert_eq!(
        (undone.entry.correction.undoes, undone.entry.why_not),
        (position, None)
    );
    undone.entry.correction.position
}

async fn all_is_undone(store: Arc<dyn FaceStore>, deeds: Vec<Deed>) {
    let people = People::new(Arc::clone(&store), model());
    let mut known = Known::default();
    let photos: [&[usize]; 6] = [&[0, 1, 2], &[0, 1], &[0, 2, 3], &[1], &[3, 4], &[0]];
    for (view, persons) in photos.into_iter().enumerate() {
        for face in place_photo(&people, &format!("photo {view}"), persons, view).await {
            known.faces.push(face.face_id);
            if face.is_new_cluster {
                known.clusters.push(face.cluster_id);
            }
        }
    }
    // Before and after each that changed something.
    let mut done: Vec<(u64, Value, Value)> = Vec::new();
    for deed in &deeds {
        let (before, last) = (state(&*store).await, store.last_correction().await.unwrap());
        known.correct(&people, deed).await;
        let (after, position) = (state(&*store).await, store.last_correction().await.unwrap());
        // What has changed has an entry, and what has an entry has changed.
        assert_eq!(before != after, position == last + 1, "{deed:?}");
        if position > last {
            done.push((position, before, after));
        }
    }
    assert_sound(&people).await;
    let mut undone = Vec::new();
    for (position, before, _) in done.iter().rev() {
        undone.push(undo(&people, &*store, *position).await);
        assert_eq!(state(&*store).await, *before, "undoing {position}");
        assert_sound(&people).await;
    }
    for ((_, _, after), position) in done.iter().zip(undone.into_iter().rev()) {
        undo(&people, &*store, position).await;
        assert_eq!(
            state(&*store).await,
            *after,
            "undoing {position}, which is an undo"
        );
    }
    assert_sound(&people).await;
    assert_followed(&people).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn corrections_undone_in_reverse_order_leave_no_trace(deeds in deeds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        runtime.block_on(all_is_undone(Arc::new(embedded::open(directory.path())), deeds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn corrections_undone_in_reverse_order_leave_no_trace_on_qdrant(deeds in deeds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stand_in = StandIn::default();
            all_is_undone(Arc::new(qdrant::open(&stand_in.door()).await), deeds).await;
        });
    }
}
