//! Who may be the same person, and which faces fit a person least; the same in every store.

use std::collections::BTreeSet;
use std::sync::Arc;

use ai_worker::domain::{ClusterId, Embedding, EmbeddingModel};
use ai_worker::faces::{Pair, PairCursor, PairRequest, People, StoredFace};
use test_support::stand_in::StandIn;

use crate::embedded;
use crate::fixtures::{
    AlonePolicyForTests, ThresholdPolicyForTests, WIDTH, apply, assert_sound, both, embedding, model,
    new_face, place_photo, record, stored,
};

/// All pairs, so many a page.
async fn pairs(people: &People, unsure: bool, limit: usize) -> Vec<Pair> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let request = PairRequest { after, limit, unsure };
        let page = people
            .pairs(request, Arc::new(ThresholdPolicyForTests))
            .await
            .unwrap();
        assert!(page.pairs.len() <= limit);
        assert!(
            page.pairs
                .is_sorted_by(|a, b| { (a.proposed, a.similarity) >= (b.proposed, b.similarity) })
        );
        found.extend(page.pairs);
        match page.next {
            Some(next) => after = Some(next.to_string().parse::<PairCursor>().unwrap()),
            None => return found,
        }
    }
}

fn ids(pairs: &[Pair]) -> BTreeSet<[ClusterId; 2]> {
    let pair = |pair: &Pair| {
        let mut ids = [pair.first.cluster_id, pair.second.cluster_id];
        ids.sort();
        ids
    };
    let found: BTreeSet<_> = pairs.iter().map(pair).collect();
    assert_eq!(found.len(), pairs.len(), "no pair comes twice");
    found
}

/// A photo of this person, who is taken for somebody new.
async fn alone(people: &People, name: &str, person: usize, view: usize) -> ClusterId {
    let placed = people
        .place(
            record(name, 1),
            vec![new_face(0, person, view)],
            Arc::new(AlonePolicyForTests),
        )
        .await
        .unwrap();
    placed[0].cluster_id
}

fn pair_of(one: ClusterId, other: ClusterId) -> [ClusterId; 2] {
    [one.min(other), one.max(other)]
}

#[tokio::test]
async fn pairs_are_people_who_may_be_one_and_of_whom_nobody_said_that_they_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for store in both(directory.path(), &stand_in).await {
        let people = People::new(store, model());
        // Anna in three pieces, the largest with three faces, Budi in two, and Carla.
        let anna = place_photo(&people, "anna 0", &[1], 0).await[0].cluster_id;
        for view in [1, 2] {
            place_photo(&people, &format!("anna {view}"), &[1], view).await;
        }
        let second = alone(&people, "anna 3", 1, 3).await;
        let third = alone(&people, "anna 4", 1, 4).await;
        let budi = place_photo(&people, "budi 0", &[2], 0).await[0].cluster_id;
        let other = alone(&people, "budi 1", 2, 1).await;
        place_photo(&people, "carla", &[3], 0).await;

        let found = pairs(&people, false, 20).await;
        let [one, two, three, four] = [
            pair_of(anna, second),
            pair_of(anna, third),
            pair_of(second, third),
            pair_of(budi, other),
        ];
        assert_eq!(ids(&found), BTreeSet::from([one, two, three, four]));
        for pair in &found {
            assert!(pair.first.faces >= pair.second.faces && !pair.unsure, "{pair:?}");
            assert!(!pair.reason.is_empty() && pair.similarity >= 0.5, "{pair:?}");
        }
        // What consolidation would do is proposed, and nothing else is.
        let proposed: Vec<&Pair> = found.iter().filter(|pair| pair.proposed).collect();
        assert!(!proposed.is_empty());
        for pair in proposed {
            assert_eq!(pair.reason, "a test");
        }
        for limit in [2, 3] {
            assert_eq!(ids(&pairs(&people, false, limit).await), ids(&found), "{limit}");
        }
        // A page with room for one has no person's second pair.
        assert_eq!(pairs(&people, false, 1).await.len(), 3);

        // Answered one way or another, a pair does not come again.
        people.mark_unsure(&second, &third, true).await.unwrap();
        people.distinguish_clusters(&anna, &third).await.unwrap();
        people.hide(&other, true).await.unwrap();
        assert_eq!(ids(&pairs(&people, false, 20).await), BTreeSet::from([one]));
        let all = pairs(&people, true, 20).await;
        assert_eq!(ids(&all), BTreeSet::from([one, three]));
        assert_eq!(all.iter().filter(|pair| pair.unsure).count(), 1);
        people.merge(&[second], &anna).await.unwrap();
        people.hide(&other, false).await.unwrap();
        people.mark_unsure(&third, &second, false).await.unwrap();
        // Said of a part of Anna, it is said of Anna.
        assert_eq!(ids(&pairs(&people, true, 20).await), BTreeSet::from([four]));
        assert_sound(&people).await;
    }
}

