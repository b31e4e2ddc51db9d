//! How long the history keeps what: who is deleted leaves it at once, and it goes where the store goes.

use std::sync::Arc;

use ai_worker::domain::FaceId;
use ai_worker::people::{People, PeopleError};
use ai_worker::store::{FaceStore, StoreError, export, import, to_text};
use rusqlite::Connection;
use test_support::stand_in::StandIn;

use crate::fixtures::{assert_sound, both, file, model, place_photo};
use crate::history::{latest, on_both, undo_latest, why_not};
use crate::{embedded, qdrant};

on_both! {
    who_is_deleted_leaves_the_history_at_once, who_is_deleted_leaves_the_history_at_once_on_qdrant: the_deleted_are_gone;
    the_last_corrections_are_kept, the_last_corrections_are_kept_on_qdrant: so_many_are_kept;
    a_history_moves_to_another_store, a_history_moves_from_qdrant: histories_move;
}

/// Everything that the history has, as text.
async fn text(store: &dyn FaceStore) -> String {
    to_text(&store.corrections(0, 1_000).await.unwrap()).unwrap()
}

async fn the_deleted_are_gone(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model());
    let crowd = place_photo(&people, "crowd", &[1, 2, 3, 4], 0).await;
    let more = place_photo(&people, "more", &[1, 2, 3, 4], 1).await;
    let [anna, budi, cita, dewi] = [0, 1, 2, 3].map(|index| crowd[index].cluster_id);
    people.merge(&[budi], &anna).await.unwrap();
    people.distinguish_clusters(&anna, &cita).await.unwrap();
    people.move_face(&more[2].face_id, Some(&dewi)).await.unwrap();
    let is_there = async |ids: &[String]| {
        let text = text(&*store).await;
        ids.iter().map(|id| text.contains(id)).collect::<Vec<bool>>()
    };
    // A person with all ids and faces; what is left says so, and of whom nothing is left, there is nothing.
    let ids: Vec<String> = [anna, budi]
        .map(|id| id.to_string())
        .into_iter()
        .chain([&crowd[0], &crowd[1], &more[0], &more[1]].map(|face| face.face_id.to_string()))
        .collect();
    assert_eq!(is_there(&ids[..2]).await, [true, true]);
    people.delete_cluster(&anna).await.unwrap();
    assert_eq!(is_there(&ids).await, [false; 6]);
    assert!(store.correction(1).await.unwrap().is_none());
    assert_eq!(
        why_not(&people, &cita, 1).await,
        "a person, a face or a photo that it concerns was deleted"
    );
    assert!(matches!(
        people.history(&anna, None, 9).await,
        Err(PeopleError::UnknownCluster(_))
    ));

    // A photo with its faces.
    let face = more[2].face_id.to_string();
    assert_eq!(is_there(std::slice::from_ref(&face)).await, [true]);
    people.delete_file(&file("more")).await.unwrap();
    assert_eq!(is_there(&[face]).await, [false]);
    assert_sound(&people).await;

    // A face that was rejected goes with the person, and with the photo; also when it was all that there was.
    for by_photo in [false, true] {
        let name = format!("by photo {by_photo}");
        let alone = place_photo(&people, &name, &[7], 0).await.remove(0);
        people.reject(&alone.face_id).await.unwrap();
        let held = [
            alone.face_id.to_string(),
            alone.cluster_id.to_string(),
            name.clone(),
        ];
        assert_eq!(is_there(&held).await, [true; 3]);
        if by_photo {
            people.delete_file(&file(&name)).await.unwrap();
            assert_eq!(is_there(&held[..1]).await, [false]);
            assert_eq!(is_there(&held[2..]).await, [false]);
        } else {
            people.delete_cluster(&alone.cluster_id).await.unwrap();
            assert_eq!(is_there(&held).await, [false; 3]);
        }
    }
    // A face that a photo does not hold any more.
    let last = place_photo(&people, "last", &[8, 9], 0).await;
    people
        .merge(&[last[0].cluster_id], &last[1].cluster_id)
        .await
        .unwrap();
    place_photo(&people, "last", &[9], 1).await;
    assert_eq!(is_there(&[last[0].face_id.to_string()]).await, [false]);
    assert_sound(&people).await;
}

