//! What keeps a photo out of the store.

use std::sync::Arc;

use ai_worker::domain::{Assignment, ClusterId, Decision, EmbeddingModel, Neighbour, SceneFace};
use ai_worker::people::{People, PeopleError, Policy, PolicyError};
use ai_worker::store::Counts;

use crate::embedded;
use crate::fixtures::{ThresholdPolicyForTests, new_face, record};

/// A stand-in for a plugin that names a cluster it was not shown.
struct ForeignPolicyForTests;

impl Policy for ForeignPolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

    fn neighbours(&self) -> usize {
        1
    }

    fn decide(&self, _: &SceneFace, _: &[Neighbour], _: &EmbeddingModel) -> Result<Decision, PolicyError> {
        Ok(Decision {
            assignment: Assignment::Join(ClusterId::random()),
            reason: String::new(),
        })
    }
}

async fn assert_empty(people: &People) {
    let nothing = Counts {
        faces: 0,
        clusters: 0,
        photos: 0,
    };
    assert_eq!(people.counts().await.unwrap(), nothing);
}

#[tokio::test]
async fn a_policy_that_names_a_foreign_cluster_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let outcome = people
        .place(
            record("one", 1),
            vec![new_face(0, 1, 0)],
            Arc::new(ForeignPolicyForTests),
        )
        .await;
    assert!(matches!(outcome, Err(PeopleError::InvalidDecision(_))));
    assert_empty(&people).await;
}

#[tokio::test]
async fn a_thumbnail_that_cannot_be_made_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let mut broken = new_face(1, 2, 0);
    broken.thumbnail = Box::new(|| Err("no picture".into()));
    let faces = vec![new_face(0, 1, 0), broken];
    let outcome = people
        .place(record("one", 2), faces, Arc::new(ThresholdPolicyForTests))
        .await;
    assert!(matches!(outcome, Err(PeopleError::Thumbnail(_))));
    assert_empty(&people).await;
}
