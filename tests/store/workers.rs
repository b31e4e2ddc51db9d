//! Workers on one Qdrant that die, pause or lose their turn.

use std::sync::Arc;

use ai_worker::domain::ClusterId;
use ai_worker::people::People;
use ai_worker::store::{Change, FaceStore as _, StoreError, StoreReads as _};

use crate::fixtures::{ThresholdPolicyForTests, assert_sound, file, new_face, place_photo, record, stored};
use crate::qdrant::{open, people};
use test_support::stand_in::{Door, StandIn};

/// What the dying worker is doing: a photo with people known and new, a merge, its undo, or a deletion.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Placing,
    Merging,
    Undoing,
    Deleting,
}

impl Doing {
    async fn happen(self, people: &People, anna: ClusterId, budi: ClusterId) {
        match self {
            Self::Placing => {
                // In place of an earlier photo that showed others.
                let faces = vec![new_face(0, 1, 1), new_face(1, 3, 0)];
                let policy = Arc::new(ThresholdPolicyForTests);
                let _ = people.place(record("both", 2), faces, policy).await;
            }
            Self::Merging => drop(people.merge(&[budi], &anna).await),
            Self::Undoing => drop(people.undo(&anna, 1).await),
            Self::Deleting => drop(people.delete_cluster(&budi).await),
        }
    }

    /// Whether it happened, once everything that was promised is done.
    async fn has_happened(self, people: &People, anna: ClusterId, budi: ClusterId) -> bool {
        match self {
            Self::Placing => {
                let faces = people.photo(&file("both")).await.unwrap().unwrap().faces;
                !faces.iter().any(|face| face.cluster_id == budi)
            }
            Self::Merging => people.cluster(&budi).await.unwrap().cluster_id == anna,
            Self::Undoing => people.cluster(&budi).await.unwrap().cluster_id == budi,
            Self::Deleting => people.cluster(&budi).await.is_err(),
        }
    }
}

/// A worker dies at its `writes`th write, and another goes on. Gives whether there was so much to write.
async fn one_dies(doing: Doing, writes: u32, last_is_made: bool) -> bool {
    let stand_in = StandIn::default();
    let (dying_door, living_door) = (stand_in.door(), stand_in.door());
    let dying = people(&dying_door).await;
    let anna = place_photo(&dying, "anna", &[1], 0).await[0].cluster_id;
    let budi = place_photo(&dying, "budi", &[2], 0).await[0].cluster_id;
    place_photo(&dying, "both", &[1, 2], 1).await;
    if matches!(doing, Doing::Undoing) {
        dying.merge(&[budi], &anna).await.unwrap();
    }
    quiet(&dying_door).await;

    dying_door.shut_after(writes, last_is_made);
    doing.happen(&dying, anna, budi).await;
    quiet_or_shut(&dying_door).await;
    let has_died = dying_door.is_shut();

    let living = people(&living_door).await;
    assert_sound(&living).await;
    let happened = doing.has_happened(&living, anna, budi).await;
    if matches!(doing, Doing::Merging | Doing::Undoing) {
        assert_told(&living, anna, budi).await;
    }
    assert_eq!(
        stand_in.records("journal"),
        0,
        "{doing:?} {writes} {last_is_made}"
    );
    // Asking again completes it, or finds it done.
    doing.happen(&living, anna, budi).await;
    assert!(doing.has_happened(&living, anna, budi).await);
    assert_sound(&living).await;
    assert!(happened || has_died, "{doing:?} was not done by who lived");
    has_died
}

/// A merge is in the history as one that counts, if it is there, and only then.
async fn assert_told(people: &People, anna: ClusterId, budi: ClusterId) {
    let entries = people.history(&anna, None, 9).await.unwrap().entries;
    let counts = entries
        .iter()
        .any(|entry| entry.correction.undoes == 0 && !entry.correction.undone);
    let is_merged = people.cluster(&budi).await.unwrap().cluster_id == anna;
    assert_eq!(counts, is_merged, "{entries:?}");
}

/// Waits until a turn that was given back is given back.
async fn quiet(door: &Door) {
    open(door).await.turn().await.unwrap().end().await;
}

