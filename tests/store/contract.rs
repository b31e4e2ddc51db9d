//! The contract of every store. Each function wants an empty one.

use std::time::Duration;

use ai_worker::domain::{ClusterId, FaceId, Slot};
use ai_worker::store::{
    Change, Cluster, ClusterFilter, ClusterFlags, ClusterOrder, Counts, DecidedBy, Explanation, FaceStore,
    Redirect, Rejection, StoredFace,
};

use crate::fixtures::{apply, embedding, file, model, place, record, stored};

/// Everything at once; one store after another would take long where a store is a server.
pub(crate) async fn all(store: &dyn FaceStore) {
    faces(store).await;
    neighbours(store).await;
    photos(store).await;
    clusters(store).await;
    crate::flags::kept(store).await;
    corrections(store).await;
    crate::answers::kept(store).await;
    crate::changes::logged(store).await;
    turns(store).await;
}

async fn put(store: &dyn FaceStore, faces: &[StoredFace]) {
    apply(store, faces.iter().cloned().map(Change::PutFace).collect()).await;
}

async fn remove(store: &dyn FaceStore, faces: &[StoredFace]) {
    apply(
        store,
        faces
            .iter()
            .map(|face| Change::RemoveFace(face.face_id))
            .collect(),
    )
    .await;
}

async fn in_order(store: &dyn FaceStore) -> Vec<FaceId> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.faces(after, 2).await.unwrap();
        after = page.last().map(|last| last.position);
        found.extend(page.iter().map(|sequenced| sequenced.face.face_id));
        if page.len() < 2 {
            return found;
        }
    }
}

async fn latest_first(store: &dyn FaceStore) -> Vec<FaceId> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = store.latest_faces(before, 2).await.unwrap();
        before = page.last().map(|last| last.position);
        found.extend(page.iter().map(|sequenced| sequenced.face.face_id));
        if page.len() < 2 {
            return found;
        }
    }
}

async fn faces(store: &dyn FaceStore) {
    let (anna, budi) = (ClusterId::random(), ClusterId::random());
    let mut all = [
        stored("one", anna, 1),
        stored("one", budi, 2),
        stored("two é/%'\"", anna, 1),
    ];
    assert_eq!(store.face(&all[0].face_id).await.unwrap(), None);
    put(store, &all).await;
    assert_eq!(store.face(&all[1].face_id).await.unwrap().as_ref(), Some(&all[1]));
    assert_eq!(store.faces_of_file(&file("one")).await.unwrap(), all[..2]);
    assert_eq!(store.faces_of_file(&all[2].file_id).await.unwrap(), all[2..]);
    assert_eq!(in_order(store).await, all.clone().map(|face| face.face_id));
    assert_eq!(latest_first(store).await, [2, 1, 0].map(|face| all[face].face_id));
    let first = store.faces_of_cluster(&anna, None, 1).await.unwrap();
    let second = store
        .faces_of_cluster(&anna, Some(first[0].position), 5)
        .await
        .unwrap();
    assert_eq!(
        (&first[0].face, &second[0].face, second.len()),
        (&all[0], &all[2], 1)
    );
    assert_eq!(
        store
            .faces_of_cluster(&ClusterId::random(), None, 5)
            .await
            .unwrap(),
        []
    );

    // Written again, a face goes to the end of the order.
    all[0].quality = 0.25;
    all[0].corrected = true;
    put(store, &all[..1]).await;
    assert_eq!(
        in_order(store).await,
        [all[1].face_id, all[2].face_id, all[0].face_id]
    );
    assert_eq!(store.face(&all[0].face_id).await.unwrap().as_ref(), Some(&all[0]));

    // Assigned, it stays where it is in the order; what is gone is passed over.
    let assign = |corrected| Change::Assign {
        faces: vec![all[2].face_id, FaceId::random(), all[0].face_id],
        cluster: budi,
        corrected,
    };
    apply(store, vec![assign(None)]).await;
    let moved = store.face(&all[0].face_id).await.unwrap().unwrap();
    assert_eq!((moved.cluster_id, moved.corrected), (budi, true));
    let moved = store.face(&all[2].face_id).await.unwrap().unwrap();
    assert_eq!((moved.cluster_id, moved.corrected), (budi, false));
    apply(store, vec![assign(Some(true))]).await;
    assert!(store.face(&all[2].face_id).await.unwrap().unwrap().corrected);
    assert_eq!(
        in_order(store).await,
        [all[1].face_id, all[2].face_id, all[0].face_id]
    );
    assert_eq!(store.faces_of_cluster(&budi, None, 9).await.unwrap().len(), 3);

    // Its portrait and its explanation go with it; removing twice is removing once.
    let explanation = Explanation {
        decided_by: DecidedBy::Policy,
        reason: "a \"test\"".to_owned(),
        at: 1_764_000_000,
        policy: Some("a digest".to_owned()),
        embedding_model: model().name,
        threshold: 0.5,
        neighbours: Vec::new(),
    };
    let id = all[0].face_id;
    let (portrait, explain) = (
        Change::PutPortrait(id, vec![0, 255, 7]),
        Change::Explain(id, explanation.clone()),
    );
    apply(store, vec![portrait.clone(), explain, portrait]).await;
    assert_eq!(store.portrait(&id).await.unwrap(), Some(vec![0, 255, 7]));
    assert_eq!(store.explanation(&id).await.unwrap(), Some(explanation));
    assert_eq!(store.portraits().await.unwrap(), 1);
    put(store, &all[..1]).await;
    assert_eq!(store.portraits().await.unwrap(), 1);
    remove(store, &all).await;
    remove(store, &all).await;
    assert_eq!(store.face(&id).await.unwrap(), None);
    assert_eq!(store.portrait(&id).await.unwrap(), None);
    assert_eq!(store.explanation(&id).await.unwrap(), None);
    assert_eq!(store.portraits().await.unwrap(), 0);
    assert_eq!(store.faces(None, 5).await.unwrap(), []);
}

