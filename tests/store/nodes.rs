//! Workers on a Qdrant cluster of three nodes, of which one goes away.

use std::sync::Arc;
use std::time::Duration;

use ai_worker::domain::ClusterId;
use ai_worker::people::People;
use ai_worker::store::{Change, FaceStore as _, QdrantSettings, QdrantStore, StoreError, StoreReads as _};

use crate::fixtures::{assert_sound, file, model, place_photo, stored};
use test_support::stand_in::{Door, StandIn};

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
