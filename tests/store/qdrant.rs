//! The store on Qdrant keeps the contract, whatever happens to its workers.

use std::sync::Arc;

use ai_worker::faces::{People, QdrantStore, StoreError};

use crate::fixtures::model;
use crate::stand_in::{Door, StandIn};
use crate::{contract, races};

pub(crate) async fn open(door: &Door) -> QdrantStore {
    QdrantStore::open(door.settings(), &model()).await.unwrap()
}

fn people(store: QdrantStore) -> People {
    People::new(Arc::new(store), model())
}

#[tokio::test]
async fn the_store_on_qdrant_keeps_the_contract() {
    contract::all(&open(&StandIn::default().door()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_new_people_at_three_workers_at_once_make_no_twins() {
    let stand_in = StandIn::default();
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(people(open(&stand_in.door()).await));
    }
    races::no_twins(&workers).await;
}

#[tokio::test]
async fn a_store_of_another_model_or_behind_another_key_is_refused() {
    let stand_in = StandIn::with_key("secret");
    let door = stand_in.door();
    let wrong = QdrantStore::open(door.settings(), &model()).await;
    assert!(matches!(wrong.err(), Some(StoreError::WrongKey { .. })));
    let mut settings = door.settings();
    settings.api_key = Some("secret".to_owned());
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