async fn neighbours(store: &dyn FaceStore) {
    let clusters: Vec<ClusterId> = (0..4).map(|_| ClusterId::random()).collect();
    let all: Vec<StoredFace> = (0..4)
        .map(|person| stored(if person == 3 { "two" } else { "one" }, clusters[person], person))
        .collect();
    put(store, &all).await;
    let near = store
        .nearest(&embedding(1, 5), 3, &file("other"), None)
        .await
        .unwrap();
    assert_eq!(near.len(), 3);
    assert_eq!(
        (near[0].face_id, near[0].cluster_id),
        (all[1].face_id, clusters[1])
    );
    assert!((near[0].similarity - embedding(1, 5).cosine(&embedding(1, 0))).abs() < 1e-5);
    assert!((near[0].quality - 0.8).abs() < 1e-6 && !near[0].same_photo);
    assert!(near.is_sorted_by(|a, b| a.similarity >= b.similarity));
    let near = store
        .nearest(&embedding(1, 5), 3, &file("one"), None)
        .await
        .unwrap();
    assert_eq!((near.len(), near[0].face_id), (1, all[3].face_id));

    let near = store
        .nearest(&embedding(1, 5), 3, &file("two"), Some(&clusters[1]))
        .await
        .unwrap();
    assert_eq!(near.len(), 2);
    assert!(
        near.iter()
            .all(|near| [all[0].face_id, all[2].face_id].contains(&near.face_id))
    );

    // Where a face is now and what it looks like now, at once.
    let assign = Change::Assign {
        faces: vec![all[1].face_id],
        cluster: clusters[0],
        corrected: None,
    };
    let changed = StoredFace {
        embedding: embedding(9, 0),
        ..all[3].clone()
    };
    apply(store, vec![assign, Change::PutFace(changed)]).await;
    let near = store
        .nearest(&embedding(1, 0), 1, &file("other"), None)
        .await
        .unwrap();
    assert_eq!(near[0].cluster_id, clusters[0]);
    let near = store
        .nearest(&embedding(9, 0), 1, &file("other"), None)
        .await
        .unwrap();
    assert_eq!(near[0].face_id, all[3].face_id);
    assert!((near[0].similarity - 1.0).abs() < 1e-5);
    remove(store, &all).await;
    assert_eq!(
        store
            .nearest(&embedding(1, 0), 3, &file("other"), None)
            .await
            .unwrap(),
        []
    );
}

