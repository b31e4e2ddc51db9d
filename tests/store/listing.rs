//! Photos by page, tag and person, whatever store they are in.

use ai_worker::domain::{ClusterId, ScoredTag};
use ai_worker::people::{People, PeopleError};
use ai_worker::store::{Change, FaceStore, ListedPhoto, PhotoRecord, TagCount};
use test_support::stand_in::StandIn;

use crate::embedded;
use crate::fixtures::{apply, assert_sound, file, model, place, place_photo, record, stored};
use crate::qdrant;

/// A photo's record with these tags.
fn tagged(name: &str, tags: &[&str]) -> PhotoRecord {
    let mut photo = record(name, 0);
    let tag = |name: &&str| ScoredTag {
        name: (*name).to_owned(),
        score: 0.5,
        reason: None,
    };
    photo.description.tags = tags.iter().map(tag).collect();
    photo
}

async fn put(store: &dyn FaceStore, photo: PhotoRecord) {
    apply(store, vec![Change::PutPhoto(Box::new(photo))]).await;
}

/// Names of photos in the order of a list, page by page.
async fn listed(store: &dyn FaceStore, tag: Option<&str>, limit: usize) -> Vec<String> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = store.list_photos(tag, before, limit).await.unwrap();
        before = page.last().map(|(position, _)| *position);
        found.extend(page.iter().map(|(_, photo)| photo.file_id.as_str().to_owned()));
        if page.len() < limit {
            return found;
        }
    }
}

async fn counts(store: &dyn FaceStore) -> Vec<(String, u64)> {
    let tags = store.tags(100).await.unwrap();
    tags.into_iter()
        .map(|TagCount { name, photos }| (name, photos))
        .collect()
}

fn counted(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(name, photos)| ((*name).to_owned(), *photos))
        .collect()
}

/// What every store does. It wants an empty one and leaves it empty.
pub(crate) async fn contract(store: &dyn FaceStore) {
    assert_eq!(listed(store, None, 2).await, [""; 0]);
    assert_eq!(counts(store).await, []);
    for (name, tags) in [
        ("one", &["beach", "people"][..]),
        ("two é/%'\"", &["a tag, with %'\" é"]),
        ("three", &["people"]),
        ("four", &[]),
    ] {
        put(store, tagged(name, tags)).await;
    }
    let all = ["four", "three", "two é/%'\"", "one"];
    for limit in [1, 2, 4, 9] {
        assert_eq!(listed(store, None, limit).await, all, "{limit}");
        assert_eq!(listed(store, Some("people"), limit).await, ["three", "one"]);
    }
    assert_eq!(listed(store, Some("a tag, with %'\" é"), 5).await, ["two é/%'\""]);
    for nobody in ["", "peopl", "PEOPLE", "a"] {
        assert_eq!(listed(store, Some(nobody), 5).await, [""; 0], "{nobody}");
    }
    assert_eq!(
        counts(store).await,
        counted(&[("people", 2), ("a tag, with %'\" é", 1), ("beach", 1)])
    );
    assert_eq!(store.tags(1).await.unwrap().len(), 1);

    // A photo that comes again has its new tags, and is the newest.
    put(store, tagged("one", &["people", "dog"])).await;
    assert_eq!(listed(store, Some("people"), 1).await, ["one", "three"]);
    assert_eq!(listed(store, Some("beach"), 5).await, [""; 0]);
    // One that is described anew stays where it is; one that is not there does not come to be.
    let description = |tags: &[&str]| tagged("any", tags).description;
    let describe = |name: &str, tags: &[&str]| Change::Describe(file(name), description(tags));
    apply(
        store,
        vec![describe("three", &["dog", "cat"]), describe("nobody", &["dog"])],
    )
    .await;
    assert_eq!(listed(store, Some("dog"), 1).await, ["one", "three"]);
    assert_eq!(listed(store, Some("people"), 5).await, ["one"]);
    assert_eq!(
        counts(store).await,
        counted(&[("dog", 2), ("a tag, with %'\" é", 1), ("cat", 1), ("people", 1)])
    );
    // Both in one batch.
    apply(
        store,
        vec![
            Change::PutPhoto(Box::new(tagged("five", &["beach"]))),
            describe("five", &["people"]),
        ],
    )
    .await;
    assert_eq!(listed(store, Some("people"), 5).await, ["five", "one"]);

    // What a list shows, with faces in the order of writing.
    let (anna, budi) = (ClusterId::random(), ClusterId::random());
    let mut faces = [
        stored("five", budi, 1),
        stored("five", anna, 2),
        stored("no record", anna, 3),
    ];
    faces[1].bounding_box = place(1);
    apply(store, faces.iter().cloned().map(Change::PutFace).collect()).await;
    let five = ListedPhoto {
        file_id: file("five"),
        tags: Some(vec!["people".to_owned()]),
        context: Some("Beberapa orang".to_owned()),
        clusters: vec![budi, anna],
        has_url: false,
    };
    assert_eq!(store.list_photos(None, None, 1).await.unwrap()[0].1, five);
    let unrecorded = ListedPhoto {
        file_id: file("no record"),
        tags: None,
        context: None,
        clusters: vec![anna],
        has_url: false,
    };
    let names = ["no record", "nobody", "five"].map(file);
    assert_eq!(store.photos_named(&names).await.unwrap(), [unrecorded, five]);
    assert_eq!(store.photos_named(&[]).await.unwrap(), []);
    let latest = store.latest_files(&anna, None, 5).await.unwrap();
    let found: Vec<&str> = latest.iter().map(|(_, file)| file.as_str()).collect();
    assert_eq!(found, ["no record", "five"]);
    let earlier = store.latest_files(&anna, Some(latest[0].0), 5).await.unwrap();
    assert_eq!(earlier, latest[1..]);

    // Deleted photos leave nothing.
    let mut changes: Vec<Change> = faces
        .iter()
        .map(|face| Change::RemoveFace(face.face_id))
        .collect();
    let names = ["one", "two é/%'\"", "three", "four", "five", "no record"];
    changes.extend(names.map(|name| Change::RemovePhoto(file(name))));
    apply(store, changes).await;
    assert_eq!(listed(store, None, 5).await, [""; 0]);
    assert_eq!(counts(store).await, []);
    assert_eq!(store.latest_files(&anna, None, 5).await.unwrap(), []);
}

