//! Whatever is merged and taken back, who was said to be two people stays two people.

use std::collections::BTreeSet;

use ai_worker::domain::ClusterId;
use ai_worker::people::People;
use ai_worker::store::{FaceStore, StoreReads as _};
use fastrand::Rng;
use test_support::stand_in::StandIn;

use crate::fixtures::{assert_sound, file, model, place_photo};
use crate::{embedded, qdrant};

/// Random histories unless `SEQUENCES` says otherwise.
const SEQUENCES: u32 = 150;
/// Things that happen in one.
const EVENTS: usize = 24;

/// As many people as this, each in a photo of their own.
async fn strangers<const N: usize>(people: &People) -> [ClusterId; N] {
    let mut ids = [ClusterId::random(); N];
    for (person, id) in ids.iter_mut().enumerate() {
        *id = place_photo(people, &person.to_string(), &[person], 0).await[0].cluster_id;
    }
    ids
}

async fn are_distinct(people: &People, one: &ClusterId, other: &ClusterId) -> bool {
    let other = people.cluster(other).await.unwrap().cluster_id;
    let one = people.cluster(one).await.unwrap().cluster_id;
    let said = people.distinct_from(&one).await.unwrap().contains(&other);
    assert_eq!(people.distinct_from(&other).await.unwrap().contains(&one), said);
    said
}

#[tokio::test]
async fn what_both_sources_of_a_merge_are_not_the_target_is_not_when_one_of_them_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let [a, b, target, x] = strangers(&people).await;
    people.distinguish_clusters(&a, &x).await.unwrap();
    people.distinguish_clusters(&b, &x).await.unwrap();
    people.merge(&[a, b], &target).await.unwrap();
    assert!(are_distinct(&people, &target, &x).await);
    people.unmerge(&a).await.unwrap();
    assert!(are_distinct(&people, &a, &x).await);
    assert!(are_distinct(&people, &target, &x).await);
    // Nobody said that of the target itself.
    people.unmerge(&b).await.unwrap();
    assert!(are_distinct(&people, &b, &x).await);
    assert!(!are_distinct(&people, &target, &x).await);
    assert!(are_distinct(&people, &a, &b).await);
}

#[tokio::test]
async fn what_is_said_of_the_target_after_a_merge_is_true_of_both_when_it_is_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let [a, target, x] = strangers(&people).await;
    people.distinguish_clusters(&a, &x).await.unwrap();
    people.merge(&[a], &target).await.unwrap();
    people.distinguish_clusters(&target, &x).await.unwrap();
    people.unmerge(&a).await.unwrap();
    assert!(are_distinct(&people, &target, &x).await);
    assert!(are_distinct(&people, &a, &x).await);
}

#[tokio::test]
async fn a_mark_holds_for_whom_the_other_is_merged_into_in_between() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let [a, b, target, x, y] = strangers(&people).await;
    people.distinguish_clusters(&a, &x).await.unwrap();
    people.distinguish_clusters(&b, &x).await.unwrap();
    people.merge(&[a, b], &target).await.unwrap();
    people.merge(&[x], &y).await.unwrap();
    people.unmerge(&a).await.unwrap();
    assert!(are_distinct(&people, &a, &y).await);
    assert!(are_distinct(&people, &target, &y).await);
    people.unmerge(&x).await.unwrap();
    assert!(are_distinct(&people, &a, &x).await);
    assert!(are_distinct(&people, &b, &x).await);
    assert!(!are_distinct(&people, &a, &y).await);
}

#[tokio::test]
async fn a_mark_that_a_merge_overruled_holds_again_when_the_merge_is_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let people = embedded::people(directory.path());
    let [a, b, c] = strangers(&people).await;
    people.distinguish_clusters(&a, &b).await.unwrap();
    people.merge(&[a], &c).await.unwrap();
    people.merge(&[b], &c).await.unwrap();
    assert_eq!(people.distinct_from(&c).await.unwrap(), []);
    people.unmerge(&b).await.unwrap();
    people.unmerge(&a).await.unwrap();
    assert!(are_distinct(&people, &a, &b).await);
}

#[tokio::test]
async fn nothing_is_left_of_the_marks_of_somebody_who_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let people = People::new(std::sync::Arc::new(store.clone()), model());
    let [a, b, target, x, y] = strangers(&people).await;
    people.distinguish_clusters(&a, &x).await.unwrap();
    people.distinguish_clusters(&b, &x).await.unwrap();
    people.merge(&[a, b], &target).await.unwrap();
    people.merge(&[x], &y).await.unwrap();
    // One person is deleted, the other goes with the only photos.
    people.delete_cluster(&target).await.unwrap();
    for id in [a, b, target, x, y] {
        assert_eq!(store.distinct_from(&id).await.unwrap(), [], "{id}");
    }
    let [c, d] = strangers(&people).await;
    people.distinguish_clusters(&c, &y).await.unwrap();
    for photo in ["3", "4"] {
        people.delete_file(&file(photo)).await.unwrap();
    }
    for id in [c, d, x, y] {
        assert_eq!(store.distinct_from(&id).await.unwrap(), [], "{id}");
    }
}

