//! Who is hidden, who is provisional, and how lists leave them out; the same in every store.

use std::sync::Arc;

use ai_worker::domain::{Assignment, ClusterId, Decision, EmbeddingModel, Neighbour, SceneFace};
use ai_worker::people::{People, PlacedFace, Policy, PolicyError};
use ai_worker::store::{
    Change, ClusterFilter, ClusterFlags, ClusterOrder, FaceStore, QdrantStore, StoredFace,
};
use fastrand::Rng;
use test_support::stand_in::StandIn;

use crate::fixtures::{
    ThresholdPolicyForTests, apply, assert_sound, both, file, model, new_face, place_photo, record, stored,
};
use crate::qdrant;

const ORDERS: [ClusterOrder; 3] = [ClusterOrder::Id, ClusterOrder::Faces, ClusterOrder::Latest];

/// As the threshold decides, and whoever founds a person does so only for now.
struct ProvisionalPolicyForTests;

impl Policy for ProvisionalPolicyForTests {
    fn digest(&self) -> &str {
        "a test"
    }

    fn neighbours(&self) -> usize {
        5
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        let decision = ThresholdPolicyForTests.decide(face, neighbours, model)?;
        let reason = match decision.assignment {
            Assignment::Create => "Provisional: a test".to_owned(),
            Assignment::Join(_) => "a test".to_owned(),
        };
        Ok(Decision { reason, ..decision })
    }
}

async fn place_for_now(people: &People, name: &str, persons: &[(usize, usize)]) -> Vec<PlacedFace> {
    let faces = persons
        .iter()
        .enumerate()
        .map(|(number, (person, view))| new_face(number, *person, *view))
        .collect();
    people
        .place(
            record(name, persons.len()),
            faces,
            Arc::new(ProvisionalPolicyForTests),
        )
        .await
        .unwrap()
}

fn filters() -> Vec<ClusterFilter> {
    let flags = [None, Some(false), Some(true)];
    let all = flags.map(|hidden| flags.map(|provisional| ClusterFilter { hidden, provisional }));
    all.concat()
}

/// Every cluster that a filter lets through, so many a page.
async fn listed(
    store: &dyn FaceStore,
    order: ClusterOrder,
    filter: ClusterFilter,
    limit: usize,
) -> Vec<ClusterId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.clusters_by(order, filter, after, limit).await.unwrap();
        for (_, cluster) in &page {
            let row = store.cluster(&cluster.cluster_id).await.unwrap();
            assert_eq!(row.as_ref(), Some(cluster));
        }
        found.extend(page.iter().map(|(_, cluster)| cluster.cluster_id));
        match page.last() {
            Some((key, last)) if page.len() == limit => after = Some((*key, last.cluster_id)),
            _ => return found,
        }
    }
}