async fn photos(store: &dyn FaceStore) {
    assert_eq!(store.photo(&file("one")).await.unwrap(), None);
    assert_eq!(store.photos(None, 10).await.unwrap(), []);
    let description = record("one", 0).description;
    apply(store, vec![Change::Describe(file("one"), description)]).await;
    assert_eq!(store.photo(&file("one")).await.unwrap(), None);

    let face = stored("one", ClusterId::random(), 1);
    let changes = ["two", "one", "two"].map(|name| Change::PutPhoto(Box::new(record(name, 1))));
    apply(store, changes.to_vec()).await;
    put(store, std::slice::from_ref(&face)).await;
    let first = store.photos(None, 1).await.unwrap();
    let rest = store.photos(Some(first[0].position), 5).await.unwrap();
    assert_eq!((&first[0].photo, rest.len()), (&record("one", 1), 1));
    assert_eq!(rest[0].photo, record("two", 1));
    let latest = store.latest_photos(None, 1).await.unwrap();
    assert_eq!(latest, rest);
    let earlier = store.latest_photos(Some(latest[0].position), 5).await.unwrap();
    assert_eq!(earlier, first);
    let none = store.latest_photos(Some(first[0].position), 5).await.unwrap();
    assert_eq!(none, []);
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!(
        (photo.faces, photo.record),
        (vec![face.clone()], Some(record("one", 1)))
    );

    // A new description leaves the scene, the faces and the order.
    let mut described = record("one", 1);
    described.description.tags.clear();
    described.description.context.phrase = "Dua \"orang\" é".to_owned();
    described.description.context.confidence = 0.1;
    described.description.plugins[Slot::Tagger] = "another".to_owned();
    apply(
        store,
        vec![Change::Describe(file("one"), described.description.clone())],
    )
    .await;
    assert_eq!(store.photos(None, 1).await.unwrap()[0].photo, described);
    assert_eq!(
        store.counts().await.unwrap(),
        Counts {
            faces: 1,
            clusters: 0,
            photos: 2
        }
    );

    // A face without a record is still a photo's.
    apply(
        store,
        vec![Change::RemovePhoto(file("one")), Change::RemovePhoto(file("two"))],
    )
    .await;
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!((photo.faces, photo.record), (vec![face.clone()], None));
    remove(store, &[face]).await;
    assert_eq!(store.photo(&file("one")).await.unwrap(), None);
}

async fn clusters(store: &dyn FaceStore) {
    let mut ids: Vec<ClusterId> = (0..3).map(|_| ClusterId::random()).collect();
    ids.sort();
    let all: Vec<StoredFace> = [0, 1, 1, 2]
        .map(|index| stored("one", ids[index], index))
        .to_vec();
    put(store, &all).await;
    let rows = [(2, 3), (0, 0), (1, 1), (1, 2)].map(|(cluster, face)| Change::PutCluster {
        cluster: ids[cluster],
        representative: all[face].face_id,
        flags: ClusterFlags::default(),
    });
    apply(store, rows.to_vec()).await;
    let expected = |index: usize, face: usize, faces| Cluster {
        cluster_id: ids[index],
        representative: all[face].face_id,
        faces,
        flags: ClusterFlags::default(),
    };
    assert_eq!(store.cluster(&ids[1]).await.unwrap(), Some(expected(1, 2, 2)));
    assert_eq!(
        store.clusters(None, 2).await.unwrap(),
        [expected(0, 0, 1), expected(1, 2, 2)]
    );
    assert_eq!(
        store.clusters(Some(&ids[1]), 2).await.unwrap(),
        [expected(2, 3, 1)]
    );
    assert_eq!(store.counts().await.unwrap().clusters, 3);
    assert_eq!(
        ordered(store, ClusterOrder::Faces).await,
        [ids[1], ids[0], ids[2]]
    );
    assert_eq!(
        ordered(store, ClusterOrder::Latest).await,
        [ids[2], ids[1], ids[0]]
    );
    let by_faces = store
        .clusters_by(ClusterOrder::Faces, ClusterFilter::ALL, None, 9)
        .await
        .unwrap();
    assert_eq!(by_faces[0], (2, expected(1, 2, 2)));

    // Written again it is the latest; a face that moves, and one that goes, count where they are.
    put(store, &all[..1]).await;
    assert_eq!(
        ordered(store, ClusterOrder::Latest).await,
        [ids[0], ids[2], ids[1]]
    );
    let moves = Change::Assign {
        faces: vec![all[2].face_id],
        cluster: ids[2],
        corrected: None,
    };
    apply(store, vec![moves]).await;
    assert_eq!(
        ordered(store, ClusterOrder::Faces).await,
        [ids[2], ids[0], ids[1]]
    );
    assert_eq!(
        ordered(store, ClusterOrder::Latest).await,
        [ids[0], ids[2], ids[1]]
    );
    remove(store, &all[3..]).await;
    remove(store, &all[..1]).await;
    assert_eq!(ordered(store, ClusterOrder::Latest).await, [ids[2], ids[1]]);
    assert_eq!(store.cluster(&ids[2]).await.unwrap().unwrap().faces, 1);
    apply(store, ids.iter().map(|id| Change::RemoveCluster(*id)).collect()).await;
    assert_eq!(store.cluster(&ids[1]).await.unwrap(), None);
    assert_eq!(store.clusters(None, 2).await.unwrap(), []);
    remove(store, &all).await;
}

