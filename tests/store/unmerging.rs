//! A merge that is taken back leaves everybody where they belong; the same in every store.

use std::sync::Arc;

use ai_worker::domain::ClusterId;
use ai_worker::people::{People, PlacedFace};
use ai_worker::store::{Change, ClusterFlags, DecidedBy, FaceStore, Redirect};
use test_support::stand_in::StandIn;

use crate::fixtures::{
    AlonePolicyForTests, apply, assert_sound, consolidate, model, new_face, place_photo, record, stored,
};
use crate::{embedded, qdrant};

/// An empty store of either kind, and what it lasts as long as.
async fn both() -> [(Arc<dyn FaceStore>, Box<dyn std::any::Any>); 2] {
    let (directory, stand_in) = (tempfile::tempdir().unwrap(), StandIn::default());
    let embedded: Arc<dyn FaceStore> = Arc::new(embedded::open(directory.path()));
    let qdrant: Arc<dyn FaceStore> = Arc::new(qdrant::open(&stand_in.door()).await);
    [(embedded, Box::new(directory)), (qdrant, Box::new(stand_in))]
}

/// Three photos of Anna (1) and three of Budi (2).
async fn anna_and_budi(people: &People) -> (ClusterId, ClusterId) {
    let mut clusters = Vec::new();
    for (name, person) in [("anna", 1), ("budi", 2)] {
        for view in 0..3 {
            let placed = place_photo(people, &format!("{name} {view}"), &[person], view).await;
            clusters.push(placed[0].cluster_id);
        }
    }
    assert_eq!((clusters[0], clusters[3]), (clusters[2], clusters[5]));
    (clusters[0], clusters[3])
}

async fn size(people: &People, cluster: &ClusterId) -> u64 {
    people.cluster(cluster).await.unwrap().faces
}

/// More photos of Budi, numbered from the first on.
async fn later_photos(people: &People, first: usize, photos: usize) -> Vec<PlacedFace> {
    let mut placed = Vec::new();
    for number in first..first + photos {
        placed.extend(place_photo(people, &format!("later {number}"), &[2], number).await);
    }
    placed
}