/// What every store must do; wants an empty one.
pub(crate) async fn kept(store: &dyn FaceStore) {
    let mut random = Rng::with_seed(21);
    let mut rows: Vec<(ClusterId, Vec<StoredFace>, ClusterFlags)> = Vec::new();
    for person in 0..24 {
        let cluster = ClusterId::random();
        let faces = (0..random.usize(1..5))
            .map(|number| stored(&format!("{person} {number}"), cluster, person))
            .collect();
        let flags = ClusterFlags {
            hidden: random.u8(0..3) == 0,
            provisional: random.u8(0..3) == 0,
        };
        rows.push((cluster, faces, flags));
    }
    let mut faces: Vec<StoredFace> = rows.iter().flat_map(|(_, faces, _)| faces.clone()).collect();
    random.shuffle(&mut faces);
    apply(store, faces.iter().cloned().map(Change::PutFace).collect()).await;
    let row = |cluster: ClusterId, faces: &[StoredFace], flags| Change::PutCluster {
        cluster,
        representative: faces[0].face_id,
        flags,
    };
    // Half of them get their flags with the row, the others later.
    let first = rows.iter().enumerate().map(|(number, (cluster, faces, flags))| {
        let early = number % 2 == 0;
        row(
            *cluster,
            faces,
            if early { *flags } else { ClusterFlags::default() },
        )
    });
    apply(store, first.collect()).await;
    let later = rows
        .iter()
        .map(|(cluster, faces, flags)| row(*cluster, faces, *flags));
    apply(store, later.collect()).await;
    // A face that is written anew is not somebody else.
    let again: Vec<StoredFace> = rows
        .iter()
        .step_by(3)
        .map(|(_, faces, _)| faces[0].clone())
        .collect();
    apply(store, again.into_iter().map(Change::PutFace).collect()).await;

    for order in ORDERS {
        let everybody = listed(store, order, ClusterFilter::ALL, 100).await;
        assert_eq!(everybody.len(), rows.len());
        for filter in filters() {
            let admits = |id: &&ClusterId| {
                let (_, _, flags) = rows.iter().find(|(cluster, ..)| cluster == *id).unwrap();
                filter.hidden.is_none_or(|wanted| wanted == flags.hidden)
                    && filter
                        .provisional
                        .is_none_or(|wanted| wanted == flags.provisional)
            };
            let expected: Vec<ClusterId> = everybody.iter().filter(admits).copied().collect();
            for limit in [1, 3, 100] {
                let found = listed(store, order, filter, limit).await;
                assert_eq!(found, expected, "{order:?} {filter:?} {limit}");
            }
        }
    }
    assert_eq!(store.examine().await.unwrap(), Vec::<String>::new());
    let gone = rows.iter().flat_map(|(cluster, faces, _)| {
        let faces = faces.iter().map(|face| Change::RemoveFace(face.face_id));
        faces.chain([Change::RemoveCluster(*cluster)])
    });
    apply(store, gone.collect()).await;
    // Nothing is left of what was said of an id.
    let (cluster, faces, _) = &rows[0];
    let back = vec![
        Change::PutFace(faces[0].clone()),
        row(*cluster, faces, ClusterFlags::default()),
    ];
    apply(store, back).await;
    for order in ORDERS {
        let hidden = ClusterFilter {
            hidden: Some(true),
            provisional: None,
        };
        assert_eq!(listed(store, order, hidden, 9).await, []);
        assert_eq!(listed(store, order, ClusterFilter::ALL, 9).await, [*cluster]);
    }
    apply(
        store,
        vec![
            Change::RemoveFace(faces[0].face_id),
            Change::RemoveCluster(*cluster),
        ],
    )
    .await;

    let [one, other, third] = [ClusterId::random(), ClusterId::random(), ClusterId::random()];
    let marks = vec![
        Change::PutUnsure(one, other),
        Change::PutUnsure(other, one),
        Change::PutUnsure(third, one),
    ];
    apply(store, marks).await;
    let mut expected = [other, third];
    expected.sort();
    assert_eq!(store.unsure_of(&one).await.unwrap(), expected);
    assert_eq!(store.unsure_of(&other).await.unwrap(), [one]);
    assert_eq!(store.distinct_from(&one).await.unwrap(), []);
    apply(
        store,
        vec![Change::RemoveUnsure(other, one), Change::RemoveUnsure(one, third)],
    )
    .await;
    for id in [one, other, third] {
        assert_eq!(store.unsure_of(&id).await.unwrap(), []);
    }
}

async fn flags(people: &People, cluster: &ClusterId) -> ClusterFlags {
    people.cluster(cluster).await.unwrap().flags
}

async fn is_provisional(people: &People, cluster: &ClusterId) -> bool {
    flags(people, cluster).await.provisional
}