/// What follows from what was said, by the plainest means.
struct Model<const N: usize> {
    merged_into: [Option<usize>; N],
    said: BTreeSet<(usize, usize)>,
}

impl<const N: usize> Model<N> {
    fn root(&self, mut id: usize) -> usize {
        while let Some(next) = self.merged_into[id] {
            id = next;
        }
        id
    }

    /// Whether an id is another one, or was merged into it.
    fn is_in(&self, mut id: usize, other: usize) -> bool {
        loop {
            match self.merged_into[id] {
                _ if id == other => return true,
                Some(next) => id = next,
                None => return false,
            }
        }
    }

    fn say(&mut self, these: impl Fn(&Self, usize) -> bool, those: impl Fn(&Self, usize) -> bool) {
        for one in (0..N).filter(|id| these(self, *id)).collect::<Vec<_>>() {
            for other in (0..N).filter(|id| those(self, *id)).collect::<Vec<_>>() {
                self.said.insert((one, other));
                self.said.insert((other, one));
            }
        }
    }

    fn merge(&mut self, source: usize, target: usize) {
        let (source, target) = (self.root(source), self.root(target));
        if source != target {
            self.merged_into[source] = Some(target);
        }
    }

    fn unmerge(&mut self, id: usize) {
        if self.merged_into[id].is_some() {
            let root = self.root(id);
            self.say(
                |model, other| model.is_in(other, id),
                |model, other| model.root(other) == root && !model.is_in(other, id),
            );
            self.merged_into[id] = None;
        }
    }

    fn distinguish(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.say(
                |model, id| model.root(id) == one,
                |model, id| model.root(id) == other,
            );
        }
    }

    fn distinct_from(&self, root: usize) -> BTreeSet<usize> {
        let said = self.said.iter().filter(|(one, _)| self.root(*one) == root);
        said.map(|(_, other)| self.root(*other))
            .filter(|other| *other != root)
            .collect()
    }
}

/// One random history of people, in step with the model; then all of them are deleted.
async fn happen(people: &People, store: &dyn FaceStore, random: &mut Rng) {
    const PEOPLE: usize = 6;
    let ids: [ClusterId; PEOPLE] = strangers(people).await;
    let mut expected = Model::<PEOPLE> {
        merged_into: [None; PEOPLE],
        said: BTreeSet::new(),
    };
    let mut events = Vec::new();
    for _ in 0..EVENTS {
        let (one, other) = (random.usize(..PEOPLE), random.usize(..PEOPLE));
        match random.u8(..5) {
            0 | 1 => {
                events.push(format!("merge {one} {other}"));
                // Two names of one are refused.
                let _ = people.merge(&[ids[one]], &ids[other]).await;
                expected.merge(one, other);
            }
            2 | 3 => {
                events.push(format!("unmerge {one}"));
                people.unmerge(&ids[one]).await.unwrap();
                expected.unmerge(one);
            }
            _ => {
                events.push(format!("distinct {one} {other}"));
                let _ = people.distinguish_clusters(&ids[one], &ids[other]).await;
                expected.distinguish(one, other);
            }
        }
        for (number, id) in ids.iter().enumerate() {
            let root = expected.root(number);
            assert_eq!(
                people.cluster(id).await.unwrap().cluster_id,
                ids[root],
                "{events:?}"
            );
            let face = &people
                .photo(&file(&number.to_string()))
                .await
                .unwrap()
                .unwrap()
                .faces[0];
            assert_eq!(face.cluster_id, ids[root], "face {number} after {events:?}");
            if root == number {
                let found: BTreeSet<ClusterId> =
                    people.distinct_from(id).await.unwrap().into_iter().collect();
                let expected = expected
                    .distinct_from(root)
                    .iter()
                    .map(|other| ids[*other])
                    .collect();
                assert_eq!(found, expected, "{number} after {events:?}");
            }
        }
    }
    assert_sound(people).await;
    for id in &ids {
        people.delete_cluster(id).await.unwrap();
    }
    for id in &ids {
        assert_eq!(store.distinct_from(id).await.unwrap(), []);
    }
}

fn sequences() -> u32 {
    std::env::var("SEQUENCES").map_or(SEQUENCES, |text| text.parse().unwrap())
}

#[tokio::test]
async fn no_order_of_merges_unmerges_and_marks_loses_a_mark_or_makes_one_up() {
    let seed = std::process::id().into();
    // So that a failure can be repeated.
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let people = People::new(std::sync::Arc::new(store.clone()), model());
    for _ in 0..sequences() {
        happen(&people, &store, &mut random).await;
    }
}

#[tokio::test]
async fn no_order_of_merges_unmerges_and_marks_loses_a_mark_on_qdrant() {
    let seed = std::process::id().into();
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let stand_in = StandIn::default();
    let store = qdrant::open(&stand_in.door()).await;
    let people = People::new(std::sync::Arc::new(store.clone()), model());
    for _ in 0..sequences() / 20 {
        happen(&people, &store, &mut random).await;
    }
}
