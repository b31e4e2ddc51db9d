//! What corrections do, one by one; the same in every store.

use ai_worker::domain::ClusterId;
use ai_worker::people::{People, PeopleError};
use ai_worker::store::StoreReads as _;

use crate::embedded;
use crate::fixtures::{assert_sound, file, place_photo};

/// The clusters of three photos of Anna (1), Budi (2) and both.
async fn anna_and_budi(people: &People) -> (ClusterId, ClusterId) {
    let anna = place_photo(people, "anna", &[1], 0).await[0].cluster_id;
    let budi = place_photo(people, "budi", &[2], 0).await[0].cluster_id;
    let both = place_photo(people, "both", &[1, 2], 1).await;
    assert_eq!((both[0].cluster_id, both[1].cluster_id), (anna, budi));
    (anna, budi)
}

async fn size(people: &People, cluster: &ClusterId) -> u64 {
    people.cluster(cluster).await.unwrap().faces
}

#[tokio::test]
async fn a_cluster_that_was_merged_away_keeps_answering_and_can_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let carla = place_photo(&people, "carla", &[3], 0).await[0].cluster_id;

    // A chain: Budi into Anna, Anna into Carla.
    let merged = people.merge(&[budi], &anna).await.unwrap();
    assert_eq!(
        (merged.moved, merged.target, merged.removed),
        (2, anna, vec![budi])
    );
    assert_eq!(people.merge(&[budi], &anna).await.unwrap().moved, 0);
    let merged = people.merge(&[anna], &carla).await.unwrap();
    assert_eq!(merged.moved, 4);
    for id in [&anna, &budi, &carla] {
        let (survivor, jpeg) = people.thumbnail(id).await.unwrap();
        assert_eq!((survivor, jpeg), (carla, b"a picture of 3".to_vec()));
        assert_eq!(size(&people, id).await, 5);
        assert_eq!(people.faces_of_cluster(id, None, 9).await.unwrap().len(), 5);
    }
    let mut former = people.former_ids(&carla).await.unwrap();
    former.sort();
    let mut expected = [anna, budi];
    expected.sort();
    assert_eq!(former, expected);
    // A merge into an id that is gone goes where that went.
    let dewi = place_photo(&people, "dewi", &[4], 0).await[0].cluster_id;
    assert_eq!(people.merge(&[dewi], &budi).await.unwrap().target, carla);
    assert_sound(&people).await;

    // A new photo of Budi finds the survivor.
    assert_eq!(place_photo(&people, "later", &[2], 3).await[0].cluster_id, carla);

    // Taken back in the order of the merges: what came later goes where it belongs.
    let back = people.unmerge(&budi).await.unwrap();
    assert_eq!((back.cluster, back.from), (budi, Some(carla)));
    assert_eq!((back.moved, back.later), (2, 1));
    assert_eq!(people.unmerge(&budi).await.unwrap().moved, 0);
    assert_eq!(
        people.thumbnail(&budi).await.unwrap(),
        (budi, b"a picture of 2".to_vec())
    );
    assert_eq!(people.distinct_from(&budi).await.unwrap(), [carla]);
    let back = people.unmerge(&anna).await.unwrap();
    assert_eq!((back.from, back.moved, back.later), (Some(carla), 2, 0));
    assert_eq!((size(&people, &anna).await, size(&people, &carla).await), (2, 2));
    assert_eq!(size(&people, &budi).await, 3);
    assert_sound(&people).await;
}

