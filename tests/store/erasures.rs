//! Deletions hold: a store that is older than they are does them again.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ai_worker::domain::{ClusterId, FileId};
use ai_worker::people::{People, PeopleError, Repeated, Since};
use ai_worker::store::{Erased, ErasureList};

use crate::earlier::copy_files;
use crate::fixtures::{assert_sound, file, place_photo};
use crate::{embedded, qdrant};
use test_support::stand_in::StandIn;

/// Who is in the store that is copied.
struct Before {
    anna: ClusterId,
    /// Merged into Anna.
    also_anna: ClusterId,
    budi: ClusterId,
    /// Taken for Anna when the store is copied.
    citra: ClusterId,
}

async fn fill(people: &People) -> Before {
    let anna = place_photo(people, "anna", &[1], 0).await[0].cluster_id;
    let also_anna = place_photo(people, "also anna", &[2], 0).await[0].cluster_id;
    let both = place_photo(people, "both", &[1, 3], 1).await;
    let citra = place_photo(people, "citra", &[4], 0).await[0].cluster_id;
    place_photo(people, "deleted", &[3], 2).await;
    place_photo(people, "nobody", &[], 0).await;
    people.merge(&[also_anna], &anna).await.unwrap();
    people.merge(&[citra], &anna).await.unwrap();
    Before {
        anna,
        also_anna,
        budi: both[1].cluster_id,
        citra,
    }
}

/// What happens after the copy: Citra turns out to be somebody else, and Anna and two photos are deleted.
async fn delete(people: &People, before: &Before) {
    people.unmerge(&before.citra).await.unwrap();
    assert_eq!(people.delete_cluster(&before.also_anna).await.unwrap(), 3);
    people.delete_file(&file("deleted")).await.unwrap();
    people.delete_file(&file("nobody")).await.unwrap();
    // Nothing is there any more: no news.
    people.delete_file(&file("nobody")).await.unwrap();
    assert_eq!(people.delete_cluster(&before.anna).await.unwrap(), 0);
}

async fn assert_deleted(people: &People, before: &Before) {
    for gone in [before.anna, before.also_anna] {
        let found = people.cluster(&gone).await;
        assert!(matches!(found, Err(PeopleError::UnknownCluster(_))), "{found:?}");
    }
    for gone in ["deleted", "nobody"] {
        assert_eq!(people.photo(&file(gone)).await.unwrap(), None, "{gone}");
    }
    assert_eq!(people.photo(&file("anna")).await.unwrap().unwrap().faces, []);
    assert_eq!(people.cluster(&before.budi).await.unwrap().faces, 1);
    assert_sound(people).await;
}

/// Repeats a list's deletions on a copy, twice.
async fn repeat(people: &People, list: &ErasureList, since: Since, before: &Before) {
    assert_eq!(people.cluster(&before.anna).await.unwrap().faces, 4);
    let done = people
        .repeat_erasures(&list.read().unwrap(), since)
        .await
        .unwrap();
    let process_again: BTreeSet<FileId> = [file("citra")].into();
    assert_eq!(
        done,
        Repeated {
            erasures: 3,
            photos: 2,
            faces: 4,
            process_again,
        }
    );
    assert_deleted(people, before).await;
    let again = people
        .repeat_erasures(&list.read().unwrap(), since)
        .await
        .unwrap();
    assert_eq!((again.photos, again.faces), (0, 0));
    assert_deleted(people, before).await;
}

/// A list beside the store, with a deletion of before the copy.
async fn begin(people: People, folder: &Path) -> (People, Arc<ErasureList>) {
    let list = Arc::new(ErasureList::at(folder.join("erasures.jsonl")));
    let people = people.with_erasures(Arc::clone(&list));
    place_photo(&people, "there again", &[9], 0).await;
    people.delete_file(&file("there again")).await.unwrap();
    place_photo(&people, "there again", &[9], 0).await;
    (people, list)
}

/// What a copy knows that is made now.
async fn since(people: &People, list: &ErasureList) -> Since {
    let last = list.read().unwrap().last().unwrap().at;
    Since {
        moment: last + 1,
        revision: people.revision().await.unwrap(),
    }
}

#[tokio::test]
async fn an_embedded_store_that_is_restored_deletes_again() {
    let (store, copy, beside) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let (people, list) = begin(embedded::people(store.path()), beside.path()).await;
    let before = fill(&people).await;
    let copied = since(&people, &list).await;
    copy_files(store.path(), copy.path()).unwrap();
    delete(&people, &before).await;
    assert_deleted(&people, &before).await;

    let restored = embedded::people(copy.path());
    repeat(&restored, &list, copied, &before).await;
    assert!(restored.photo(&file("there again")).await.unwrap().is_some());
}

#[tokio::test]
async fn collections_that_are_restored_delete_again() {
    let (stand_in, beside) = (StandIn::default(), tempfile::tempdir().unwrap());
    let (people, list) = begin(qdrant::people(&stand_in.door()).await, beside.path()).await;
    let before = fill(&people).await;
    let copied = since(&people, &list).await;
    let snapshot = stand_in.dump();
    delete(&people, &before).await;
    assert_deleted(&people, &before).await;

    let restored = StandIn::holding(snapshot);
    let restored = qdrant::people(&restored.door()).await;
    repeat(&restored, &list, copied, &before).await;
    assert!(restored.photo(&file("there again")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_deletion_by_an_earlier_clock_counts_by_its_revision() {
    let (store, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (people, list) = begin(embedded::people(store.path()), beside.path()).await;
    let revision = people.revision().await.unwrap();
    let last = list.read().unwrap().pop().unwrap();
    let never = Since {
        moment: u64::MAX,
        revision,
    };
    let done = people
        .repeat_erasures(std::slice::from_ref(&last), never)
        .await
        .unwrap();
    assert_eq!(done, Repeated::default());
    let before = Since {
        revision: last.revision,
        ..never
    };
    let done = people.repeat_erasures(&[last], before).await.unwrap();
    assert_eq!(done.photos, 1);
}

#[tokio::test]
async fn a_list_names_no_photo() {
    let (store, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_people, list) = begin(embedded::people(store.path()), beside.path()).await;
    let text = std::fs::read_to_string(list.path()).unwrap();
    assert!(!text.contains("there again"), "{text}");
    assert!(matches!(list.read().unwrap()[0].erased, Erased::Photo { .. }));
}

#[tokio::test]
async fn nothing_is_deleted_that_cannot_be_listed() {
    let store = tempfile::tempdir().unwrap();
    // A folder that is not there.
    let list = ErasureList::at(store.path().join("nowhere/erasures.jsonl"));
    let people = embedded::people(store.path()).with_erasures(Arc::new(list));
    let anna = place_photo(&people, "anna", &[1], 0).await[0].cluster_id;
    let refused = people.delete_cluster(&anna).await.unwrap_err();
    assert!(refused.to_string().contains("list of deletions"), "{refused}");
    people.delete_file(&file("anna")).await.unwrap_err();
    assert_eq!(people.cluster(&anna).await.unwrap().faces, 1);
}
