//! Workers on a Qdrant cluster of three nodes, of which one goes away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ai_worker::domain::ClusterId;
use ai_worker::people::People;
use ai_worker::store::{Change, FaceStore as _, QdrantSettings, QdrantStore, StoreError, StoreReads as _};

use crate::fixtures::{assert_sound, file, model, place_photo, stored};
use test_support::stand_in::{Door, StandIn};

/// The time limit of a worker's calls in tests that measure time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A cluster with a door to each of its nodes.
struct Cluster {
    stand_in: StandIn,
    doors: Vec<Door>,
}

impl Cluster {
    fn new() -> Self {
        let stand_in = StandIn::of_nodes(3);
        let doors = (0..3).map(|node| stand_in.door_to(node)).collect();
        Self { stand_in, doors }
    }

    /// Settings of a worker that knows each node, and calls this one first.
    fn settings(&self, first: usize) -> QdrantSettings {
        let urls = (0..3).map(|node| self.doors[(first + node) % 3].url.clone());
        QdrantSettings {
            urls: urls.collect(),
            ..self.doors[first].settings()
        }
    }

    /// A worker whose calls may take long, so that a busy machine is not taken for a node that is away.
    async fn patient(&self, first: usize) -> People {
        let settings = QdrantSettings {
            timeout: PATIENCE,
            lease: PATIENCE * QdrantSettings::TIMEOUTS_A_LEASE,
            ..self.settings(first)
        };
        let store = QdrantStore::open(settings, &model()).await.unwrap();
        People::new(Arc::new(store), model())
    }

    async fn open(&self, first: usize) -> Result<QdrantStore, StoreError> {
        QdrantStore::open(self.settings(first), &model()).await
    }

    async fn people(&self, first: usize) -> People {
        People::new(Arc::new(self.open(first).await.unwrap()), model())
    }

    fn kill(&self, node: usize) {
        self.stand_in.kill(node);
        self.doors[node].shut();
    }

    fn come_back(&self, node: usize) {
        self.stand_in.come_back(node);
        self.doors[node].open();
    }

