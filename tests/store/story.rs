//! One of everything that can happen to people, and what must still hold of it in every later version.

use std::sync::Arc;
use std::time::Duration;

use ai_worker::domain::{ClusterId, FaceId, Gender, Label};
use ai_worker::people::{NewAnswer, NewFace, People, PeopleError, PlacedFace, Policy};
use ai_worker::store::PhotoRecord;
use serde::{Deserialize, Serialize};

use crate::fixtures::{
    AlonePolicyForTests, ThresholdPolicyForTests, assert_sound, consolidate, file, new_face, place, record,
};

/// Long enough for every fixture.
const FOR_EVER: Duration = Duration::from_secs(1 << 40);

/// The ids that it came to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Story {
    /// Person 1, and the face that somebody chose to stand for her.
    anna: (ClusterId, FaceId),
    /// A face of person 1 that somebody split off, and its cluster.
    apart: (FaceId, ClusterId),
    /// Persons 3, 4 and 5: the first was merged into the second, and that into the third.
    chain: [ClusterId; 3],
    /// Person 7, merged into person 6 and taken back.
    back: [ClusterId; 2],
    /// The face of person 9 in `guests`, which somebody moved to person 8.
    moved: (FaceId, ClusterId),
    /// The third face in `guests`, which is none.
    rejected: FaceId,
    /// Two clusters of person 11 that somebody said are two people.
    twins: [ClusterId; 2],
    /// A face of person 12 that somebody said is not the same as another.
    stranger: (FaceId, ClusterId),
    /// Person 13, whom somebody deleted.
    deleted: ClusterId,
    /// Idempotency keys.
    pub(crate) keys: Vec<String>,
}

/// A photo with all that can be observed in it, and its faces.
fn seen(name: &str, persons: &[usize], view: usize) -> (PhotoRecord, Vec<NewFace>) {
    let mut photo = record(name, 0);
    photo.scene.labels = Some(vec![Label {
        name: "groom".to_owned(),
        score: 0.25,
    }]);
    photo.scene.similarities = Some(vec![0.125, -0.5]);
    photo.scene.text_similarities = Some(vec![0.75]);
    photo.scene.caption = Some("two people on a beach".to_owned());
    let mut faces = Vec::new();
    for (number, person) in persons.iter().enumerate() {
        let mut face = new_face(number, *person, view);
        face.scene.age = Some(20.5 + *person as f32);
        face.scene.gender = Some(if person % 2 == 0 {
            Gender::Male
        } else {
            Gender::Female
        });
        photo.scene.faces.push(face.scene.clone());
        faces.push(face);
    }
    (photo, faces)
}

async fn place_by(
    people: &People,
    policy: Arc<dyn Policy>,
    (photo, faces): (PhotoRecord, Vec<NewFace>),
) -> Vec<PlacedFace> {
    people.place(photo, faces, policy).await.unwrap()
}

async fn photo(people: &People, name: &str, persons: &[usize], view: usize) -> Vec<PlacedFace> {
    place_by(
        people,
        Arc::new(ThresholdPolicyForTests),
        seen(name, persons, view),
    )
    .await
}

/// Lets it happen in an empty store, but for its [`end`].
pub(crate) async fn tell(people: &People) -> Story {
    let anna = photo(people, "anna é", &[1], 0).await[0].cluster_id;
    let both = photo(people, "anna-and-budi", &[1, 2], 1).await;
    let again = photo(people, "anna-again", &[1], 2).await[0].face_id;
    let apart = people.split(&anna, &[both[0].face_id]).await.unwrap();

    let mut chain = Vec::new();
    for (name, person) in [("carla", 3), ("dewi", 4), ("eka", 5)] {
        chain.push(photo(people, name, &[person], 0).await[0].cluster_id);
    }
    people.merge(&chain[..1], &chain[1]).await.unwrap();
    people.merge(&chain[1..2], &chain[2]).await.unwrap();

    let fajar = photo(people, "fajar", &[6], 0).await[0].cluster_id;
    let gita = photo(people, "gita", &[7], 0).await[0].cluster_id;
    people.merge(&[gita], &fajar).await.unwrap();
    people.unmerge(&gita).await.unwrap();

    let hadi = photo(people, "hadi", &[8], 0).await[0].cluster_id;
    photo(people, "indah", &[9], 0).await;
    let guests = photo(people, "guests", &[8, 9, 10], 1).await;
    people.move_face(&guests[1].face_id, Some(&hadi)).await.unwrap();
    people.reject(&guests[2].face_id).await.unwrap();

    let mut twins = Vec::new();
    for name in ["a-twin", "the-other"] {
        let placed = place_by(
            people,
            Arc::new(AlonePolicyForTests),
            seen(name, &[11], twins.len()),
        )
        .await;
        twins.push(placed[0].cluster_id);
    }
    people.distinguish_clusters(&twins[0], &twins[1]).await.unwrap();
    let known = photo(people, "lina", &[12], 0).await[0].face_id;
    let stranger = photo(people, "like-lina", &[12], 1).await[0].face_id;
    let elsewhere = people.distinguish_faces(&stranger, &known).await.unwrap();

    photo(people, "nobody", &[], 0).await;
    let deleted = photo(people, "maya", &[13], 0).await[0].cluster_id;
    people.delete_cluster(&deleted).await.unwrap();
    photo(people, "deleted", &[2, 6], 2).await;
    people.delete_file(&file("deleted")).await.unwrap();

    let mut keys = Vec::new();
    for (key, photo) in [("of a photo", Some(file("anna é"))), ("of none", None)] {
        let answer = NewAnswer {
            key: key.to_owned(),
            request: "the digest of a request".to_owned(),
            body: "{\"tags\": [\"é\"]}".to_owned(),
            file_id: photo,
        };
        people.keep_answer(answer, FOR_EVER).await.unwrap();
        keys.push(key.to_owned());
    }
    assert_sound(people).await;
    Story {
        anna: (anna, again),
        apart: (both[0].face_id, apart.cluster),
        chain: chain.try_into().unwrap(),
        back: [gita, fajar],
        moved: (guests[1].face_id, hadi),
        rejected: guests[2].face_id,
        twins: twins.try_into().unwrap(),
        stranger: (stranger, elsewhere.cluster),
        deleted,
        keys,
    }
}