#[tokio::test]
async fn photos_that_joined_the_wrong_person_go_back_with_the_one_they_belong_to() {
    for (store, _kept) in both().await {
        let people = People::new(store, model());
        let (anna, budi) = anna_and_budi(&people).await;
        people.merge(&[budi], &anna).await.unwrap();
        let later = later_photos(&people, 10, 4).await;
        assert!(later.iter().all(|face| face.cluster_id == anna));
        let annas = place_photo(&people, "anna later", &[1], 20).await;
        // An earlier photo that comes again has not joined since.
        assert_eq!(place_photo(&people, "anna 1", &[1], 1).await[0].cluster_id, anna);

        let back = people.unmerge(&budi).await.unwrap();
        assert_eq!((back.cluster, back.from), (budi, Some(anna)));
        assert_eq!((back.moved, back.later), (3, 4));
        assert_eq!((size(&people, &anna).await, size(&people, &budi).await), (4, 7));
        for face in &later {
            assert_eq!(people.face(&face.face_id).await.unwrap().cluster_id, budi);
            let explanation = people.explanation(&face.face_id).await.unwrap().unwrap();
            assert_eq!(explanation.decided_by, DecidedBy::Unmerge);
            assert_eq!(explanation.neighbours.len(), 6);
        }
        assert_eq!(people.face(&annas[0].face_id).await.unwrap().cluster_id, anna);
        assert_sound(&people).await;

        // The next photos go where they belong, and so do those that come again.
        assert_eq!(later_photos(&people, 30, 1).await[0].cluster_id, budi);
        assert_eq!(
            place_photo(&people, "anna last", &[1], 31).await[0].cluster_id,
            anna
        );
        assert_eq!(later_photos(&people, 10, 1).await[0].cluster_id, budi);
        assert_eq!(people.unmerge(&budi).await.unwrap().later, 0);
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn what_somebody_placed_stays_where_it_was_placed() {
    for (store, _kept) in both().await {
        let people = People::new(store, model());
        let (anna, budi) = anna_and_budi(&people).await;
        people.merge(&[budi], &anna).await.unwrap();
        let later = later_photos(&people, 10, 3).await;
        // Confirmed, and by a merge of its own; no more than two, or they would resemble Anna by now.
        people.move_face(&later[0].face_id, Some(&anna)).await.unwrap();
        let by_hand = place_alone(&people, "by hand", 2, 40).await;
        people.merge(&[by_hand.cluster_id], &anna).await.unwrap();

        let back = people.unmerge(&budi).await.unwrap();
        assert_eq!((back.moved, back.later), (3, 2));
        for face in [later[0].face_id, by_hand.face_id] {
            assert_eq!(people.face(&face).await.unwrap().cluster_id, anna);
        }
        let former = people.cluster(&by_hand.cluster_id).await.unwrap();
        assert_eq!(former.cluster_id, anna);
        assert_sound(&people).await;
    }
}

async fn place_alone(people: &People, name: &str, person: usize, view: usize) -> PlacedFace {
    let mut placed = people
        .place(
            record(name, 1),
            vec![new_face(0, person, view)],
            Arc::new(AlonePolicyForTests),
        )
        .await
        .unwrap();
    placed.remove(0)
}

#[tokio::test]
async fn a_cluster_that_consolidation_put_with_the_wrong_person_follows_with_its_id() {
    for (store, _kept) in both().await {
        let people = People::new(store, model());
        let (anna, budi) = anna_and_budi(&people).await;
        people.merge(&[budi], &anna).await.unwrap();
        let alone = place_alone(&people, "alone", 2, 40).await;
        let done = consolidate(&people, false).await;
        assert_eq!(
            (done.merges[0].source, done.merges[0].target),
            (alone.cluster_id, anna)
        );

        let back = people.unmerge(&budi).await.unwrap();
        assert_eq!((back.moved, back.later), (3, 1));
        assert_eq!(people.cluster(&alone.cluster_id).await.unwrap().cluster_id, budi);
        assert_eq!(people.distinct_from(&budi).await.unwrap(), [anna]);
        // It can be taken out of there, too.
        let back = people.unmerge(&alone.cluster_id).await.unwrap();
        assert_eq!((back.from, back.moved, back.later), (Some(budi), 1, 0));
        let mut strangers = people.distinct_from(&alone.cluster_id).await.unwrap();
        strangers.sort();
        let mut expected = [anna, budi];
        expected.sort();
        assert_eq!(strangers, expected);
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn a_cluster_that_was_merged_again_on_its_own_is_not_torn_from_there() {
    for (store, _kept) in both().await {
        let people = People::new(store, model());
        let mut ids = Vec::new();
        for person in 1..=4 {
            ids.push(place_photo(&people, &person.to_string(), &[person], 0).await[0].cluster_id);
        }
        let [anna, budi, carla, dewi] = ids[..] else {
            unreachable!()
        };
        // Budi came with Carla, and later for himself.
        people.merge(&[budi], &carla).await.unwrap();
        people.merge(&[carla], &anna).await.unwrap();
        people.unmerge(&budi).await.unwrap();
        people.merge(&[budi], &anna).await.unwrap();
        people.merge(&[anna], &dewi).await.unwrap();
        let back = people.unmerge(&carla).await.unwrap();
        assert_eq!((back.moved, back.later), (1, 0));
        assert_eq!(people.cluster(&budi).await.unwrap().cluster_id, dewi);
        assert_eq!(size(&people, &dewi).await, 3);
        let back = people.unmerge(&budi).await.unwrap();
        assert_eq!((back.from, back.moved), (Some(dewi), 1));
        assert_sound(&people).await;
    }
}

/// What a version before 0.2 left of a merge: the mark is with the target, and with the merge what it was before.
#[tokio::test]
async fn a_merge_of_an_earlier_version_is_taken_back_with_what_was_said() {
    for (store, _kept) in both().await {
        let (anna, budi, other) = (ClusterId::random(), ClusterId::random(), ClusterId::random());
        let faces = [
            stored("anna", anna, 1),
            stored("budi", anna, 2),
            stored("other", other, 3),
        ]
        .map(|face| ai_worker::store::StoredFace { joined: 0, ..face });
        let mut changes = faces.clone().map(Change::PutFace).to_vec();
        for face in [&faces[0], &faces[2]] {
            changes.push(Change::PutCluster {
                cluster: face.cluster_id,
                representative: face.face_id,
                flags: ClusterFlags::default(),
            });
        }
        changes.extend(["anna", "budi", "other"].map(|name| Change::PutPhoto(Box::new(record(name, 1)))));
        changes.extend(
            faces
                .each_ref()
                .map(|face| Change::PutPortrait(face.face_id, vec![1])),
        );
        changes.push(Change::PutDistinction(anna, other));
        changes.push(Change::PutRedirect(Redirect {
            source: budi,
            target: anna,
            representative: Some(faces[1].face_id),
            faces: vec![faces[1].face_id],
            distinctions: vec![other, ClusterId::random()],
            moment: 0,
            automatic: false,
            flags: ClusterFlags::default(),
        }));
        apply(&*store, changes).await;
        let people = People::new(store, model());
        let later = later_photos(&people, 10, 2).await;
        assert!(later.iter().all(|face| face.cluster_id == anna));

        let back = people.unmerge(&budi).await.unwrap();
        assert_eq!((back.moved, back.later), (1, 2));
        let mut strangers = people.distinct_from(&budi).await.unwrap();
        strangers.sort();
        let mut expected = [anna, other];
        expected.sort();
        assert_eq!(strangers, expected);
        assert!(people.distinct_from(&anna).await.unwrap().contains(&other));
        assert_sound(&people).await;
    }
}