/// Every cluster in an order, one a page.
async fn ordered(store: &dyn FaceStore, order: ClusterOrder) -> Vec<ClusterId> {
    let (mut found, mut after) = (Vec::new(), None);
    while let Some((key, cluster)) = store
        .clusters_by(order, ClusterFilter::ALL, after, 1)
        .await
        .unwrap()
        .pop()
    {
        found.push(cluster.cluster_id);
        after = Some((key, cluster.cluster_id));
    }
    let all = store
        .clusters_by(order, ClusterFilter::ALL, None, 100)
        .await
        .unwrap();
    let at_once: Vec<ClusterId> = all.iter().map(|(_, cluster)| cluster.cluster_id).collect();
    assert_eq!(found, at_once);
    found
}

async fn corrections(store: &dyn FaceStore) {
    let mut ids: Vec<ClusterId> = (0..4).map(|_| ClusterId::random()).collect();
    ids.sort();
    let redirect = |source: usize, target: usize, faces| Redirect {
        source: ids[source],
        target: ids[target],
        representative: Some(FaceId::random()),
        faces,
        distinctions: vec![ids[3]],
        moment: 1_764_000_000_000_000 + source as u64,
        automatic: source == 0,
        flags: ClusterFlags {
            hidden: source == 0,
            provisional: source == 2,
        },
    };
    let first = redirect(0, 1, vec![FaceId::random(), FaceId::random()]);
    let second = Redirect {
        representative: None,
        ..redirect(2, 1, Vec::new())
    };
    assert_eq!(store.redirect(&ids[0]).await.unwrap(), None);
    apply(
        store,
        vec![
            Change::PutRedirect(redirect(0, 3, Vec::new())),
            Change::PutRedirect(second.clone()),
            Change::PutRedirect(first.clone()),
        ],
    )
    .await;
    assert_eq!(store.redirect(&ids[0]).await.unwrap(), Some(first.clone()));
    assert_eq!(store.redirects_to(&ids[1]).await.unwrap(), [ids[0], ids[2]]);
    assert_eq!(store.redirects(None, 1).await.unwrap(), [first]);
    assert_eq!(store.redirects(Some(&ids[0]), 5).await.unwrap(), [second]);
    apply(
        store,
        vec![Change::RemoveRedirect(ids[0]), Change::RemoveRedirect(ids[2])],
    )
    .await;
    assert_eq!(store.redirects(None, 5).await.unwrap(), []);
    assert_eq!(store.redirects_to(&ids[1]).await.unwrap(), []);

    apply(
        store,
        vec![
            Change::PutDistinction(ids[2], ids[0]),
            Change::PutDistinction(ids[0], ids[2]),
            Change::PutDistinction(ids[0], ids[1]),
        ],
    )
    .await;
    assert_eq!(store.distinct_from(&ids[0]).await.unwrap(), [ids[1], ids[2]]);
    assert_eq!(store.distinct_from(&ids[2]).await.unwrap(), [ids[0]]);
    apply(store, vec![Change::RemoveDistinction(ids[0], ids[2])]).await;
    assert_eq!(store.distinct_from(&ids[0]).await.unwrap(), [ids[1]]);
    assert_eq!(store.distinct_from(&ids[2]).await.unwrap(), []);
    apply(store, vec![Change::RemoveDistinction(ids[1], ids[0])]).await;

    let mut faces = [FaceId::random(), FaceId::random()];
    faces.sort();
    let rejections = faces.map(|face_id| Rejection {
        face_id,
        file_id: file("one"),
        bounding_box: place(1),
    });
    apply(store, rejections.clone().map(Change::PutRejection).to_vec()).await;
    assert_eq!(store.rejections(&file("one")).await.unwrap(), rejections);
    assert_eq!(store.rejections(&file("two")).await.unwrap(), []);
    assert_eq!(
        store.rejection(&faces[1]).await.unwrap().as_ref(),
        Some(&rejections[1])
    );
    assert_eq!(store.all_rejections(None, 1).await.unwrap(), rejections[..1]);
    assert_eq!(
        store.all_rejections(Some(&faces[0]), 9).await.unwrap(),
        rejections[1..]
    );
    for _ in 0..2 {
        apply(store, vec![Change::RemoveRejection(faces[0])]).await;
        assert_eq!(store.rejections(&file("one")).await.unwrap(), rejections[1..]);
    }
    apply(store, vec![Change::RemovePhoto(file("one"))]).await;
    assert_eq!(store.rejections(&file("one")).await.unwrap(), []);
}

async fn turns(store: &dyn FaceStore) {
    let held = store.turn().await.unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(50), store.turn()).await;
    assert!(waits.is_err(), "two had the turn at once");
    drop(held);
    let follows = tokio::time::timeout(Duration::from_secs(5), store.turn()).await;
    assert!(follows.is_ok(), "the turn was not given back");
}
