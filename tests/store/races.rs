//! Photos that come at the same time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ai_worker::domain::ClusterId;
use ai_worker::people::People;
use ai_worker::store::Counts;

use crate::embedded;
use crate::fixtures::{ThresholdPolicyForTests, assert_sound, new_face, record};

/// Two hundred new people in four photos each, all at once, are two hundred clusters. The workers share one store.
pub(crate) async fn no_twins(workers: &[People]) {
    let mut tasks = tokio::task::JoinSet::new();
    for person in 0..200 {
        for view in 0..4 {
            let people = workers[(person + view) % workers.len()].clone();
            tasks.spawn(async move {
                let photo = record(&format!("{person}-{view}"), 1);
                let policy = Arc::new(ThresholdPolicyForTests);
                let placed = people.place(photo, vec![new_face(0, person, view)], policy).await;
                (person, placed.unwrap())
            });
        }
    }
    let mut clusters: HashMap<usize, HashSet<ClusterId>> = HashMap::new();
    while let Some(placed) = tasks.join_next().await {
        let (person, placed) = placed.unwrap();
        clusters.entry(person).or_default().insert(placed[0].cluster_id);
    }
    assert!(clusters.values().all(|clusters| clusters.len() == 1));
    assert_eq!(
        workers[0].counts().await.unwrap(),
        Counts {
            faces: 800,
            clusters: 200,
            photos: 800
        }
    );
    assert_sound(&workers[0]).await;
}

#[tokio::test]
async fn photos_of_new_people_at_once_make_no_twins() {
    let directory = tempfile::tempdir().unwrap();
    no_twins(&[embedded::people(directory.path())]).await;
}
