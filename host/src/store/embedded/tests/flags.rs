//! Who is hidden or provisional in databases of version 5, which knew neither, and in damaged ones.

use super::*;
use crate::domain::Neighbour;
use crate::store::flags::ClusterFilter;
use crate::store::record::{DecidedBy, Explanation};

/// Takes away what version 6 of the tables added.
const AS_VERSION_5: &str = "
    DROP TRIGGER cluster_comes;
    DROP TRIGGER cluster_changes;
    DROP TRIGGER cluster_size_comes;
    DROP INDEX cluster_by_flags;
    DROP INDEX cluster_by_flags_and_faces;
    DROP INDEX cluster_by_flags_and_latest;
    DROP TABLE unsure;
    ALTER TABLE cluster DROP COLUMN hidden;
    ALTER TABLE cluster DROP COLUMN provisional;
    ALTER TABLE cluster_size DROP COLUMN hidden;
    ALTER TABLE cluster_size DROP COLUMN provisional;
    ALTER TABLE redirect DROP COLUMN hidden;
    ALTER TABLE redirect DROP COLUMN provisional;
    UPDATE meta SET value = '5' WHERE key = 'version';
";

fn open(directory: &Path) -> EmbeddedStore {
    EmbeddedStore::open(directory, &model(), IndexSettings::default()).unwrap()
}

fn explanation(decided_by: DecidedBy, reason: &str) -> Explanation {
    Explanation {
        decided_by,
        reason: reason.to_owned(),
        at: 1,
        policy: None,
        embedding_model: "a test".to_owned(),
        threshold: 0.5,
        neighbours: Vec::<Neighbour>::new(),
    }
}

/// A person of these faces, with why each of them is there.
async fn person(store: &EmbeddedStore, faces: &[(bool, DecidedBy, &str)]) -> ClusterId {
    let cluster = ClusterId::random();
    let mut changes = Vec::new();
    for (number, (corrected, decided_by, reason)) in faces.iter().enumerate() {
        let face = StoredFace {
            corrected: *corrected,
            ..face(&format!("{cluster} {number}"), cluster)
        };
        changes.push(Change::PutCluster {
            cluster,
            representative: face.face_id,
            flags: ClusterFlags::default(),
        });
        changes.push(Change::Explain(face.face_id, explanation(*decided_by, reason)));
        changes.push(Change::PutFace(face));
    }
    apply(store, changes).await;
    cluster
}

async fn provisional(store: &EmbeddedStore) -> Vec<ClusterId> {
    let filter = ClusterFilter {
        hidden: Some(false),
        provisional: Some(true),
    };
    let order = ClusterOrder::Faces;
    let found = store.clusters_by(order, filter, None, 100).await.unwrap();
    found.into_iter().map(|(_, cluster)| cluster.cluster_id).collect()
}

#[tokio::test]
async fn a_database_of_version_5_shows_who_is_provisional() {
    use DecidedBy::{Person, Policy};
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let open_question = person(&store, &[(false, Policy, "Provisional: a poor face.")]).await;
    let others = [
        person(&store, &[(false, Policy, "A good face.")]).await,
        person(&store, &[(true, Policy, "Provisional: a poor face.")]).await,
        person(&store, &[(false, Person, "Provisional: a poor face.")]).await,
        person(
            &store,
            &[
                (false, Policy, "Provisional: a poor face."),
                (false, Policy, "It joined."),
            ],
        )
        .await,
    ];
    let unreadable = person(&store, &[(false, Policy, "Provisional: a poor face.")]).await;
    let merged = Redirect {
        source: ClusterId::random(),
        target: others[0],
        representative: None,
        faces: Vec::new(),
        distinctions: Vec::new(),
        moment: 7,
        automatic: true,
        flags: ClusterFlags::default(),
    };
    apply(&store, vec![Change::PutRedirect(merged.clone())]).await;
    drop(store);
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database.execute_batch(AS_VERSION_5).unwrap();
    database
        .execute(
            "UPDATE explanation SET json = '{' || json WHERE face_id = \
             (SELECT face_id FROM face WHERE cluster_id = ?1)",
            [unreadable.to_string()],
        )
        .unwrap();
    drop(database);
    for _ in 0..2 {
        let store = open(directory.path());
        assert_eq!(provisional(&store).await, [open_question]);
        assert!(
            store
                .cluster(&open_question)
                .await
                .unwrap()
                .unwrap()
                .flags
                .provisional
        );
        assert_eq!(store.counts().await.unwrap().clusters, 6);
        assert_eq!(
            store.redirects(None, 9).await.unwrap(),
            std::slice::from_ref(&merged)
        );
        let faults = store.examine().await.unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}

#[tokio::test]
async fn what_lists_go_by_is_mended() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let cluster = person(&store, &[(false, DecidedBy::Policy, "A good face.")]).await;
    let one = ClusterId::random();
    apply(&store, vec![Change::PutUnsure(one, cluster)]).await;
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database
        .execute_batch("UPDATE cluster_size SET provisional = 1")
        .unwrap();
    database
        .execute("DELETE FROM unsure WHERE one = ?1", [one.to_string()])
        .unwrap();
    assert_eq!(provisional(&store).await, [cluster]);
    assert_eq!(store.examine().await.unwrap().len(), 2);
    assert_eq!(store.mend().await.unwrap().len(), 2);
    assert_eq!(store.examine().await.unwrap(), Vec::<String>::new());
    assert_eq!(provisional(&store).await, []);
    assert_eq!(store.unsure_of(&one).await.unwrap(), [cluster]);
}
