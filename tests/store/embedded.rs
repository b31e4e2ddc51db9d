//! The embedded store keeps the contract.

use std::path::Path;
use std::sync::Arc;

use ai_worker::faces::{EmbeddedStore, IndexSettings, People};

use crate::contract;
use crate::fixtures::model;

pub(crate) fn open(directory: &Path) -> EmbeddedStore {
    EmbeddedStore::open(directory, &model(), IndexSettings::default()).unwrap()
}

/// People in an embedded store.
pub(crate) fn people(directory: &Path) -> People {
    People::new(Arc::new(open(directory)), model())
}

#[tokio::test]
async fn the_embedded_store_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract::all(&open(directory.path())).await;
}