async fn so_many_are_kept(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model()).with_corrections_kept(2);
    let crowd = place_photo(&people, "crowd", &[1, 2], 0).await;
    let (a, b) = (crowd[0].cluster_id, crowd[1].cluster_id);
    for _ in 0..2 {
        people.distinguish_clusters(&a, &b).await.unwrap();
        people.withdraw_distinction(&a, &b).await.unwrap();
    }
    let entries = people.history(&a, None, 9).await.unwrap().entries;
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry.correction.position)
            .collect::<Vec<_>>(),
        [4, 3]
    );
    let refused = people.undo(&a, 2).await.unwrap_err();
    assert!(
        refused.to_string().contains("the last 2 corrections are kept"),
        "{refused}"
    );
    assert_sound(&people).await;

    // None at all.
    let people = people.with_corrections_kept(0);
    assert!(matches!(
        people.undo(&a, 4).await,
        Err(PeopleError::NotUndoable { .. })
    ));
    people.merge(&[b], &a).await.unwrap();
    assert_eq!(store.corrections(0, 9).await.unwrap(), []);
    // A position is not used again.
    let people = people.with_corrections_kept(9);
    people.unmerge(&b).await.unwrap();
    assert_eq!(latest(&people, &b).await.correction.position, 5);
}

async fn histories_move(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model());
    let crowd = place_photo(&people, "crowd", &[1, 2, 3], 0).await;
    let (a, b) = (crowd[0].cluster_id, crowd[1].cluster_id);
    people.merge(&[b], &a).await.unwrap();
    people.reject(&crowd[2].face_id).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive.jsonl");
    let written = export(&*store, &model(), "a test", &archive, &|_, _| {})
        .await
        .unwrap();
    assert_eq!(written.corrections, 2);
    let other = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for other in both(other.path(), &stand_in).await {
        import(&*other, &model(), "a test", &archive, &|_, _| {})
            .await
            .unwrap();
        let all = other.corrections(0, 9).await.unwrap();
        assert_eq!(all, store.corrections(0, 9).await.unwrap());
        let people = People::new(other, model());
        undo_latest(&people, &crowd[2].cluster_id).await;
        undo_latest(&people, &b).await;
        assert_eq!(people.counts().await.unwrap().clusters, 3);
        assert_sound(&people).await;
    }
    // With vectors of another embedder, a face that the history holds cannot come back.
    let moved = folder.path().join("moved.jsonl");
    let vector = |_: &FaceId| Ok(crate::fixtures::embedding(5, 0));
    ai_worker::store::replace_vectors(&archive, &moved, &model(), vector).unwrap();
    let third = tempfile::tempdir().unwrap();
    let store = embedded::open(third.path());
    import(&store, &model(), "a test", &moved, &|_, _| {})
        .await
        .unwrap();
    let people = People::new(Arc::new(store), model());
    assert!(
        why_not(&people, &crowd[2].cluster_id, 0)
            .await
            .contains("embedder")
    );
    undo_latest(&people, &b).await;
}

#[tokio::test]
async fn keys_of_the_history_that_are_lost_are_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let crowd = place_photo(&people, "crowd", &[1, 2], 0).await;
    people
        .merge(&[crowd[1].cluster_id], &crowd[0].cluster_id)
        .await
        .unwrap();
    drop(people);
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database
        .execute_batch(
            "DELETE FROM correction_key WHERE key LIKE 'c/%'; INSERT INTO correction_key VALUES ('c/nobody', 9, 0)",
        )
        .unwrap();
    drop(database);
    let people = embedded::people(directory.path());
    let faults = people.verify().await.unwrap().faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].starts_with("2 corrections were missing from the index"),
        "{faults:?}"
    );
    people.repair().await.unwrap();
    assert_sound(&people).await;
    undo_latest(&people, &crowd[1].cluster_id).await;
    drop(people);
    // What cannot be read is told.
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database.execute("UPDATE correction SET json = '{}'", []).unwrap();
    drop(database);
    let people = embedded::people(directory.path());
    let faults = people.verify().await.unwrap().faults;
    assert!(
        faults.iter().any(|fault| fault.contains("\"correction\"")),
        "{faults:?}"
    );
    let refused = people.history(&crowd[1].cluster_id, None, 9).await;
    assert!(matches!(refused, Err(PeopleError::Store(StoreError::Damaged(_)))));
}

#[tokio::test]
async fn a_store_of_before_there_was_a_history_gets_one() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let crowd = place_photo(&people, "crowd", &[1, 2, 3], 0).await;
    let [a, b, c] = [0, 1, 2].map(|index| crowd[index].cluster_id);
    people.merge(&[b], &a).await.unwrap();
    drop(people);
    drop(embedded::as_version_5(directory.path()));
    let people = embedded::people(directory.path());
    assert_sound(&people).await;
    assert_eq!(people.history(&a, None, 9).await.unwrap().entries, []);
    // What was merged before is taken back as ever, and that can be undone.
    people.unmerge(&b).await.unwrap();
    people.merge(&[c], &a).await.unwrap();
    undo_latest(&people, &c).await;
    undo_latest(&people, &b).await;
    assert_eq!(people.cluster(&b).await.unwrap().cluster_id, a);
    assert_sound(&people).await;
}