/// The same, where the giving back may be what fails.
async fn quiet_or_shut(door: &Door) {
    for _ in 0..100 {
        if door.is_shut() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn dies_anywhere(doing: Doing) {
    let mut deaths = tokio::task::JoinSet::new();
    for writes in 0..18 {
        for last_is_made in [false, true] {
            deaths.spawn(one_dies(doing, writes, last_is_made));
        }
    }
    let died = deaths.join_all().await;
    // More writes than there are, and each one of those that there are.
    assert!(
        died.contains(&false) && died.iter().filter(|died| **died).count() >= 10,
        "{died:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_while_it_places_a_photo_leaves_nothing_half_done() {
    dies_anywhere(Doing::Placing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_while_it_merges_leaves_nothing_half_done() {
    dies_anywhere(Doing::Merging).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_while_it_undoes_a_merge_leaves_nothing_half_done() {
    dies_anywhere(Doing::Undoing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_while_it_deletes_leaves_nothing_half_done() {
    dies_anywhere(Doing::Deleting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_turn_was_taken_over_changes_nothing() {
    let stand_in = StandIn::default();
    let (first_door, second_door) = (stand_in.door(), stand_in.door());
    let (first, second) = (open(&first_door).await, open(&second_door).await);
    let mut turn = first.turn().await.unwrap();
    // Cut off for longer than its right lasts, it comes back.
    first_door.shut();
    let cluster = ClusterId::random();
    let theirs = stored("theirs", cluster, 1);
    let mut taken = second.turn().await.unwrap();
    taken.apply(vec![Change::PutFace(theirs.clone())]).await.unwrap();
    first_door.open();
    let late = turn.apply(vec![Change::RemoveFace(theirs.face_id)]).await;
    assert!(matches!(late, Err(StoreError::TurnLost)), "{late:?}");
    let late = turn.apply(vec![Change::RemoveFace(theirs.face_id)]).await;
    assert!(matches!(late, Err(StoreError::TurnLost)), "{late:?}");
    assert_eq!(second.face(&theirs.face_id).await.unwrap(), Some(theirs.clone()));
    drop(turn);
    taken
        .apply(vec![Change::RemoveFace(theirs.face_id)])
        .await
        .unwrap();
    taken.end().await;
    // Both may write again.
    for store in [first, second] {
        let mut turn = store.turn().await.unwrap();
        turn.apply(vec![Change::PutFace(stored("later", cluster, 2))])
            .await
            .unwrap();
        turn.end().await;
    }
    assert_eq!(stand_in.records("journal"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_lasts_for_as_long_as_it_is_held() {
    let stand_in = StandIn::default();
    let (first, second) = (open(&stand_in.door()).await, open(&stand_in.door()).await);
    let lease = stand_in.door().settings().lease;
    let mut held = first.turn().await.unwrap();
    let waits = tokio::time::timeout(lease * 2, second.turn()).await;
    assert!(waits.is_err(), "two had the turn at once");
    held.apply(vec![Change::PutFace(stored("one", ClusterId::random(), 1))])
        .await
        .unwrap();
    held.end().await;
    second.turn().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_waiting_keeps_nobody_waiting() {
    let stand_in = StandIn::default();
    let (first, second) = (open(&stand_in.door()).await, open(&stand_in.door()).await);
    let lease = stand_in.door().settings().lease;
    for microseconds in (0..6_000).step_by(250) {
        let patience = std::time::Duration::from_micros(microseconds);
        let _ = tokio::time::timeout(patience, first.turn()).await;
        let waits = tokio::time::timeout(lease / 2, second.turn()).await;
        waits.unwrap().unwrap().end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_larger_than_one_call_is_made_as_a_whole() {
    let stand_in = StandIn::default();
    let (dying_door, living_door) = (stand_in.door(), stand_in.door());
    let dying = open(&dying_door).await;
    let cluster = ClusterId::random();
    let faces: Vec<_> = (0..200).map(|person| stored("crowd", cluster, person)).collect();
    let changes: Vec<Change> = faces
        .iter()
        .flat_map(|face| {
            [
                Change::PutFace(face.clone()),
                Change::PutPortrait(face.face_id, vec![7; 15_000]),
            ]
        })
        .collect();
    let mut turn = dying.turn().await.unwrap();
    // Five calls of 1 MiB keep the journal, one names it, one of those that carry it out arrives.
    dying_door.shut_after(7, true);
    let unfinished = turn.apply(changes).await;
    assert!(
        matches!(unfinished, Err(StoreError::Unfinished(_))),
        "{unfinished:?}"
    );
    assert!(stand_in.records("journal") > 3);
    drop(turn);
    let living = open(&living_door).await;
    assert_eq!(living.faces_of_file(&file("crowd")).await.unwrap(), faces);
    assert_eq!(living.portraits().await.unwrap(), 200);
    assert_eq!(stand_in.records("journal"), 0);
}