    fn recover(&self, node: usize) {
        self.stand_in.recover(node);
        self.doors[node].open();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_one_node_of_three_may_fail() {
    for dead in 0..3 {
        let cluster = Cluster::new();
        let first = cluster.people(0).await;
        let anna = place_photo(&first, "before", &[1], 0).await[0].cluster_id;
        cluster.kill(dead);
        let after = place_photo(&first, "after", &[1, 2], 1).await;
        assert_eq!(after[0].cluster_id, anna, "node {dead}");
        assert!(first.photo(&file("before")).await.unwrap().is_some());
        // One that starts meanwhile, and calls the dead node first.
        let second = cluster.people(dead).await;
        let later = place_photo(&second, "later", &[1], 0).await;
        assert_eq!(later[0].cluster_id, anna, "node {dead}");
        assert_sound(&second).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nodes_may_fail_one_after_the_other() {
    let cluster = Cluster::new();
    let people = cluster.people(0).await;
    let anna = place_photo(&people, "0", &[1], 0).await[0].cluster_id;
    for dead in [2, 0, 1, 2, 1, 0] {
        cluster.kill(dead);
        let name = format!("without {dead}");
        assert_eq!(place_photo(&people, &name, &[1], 0).await[0].cluster_id, anna);
        cluster.recover(dead);
        assert_eq!(place_photo(&people, "again", &[1], 0).await[0].cluster_id, anna);
    }
    assert_sound(&people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_two_nodes_away_nothing_is_answered_and_nothing_is_lost() {
    let cluster = Cluster::new();
    let people = cluster.people(0).await;
    place_photo(&people, "before", &[1], 0).await;
    cluster.kill(1);
    place_photo(&people, "between", &[1], 0).await;
    cluster.kill(2);
    let error = people.photo(&file("before")).await.unwrap_err();
    assert!(error.is_outage(), "{error:?}");
    assert!(cluster.open(0).await.is_err());
    cluster.recover(2);
    cluster.recover(1);
    assert!(people.photo(&file("before")).await.unwrap().is_some());
    assert!(people.photo(&file("between")).await.unwrap().is_some());
    assert_sound(&people).await;
}

/// A node stood still while others wrote, and goes on without knowing whether its copy counts; it cannot be outvoted
/// while another node is away.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_may_have_been_left_behind_catches_up_before_two_copies_decide() {
    let cluster = Cluster::new();
    let people = cluster.people(0).await;
    place_photo(&people, "before", &[1], 0).await;
    cluster.stand_in.go_on(0);
    place_photo(&people, "all there", &[1], 0).await;
    // Two of three outvote it.
    assert!(!cluster.stand_in.is_informed(0));
    cluster.kill(2);
    place_photo(&people, "one away", &[1], 0).await;
    assert!(cluster.stand_in.is_informed(0));
}

/// A cluster that decides something with every photo has no time to restore copies.
#[tokio::test(flavor = "multi_thread")]
async fn workers_that_never_pause_leave_the_cluster_time_to_restore_copies() {
    let cluster = Cluster::new();
    let workers = [cluster.patient(0).await, cluster.patient(1).await];
    cluster.kill(2);
    place_photo(&workers[0], "while it is away", &[1], 0).await;
    assert!(!cluster.stand_in.is_whole(2));
    cluster.come_back(2);
    // Whoever reads beside a worker that leaves the cluster a rest does not keep it from that.
    let people = workers[0].clone();
    let reader = tokio::spawn(async move {
        loop {
            // It may fail while a copy is away.
            let _ = people.photo(&file("photo 1")).await;
        }
    });
    let placing = workers.map(|people| {
        tokio::spawn(async move {
            for number in 0.. {
                place_photo(&people, &format!("photo {}", number % 9), &[1], 0).await;
            }
        })
    });
    let is_whole = async {
        while !cluster.stand_in.is_whole(2) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let restored = tokio::time::timeout(PATIENCE, is_whole).await;
    let never_paused = placing.iter().all(|task| !task.is_finished());
    reader.abort();
    for task in placing {
        task.abort();
    }
    assert!(never_paused, "a photo failed");
    assert!(restored.is_ok(), "the copy was not restored in {PATIENCE:?}");
}

/// What a cluster is asked before it has chosen its leader anew, it never answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_lost_a_decision_is_soon_asked_again() {
    let cluster = Cluster::new();
    let people = cluster.patient(0).await;
    place_photo(&people, "before", &[1], 0).await;
    cluster.kill(2);
    cluster.stand_in.lose(1);
    let since = Instant::now();
    place_photo(&people, "after", &[1], 0).await;
    let took = since.elapsed();
    assert!(took < PATIENCE, "{took:?}");
}

/// A leader and a worker died in the middle of one change of the state.
#[tokio::test(flavor = "multi_thread")]
async fn copies_of_the_state_that_disagree_are_brought_together() {
    let cluster = Cluster::new();
    let people = cluster.people(0).await;
    let anna = place_photo(&people, "before", &[1], 0).await[0].cluster_id;
    drop(people);
    tokio::time::sleep(Duration::from_millis(200)).await;
    cluster.kill(2);
    cluster
        .stand_in
        .change_copy(1, "state", "version", 1_000_000.into());
    let holder = "00000000-0000-4000-8000-000000000001";
    cluster.stand_in.change_copy(1, "state", "holder", holder.into());
    // One address does not show which copies there are.
    let mut alone = cluster.settings(0);
    alone.urls.truncate(1);
    let error = QdrantStore::open(alone, &model()).await.err().unwrap();
    assert!(matches!(error, StoreError::CopiesDisagree), "{error:?}");
    let people = cluster.people(0).await;
    assert_eq!(place_photo(&people, "after", &[1], 0).await[0].cluster_id, anna);
    assert_sound(&people).await;
}

/// What a call may change that arrives when its sender has given up and others have written since.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_call_changes_nothing_that_was_written_since() {
    let stand_in = StandIn::default();
    let (slow_door, door) = (stand_in.door(), stand_in.door());
    let slow = QdrantStore::open(slow_door.settings(), &model()).await.unwrap();
    let others = QdrantStore::open(door.settings(), &model()).await.unwrap();
    let (first, second) = (ClusterId::random(), ClusterId::random());
    let face = stored("photo", first, 1);
    let mut turn = slow.turn().await.unwrap();
    turn.apply(vec![Change::PutFace(face.clone())]).await.unwrap();
    turn.end().await;
    // The next write, and each after the state has named it, stays on its way.
    let assign = |cluster| Change::Assign {
        faces: vec![face.face_id],
        cluster,
        corrected: None,
    };
    let mut turn = slow.turn().await.unwrap();
    slow_door.hold_after(2);
    let late = turn.apply(vec![assign(second)]).await;
    assert!(matches!(late, Err(StoreError::Unfinished(_))), "{late:?}");
    drop(turn);
    let mut turn = others.turn().await.unwrap();
    turn.apply(vec![assign(first)]).await.unwrap();
    turn.end().await;
    // Three times this, and whatever gives the right back.
    assert!(slow_door.deliver() >= 3);
    assert_eq!(
        others.face(&face.face_id).await.unwrap().unwrap().cluster_id,
        first
    );
}