#[tokio::test]
async fn a_person_is_provisional_until_somebody_joins_or_says_who_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for store in both(directory.path(), &stand_in).await {
        let people = People::new(store, model());
        let founded = place_for_now(&people, "first", &[(1, 0), (2, 0), (3, 0)]).await;
        let [joined, confirmed, merged] = [0, 1, 2].map(|face| founded[face].cluster_id);
        let certain = place_photo(&people, "certain", &[4], 0).await[0].cluster_id;
        for cluster in [&joined, &confirmed, &merged] {
            assert!(is_provisional(&people, cluster).await);
        }
        assert!(!is_provisional(&people, &certain).await);
        // The same photo again says nothing new.
        let again = place_for_now(&people, "first", &[(1, 0), (2, 0), (3, 0)]).await;
        assert_eq!(again[0].cluster_id, joined);
        people.represent(&joined, &founded[0].face_id).await.unwrap();
        assert!(is_provisional(&people, &joined).await);

        let second = place_for_now(&people, "second", &[(1, 1)]).await;
        assert_eq!(second[0].cluster_id, joined);
        assert!(!is_provisional(&people, &joined).await);
        people
            .move_face(&founded[1].face_id, Some(&confirmed))
            .await
            .unwrap();
        assert!(!is_provisional(&people, &confirmed).await);
        people.merge(&[merged], &certain).await.unwrap();
        people.unmerge(&merged).await.unwrap();
        assert!(!is_provisional(&people, &merged).await);
        // Nor is one when the faces go that had joined.
        people.delete_file(&file("second")).await.unwrap();
        assert!(!is_provisional(&people, &joined).await);
        // Two faces of one photo that found one person are of one mind.
        let twice = place_for_now(&people, "twice", &[(7, 0), (7, 1)]).await;
        assert_eq!(twice[0].cluster_id, twice[1].cluster_id);
        assert!(!is_provisional(&people, &twice[0].cluster_id).await);
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn hiding_lasts_through_merges_and_ends_with_the_person() {
    let directory = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for store in both(directory.path(), &stand_in).await {
        let people = People::new(store, model());
        let mut ids = Vec::new();
        for person in 1..=4 {
            ids.push(place_photo(&people, &person.to_string(), &[person], 0).await[0].cluster_id);
        }
        let [anna, budi, carla, dewi] = ids.try_into().unwrap();
        let hidden = |hidden| ClusterFlags {
            hidden,
            provisional: false,
        };
        assert!(people.hide(&anna, true).await.unwrap().flags.hidden);
        people.hide(&anna, true).await.unwrap();
        people.hide(&carla, true).await.unwrap();
        // New faces change nothing of it, nor does another picture.
        let later = place_photo(&people, "later", &[1], 1).await;
        people.represent(&anna, &later[0].face_id).await.unwrap();
        assert_eq!(flags(&people, &anna).await, hidden(true));
        // The target counts, and each is itself again when the merge is taken back.
        people.merge(&[anna], &budi).await.unwrap();
        assert_eq!(flags(&people, &anna).await, hidden(false));
        people.merge(&[dewi], &carla).await.unwrap();
        assert_eq!(flags(&people, &dewi).await, hidden(true));
        people.unmerge(&anna).await.unwrap();
        people.unmerge(&dewi).await.unwrap();
        assert_eq!(flags(&people, &anna).await, hidden(true));
        assert_eq!(flags(&people, &budi).await, hidden(false));
        assert_eq!(flags(&people, &carla).await, hidden(true));
        assert_eq!(flags(&people, &dewi).await, hidden(false));
        // Who is taken out of a hidden person is seen.
        let apart = people.split(&anna, &[later[0].face_id]).await.unwrap();
        assert_eq!(flags(&people, &apart.cluster).await, hidden(false));
        assert!(!people.hide(&anna, false).await.unwrap().flags.hidden);
        assert!(people.hide(&ClusterId::random(), true).await.is_err());
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn who_cannot_be_told_from_whom_is_kept_through_merges() {
    let directory = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for store in both(directory.path(), &stand_in).await {
        let people = People::new(Arc::clone(&store), model());
        let mut ids = Vec::new();
        for person in 1..=4 {
            ids.push(place_photo(&people, &person.to_string(), &[person], 0).await[0].cluster_id);
        }
        let [anna, budi, carla, dewi] = ids.try_into().unwrap();
        assert_eq!(
            people.mark_unsure(&anna, &budi, true).await.unwrap(),
            [anna, budi]
        );
        people.mark_unsure(&anna, &budi, true).await.unwrap();
        assert_eq!(people.unsure_of(&budi).await.unwrap(), [anna]);
        assert!(people.mark_unsure(&anna, &anna, true).await.is_err());
        // Of whom they are merged into, and of each again when that is taken back.
        people.merge(&[anna], &carla).await.unwrap();
        people.merge(&[budi], &dewi).await.unwrap();
        assert_eq!(people.unsure_of(&carla).await.unwrap(), [dewi]);
        people.unmerge(&anna).await.unwrap();
        assert_eq!(people.unsure_of(&carla).await.unwrap(), []);
        assert_eq!(people.unsure_of(&anna).await.unwrap(), [dewi]);
        // What is said of a person is said of all who are in it.
        people.mark_unsure(&carla, &dewi, true).await.unwrap();
        people.unmerge(&budi).await.unwrap();
        assert_eq!(people.unsure_of(&carla).await.unwrap().len(), 2);
        let similar = people.similar(&carla, None, 9).await.unwrap().similar;
        let unsure: Vec<ClusterId> = similar
            .iter()
            .filter(|other| other.unsure)
            .map(|other| other.cluster.cluster_id)
            .collect();
        assert_eq!(unsure.len(), 2);
        assert!(!unsure.contains(&anna));
        assert_eq!(
            people.mark_unsure(&budi, &carla, false).await.unwrap(),
            [budi, carla]
        );
        people.mark_unsure(&budi, &carla, false).await.unwrap();
        assert_eq!(people.unsure_of(&carla).await.unwrap(), [dewi]);
        // Nothing is left of whom nobody knows any more.
        people.delete_cluster(&dewi).await.unwrap();
        people.delete_file(&file("2")).await.unwrap();
        for id in [anna, budi, carla, dewi] {
            assert_eq!(store.unsure_of(&id).await.unwrap(), []);
        }
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn collections_of_versions_that_knew_no_flags_show_who_is_provisional() {
    let stand_in = StandIn::default();
    let people = qdrant::people(&stand_in.door()).await;
    let founded = place_for_now(&people, "first", &[(1, 0), (2, 0), (3, 0)]).await;
    let certain = place_photo(&people, "certain", &[4], 0).await[0].cluster_id;
    place_for_now(&people, "second", &[(2, 1)]).await;
    let third = founded[2].cluster_id;
    people.move_face(&founded[2].face_id, Some(&third)).await.unwrap();
    let mut dump = serde_json::to_value(stand_in.dump()).unwrap();
    let collections = dump.as_array_mut().unwrap();
    let clusters = collections
        .iter_mut()
        .find(|collection| collection["name"] == "faces-clusters")
        .unwrap();
    clusters["indexed"] = serde_json::json!([]);
    for point in clusters["points"].as_array_mut().unwrap() {
        point["payload"].as_object_mut().unwrap().remove("provisional");
    }
    let earlier = || StandIn::holding(serde_json::from_value(dump.clone()).unwrap());
    // Also when the connection breaks meanwhile; what is cut off later is cut off by another test.
    for writes in (0..).step_by(3) {
        let stand_in = earlier();
        let door = stand_in.door();
        door.shut_after(writes, writes % 2 == 1);
        let is_open = QdrantStore::open(door.settings(), &model()).await.is_ok();
        door.open();
        for _ in 0..2 {
            let people = qdrant::people(&door).await;
            assert!(is_provisional(&people, &founded[0].cluster_id).await);
            for other in [&founded[1].cluster_id, &third, &certain] {
                assert!(!is_provisional(&people, other).await);
            }
            assert_sound(&people).await;
        }
        if is_open {
            break;
        }
    }
}
