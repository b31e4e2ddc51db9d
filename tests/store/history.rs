//! Corrections have a history and can be undone exactly; the same in every store.

use std::sync::Arc;

use ai_worker::audit::Who;
use ai_worker::domain::ClusterId;
use ai_worker::people::{HistoryEntry, People, PeopleError};
use ai_worker::store::{Change, Correction, CorrectionKind, FaceStore, from_text};
use serde_json::json;
use test_support::stand_in::StandIn;

use crate::fixtures::{apply, assert_sound, consolidate, file, model, place_photo};
use crate::{embedded, qdrant};

/// Runs a test on each kind of store.
macro_rules! on_both {
    ($($name:ident, $on_qdrant:ident: $test:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let directory = tempfile::tempdir().unwrap();
            $test(Arc::new(embedded::open(directory.path()))).await;
        }

        #[tokio::test]
        async fn $on_qdrant() {
            let stand_in = StandIn::default();
            $test(Arc::new(qdrant::open(&stand_in.door()).await)).await;
        }
    )*};
}
pub(crate) use on_both;

on_both! {
    a_store_keeps_entries_and_finds_them_by_their_keys, qdrant_keeps_entries_and_finds_them_by_their_keys: entries_are_found;
    every_correction_has_an_entry_with_who_made_it, every_correction_has_an_entry_on_qdrant: every_correction_has_an_entry;
    a_history_follows_merges, a_history_follows_merges_on_qdrant: a_history_is_of_all_ids;
    what_a_later_correction_rests_upon_is_not_undone, what_a_later_correction_rests_upon_is_not_undone_on_qdrant: later_ones_count;
    what_came_by_itself_is_not_lost_by_an_undo, what_came_by_itself_is_not_lost_by_an_undo_on_qdrant: faces_that_came;
    a_rejected_face_comes_back_as_it_was, a_rejected_face_comes_back_as_it_was_on_qdrant: rejected_faces;
    a_merge_by_the_worker_is_undone_for_good, a_merge_by_the_worker_is_undone_for_good_on_qdrant: consolidations;
}

/// The newest entry of a person's history.
pub(crate) async fn latest(people: &People, cluster: &ClusterId) -> HistoryEntry {
    people.history(cluster, None, 1).await.unwrap().entries.remove(0)
}

fn kinds(entries: &[HistoryEntry]) -> Vec<CorrectionKind> {
    entries.iter().map(|entry| entry.correction.kind).collect()
}

pub(crate) async fn undo_latest(people: &People, cluster: &ClusterId) -> HistoryEntry {
    let position = latest(people, cluster).await.correction.position;
    people.undo(cluster, position).await.unwrap().entry
}

