//! What happened is listed, so that whoever follows the list knows who is who; the same in every store.

use std::collections::HashMap;
use std::sync::Arc;

use ai_worker::domain::{ClusterId, FaceId};
use ai_worker::people::{People, PeopleError};
use ai_worker::store::{Change, Event, FaceStore, LoggedEvent, export, import};
use test_support::stand_in::StandIn;

use crate::fixtures::{apply, assert_sound, both, consolidate, file, model, place_photo};
use crate::{embedded, qdrant};

/// What every store must do with the list; wants an empty one.
pub(crate) async fn logged(store: &dyn FaceStore) {
    assert_eq!(store.event_range().await.unwrap(), None);
    let gone = |number| Event::Deleted {
        from: ClusterId::from(uuid::Uuid::from_u128(number)),
    };
    let event = |position| LoggedEvent {
        position,
        at: 10 * position,
        event: gone(u128::from(position)),
    };
    apply(
        store,
        vec![Change::PutLogged(event(4)), Change::PutLogged(event(3))],
    )
    .await;
    apply(store, vec![Change::Log(gone(5), 50), Change::Log(gone(6), 60)]).await;
    assert_eq!(store.event_range().await.unwrap(), Some((3, 6)));
    assert_eq!(store.events(0, 9).await.unwrap(), [3, 4, 5, 6].map(event));
    assert_eq!(store.events(3, 2).await.unwrap(), [4, 5].map(event));
    assert_eq!(store.events(6, 2).await.unwrap(), []);
    apply(store, vec![Change::TrimLog(9)]).await;
    assert_eq!(store.event_range().await.unwrap(), Some((3, 6)));
    for _ in 0..2 {
        apply(store, vec![Change::TrimLog(2)]).await;
        assert_eq!(store.event_range().await.unwrap(), Some((5, 6)));
    }
    apply(store, vec![Change::Log(gone(7), 70), Change::TrimLog(1)]).await;
    assert_eq!(store.events(0, 9).await.unwrap(), [event(7)]);
}

/// A copy of who is who, made of what happened and nothing else.
#[derive(Default)]
struct Copy {
    position: u64,
    faces: HashMap<FaceId, ClusterId>,
    led: HashMap<ClusterId, ClusterId>,
    gone: Vec<ClusterId>,
}

impl Copy {
    fn take(&mut self, logged: LoggedEvent) {
        assert_eq!(logged.position, self.position + 1);
        self.position = logged.position;
        match logged.event {
            Event::Face { face, from, to } => {
                assert_eq!(self.faces.remove(&face), from);
                assert_ne!(from, to);
                self.faces.extend(to.map(|to| (face, to)));
                // An undo brings back who was gone with the last face.
                self.gone.retain(|gone| Some(*gone) != to);
            }
            Event::Merged { from, to } => {
                self.led.insert(from, to);
                self.gone.retain(|gone| *gone != from);
            }
            Event::Unmerged { to, .. } => {
                assert!(self.led.remove(&to).is_some());
            }
            Event::Split { from, to } => assert_ne!(from, to),
            Event::Deleted { from } => {
                self.led.remove(&from);
                self.gone.push(from);
            }
        }
    }

    /// Takes what happened since, so much at a time.
    async fn follow(&mut self, people: &People, limit: usize) {
        loop {
            let page = people.events(Some(self.position), limit).await.unwrap();
            assert!(page.events.len() <= limit);
            for logged in page.events {
                self.take(logged);
            }
            assert_eq!(page.next, self.position);
            if page.next == page.latest {
                return;
            }
        }
    }

    async fn assert_same(&self, people: &People) {
        let stored = people.faces(None, 10_000).await.unwrap();
        let stored: HashMap<FaceId, ClusterId> = stored
            .iter()
            .map(|face| (face.face.face_id, face.face.cluster_id))
            .collect();
        assert_eq!(self.faces, stored);
        for from in self.led.keys() {
            let mut end = from;
            while let Some(next) = self.led.get(end) {
                end = next;
            }
            assert_eq!(people.cluster(from).await.unwrap().cluster_id, *end);
        }
        for gone in &self.gone {
            assert!(matches!(
                people.cluster(gone).await,
                Err(PeopleError::UnknownCluster(_))
            ));
        }
    }
}

/// Panics unless whoever has followed everything that happened knows who is who.
pub(crate) async fn assert_followed(people: &People) {
    let mut copy = Copy::default();
    copy.follow(people, 3).await;
    copy.assert_same(people).await;
}