/// The photos of a list of people's photos, page by page.
async fn pages(people: &People, tag: Option<&str>, cluster: &ClusterId, limit: usize) -> Vec<String> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = people
            .list_photos(tag, Some(cluster), before, limit)
            .await
            .unwrap();
        assert!(page.photos.len() <= limit);
        found.extend(page.photos.iter().map(|photo| photo.file_id.as_str().to_owned()));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}

/// What people rely on. It wants an empty store.
pub(crate) async fn of_people(people: &People) {
    let anna = place_photo(people, "alone", &[1], 0).await[0].cluster_id;
    let both = place_photo(people, "both", &[1, 2], 1).await;
    let budi = both[1].cluster_id;
    place_photo(people, "nobody", &[], 0).await;
    place_photo(people, "later", &[1, 3], 2).await;
    for limit in [1, 2, 3, 7] {
        assert_eq!(
            pages(people, None, &anna, limit).await,
            ["later", "both", "alone"],
            "{limit}"
        );
        assert_eq!(
            pages(people, Some("people"), &anna, limit).await,
            ["later", "both", "alone"]
        );
        assert_eq!(pages(people, Some("dog"), &anna, limit).await, [""; 0]);
    }
    assert_eq!(pages(people, None, &budi, 1).await, ["both"]);
    // Two faces of one photo that are one person now make one entry, and no page ends between them.
    people.merge(&[budi], &anna).await.unwrap();
    for limit in [1, 2, 3] {
        for id in [anna, budi] {
            assert_eq!(
                pages(people, None, &id, limit).await,
                ["later", "both", "alone"],
                "{limit}"
            );
        }
    }
    let page = people.list_photos(None, Some(&anna), None, 2).await.unwrap();
    assert_eq!(page.photos[1].clusters, [anna, anna]);

    // One photo of the person has another tag.
    let seen = people
        .photo(&file("both"))
        .await
        .unwrap()
        .unwrap()
        .record
        .unwrap();
    let description = tagged("both", &["dog"]).description;
    assert!(people.describe_anew(seen, description).await.unwrap());
    for limit in [1, 2] {
        assert_eq!(pages(people, Some("dog"), &anna, limit).await, ["both"]);
        assert_eq!(
            pages(people, Some("people"), &anna, limit).await,
            ["later", "alone"]
        );
    }
    people.delete_file(&file("both")).await.unwrap();
    assert_eq!(pages(people, None, &anna, 1).await, ["later", "alone"]);
    assert_eq!(people.tags(5).await.unwrap()[0].photos, 3);
    let stranger = ClusterId::random();
    let refused = people.list_photos(None, Some(&stranger), None, 5).await;
    assert!(
        matches!(refused, Err(PeopleError::UnknownCluster(_))),
        "{refused:?}"
    );
    // A deleted person is in no list, and the photos stay.
    people.delete_cluster(&anna).await.unwrap();
    let refused = people.list_photos(None, Some(&anna), None, 5).await;
    assert!(
        matches!(refused, Err(PeopleError::UnknownCluster(_))),
        "{refused:?}"
    );
    assert_eq!(
        people
            .list_photos(None, None, None, 9)
            .await
            .unwrap()
            .photos
            .len(),
        3
    );
    assert_sound(people).await;
}

#[tokio::test]
async fn photos_in_an_embedded_store_are_listed_by_tag_and_person() {
    let directory = tempfile::tempdir().unwrap();
    contract(&embedded::open(directory.path())).await;
    of_people(&embedded::people(directory.path())).await;
}

#[tokio::test]
async fn photos_on_qdrant_are_listed_by_tag_and_person() {
    let stand_in = StandIn::default();
    contract(&qdrant::open(&stand_in.door()).await).await;
    of_people(&qdrant::people(&stand_in.door()).await).await;
}