/// Why the newest entry but so many cannot be undone; the list and the undo say the same.
pub(crate) async fn why_not(people: &People, cluster: &ClusterId, newer: usize) -> String {
    let entries = people.history(cluster, None, 50).await.unwrap().entries;
    let entry = &entries[newer];
    let why = entry.why_not.clone().unwrap();
    let refused = people.undo(cluster, entry.correction.position).await;
    let Err(PeopleError::NotUndoable { position, why: said }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((position, &said), (entry.correction.position, &why));
    why
}

/// An entry as a file has it; its `steps` are nothing.
fn entry(position: u64, undoes: u64, clusters: &[ClusterId]) -> Correction {
    let entry = json!({
        "position": position, "at": 1, "key": "a key", "kind": "merged", "cluster_ids": clusters, "face_ids": [],
        "faces": 0, "undoes": undoes, "undone": false, "lost": null, "steps": [],
    });
    from_text(&entry.to_string()).unwrap()
}

async fn entries_are_found(store: Arc<dyn FaceStore>) {
    let store = &*store;
    let put = |entry: &Correction| Change::PutCorrection(Box::new(entry.clone()));
    let (anna, budi) = (ClusterId::random(), ClusterId::random());
    let all = [
        entry(1, 0, &[anna]),
        entry(2, 0, &[budi]),
        entry(3, 0, &[anna, budi]),
        entry(4, 3, &[anna]),
    ];
    assert_eq!(store.last_correction().await.unwrap(), 0);
    assert_eq!(store.correction(1).await.unwrap(), None);
    apply(store, all.iter().map(put).collect()).await;
    apply(store, vec![put(&all[0])]).await;
    assert_eq!(store.last_correction().await.unwrap(), 4);
    assert_eq!(store.correction(3).await.unwrap().as_ref(), Some(&all[2]));
    assert_eq!(store.corrections(1, 2).await.unwrap(), all[1..3]);
    let of = |ids: &[ClusterId]| ids.iter().map(|id| format!("c/{id}")).collect::<Vec<_>>();
    let positions = |found: Vec<Correction>| found.iter().map(|entry| entry.position).collect::<Vec<_>>();
    let found = |ids: &[ClusterId], before, limit| {
        let keys = of(ids);
        async move { positions(store.corrections_of(&keys, before, limit).await.unwrap()) }
    };
    assert_eq!(found(&[anna], None, 9).await, [4, 3, 1]);
    assert_eq!(found(&[anna, budi], None, 9).await, [4, 3, 2, 1]);
    assert_eq!(found(&[anna, budi], Some(4), 2).await, [3, 2]);
    assert!(found(&[ClusterId::random()], None, 9).await.is_empty());

    // What undoes something after the position stands in nobody's way.
    let keys = of(&[anna]);
    assert_eq!(store.later_correction(&keys, 1).await.unwrap(), Some(3));
    assert_eq!(store.later_correction(&keys, 3).await.unwrap(), None);
    assert_eq!(store.later_correction(&of(&[budi]), 2).await.unwrap(), Some(3));
    assert_eq!(store.later_correction(&[], 0).await.unwrap(), None);

    // Written anew, it is found by what it says then; what is removed leaves its position.
    apply(
        store,
        vec![put(&entry(3, 0, &[budi])), Change::RemoveCorrection(4)],
    )
    .await;
    assert_eq!(found(&[anna], None, 9).await, [1]);
    assert_eq!(store.last_correction().await.unwrap(), 4);
    apply(
        store,
        vec![put(&entry(5, 0, &[anna])), Change::TrimCorrections(3)],
    )
    .await;
    assert_eq!(positions(store.corrections(0, 9).await.unwrap()), [3, 5]);
    assert_eq!(found(&[anna, budi], None, 9).await, [5, 3]);
    assert_eq!(store.examine().await.unwrap(), Vec::<String>::new());
}

async fn every_correction_has_an_entry(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model()).by(&Who {
        key: Some("curator".into()),
        address: None,
    });
    let a = place_photo(&people, "a", &[1], 0).await.remove(0);
    let b = place_photo(&people, "b", &[2], 0).await.remove(0);
    let both = place_photo(&people, "both", &[1, 2, 3], 1).await;
    let (anna, budi) = (a.cluster_id, b.cluster_id);
    people.merge(&[budi], &anna).await.unwrap();
    // What changes nothing is no news.
    people.merge(&[budi], &anna).await.unwrap();
    people.unmerge(&budi).await.unwrap();
    people.represent(&anna, &both[0].face_id).await.unwrap();
    people.represent(&anna, &both[0].face_id).await.unwrap();
    let apart = people.split(&anna, &[both[0].face_id]).await.unwrap().cluster;
    people.move_face(&both[0].face_id, Some(&anna)).await.unwrap();
    people.move_face(&both[0].face_id, Some(&anna)).await.unwrap();
    people.withdraw_distinction(&anna, &budi).await.unwrap();
    people.distinguish_clusters(&anna, &budi).await.unwrap();
    people.distinguish_clusters(&anna, &budi).await.unwrap();
    people
        .withdraw_face_distinction(&a.face_id, &b.face_id)
        .await
        .unwrap();
    people.distinguish_faces(&a.face_id, &b.face_id).await.unwrap();
    people.reject(&both[0].face_id).await.unwrap();
    people.withdraw_rejection(&both[0].face_id).await.unwrap();

    use CorrectionKind::{
        ClusterDistinctionWithdrawn, ClustersDistinguished, FaceDistinctionWithdrawn, FaceMoved,
        FaceRejected, FaceRejectionWithdrawn, FacesDistinguished, Merged, RepresentativeChosen, Split,
        Unmerged,
    };
    let page = people.history(&anna, None, 50).await.unwrap();
    assert_eq!((page.cluster, page.next), (anna, None));
    assert_eq!(
        kinds(&page.entries),
        [
            FaceRejectionWithdrawn,
            FaceRejected,
            FacesDistinguished,
            FaceDistinctionWithdrawn,
            ClustersDistinguished,
            ClusterDistinctionWithdrawn,
            FaceMoved,
            Split,
            RepresentativeChosen,
            Unmerged,
            Merged
        ]
    );
    let oldest = &page.entries[10].correction;
    assert_eq!((oldest.position, oldest.key.as_deref()), (1, Some("curator")));
    assert_eq!((&oldest.cluster_ids[..], oldest.faces), (&[anna, budi][..], 2));
    assert_eq!(oldest.face_ids.len(), 2);
    let split = &page.entries[7].correction;
    assert_eq!(
        (&split.cluster_ids[..], &split.face_ids[..]),
        (&[anna, apart][..], &[both[0].face_id][..])
    );

    // Page by page, it is the same.
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let part = people.history(&anna, before, 3).await.unwrap();
        all.extend(part.entries);
        before = part.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(all, page.entries);
    assert_sound(&people).await;
}