async fn everything_is_listed(store: Arc<dyn FaceStore>) {
    let people = People::new(store, model());
    assert_eq!(people.events(None, 5).await.unwrap().latest, 0);
    let mut copy = Copy::default();
    let anna = place_photo(&people, "anna", &[1], 0).await.remove(0);
    let budi = place_photo(&people, "budi", &[2], 0).await.remove(0);
    let both = place_photo(&people, "both", &[1, 2], 1).await;
    copy.follow(&people, 2).await;
    assert_eq!(copy.position, 4);
    // Processed again, nothing has changed; then one is gone and another has come.
    place_photo(&people, "both", &[1, 2], 2).await;
    assert_eq!(people.events(None, 1).await.unwrap().latest, 4);
    place_photo(&people, "both", &[1, 3], 3).await;
    copy.follow(&people, 1).await;
    copy.assert_same(&people).await;
    assert!(!copy.faces.contains_key(&both[1].face_id));

    let from = copy.position;
    people.merge(&[budi.cluster_id], &anna.cluster_id).await.unwrap();
    people.unmerge(&budi.cluster_id).await.unwrap();
    let split = people.split(&anna.cluster_id, &[both[0].face_id]).await.unwrap();
    people.delete_cluster(&budi.cluster_id).await.unwrap();
    let page = people.events(Some(from), 100).await.unwrap();
    let found: Vec<Event> = page.events.iter().map(|logged| logged.event).collect();
    let moves = |face, from, to| Event::Face {
        face,
        from: Some(from),
        to,
    };
    let (a, b) = (anna.cluster_id, budi.cluster_id);
    assert_eq!(
        found,
        [
            moves(budi.face_id, b, Some(a)),
            Event::Merged { from: b, to: a },
            moves(budi.face_id, a, Some(b)),
            Event::Unmerged { from: a, to: b },
            moves(both[0].face_id, a, Some(split.cluster)),
            Event::Split {
                from: a,
                to: split.cluster
            },
            moves(budi.face_id, b, None),
            Event::Deleted { from: b },
        ]
    );
    assert!(page.events.iter().all(|logged| logged.at > 1_700_000_000));

    // Consolidation does it like a merge; a person with a former id takes that along.
    people.withdraw_distinction(&a, &split.cluster).await.unwrap();
    people.delete_file(&file("both")).await.unwrap();
    consolidate(&people, false).await;
    let carla = place_photo(&people, "carla", &[4], 0).await[0].cluster_id;
    people.merge(&[carla], &a).await.unwrap();
    people.delete_cluster(&a).await.unwrap();
    copy.follow(&people, 4).await;
    copy.assert_same(&people).await;
    assert!(copy.gone.contains(&carla) && copy.gone.contains(&a));
    assert_sound(&people).await;
}

#[tokio::test]
async fn everything_that_happens_is_listed_in_order() {
    let directory = tempfile::tempdir().unwrap();
    everything_is_listed(Arc::new(embedded::open(directory.path()))).await;
}

#[tokio::test]
async fn everything_that_happens_is_listed_in_order_on_qdrant() {
    let stand_in = StandIn::default();
    everything_is_listed(Arc::new(qdrant::open(&stand_in.door()).await)).await;
}

async fn the_last_ones_are_kept(store: Arc<dyn FaceStore>) {
    let people = People::new(Arc::clone(&store), model()).with_changes_kept(5);
    for person in 0..8 {
        place_photo(&people, &person.to_string(), &[person], 0).await;
    }
    assert_eq!(store.event_range().await.unwrap(), Some((4, 8)));
    let page = people.events(None, 2).await.unwrap();
    let positions: Vec<u64> = page.events.iter().map(|logged| logged.position).collect();
    assert_eq!((positions, page.next, page.latest), (vec![4, 5], 5, 8));
    assert_eq!(people.events(Some(3), 9).await.unwrap().events.len(), 5);
    let page = people.events(Some(8), 9).await.unwrap();
    assert_eq!((page.events.len(), page.next), (0, 8));
    for after in [0, 2, 9] {
        assert!(matches!(
            people.events(Some(after), 9).await,
            Err(PeopleError::ChangesGone {
                earliest: 3,
                latest: 8,
                ..
            })
        ));
    }
    // What the setting says now counts, also before the next change.
    let fewer = People::new(Arc::clone(&store), model()).with_changes_kept(2);
    assert!(fewer.events(Some(5), 9).await.is_err());
    assert_eq!(fewer.events(None, 9).await.unwrap().events.len(), 2);
    place_photo(&fewer, "one more", &[9], 0).await;
    assert_eq!(store.event_range().await.unwrap(), Some((8, 9)));
}

#[tokio::test]
async fn the_last_changes_are_kept_and_who_asks_for_earlier_ones_is_told() {
    let directory = tempfile::tempdir().unwrap();
    the_last_ones_are_kept(Arc::new(embedded::open(directory.path()))).await;
    // A position is not used again, also by another process.
    let people = embedded::people(directory.path());
    place_photo(&people, "later", &[10], 0).await;
    assert_eq!(people.events(None, 1).await.unwrap().latest, 10);
}

#[tokio::test]
async fn the_last_changes_are_kept_on_qdrant() {
    let stand_in = StandIn::default();
    the_last_ones_are_kept(Arc::new(qdrant::open(&stand_in.door()).await)).await;
    let people = qdrant::people(&stand_in.door()).await;
    place_photo(&people, "later", &[10], 0).await;
    assert_eq!(people.events(None, 1).await.unwrap().latest, 10);
}

#[tokio::test]
async fn a_store_that_was_moved_goes_on_where_its_list_was() {
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("archive");
    let people = embedded::people(&directory.path().join("store"));
    for person in 0..6 {
        place_photo(&people, &person.to_string(), &[person], 0).await;
    }
    let mut copy = Copy::default();
    copy.follow(&people, 100).await;
    drop(people);
    let store = embedded::open(&directory.path().join("store"));
    export(&store, &model(), "a test", &archive, &|_, _| {})
        .await
        .unwrap();
    let stand_in = StandIn::default();
    for store in both(&directory.path().join("other"), &stand_in).await {
        import(&*store, &model(), "a test", &archive, &|_, _| {})
            .await
            .unwrap();
        let people = People::new(store, model());
        let mut copy = Copy {
            position: copy.position,
            faces: copy.faces.clone(),
            ..Copy::default()
        };
        place_photo(&people, "later", &[1, 7], 1).await;
        copy.follow(&people, 100).await;
        assert_eq!(copy.position, 8);
        copy.assert_same(&people).await;
        assert_followed(&people).await;
    }
}