#[tokio::test]
async fn a_page_ends_however_few_pairs_there_are() {
    let directory = tempfile::tempdir().unwrap();
    // Nobody resembles anybody else so much.
    let strict = EmbeddingModel {
        threshold: 0.9,
        ..model()
    };
    let people = People::new(Arc::new(embedded::open(directory.path())), strict);
    for person in 0..60 {
        place_photo(&people, &person.to_string(), &[person], 0).await;
    }
    let request = |after| PairRequest {
        after,
        limit: 20,
        unsure: false,
    };
    let policy = Arc::new(ThresholdPolicyForTests);
    let (mut after, mut pages) = (None, 0);
    loop {
        let page = people.pairs(request(after), policy.clone()).await.unwrap();
        assert!(page.pairs.is_empty(), "{page:?}");
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    // Of 8 people each.
    assert_eq!(pages, 8);
    for wrong in [
        "",
        "1",
        "1.x",
        ".00000000-0000-4000-8000-000000000000",
        "+1.00000000-0000-4000-8000-000000000000",
    ] {
        assert!(wrong.parse::<PairCursor>().is_err(), "{wrong}");
    }
}

/// The vector at this angle, in degrees, to the first axis.
fn at(degrees: f32) -> Embedding {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let mut values = vec![0.0; WIDTH];
    (values[0], values[1]) = (cosine, sine);
    Embedding::normalised(values).unwrap()
}

#[tokio::test]
async fn faces_that_fit_least_come_first() {
    let directory = tempfile::tempdir().unwrap();
    let stand_in = StandIn::default();
    for store in both(directory.path(), &stand_in).await {
        let (anna, alone) = (ClusterId::random(), ClusterId::random());
        // Sixteen good faces near the axis, one poor one a little aside, and a good stranger.
        let mut faces: Vec<StoredFace> = (0..16)
            .map(|number| StoredFace {
                embedding: at(number as f32 - 8.0),
                quality: 0.9,
                ..stored(&number.to_string(), anna, 0)
            })
            .collect();
        faces.push(StoredFace {
            embedding: at(40.0),
            quality: 0.2,
            ..stored("aside", anna, 0)
        });
        faces.insert(
            3,
            StoredFace {
                embedding: at(90.0),
                quality: 0.95,
                ..stored("stranger", anna, 0)
            },
        );
        faces.push(StoredFace {
            embedding: embedding(1, 0),
            ..stored("alone", alone, 0)
        });
        let mut changes: Vec<_> = faces
            .iter()
            .cloned()
            .map(ai_worker::faces::Change::PutFace)
            .collect();
        for face in [&faces[0], &faces[18]] {
            changes.push(ai_worker::faces::Change::PutCluster {
                cluster: face.cluster_id,
                representative: face.face_id,
                flags: ai_worker::faces::ClusterFlags::default(),
            });
        }
        apply(&*store, changes).await;
        let people = People::new(store, model());

        let whole = people.faces_by_fit(&anna, 0, 100).await.unwrap();
        assert_eq!((whole.cluster, whole.next, whole.faces.len()), (anna, None, 18));
        let names: Vec<&str> = whole
            .faces
            .iter()
            .map(|(face, _)| face.file_id.as_str())
            .collect();
        assert_eq!(names[..2], ["stranger", "aside"]);
        let fits: Vec<f32> = whole.faces.iter().map(|(_, fit)| fit.unwrap()).collect();
        assert!(fits.is_sorted(), "{fits:?}");
        // The stranger does not vouch for itself, and speaks against nobody who is not compared with it.
        assert!(fits[0].abs() < 0.2 && fits[1] > 0.7 && fits[2] > 0.95, "{fits:?}");
        let (mut paged, mut after) = (Vec::new(), 0);
        loop {
            let page = people.faces_by_fit(&anna, after, 5).await.unwrap();
            paged.extend(page.faces);
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(paged, whole.faces);
        assert_eq!(people.faces_by_fit(&anna, u64::MAX, 5).await.unwrap().faces, []);
        let one = people.faces_by_fit(&alone, 0, 5).await.unwrap();
        assert_eq!((one.faces.len(), one.faces[0].1, one.next), (1, None, None));
        assert!(people.faces_by_fit(&ClusterId::random(), 0, 5).await.is_err());
    }
}
