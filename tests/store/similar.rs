//! Who resembles a person, page by page; the same in every store.

use std::sync::Arc;

use ai_worker::domain::{ClusterId, Embedding};
use ai_worker::people::{People, PeopleError, SimilarCursor};
use ai_worker::store::{Change, ClusterFlags, FaceStore, StoredFace};
use fastrand::Rng;
use test_support::stand_in::StandIn;

use crate::fixtures::{WIDTH, apply, model, stored};
use crate::{embedded, qdrant};

/// People with one to nine random faces each, and what they look like.
async fn crowd(store: &dyn FaceStore, people: usize, random: &mut Rng) -> Vec<Vec<StoredFace>> {
    let mut crowd = Vec::new();
    for person in 0..people {
        let cluster = ClusterId::random();
        let mut faces = Vec::new();
        for number in 0..random.usize(1..10) {
            let values = (0..WIDTH).map(|_| random.f32() - 0.5).collect();
            faces.push(StoredFace {
                embedding: Embedding::normalised(values).unwrap(),
                quality: random.f32(),
                ..stored(&format!("{person} {number}"), cluster, 0)
            });
        }
        let mut changes: Vec<Change> = faces.iter().cloned().map(Change::PutFace).collect();
        changes.push(Change::PutCluster {
            cluster,
            representative: faces[0].face_id,
            flags: ClusterFlags::default(),
        });
        apply(store, changes).await;
        crowd.push(faces);
    }
    crowd
}

/// Everybody else, most similar first, by looking at every face.
fn expected(crowd: &[Vec<StoredFace>], person: usize) -> Vec<(ClusterId, f32)> {
    let mut sums = vec![0.0; WIDTH];
    for face in &crowd[person] {
        for (sum, value) in sums.iter_mut().zip(face.embedding.as_slice()) {
            *sum += value;
        }
    }
    let mean = Embedding::normalised(sums).unwrap();
    let mut others: Vec<(ClusterId, f32)> = Vec::new();
    for (number, faces) in crowd.iter().enumerate() {
        if number != person {
            let similarities = faces.iter().map(|face| face.embedding.cosine(&mean));
            others.push((faces[0].cluster_id, similarities.fold(-1.0, f32::max)));
        }
    }
    others.sort_by(|a, b| b.1.total_cmp(&a.1));
    others
}

async fn pages_are_in_order_and_whole(store: Arc<dyn FaceStore>) {
    let seed = std::process::id().into();
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let crowd = crowd(&*store, 60, &mut random).await;
    let people = People::new(store, model());
    for person in 0..12 {
        let expected = expected(&crowd, person);
        let id = crowd[person][0].cluster_id;
        let stranger = expected[random.usize(..expected.len())].0;
        people.distinguish_clusters(&id, &stranger).await.unwrap();
        let limit = random.usize(1..30);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = people.similar(&id, after, limit).await.unwrap();
            assert_eq!(page.cluster, id);
            assert!(page.similar.len() <= limit);
            found.extend(page.similar);
            let Some(next) = page.next else { break };
            // As text, as callers have it.
            after = Some(next.to_string().parse::<SimilarCursor>().unwrap());
        }
        assert_eq!(found.len(), expected.len());
        for (found, (_, similarity)) in found.iter().zip(&expected) {
            assert!((found.similarity - similarity).abs() < 1e-5);
            let other = found.cluster.cluster_id;
            let (_, own) = expected.iter().find(|(cluster, _)| *cluster == other).unwrap();
            assert!((found.similarity - own).abs() < 1e-5);
            let faces = crowd.iter().find(|faces| faces[0].cluster_id == other).unwrap();
            assert_eq!(found.cluster.faces, faces.len() as u64);
            let distinct = people.distinct_from(&id).await.unwrap().contains(&other);
            assert_eq!(found.distinct, distinct);
        }
        let strangers = found.iter().filter(|found| found.distinct).count();
        assert!(strangers >= 1);
    }
    assert!(matches!(
        people.similar(&ClusterId::random(), None, 5).await,
        Err(PeopleError::UnknownCluster(_))
    ));
}

#[tokio::test]
async fn pages_of_similar_people_are_in_order_and_whole() {
    let directory = tempfile::tempdir().unwrap();
    pages_are_in_order_and_whole(Arc::new(embedded::open(directory.path()))).await;
}

#[tokio::test]
async fn pages_of_similar_people_are_in_order_and_whole_on_qdrant() {
    let stand_in = StandIn::default();
    pages_are_in_order_and_whole(Arc::new(qdrant::open(&stand_in.door()).await)).await;
}

#[tokio::test]
async fn somebody_who_is_alone_resembles_nobody_and_a_former_id_answers() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let mut random = Rng::with_seed(1);
    let crowd = crowd(&store, 2, &mut random).await;
    let people = People::new(Arc::new(store), model());
    let [one, other] = [0, 1].map(|person: usize| crowd[person][0].cluster_id);
    assert_eq!(people.similar(&one, None, 5).await.unwrap().similar.len(), 1);
    people.merge(&[one], &other).await.unwrap();
    let page = people.similar(&one, None, 5).await.unwrap();
    assert_eq!((page.cluster, page.similar.len(), page.next), (other, 0, None));
    for text in [
        "",
        "3f800000",
        "zz.zz",
        "7fc00000.00000000-0000-4000-8000-000000000000",
    ] {
        assert!(text.parse::<SimilarCursor>().is_err(), "{text}");
    }
}