async fn a_history_is_of_all_ids(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model());
    let mut ids = Vec::new();
    for (name, person) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        ids.push(place_photo(&people, name, &[person], 0).await[0].cluster_id);
    }
    let [a, b, c, d] = ids[..] else { panic!() };
    people.distinguish_clusters(&a, &d).await.unwrap();
    people.merge(&[a], &b).await.unwrap();
    people.merge(&[b], &c).await.unwrap();
    for id in [a, b, c] {
        let page = people.history(&id, None, 9).await.unwrap();
        assert_eq!((page.cluster, page.entries.len()), (c, 3));
    }
    // Only the last merge can be undone; then each has its own again.
    let why = why_not(&people, &c, 1).await;
    assert!(why.starts_with("the later correction 3 concerns"), "{why}");
    let undone = people.undo(&c, 3).await.unwrap();
    assert_eq!(undone.clusters, [c, b]);
    assert_eq!(undone.entry.correction.undoes, 3);
    assert_eq!(people.undo(&a, 2).await.unwrap().clusters, [b, a]);
    for (id, expected) in [(a, 3), (b, 4), (c, 2)] {
        let page = people.history(&id, None, 9).await.unwrap();
        assert_eq!((page.cluster, page.entries.len()), (id, expected));
    }
    assert_eq!(people.distinct_from(&a).await.unwrap(), [d]);

    // An entry is undone where it belongs.
    for (cluster, position) in [(c, 1), (a, 77), (a, 0)] {
        let refused = people.undo(&cluster, position).await;
        assert!(
            matches!(refused, Err(PeopleError::UnknownEntry(_))),
            "{refused:?}"
        );
    }
    for refused in [
        people.undo(&ClusterId::random(), 1).await.err(),
        people.history(&ClusterId::random(), None, 9).await.err(),
    ] {
        assert!(
            matches!(refused, Some(PeopleError::UnknownCluster(_))),
            "{refused:?}"
        );
    }
    assert_eq!(why_not(&people, &a, 1).await, "it was already undone");
    // An undo is undone, too, and then what it undid counts again.
    undo_latest(&people, &a).await;
    assert_eq!(people.cluster(&a).await.unwrap().cluster_id, b);
    let entries = people.history(&a, None, 9).await.unwrap().entries;
    let undone: Vec<(u64, bool)> = entries
        .iter()
        .map(|entry| (entry.correction.position, entry.correction.undone))
        .collect();
    assert_eq!(
        undone,
        [
            (6, false),
            (5, true),
            (4, false),
            (3, true),
            (2, false),
            (1, false)
        ]
    );
    assert_sound(&people).await;
}

