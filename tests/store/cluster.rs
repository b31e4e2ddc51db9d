//! Two workers on a real cluster of Qdrant, while whoever runs this kills, stops and cuts off its nodes, one at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ai_worker::domain::{ClusterId, FileId};
use ai_worker::people::{People, PlacedFace};
use ai_worker::store::{
    Change, FaceStore, QdrantSettings, QdrantStore, StoreError, StoreReads as _, StoredAnswer,
};

use crate::fixtures::{ThresholdPolicyForTests, assert_sound, file, model, new_face, record};
use crate::qdrant::real;

/// One of the workers.
#[derive(Clone)]
struct Worker {
    store: Arc<QdrantStore>,
    people: People,
}

impl Worker {
    /// A worker that knows each node, and calls this one first.
    async fn start(settings: &QdrantSettings, first: usize) -> Self {
        let mut settings = settings.clone();
        let first = first % settings.urls.len();
        settings.urls.rotate_left(first);
        let store = Arc::new(QdrantStore::open(settings, &model()).await.unwrap());
        let people = People::new(Arc::clone(&store) as Arc<dyn FaceStore>, model());
        Self { store, people }
    }

    /// Places a photo of a person, as often as it takes. Gives how long that was.
    async fn place(&self, name: &str, person: usize, view: usize) -> (Vec<PlacedFace>, Duration) {
        let since = Instant::now();
        loop {
            let faces = vec![new_face(0, person, view)];
            let policy = Arc::new(ThresholdPolicyForTests);
            match self.people.place(record(name, 1), faces, policy).await {
                Ok(placed) => return (placed, since.elapsed()),
                Err(error) => {
                    println!("{name}: {}", ai_worker::report(&error));
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// Reads a number and writes the next one, in one turn. Who has the right to write at the same time as another does
    /// so from the same number.
    async fn count(&self) -> Result<Count, StoreError> {
        let begun = Instant::now();
        let mut turn = self.store.turn().await?;
        let before = self.store.answer("count").await?;
        let number = before.map_or(0, |answer| answer.body.parse().unwrap()) + 1;
        let next = StoredAnswer {
            key: "count".to_owned(),
            request: String::new(),
            body: number.to_string(),
            file_id: None,
            at: 1_764_000_000,
        };
        let applied = turn.apply(vec![Change::PutAnswer(next)]).await;
        turn.end().await;
        applied?;
        let ended = Instant::now();
        Ok(Count { begun, ended, number })
    }
}

/// A number that was written, and when.
struct Count {
    begun: Instant,
    ended: Instant,
    number: u64,
}

/// How long these took: half of them at most, 99 of 100 at most, and the longest.
fn times(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    format!("p50 {:?}, p99 {:?}, longest {:?}", at(50), at(99), at(100))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a cluster of Qdrant in QDRANT_URL, and somebody who kills its nodes for CLUSTER_SECONDS"]
async fn nothing_is_lost_and_nobody_is_there_twice_while_nodes_fail() {
    let settings = real();
    assert!(
        settings.urls.len() >= 3,
        "QDRANT_URL must name each node of a cluster"
    );
    let seconds = std::env::var("CLUSTER_SECONDS").unwrap().parse().unwrap();
    let until = Instant::now() + Duration::from_secs(seconds);
    let workers = [
        Worker::start(&settings, 0).await,
        Worker::start(&settings, 1).await,
    ];
    println!("started");
    let mut acknowledged: Vec<(FileId, usize, ClusterId)> = Vec::new();
    let (mut took, mut counts) = (Vec::new(), Vec::new());
    let mut persons = 0;
    while Instant::now() < until {
        // Both see somebody new at the same moment.
        let mut tasks = tokio::task::JoinSet::new();
        for (number, worker) in workers.iter().cloned().enumerate() {
            tasks.spawn(async move {
                let name = format!("{persons}-{number}");
                let placed = worker.place(&name, persons, number).await;
                (file(&name), placed, worker.count().await)
            });
        }
        for (file, (placed, time), count) in tasks.join_all().await {
            acknowledged.push((file, persons, placed[0].cluster_id));
            if time > Duration::from_secs(2) {
                println!("photo of person {persons} took {time:?}");
            }
            took.push(time);
            match count {
                Ok(count) => counts.push(count),
                Err(error) => println!("count: {}", ai_worker::report(&error)),
            }
        }
        persons += 1;
    }
    println!(
        "{} photos of {persons} people, {} counts; {}",
        acknowledged.len(),
        counts.len(),
        times(took)
    );

    // Whoever kills nodes has stopped, and each is there again.
    let reader = Worker::start(&settings, 2).await;
    let mut clusters: HashMap<usize, ClusterId> = HashMap::new();
    for (file, person, cluster) in &acknowledged {
        let photo = reader.people.photo(file).await.unwrap();
        assert!(photo.is_some(), "{} was acknowledged, and is lost", file.as_str());
        let stored = photo.unwrap();
        assert_eq!(stored.faces[0].cluster_id, *cluster, "{}", file.as_str());
        let first = *clusters.entry(*person).or_insert(*cluster);
        assert_eq!(first, *cluster, "person {person} is there twice");
    }
    assert_eq!(reader.people.counts().await.unwrap().clusters, persons as u64);
    assert_sound(&reader.people).await;
    for one in &counts {
        for other in &counts {
            let is_later = one.ended < other.begun;
            let is_same = std::ptr::eq(one, other);
            assert!(
                is_same || one.number != other.number,
                "two had the right to write at once"
            );
            assert!(!is_later || one.number < other.number, "a write was lost");
        }
    }
}
