//! Clusters that turn out to be one person, and those that must not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ai_worker::domain::{ClusterId, Decision, EmbeddingModel, FaceId, Neighbour, SceneFace};
use ai_worker::people::{ConsolidationRequest, People, Policy, PolicyError};
use ai_worker::store::DecidedBy;

use crate::embedded;
use crate::fixtures::{
    AlonePolicyForTests, ThresholdPolicyForTests, assert_sound, consolidate, new_face, place_photo, record,
};

/// Three photos of one person, the last of which somebody once kept apart; gives its face and the two clusters.
async fn kept_apart(people: &People) -> (FaceId, ClusterId, ClusterId) {
    let anna = place_photo(people, "one", &[1], 0).await[0].cluster_id;
    place_photo(people, "two", &[1], 1).await;
    let face = place_photo(people, "three", &[1], 2).await[0].face_id;
    let apart = people.move_face(&face, None).await.unwrap().cluster;
    (face, anna, apart)
}

#[tokio::test]
async fn what_turns_out_to_be_one_person_becomes_one_cluster() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (_, anna, apart) = kept_apart(&people).await;
    place_photo(&people, "budi", &[2], 0).await;
    assert_eq!(consolidate(&people, false).await.merges, []);

    people.delete_cluster(&apart).await.unwrap();
    let twin = twin(&people).await;
    let planned = consolidate(&people, true).await;
    assert_eq!((planned.clusters, planned.faces, planned.merges.len()), (3, 4, 1));
    assert_sound(&people).await;
    let done = consolidate(&people, false).await;
    assert_eq!(done.merges.len(), 1);
    let merge = &done.merges[0];
    assert_eq!((merge.source, merge.target, merge.faces), (twin.1, anna, 1));
    let explanation = people.explanation(&twin.0).await.unwrap().unwrap();
    assert_eq!(explanation.decided_by, DecidedBy::Consolidation);
    assert_eq!(people.cluster(&twin.1).await.unwrap().cluster_id, anna);
    assert_eq!(consolidate(&people, false).await.merges, []);
    assert_sound(&people).await;

    // Taken back, it stays taken back.
    people.unmerge(&twin.1).await.unwrap();
    assert_eq!(consolidate(&people, false).await.merges, []);
    assert_sound(&people).await;
}

/// A photo of person 1 in a cluster of its own, which nobody corrected.
async fn twin(people: &People) -> (FaceId, ClusterId) {
    let placed = people
        .place(
            record("twin", 1),
            vec![new_face(0, 1, 7)],
            Arc::new(AlonePolicyForTests),
        )
        .await
        .unwrap();
    (placed[0].face_id, placed[0].cluster_id)
}

#[tokio::test]
async fn a_cluster_with_a_corrected_face_does_not_go_away() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (_, twin) = twin(&people).await;
    let face = people.faces_of_cluster(&twin, None, 1).await.unwrap()[0]
        .face
        .face_id;
    // Somebody confirmed that it belongs where it is.
    people.move_face(&face, Some(&twin)).await.unwrap();
    let photo = record("one", 1);
    let placed = people
        .place(photo, vec![new_face(0, 1, 0)], Arc::new(AlonePolicyForTests))
        .await
        .unwrap()[0]
        .cluster_id;
    // Two clusters of one person and of one size: the other one goes, whichever id is first.
    let done = consolidate(&people, false).await;
    assert_eq!((done.merges.len(), done.merges[0].source), (1, placed));
    assert!(people.face(&face).await.unwrap().corrected);
    assert_sound(&people).await;
}

#[tokio::test]
async fn a_consolidation_can_be_done_in_parts() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    for person in 0..5 {
        place_photo(&people, &person.to_string(), &[person], 0).await;
    }
    let (mut after, mut clusters) = (None, 0);
    for part in 0..3 {
        let request = ConsolidationRequest {
            dry_run: false,
            after,
            limit: 2,
        };
        let done = people
            .consolidate(request, Arc::new(ThresholdPolicyForTests))
            .await
            .unwrap();
        clusters += done.clusters;
        assert_eq!(done.next.is_none(), part == 2);
        after = done.next;
    }
    assert_eq!(clusters, 5);
}

