//! Answers are kept for requests that are repeated; the same in every store.

use ai_worker::store::{Change, FaceStore, StoredAnswer};

use crate::fixtures::{apply, file};

/// What every store must do; wants an empty one.
pub(crate) async fn kept(store: &dyn FaceStore) {
    let answer = |key: &str, photo: Option<&str>, at| StoredAnswer {
        key: key.to_owned(),
        request: "a digest".to_owned(),
        body: "{\"tags\": [\"é\"]}".to_owned(),
        file_id: photo.map(file),
        at,
    };
    let all = [
        answer("a", Some("one"), 10),
        answer("b", None, 20),
        answer("c", Some("two"), 30),
        answer("d", Some("three"), 40),
    ];
    apply(store, all.clone().map(Change::PutAnswer).to_vec()).await;
    assert_eq!(store.answer("a").await.unwrap().as_ref(), Some(&all[0]));
    assert_eq!(store.answer("b").await.unwrap().as_ref(), Some(&all[1]));
    assert_eq!(store.answer("e").await.unwrap(), None);
    apply(
        store,
        vec![
            Change::RemoveAnswersBefore(20),
            Change::RemoveAnswersOf(file("two")),
            Change::RemovePhoto(file("three")),
        ],
    )
    .await;
    for (key, stays) in [("a", false), ("b", true), ("c", false), ("d", false)] {
        assert_eq!(store.answer(key).await.unwrap().is_some(), stays, "{key}");
    }
    apply(store, vec![Change::RemoveAnswersBefore(u64::MAX >> 1)]).await;
    assert_eq!(store.answer("b").await.unwrap(), None);
}