/// What happens last.
pub(crate) async fn end(people: &People, story: &Story) {
    let (anna, chosen) = story.anna;
    people.represent(&anna, &chosen).await.unwrap();
    assert_sound(people).await;
}

/// Everything that was decided still counts. Changes the store.
pub(crate) async fn go_on(people: &People, story: &Story) {
    assert_sound(people).await;
    former_ids_answer(people, story).await;
    nothing_automatic_undoes_a_correction(people, story).await;
    photos_that_come_again_find_what_was_decided(people, story).await;
    merges_can_be_taken_back(people, story).await;
    assert_sound(people).await;
}

async fn former_ids_answer(people: &People, story: &Story) {
    let [first, second, survivor] = story.chain;
    for id in &story.chain {
        assert_eq!(people.cluster(id).await.unwrap().cluster_id, survivor);
        let (cluster, portrait) = people.thumbnail(id).await.unwrap();
        assert_eq!((cluster, portrait), (survivor, b"a picture of 5".to_vec()));
    }
    let mut former = people.former_ids(&survivor).await.unwrap();
    former.sort();
    let mut expected = [first, second];
    expected.sort();
    assert_eq!(former, expected);
    let gone = people.cluster(&story.deleted).await;
    assert!(matches!(gone, Err(PeopleError::UnknownCluster(_))));
}

async fn nothing_automatic_undoes_a_correction(people: &People, story: &Story) {
    let done = consolidate(people, false).await;
    assert_eq!(done.merges, []);
    let [twin, other] = story.twins;
    assert_eq!(people.distinct_from(&twin).await.unwrap(), [other]);
    assert_eq!(people.distinct_from(&other).await.unwrap(), [twin]);
}

async fn photos_that_come_again_find_what_was_decided(people: &People, story: &Story) {
    let rejections = people.rejections(&file("guests")).await.unwrap();
    assert_eq!(rejections.len(), 1);
    assert_eq!(
        (rejections[0].face_id, rejections[0].bounding_box),
        (story.rejected, place(2))
    );
    // What is at a rejected place is not seen, so it is not placed.
    let guests = photo(people, "guests", &[8, 9], 5).await;
    let (face, cluster) = story.moved;
    assert_eq!((guests[1].face_id, guests[1].cluster_id), (face, cluster));
    assert!(people.face(&face).await.unwrap().corrected);

    let both = photo(people, "anna-and-budi", &[1, 2], 6).await;
    assert_eq!((both[0].face_id, both[0].cluster_id), story.apart);
    let like_lina = photo(people, "like-lina", &[12], 7).await;
    assert_eq!((like_lina[0].face_id, like_lina[0].cluster_id), story.stranger);
    let (anna, chosen) = story.anna;
    assert_eq!(people.cluster(&anna).await.unwrap().representative, chosen);

    let later = photo(people, "later", &[3, 13], 8).await;
    assert_eq!(later[0].cluster_id, story.chain[2]);
    assert!(later[1].is_new_cluster && later[1].cluster_id != story.deleted);
}

async fn merges_can_be_taken_back(people: &People, story: &Story) {
    let [_, second, survivor] = story.chain;
    let back = people.unmerge(&second).await.unwrap();
    assert_eq!((back.cluster, back.from), (second, Some(survivor)));
    let [gita, fajar] = story.back;
    assert_eq!(people.cluster(&gita).await.unwrap().cluster_id, gita);
    assert_eq!(people.unmerge(&gita).await.unwrap().moved, 0);
    assert_eq!(people.distinct_from(&gita).await.unwrap(), [fajar]);
    for key in &story.keys {
        assert!(people.answer(key, FOR_EVER).await.unwrap().is_some(), "{key}");
    }
}
