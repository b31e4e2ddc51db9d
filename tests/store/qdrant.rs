//! The store on Qdrant keeps the contract: on a stand-in always; on the real server that `QDRANT_URL` names when asked to, by
//! `cargo test --test store -- --ignored real_server`.

use std::sync::Arc;
use std::time::Duration;

use ai_worker::people::People;
use ai_worker::store::{QdrantSettings, QdrantStore, StoreError};
use proptest::prelude::*;

use crate::fixtures::{file, model, place_photo};
use crate::histories::{events, happen};
use crate::{contract, races};
use test_support::stand_in::{Door, StandIn};

pub(crate) async fn open(door: &Door) -> QdrantStore {
    QdrantStore::open(door.settings(), &model()).await.unwrap()
}

/// People at a worker behind this door.
pub(crate) async fn people(door: &Door) -> People {
    People::new(Arc::new(open(door).await), model())
}

/// Settings of a real server, each time with new collections. Whoever runs the tests removes the collections, whose names
/// begin with `test-`.
pub(crate) fn real() -> QdrantSettings {
    let urls = std::env::var("QDRANT_URL").unwrap();
    let urls: Vec<String> = urls.split(',').map(|url| url.trim().to_owned()).collect();
    let copies = u32::try_from(urls.len()).unwrap();
    QdrantSettings {
        urls,
        // Of a cluster, each node has a copy.
        replication_factor: copies,
        write_consistency: copies / 2 + 1,
        api_key: std::env::var("QDRANT_API_KEY").ok(),
        collection: format!("test-{}", ai_worker::domain::FaceId::random()),
        timeout: Duration::from_secs(5),
        lease: Duration::from_secs(20),
        ..StandIn::default().door().settings()
    }
}

#[tokio::test]
async fn the_store_on_qdrant_keeps_the_contract() {
    contract::all(&open(&StandIn::default().door()).await).await;
}

#[tokio::test]
async fn the_store_on_three_nodes_keeps_the_contract() {
    contract::all(&open(&StandIn::of_nodes(3).door()).await).await;
}

#[tokio::test]
#[ignore = "needs a Qdrant server in QDRANT_URL; cargo test --test store -- --ignored real_server"]
async fn the_store_on_a_real_server_keeps_the_contract() {
    contract::all(&QdrantStore::open(real(), &model()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_new_people_at_three_workers_at_once_make_no_twins() {
    let stand_in = StandIn::default();
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(people(&stand_in.door()).await);
    }
    races::no_twins(&workers).await;
    assert_eq!(stand_in.records("journal"), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Qdrant server in QDRANT_URL; cargo test --test store -- --ignored real_server"]
async fn photos_of_new_people_at_three_workers_on_a_real_server_make_no_twins() {
    let settings = real();
    let mut workers = Vec::new();
    for _ in 0..3 {
        let store = QdrantStore::open(settings.clone(), &model()).await.unwrap();
        workers.push(People::new(Arc::new(store), model()));
    }
    races::no_twins(&workers).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn everything_fits_together_whatever_happens(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let people = people(&StandIn::default().door()).await;
            happen(&people, events).await;
        });
    }
}

#[tokio::test]
async fn a_store_of_another_model_or_behind_another_key_is_refused() {
    let stand_in = StandIn::with_key("secret");
    let door = stand_in.door();
    let wrong = QdrantStore::open(door.settings(), &model()).await;
    assert!(matches!(wrong.err(), Some(StoreError::WrongKey { .. })));
    let mut settings = door.settings();
    settings.api_key = Some("secret".to_owned());
    assert!(!format!("{settings:?}").contains("secret"));
    QdrantStore::open(settings.clone(), &model()).await.unwrap();
    let mut other = model();
    other.name = "another".to_owned();
    let refused = QdrantStore::open(settings.clone(), &other).await;
    assert!(matches!(refused.err(), Some(StoreError::OtherModel { .. })));
    let mut wider = model();
    wider.dimension += 1;
    let refused = QdrantStore::open(settings, &wider).await;
    assert!(matches!(refused.err(), Some(StoreError::OtherModel { .. })));
}

#[tokio::test]
async fn a_server_that_cannot_update_on_a_condition_is_refused() {
    for (version, is_refused) in [("1.15.5", true), ("1.16.0", false), ("2.0.0-dev", false)] {
        let door = StandIn::of_version(version).door();
        let opened = QdrantStore::open(door.settings(), &model()).await;
        let refused = matches!(opened.err(), Some(StoreError::OldQdrant { .. }));
        assert_eq!(refused, is_refused, "{version}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_and_one_that_comes_back_is_used_again() {
    let door = StandIn::default().door();
    let mut nowhere = door.settings();
    nowhere.urls = vec!["http://127.0.0.1:1".to_owned()];
    let error = QdrantStore::open(nowhere, &model()).await.err().unwrap();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("http://127.0.0.1:1"), "{error}");

    let people = people(&door).await;
    place_photo(&people, "before", &[1], 0).await;
    door.shut();
    let error = people.photo(&file("before")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(people.delete_file(&file("before")).await.is_err());
    door.open();
    assert!(people.photo(&file("before")).await.unwrap().is_some());
    place_photo(&people, "after", &[1, 2], 1).await;
    crate::fixtures::assert_sound(&people).await;
}