#[tokio::test]
#[ignore = "needs a Qdrant server in QDRANT_URL; cargo test --test store -- --ignored real_server"]
async fn photos_on_a_real_server_are_listed_by_tag_and_person() {
    let store = ai_worker::store::QdrantStore::open(qdrant::real(), &model())
        .await
        .unwrap();
    contract(&store).await;
    of_people(&People::new(std::sync::Arc::new(store), model())).await;
}

/// A person with more photos than are looked at for one page: the list goes on all the same.
#[tokio::test]
async fn a_rare_tag_of_a_person_with_many_photos_is_found_page_by_page() {
    const PHOTOS: usize = 2_500;
    let directory = tempfile::tempdir().unwrap();
    let store = embedded::open(directory.path());
    let people = People::new(std::sync::Arc::new(store.clone()), model());
    let anna = place_photo(&people, "first", &[1], 0).await[0].cluster_id;
    let mut changes = Vec::new();
    for number in 0..PHOTOS {
        let name = format!("photo {number}");
        let tag = if number % 1_200 == 0 { "dog" } else { "people" };
        changes.extend([
            Change::PutFace(stored(&name, anna, 1)),
            Change::PutPhoto(Box::new(tagged(&name, &[tag]))),
        ]);
    }
    apply(&store, changes).await;
    let first = people
        .list_photos(Some("dog"), Some(&anna), None, 5)
        .await
        .unwrap();
    assert_eq!(first.photos.len(), 1);
    assert!(first.next.is_some());
    assert_eq!(
        pages(&people, Some("dog"), &anna, 5).await,
        ["photo 2400", "photo 1200", "photo 0"]
    );
}

#[tokio::test]
async fn photos_of_version_5_are_listed_by_their_tags() {
    let directory = tempfile::tempdir().unwrap();
    {
        let store = embedded::open(directory.path());
        for number in 0..7 {
            let tags: &[&str] = if number % 2 == 0 {
                &["dog", "people"]
            } else {
                &["cat"]
            };
            put(&store, tagged(&format!("photo {number}"), tags)).await;
        }
        put(&store, tagged("damaged", &["dog"])).await;
    }
    let connection = embedded::as_version_5(directory.path());
    // What cannot be read keeps nobody from opening the store.
    let spoil = "UPDATE photo SET tags = '[{\"name\"' WHERE file_id = 'damaged'";
    assert_eq!(connection.execute(spoil, []).unwrap(), 1);
    drop(connection);
    let store = embedded::open(directory.path());
    assert_eq!(
        counts(&store).await,
        counted(&[("dog", 4), ("people", 4), ("cat", 3)])
    );
    assert_eq!(
        listed(&store, Some("dog"), 3).await,
        ["photo 6", "photo 4", "photo 2", "photo 0"]
    );
    put(&store, tagged("damaged", &["cat"])).await;
    assert_eq!(counts(&store).await[0], ("cat".to_owned(), 4));
    assert_eq!(store.examine().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_index_of_tags_is_found_and_mended() {
    let directory = tempfile::tempdir().unwrap();
    {
        let store = embedded::open(directory.path());
        for name in ["one", "two"] {
            put(&store, tagged(name, &["dog", "people"])).await;
        }
    }
    let connection = rusqlite::Connection::open(directory.path().join("faces.sqlite")).unwrap();
    connection
        .execute_batch(
            "DELETE FROM photo_tag WHERE name = 'dog'; UPDATE tag SET photos = 9 WHERE name = 'people';",
        )
        .unwrap();
    drop(connection);
    let store = embedded::open(directory.path());
    let faults = store.examine().await.unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("photo tags"), "{faults:?}");
    assert_eq!(store.mend().await.unwrap().len(), 1);
    assert_eq!(store.examine().await.unwrap(), [""; 0]);
    assert_eq!(counts(&store).await, counted(&[("dog", 2), ("people", 2)]));
}

/// Photos that a worker of an earlier version wrote are brought up to date in several turns, however often that is cut off.
#[tokio::test]
async fn many_photos_of_an_earlier_version_on_qdrant_are_listed_by_their_tags() {
    const PHOTOS: usize = 1_200;
    let stand_in = StandIn::default();
    {
        let store = qdrant::open(&stand_in.door()).await;
        let photo = |number: usize| Change::PutPhoto(Box::new(tagged(&format!("photo {number}"), &["dog"])));
        apply(&store, (0..PHOTOS).map(photo).collect()).await;
    }
    stand_in.forget_of_records("photo", &["tags", "listed"]);
    let mut cut_off = 0;
    for writes in [5, 9, 14] {
        let door = stand_in.door();
        door.shut_after(writes, true);
        let opened = ai_worker::store::QdrantStore::open(door.settings(), &model()).await;
        cut_off += usize::from(opened.is_err());
        door.open();
    }
    assert!(cut_off > 0);
    let store = qdrant::open(&stand_in.door()).await;
    assert_eq!(counts(&store).await, counted(&[("dog", PHOTOS as u64)]));
    assert_eq!(listed(&store, Some("dog"), 500).await.len(), PHOTOS);
}
