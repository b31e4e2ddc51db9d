//! The embedded store keeps the contract.

use std::path::Path;
use std::sync::Arc;

use ai_worker::people::People;
use ai_worker::store::{EmbeddedStore, IndexSettings};
use rusqlite::Connection;

use crate::contract;
use crate::fixtures::model;

pub(crate) fn open(directory: &Path) -> EmbeddedStore {
    EmbeddedStore::open(directory, &model(), IndexSettings::default()).unwrap()
}

/// People in an embedded store.
pub(crate) fn people(directory: &Path) -> People {
    People::new(Arc::new(open(directory)), model())
}

/// Takes out of a closed store what version 6 of the tables added.
pub(crate) fn as_version_5(directory: &Path) -> Connection {
    let connection = Connection::open(directory.join("faces.sqlite")).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER photo_comes; DROP TRIGGER photo_goes; DROP TRIGGER photo_is_described;
             DROP VIEW said_tag; DROP TABLE photo_tag; DROP TABLE tag;
             DROP TRIGGER cluster_comes; DROP TRIGGER cluster_changes; DROP TRIGGER cluster_size_comes;
             DROP INDEX cluster_by_flags; DROP INDEX cluster_by_flags_and_faces; DROP INDEX cluster_by_flags_and_latest;
             ALTER TABLE cluster DROP COLUMN hidden; ALTER TABLE cluster DROP COLUMN provisional;
             ALTER TABLE redirect DROP COLUMN hidden; ALTER TABLE redirect DROP COLUMN provisional;
             ALTER TABLE cluster_size DROP COLUMN hidden; ALTER TABLE cluster_size DROP COLUMN provisional;
             DROP TABLE unsure;
             DROP TABLE correction; DROP TABLE correction_key; DELETE FROM sqlite_sequence WHERE name = 'correction';
             UPDATE meta SET value = '5' WHERE key = 'version';",
        )
        .unwrap();
    connection
}

#[tokio::test]
async fn the_embedded_store_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract::all(&open(directory.path())).await;
}