/// A stand-in for a plugin that moves only faces that are alone. Keeps what it is told of their clusters.
#[derive(Default)]
struct ReviewingPolicyForTests(Mutex<Vec<u64>>);

impl Policy for ReviewingPolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

    fn neighbours(&self) -> usize {
        5
    }

    fn decide(&self, _: &SceneFace, _: &[Neighbour], _: &EmbeddingModel) -> Result<Decision, PolicyError> {
        unreachable!("no face comes")
    }

    fn review(
        &self,
        face: &SceneFace,
        cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        self.0.lock().unwrap().push(cluster_faces);
        if cluster_faces == 1 {
            ThresholdPolicyForTests.decide(face, neighbours, model)
        } else {
            AlonePolicyForTests.decide(face, neighbours, model)
        }
    }
}

#[tokio::test]
async fn a_policy_that_reviews_is_told_how_many_faces_a_cluster_has() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let anna = place_photo(&people, "one", &[1], 0).await[0].cluster_id;
    place_photo(&people, "two", &[1], 1).await;
    let (_, twin) = twin(&people).await;
    let policy = Arc::new(ReviewingPolicyForTests::default());
    let request = ConsolidationRequest {
        dry_run: true,
        after: None,
        limit: 100,
    };
    let planned = people
        .consolidate(request, Arc::<ReviewingPolicyForTests>::clone(&policy))
        .await
        .unwrap();
    let merges = planned.merges.iter().map(|merge| (merge.source, merge.target));
    assert_eq!(merges.collect::<Vec<_>>(), [(twin, anna)]);
    let mut told = policy.0.lock().unwrap().clone();
    told.sort_unstable();
    assert_eq!(told, [1, 2, 2]);
}

#[tokio::test]
async fn what_new_faces_say_about_clusters_near_them_is_heard_without_asking_about_all() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let (face, twin) = twin(&people).await;
    let anna = place_photo(&people, "one", &[1], 0).await[0].cluster_id;
    assert_eq!(anna, twin, "the first of two clusters");
    let apart = people
        .place(
            record("apart", 1),
            vec![new_face(0, 1, 8)],
            Arc::new(AlonePolicyForTests),
        )
        .await
        .unwrap()[0]
        .cluster_id;
    place_photo(&people, "stranger", &[2], 0).await;
    // Longer than for any evidence, nobody waits.
    let waited = tokio::time::timeout(Duration::from_secs(5), people.new_evidence()).await;
    assert!(waited.unwrap() < Duration::from_secs(5));
    let mut looks = 0;
    while people
        .consolidate_next(Arc::new(ThresholdPolicyForTests))
        .await
        .unwrap()
    {
        looks += 1;
        assert!(looks < 10, "a merge is looked at again, and then nothing is");
    }
    assert_eq!(people.cluster(&apart).await.unwrap().cluster_id, anna);
    assert_eq!(people.face(&face).await.unwrap().cluster_id, anna);
    let waited = tokio::time::timeout(Duration::from_millis(50), people.new_evidence()).await;
    assert!(waited.is_err(), "all evidence was heard");
    assert_sound(&people).await;
}

#[tokio::test]
async fn new_faces_ask_for_decisions_and_not_for_reviews() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    place_photo(&people, "one", &[1], 0).await;
    let (_, twin) = twin(&people).await;
    let policy = Arc::new(DecidingPolicyForTests);
    while people
        .consolidate_next(Arc::<DecidingPolicyForTests>::clone(&policy))
        .await
        .unwrap()
    {}
    // It joined the other one or took it in.
    assert_eq!(people.clusters(None, 10).await.unwrap().len(), 1);
    assert!(people.cluster(&twin).await.is_ok());
}

/// A stand-in for a plugin that must not be asked for reviews.
struct DecidingPolicyForTests;

impl Policy for DecidingPolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

    fn neighbours(&self) -> usize {
        5
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        ThresholdPolicyForTests.decide(face, neighbours, model)
    }

    fn review(
        &self,
        _: &SceneFace,
        _: u64,
        _: &[Neighbour],
        _: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        unreachable!("new faces are no reason for a review")
    }
}