async fn later_ones_count(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model());
    let crowd = place_photo(&people, "crowd", &[1, 2, 3], 0).await;
    let more = place_photo(&people, "more", &[1, 2, 3], 1).await;
    let [anna, budi, cita] = [0, 1, 2].map(|index| crowd[index].cluster_id);
    let face = more[0].face_id;
    let undo = async |position| people.undo(&anna, position).await;
    let says = |refused: Result<_, PeopleError>, what: &str| {
        let text = refused.err().unwrap().to_string();
        assert!(text.contains(what), "{text}");
    };
    // 1: a face goes to Budi; 2: it stands for Budi.
    people.move_face(&face, Some(&budi)).await.unwrap();
    people.represent(&budi, &face).await.unwrap();
    says(undo(1).await, "the later correction 2 concerns");
    undo_latest(&people, &budi).await;
    undo(1).await.unwrap();
    // 5: Anna is merged into Cita, 6: where a face moved before would have to go back to her.
    people.move_face(&face, Some(&budi)).await.unwrap();
    people.merge(&[anna], &cita).await.unwrap();
    says(undo(5).await, "the later correction 6 concerns");
    people.undo(&cita, 6).await.unwrap();
    undo(5).await.unwrap();
    // 9: a new person, 10: whom somebody tells from Budi.
    let apart = people.split(&anna, &[face]).await.unwrap().cluster;
    people.distinguish_clusters(&apart, &budi).await.unwrap();
    says(undo(9).await, "the later correction 10 concerns");
    people.undo(&apart, 10).await.unwrap();
    undo(9).await.unwrap();
    assert!(matches!(
        people.cluster(&apart).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    // Nobody has that id any more, and yet the split can be made again by undoing its undo.
    assert_eq!(
        kinds(&people.history(&apart, None, 9).await.unwrap().entries).len(),
        4
    );
    undo_latest(&people, &apart).await;
    assert_eq!(people.cluster(&apart).await.unwrap().faces, 1);
    // Two that have nothing to do with each other are undone in any order.
    people.distinguish_clusters(&budi, &cita).await.unwrap();
    people.move_face(&more[2].face_id, None).await.unwrap();
    people.undo(&budi, 14).await.unwrap();
    people.undo(&cita, 15).await.unwrap();
    assert_sound(&people).await;
}

async fn faces_that_came(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model());
    let a = place_photo(&people, "a", &[1], 0).await.remove(0);
    let again = place_photo(&people, "again", &[1], 1).await.remove(0);
    let apart = people
        .split(&a.cluster_id, &[again.face_id])
        .await
        .unwrap()
        .cluster;
    // The nearest face is that which was taken out.
    let later = place_photo(&people, "later", &[1], 1).await.remove(0);
    assert_eq!(later.cluster_id, apart);
    assert_eq!(
        why_not(&people, &apart, 0).await,
        format!("1 face(s) joined cluster {apart} later")
    );
    people.delete_file(&file("later")).await.unwrap();
    undo_latest(&people, &apart).await;

    // After a merge, what came to the one that stays remains there.
    let b = place_photo(&people, "b", &[2], 0).await.remove(0);
    people.merge(&[b.cluster_id], &a.cluster_id).await.unwrap();
    let later = place_photo(&people, "later", &[1], 2).await.remove(0);
    undo_latest(&people, &b.cluster_id).await;
    assert_eq!(
        people.face(&later.face_id).await.unwrap().cluster_id,
        a.cluster_id
    );
    assert_eq!(people.cluster(&b.cluster_id).await.unwrap().faces, 1);

    // Nobody would be left whom it was merged into.
    people.merge(&[b.cluster_id], &a.cluster_id).await.unwrap();
    for name in ["a", "again", "later"] {
        people.delete_file(&file(name)).await.unwrap();
    }
    assert_eq!(
        why_not(&people, &a.cluster_id, 0).await,
        format!("cluster {} would have no face left", a.cluster_id)
    );
    // Of what was merged, what is deleted stays so.
    let c = place_photo(&people, "c", &[3, 4], 0).await;
    people.merge(&[c[1].cluster_id], &c[0].cluster_id).await.unwrap();
    let more = place_photo(&people, "more", &[3], 1).await.remove(0);
    people.merge(&[c[0].cluster_id], &a.cluster_id).await.unwrap();
    people.delete_file(&file("more")).await.unwrap();
    assert!(matches!(
        people.face(&more.face_id).await,
        Err(PeopleError::UnknownFace(_))
    ));
    people
        .undo(
            &a.cluster_id,
            latest(&people, &a.cluster_id).await.correction.position,
        )
        .await
        .unwrap();
    assert_eq!(people.cluster(&c[0].cluster_id).await.unwrap().faces, 2);
    assert_sound(&people).await;
}

