//! Whatever happens to people, everything fits together, and corrections last.

use std::collections::HashMap;

use ai_worker::domain::{ClusterId, FaceId};
use ai_worker::people::People;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::changes::assert_followed;
use crate::embedded;
use crate::fixtures::{assert_sound, file, place_photo};

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Place { photo: u8, persons: Vec<usize> },
    Merge { source: Index, target: Index },
    Unmerge { source: Index },
    Split { face: Index },
    Move { face: Index, target: Option<Index> },
    Distinguish { face: Index, other: Index },
    Reject { face: Index },
    DeleteFile { photo: u8 },
    DeleteCluster { cluster: Index },
}

pub(crate) fn events() -> impl Strategy<Value = Vec<Event>> {
    let index = any::<Index>;
    let event = prop_oneof![
        6 => (0_u8..6, proptest::collection::vec(0_usize..5, 0..4))
            .prop_map(|(photo, persons)| Event::Place { photo, persons }),
        3 => (index(), index()).prop_map(|(source, target)| Event::Merge { source, target }),
        2 => index().prop_map(|source| Event::Unmerge { source }),
        1 => index().prop_map(|face| Event::Split { face }),
        2 => (index(), proptest::option::of(index())).prop_map(|(face, target)| Event::Move { face, target }),
        1 => (index(), index()).prop_map(|(face, other)| Event::Distinguish { face, other }),
        1 => index().prop_map(|face| Event::Reject { face }),
        1 => (0_u8..6).prop_map(|photo| Event::DeleteFile { photo }),
        1 => index().prop_map(|cluster| Event::DeleteCluster { cluster }),
    ];
    proptest::collection::vec(event, 1..24)
}

/// What the test knows besides the store.
#[derive(Default)]
struct Known {
    /// Every cluster there ever was.
    clusters: Vec<ClusterId>,
    /// The faces somebody moved, and where to.
    corrected: HashMap<FaceId, ClusterId>,
}

/// Lets a history happen to empty people, and looks at everything after each event.
pub(crate) async fn happen(people: &People, events: Vec<Event>) {
    let mut known = Known::default();
    for (view, event) in events.into_iter().enumerate() {
        one(people, event, view, &mut known).await;
        assert_sound(people).await;
        // What somebody moved is where it was moved to, or where that was merged into, or taken back to by hand.
        for (face, cluster) in &known.corrected {
            let face = people.face(face).await.unwrap();
            assert!(face.corrected);
            let meant = people.cluster(cluster).await.unwrap();
            assert_eq!(face.cluster_id, meant.cluster_id);
        }
        // Two people who are different are two.
        for cluster in people.clusters(None, 100).await.unwrap() {
            for other in people.distinct_from(&cluster.cluster_id).await.unwrap() {
                assert_ne!(other, cluster.cluster_id);
                assert_eq!(people.cluster(&other).await.unwrap().cluster_id, other);
            }
        }
    }
    assert_followed(people).await;
}

async fn one(people: &People, event: Event, view: usize, known: &mut Known) {
    let faces: Vec<FaceId> = people
        .faces(None, 100)
        .await
        .unwrap()
        .iter()
        .map(|face| face.face.face_id)
        .collect();
    let clusters = known.clusters.clone();
    let pick = |index: &Index| (!faces.is_empty()).then(|| faces[index.index(faces.len())]);
    let pick_cluster = |index: &Index| (!clusters.is_empty()).then(|| clusters[index.index(clusters.len())]);
    match event {
        Event::Place { photo, persons } => {
            let placed = place_photo(people, &photo.to_string(), &persons, view).await;
            known.clusters.extend(
                placed
                    .iter()
                    .filter(|face| face.is_new_cluster)
                    .map(|face| face.cluster_id),
            );
        }
        Event::Merge { source, target } => {
            let (Some(source), Some(target)) = (pick_cluster(&source), pick_cluster(&target)) else {
                return;
            };
            // Ids of the deleted are refused, and so are two names of one.
            let _ = people.merge(&[source], &target).await;
        }
        Event::Unmerge { source } => {
            let Some(source) = pick_cluster(&source) else {
                return;
            };
            if people
                .unmerge(&source)
                .await
                .is_ok_and(|unmerged| unmerged.moved > 0)
            {
                // Faces that were moved into the cluster before it was merged away came back with it.
                follow(people, &mut known.corrected).await;
            }
        }
        Event::Split { face } => {
            let Some(face) = pick(&face) else { return };
            let from = people.face(&face).await.unwrap().cluster_id;
            if let Ok(split) = people.split(&from, &[face]).await {
                known.clusters.push(split.cluster);
                known.corrected.insert(face, split.cluster);
            }
        }
        Event::Move { face, target } => {
            let Some(face) = pick(&face) else { return };
            let target = target.as_ref().and_then(pick_cluster);
            if let Ok(moved) = people.move_face(&face, target.as_ref()).await {
                known.clusters.push(moved.cluster);
                known.corrected.insert(face, moved.cluster);
            }
        }
        Event::Distinguish { face, other } => {
            let (Some(face), Some(other)) = (pick(&face), pick(&other)) else {
                return;
            };
            if let Ok(moved) = people.distinguish_faces(&face, &other).await {
                known.clusters.push(moved.cluster);
                if moved.cluster != moved.from {
                    known.corrected.insert(face, moved.cluster);
                }
            }
        }
        Event::Reject { face } => {
            let Some(face) = pick(&face) else { return };
            people.reject(&face).await.unwrap();
        }
        Event::DeleteFile { photo } => {
            people.delete_file(&file(&photo.to_string())).await.unwrap();
        }
        Event::DeleteCluster { cluster } => {
            let Some(cluster) = pick_cluster(&cluster) else {
                return;
            };
            people.delete_cluster(&cluster).await.unwrap();
        }
    }
    // A photo that shows somebody else now, or is gone, has taken its faces along.
    let mut gone = Vec::new();
    for face in known.corrected.keys() {
        if people.face(face).await.is_err() {
            gone.push(*face);
        }
    }
    for face in gone {
        known.corrected.remove(&face);
    }
}

async fn follow(people: &People, corrected: &mut HashMap<FaceId, ClusterId>) {
    for (face, cluster) in corrected.iter_mut() {
        if let Ok(face) = people.face(face).await {
            *cluster = face.cluster_id;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn everything_fits_together_whatever_happens(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let counts = runtime.block_on(async {
            let people = embedded::people(directory.path());
            happen(&people, events).await;
            people.counts().await.unwrap()
        });
        // Another process finds the same.
        drop(runtime);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let reopened = embedded::people(directory.path());
        prop_assert_eq!(runtime.block_on(reopened.counts()).unwrap(), counts);
    }
}