#[tokio::test]
async fn a_merge_that_cannot_be_done_or_undone_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let nobody = ClusterId::random();
    let counts = people.counts().await.unwrap();
    assert!(matches!(
        people.merge(&[], &anna).await,
        Err(PeopleError::EmptyMerge)
    ));
    assert!(matches!(
        people.merge(&[budi, anna], &anna).await,
        Err(PeopleError::SourceIsTarget(_))
    ));
    assert!(matches!(
        people.merge(&[budi, nobody], &anna).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    assert!(matches!(
        people.merge(&[anna], &nobody).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    assert!(matches!(
        people.unmerge(&nobody).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    assert_eq!(people.counts().await.unwrap(), counts);

    // Nothing comes back of a cluster whose photos are gone, and its id still answers.
    let eka = place_photo(&people, "eka", &[5], 0).await[0].cluster_id;
    people.merge(&[eka], &anna).await.unwrap();
    people.delete_file(&file("eka")).await.unwrap();
    assert!(matches!(
        people.unmerge(&eka).await,
        Err(PeopleError::NothingToRestore(_))
    ));
    assert_eq!(people.cluster(&eka).await.unwrap().cluster_id, anna);
    assert_sound(&people).await;
}

#[tokio::test]
async fn a_split_and_a_move_last_when_the_photo_comes_again() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let faces = people.faces_of_cluster(&anna, None, 9).await.unwrap();
    let taken = faces[1].face.face_id;
    let split = people.split(&anna, &[taken, taken]).await.unwrap();
    assert_eq!((split.from, split.moved), (anna, 1));
    assert_eq!(people.split(&anna, &[taken]).await.unwrap().moved, 0);
    assert_eq!(people.distinct_from(&anna).await.unwrap(), [split.cluster]);
    assert_eq!(people.thumbnail(&split.cluster).await.unwrap().0, split.cluster);

    // Again, in another view: the policy would say Anna, the correction stays.
    let both = place_photo(&people, "both", &[1, 2], 2).await;
    assert_eq!(both[0].cluster_id, split.cluster);
    assert!(people.face(&taken).await.unwrap().corrected);

    // Its only face moves on: the cluster is merged, so that its id keeps answering.
    let moved = people.move_face(&taken, Some(&budi)).await.unwrap();
    assert_eq!((moved.cluster, moved.from), (budi, split.cluster));
    assert_eq!(people.move_face(&taken, Some(&budi)).await.unwrap().from, budi);
    assert_eq!(people.cluster(&split.cluster).await.unwrap().cluster_id, budi);
    let explanation = people.explanation(&taken).await.unwrap().unwrap();
    assert_eq!(explanation.policy, None);

    // To a cluster of its own; there it is alone, so once is enough.
    let alone = people.move_face(&taken, None).await.unwrap().cluster;
    assert_ne!(alone, budi);
    assert_eq!(people.move_face(&taken, None).await.unwrap().cluster, alone);
    assert_eq!(people.distinct_from(&alone).await.unwrap(), [budi]);

    let carla = place_photo(&people, "carla", &[3], 0).await[0].cluster_id;
    let stays = people.faces_of_cluster(&anna, None, 9).await.unwrap()[0]
        .face
        .face_id;
    assert!(matches!(
        people.split(&anna, &[stays]).await,
        Err(PeopleError::NothingStays(_))
    ));
    assert!(matches!(
        people.split(&anna, &[]).await,
        Err(PeopleError::EmptySplit)
    ));
    assert!(matches!(
        people.split(&carla, &[stays]).await,
        Err(PeopleError::NotInCluster { .. })
    ));
    assert_sound(&people).await;
}

#[tokio::test]
async fn people_who_are_not_the_same_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let faces = people.faces_of_cluster(&anna, None, 9).await.unwrap();
    let (first, second) = (faces[0].face.face_id, faces[1].face.face_id);
    let moved = people.distinguish_faces(&second, &first).await.unwrap();
    assert_eq!(moved.from, anna);
    assert_ne!(moved.cluster, anna);
    let again = people.distinguish_faces(&second, &first).await.unwrap();
    assert_eq!(again.cluster, moved.cluster);
    people.distinguish_clusters(&anna, &budi).await.unwrap();
    let mut distinct = people.distinct_from(&anna).await.unwrap();
    distinct.sort();
    let mut expected = [budi, moved.cluster];
    expected.sort();
    assert_eq!(distinct, expected);

    // What is different from a cluster is different from what it is merged into; taking that back gives it back.
    let carla = place_photo(&people, "carla", &[3], 0).await[0].cluster_id;
    people.merge(&[anna], &carla).await.unwrap();
    assert_eq!(people.distinct_from(&carla).await.unwrap(), expected);
    assert_eq!(people.distinct_from(&budi).await.unwrap(), [carla]);
    people.unmerge(&anna).await.unwrap();
    assert_eq!(people.distinct_from(&carla).await.unwrap(), [anna]);
    assert_eq!(people.distinct_from(&budi).await.unwrap(), [anna]);

    // Somebody who merges two knows better than before.
    people.merge(&[budi], &anna).await.unwrap();
    assert!(!people.distinct_from(&anna).await.unwrap().contains(&budi));
    assert!(matches!(
        people.distinguish_clusters(&anna, &budi).await,
        Err(PeopleError::SameCluster(..))
    ));
    assert!(matches!(
        people.distinguish_faces(&first, &first).await,
        Err(PeopleError::SameFace)
    ));
    assert_sound(&people).await;
}

#[tokio::test]
async fn what_is_no_face_and_what_is_deleted_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let people = People::new(std::sync::Arc::new(store.clone()), crate::fixtures::model());
    let (anna, budi) = anna_and_budi(&people).await;
    let face = people.faces_of_cluster(&anna, None, 9).await.unwrap()[1]
        .face
        .clone();
    let rejection = people.reject(&face.face_id).await.unwrap();
    assert_eq!(
        (&rejection.file_id, rejection.bounding_box),
        (&face.file_id, face.bounding_box)
    );
    assert_eq!(people.reject(&face.face_id).await.unwrap(), rejection);
    assert_eq!(people.rejections(&face.file_id).await.unwrap(), [rejection]);
    assert!(matches!(
        people.face(&face.face_id).await,
        Err(PeopleError::UnknownFace(_))
    ));
    assert_sound(&people).await;

    // A person with a former id: all of it goes, and the photo keeps the other.
    let carla = place_photo(&people, "carla", &[3, 4], 0).await[0].cluster_id;
    people.merge(&[anna], &carla).await.unwrap();
    assert_eq!(people.delete_cluster(&anna).await.unwrap(), 2);
    assert_eq!(people.delete_cluster(&anna).await.unwrap(), 0);
    for gone in [&anna, &carla] {
        assert!(matches!(
            people.thumbnail(gone).await,
            Err(PeopleError::UnknownCluster(_))
        ));
    }
    assert_eq!(store.redirects(None, 9).await.unwrap(), []);
    let photo = people.photo(&file("carla")).await.unwrap().unwrap();
    assert_eq!(
        (photo.faces.len(), photo.record.unwrap().scene.faces.len()),
        (1, 1)
    );
    assert_sound(&people).await;

    assert_eq!(people.delete_file(&file("both")).await.unwrap(), 1);
    assert_eq!(people.delete_file(&file("both")).await.unwrap(), 0);
    assert_eq!(people.photo(&file("both")).await.unwrap(), None);
    assert_eq!(people.rejections(&file("both")).await.unwrap(), []);
    assert_eq!(size(&people, &budi).await, 1);
    assert_sound(&people).await;
}

#[tokio::test]
async fn what_was_said_by_mistake_is_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let carla = place_photo(&people, "carla", &[3], 0).await[0].cluster_id;
    people.distinguish_clusters(&anna, &carla).await.unwrap();
    people.merge(&[budi], &anna).await.unwrap();
    people.distinguish_clusters(&carla, &anna).await.unwrap();
    // By any of the ids, all that was said; and both parts are free of it afterwards.
    assert!(people.withdraw_distinction(&carla, &budi).await.unwrap());
    assert!(!people.withdraw_distinction(&carla, &budi).await.unwrap());
    assert_eq!(people.distinct_from(&carla).await.unwrap(), []);
    people.unmerge(&budi).await.unwrap();
    assert_eq!(people.distinct_from(&carla).await.unwrap(), []);
    assert_eq!(people.distinct_from(&budi).await.unwrap(), [anna]);
    assert!(people.withdraw_distinction(&anna, &budi).await.unwrap());
    assert_eq!(people.distinct_from(&budi).await.unwrap(), []);

    let faces = people.faces_of_cluster(&anna, None, 9).await.unwrap();
    let (first, second) = (faces[0].face.face_id, faces[1].face.face_id);
    assert!(!people.withdraw_face_distinction(&first, &second).await.unwrap());
    let alone = people.distinguish_faces(&second, &first).await.unwrap().cluster;
    assert!(people.withdraw_face_distinction(&first, &second).await.unwrap());
    assert!(!people.withdraw_face_distinction(&second, &first).await.unwrap());
    assert_eq!(people.distinct_from(&alone).await.unwrap(), []);
    assert_eq!(people.face(&second).await.unwrap().cluster_id, alone);

    let rejection = people.reject(&first).await.unwrap();
    assert!(people.withdraw_rejection(&first).await.unwrap());
    assert!(!people.withdraw_rejection(&first).await.unwrap());
    assert_eq!(people.rejections(&rejection.file_id).await.unwrap(), []);

    assert!(matches!(
        people.withdraw_distinction(&anna, &ClusterId::random()).await,
        Err(PeopleError::UnknownCluster(_))
    ));
    assert!(matches!(
        people.withdraw_distinction(&budi, &budi).await,
        Err(PeopleError::SameCluster(..))
    ));
    assert!(matches!(
        people.withdraw_face_distinction(&second, &second).await,
        Err(PeopleError::SameFace)
    ));
    assert!(matches!(
        people.withdraw_face_distinction(&second, &first).await,
        Err(PeopleError::UnknownFace(_))
    ));
    assert_sound(&people).await;
}

#[tokio::test]
async fn somebody_chooses_what_stands_for_a_person() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (anna, budi) = anna_and_budi(&people).await;
    let faces = people.faces_of_cluster(&anna, None, 9).await.unwrap();
    assert_eq!(
        people.cluster(&anna).await.unwrap().representative,
        faces[0].face.face_id
    );
    let chosen = faces[1].face.face_id;
    assert_eq!(people.represent(&anna, &chosen).await.unwrap(), anna);
    assert_eq!(people.cluster(&anna).await.unwrap().representative, chosen);
    assert!(matches!(
        people.represent(&budi, &chosen).await,
        Err(PeopleError::NotInCluster { .. })
    ));
    // It stays when the photo comes again, and another takes its place when the photo goes.
    place_photo(&people, "both", &[1, 2], 2).await;
    assert_eq!(people.cluster(&anna).await.unwrap().representative, chosen);
    people.delete_file(&file("both")).await.unwrap();
    assert_eq!(
        people.cluster(&anna).await.unwrap().representative,
        faces[0].face.face_id
    );
    assert_sound(&people).await;
}