async fn rejected_faces(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model());
    let crowd = place_photo(&people, "crowd", &[1, 2, 3], 0).await;
    let (face, cluster) = (crowd[1].face_id, crowd[1].cluster_id);
    let before = store.photo(&file("crowd")).await.unwrap();
    let explained = store.explanation(&face).await.unwrap();
    people.reject(&face).await.unwrap();
    assert!(matches!(
        people.cluster(&cluster).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    undo_latest(&people, &cluster).await;
    assert_eq!(store.photo(&file("crowd")).await.unwrap(), before);
    assert_eq!(store.explanation(&face).await.unwrap(), explained);
    assert_eq!(store.portrait(&face).await.unwrap().unwrap(), b"a picture of 2");
    assert_eq!(people.rejections(&file("crowd")).await.unwrap(), []);
    crate::changes::assert_followed(&people).await;

    // Also when its photo was processed again, with what was found there then.
    undo_latest(&people, &cluster).await;
    let now = place_photo(&people, "crowd", &[1], 1).await;
    assert_eq!(now[0].face_id, crowd[0].face_id);
    undo_latest(&people, &cluster).await;
    let photo = store.photo(&file("crowd")).await.unwrap().unwrap();
    assert_eq!(
        photo.faces.iter().map(|face| face.face_id).collect::<Vec<_>>(),
        [crowd[0].face_id, face]
    );
    assert_sound(&people).await;

    // Not where another face has its place: the rejection was withdrawn, and the photo processed again.
    people.reject(&face).await.unwrap();
    people.withdraw_rejection(&face).await.unwrap();
    assert!(
        why_not(&people, &cluster, 1)
            .await
            .contains("the later correction")
    );
    let found = place_photo(&people, "crowd", &[1, 2], 2).await.remove(1);
    assert_eq!(
        why_not(&people, &cluster, 0).await,
        format!(
            "face {} was found at the same place later; reject that face first",
            found.face_id
        )
    );
    assert_sound(&people).await;
}

async fn consolidations(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model());
    // Two clusters of one person, as a policy made them that knows nobody.
    let mut twins = Vec::new();
    for (view, name) in ["one", "two", "three"].iter().enumerate() {
        let faces = vec![crate::fixtures::new_face(0, 1, view)];
        let policy = Arc::new(crate::fixtures::AlonePolicyForTests);
        let record = crate::fixtures::record(name, 1);
        twins.push(people.place(record, faces, policy).await.unwrap()[0].clone());
    }
    let explained = people.explanation(&twins[0].face_id).await.unwrap();
    let done = consolidate(&people, false).await;
    assert!(!done.merges.is_empty());
    let merge = &done.merges[0];
    let entries = people.history(&merge.source, None, 9).await.unwrap().entries;
    assert_eq!(kinds(&entries), vec![CorrectionKind::Consolidated; entries.len()]);
    assert_eq!(entries[0].correction.key, None);
    for entry in &entries {
        people
            .undo(&merge.source, entry.correction.position)
            .await
            .unwrap();
    }
    assert_eq!(people.counts().await.unwrap().clusters, 3);
    assert_eq!(people.explanation(&twins[0].face_id).await.unwrap(), explained);
    // The worker does not make it again.
    assert!(consolidate(&people, false).await.merges.iter().all(|again| {
        !done.merges.iter().any(|merge| {
            [merge.source, merge.target].contains(&again.source)
                && [merge.source, merge.target].contains(&again.target)
        })
    }));
    assert_sound(&people).await;
}
