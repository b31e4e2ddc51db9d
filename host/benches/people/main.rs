//! How well faces are put together: the default policy and the threshold alone, on photos whose people are known, over
//! many orders in which the photos arrive.
//!
//! `cargo bench --bench people -- DIRECTORY [SET...]`, where each folder of DIRECTORY is one person and the largest face
//! of each photo in it is that person; the photos in a folder `groups` are of anybody, arrive among the others and count
//! for nothing. Needs `ai-worker models pull SET`, with `PRECISION` where that is set here, too. Each set runs in a process
//! of its own. The networks look at each photo once; then every order is placed into an embedded store of its own, by the
//! components as they are built in the repository, and consolidated.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ai_worker::domain::{ClusterId, EmbeddingModel, FileId};
use ai_worker::people::{MakeThumbnail, NewFace, People};
use ai_worker::replay::CandidatePolicy;
use ai_worker::store::{EmbeddedStore, IndexSettings, PhotoRecord};

use test_support::measuring::agreement::{self, Quality, Random};
use test_support::measuring::forms::{self, Forms, Photo, Seen};
use test_support::measuring::{evaluation, policies};

/// Orders of arrival; each starts with an empty store.
const ORDERS: u64 = 20;

fn main() {
    agreement::check();
    evaluation::run(|set, directory| measure(set, &forms::photos(directory)));
}

/// Which photos arrive, and in which form.
#[derive(Clone, Copy, PartialEq)]
enum Collection {
    AsTheyAre,
    WithoutGroups,
    HalfDamaged,
}

fn measure(set: &str, photos: &[Photo]) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let data = tempfile::tempdir().unwrap();
    let config = policies::config(set, data.path());
    let seen = runtime.block_on(forms::see_all(&config, photos));
    let model = evaluation::model_of(set);
    let labelled: Vec<usize> = seen.iter().filter_map(|photo| photo.person).collect();
    println!(
        "{set}: {} ({} dimensions), threshold {}; {ORDERS} orders of {} photos of {} people, {} photos of groups",
        model.name,
        model.dimension,
        model.threshold,
        labelled.len(),
        labelled.iter().collect::<BTreeSet<_>>().len(),
        seen.len() - labelled.len()
    );
    print_qualities(&seen);
    for (collection, name) in [
        (Collection::AsTheyAre, "photos as they are, with groups"),
        (Collection::WithoutGroups, "photos as they are, without groups"),
        (
            Collection::HalfDamaged,
            "with groups; half of the photos small, blurred or compressed",
        ),
    ] {
        println!("  {name}");
        println!(
            "    {:<10} {:<12}  BCubed precision  recall      F  worst  pairs F  clusters a person  ARI of orders  worst",
            "", ""
        );
        for (policy_name, file) in ["threshold", "default"].into_iter().zip(policies::POLICIES) {
            let policy = runtime.block_on(policies::load(file, config.plugins.limits.clone()));
            let orders = (0..ORDERS).map(|order| {
                let arriving = arriving(&seen, collection, order);
                runtime.block_on(place_all(&arriving, &model, &policy))
            });
            let (placed, consolidated): (Vec<Placed>, Vec<Placed>) = orders.unzip();
            print(policy_name, "placed", &placed);
            print("", "consolidated", &consolidated);
        }
    }
}

fn print_qualities(seen: &[Forms]) {
    let mut qualities: Vec<f32> = seen
        .iter()
        .filter(|photo| photo.person.is_some())
        .map(|photo| photo.forms[0].record.scene.faces[0].quality)
        .collect();
    qualities.sort_by(f32::total_cmp);
    let at = |share: usize| qualities[(qualities.len() - 1) * share / 100];
    println!(
        "  quality of the faces as they are: least {:.2}, median {:.2}, best {:.2}",
        at(0),
        at(50),
        at(100)
    );
}

/// The photos in one order, each in one form.
fn arriving(seen: &[Forms], collection: Collection, order: u64) -> Vec<(Option<usize>, Seen)> {
    let mut random = Random(order);
    let mut photos: Vec<&Forms> = seen
        .iter()
        .filter(|photo| photo.person.is_some() || collection != Collection::WithoutGroups)
        .collect();
    agreement::shuffle(&mut photos, &mut random);
    photos
        .into_iter()
        .map(|photo| {
            let damaged = &photo.forms[1..];
            let is_damaged = collection == Collection::HalfDamaged && random.below(2) == 1;
            let form = if is_damaged && !damaged.is_empty() {
                &damaged[random.below(damaged.len())]
            } else {
                &photo.forms[0]
            };
            (photo.person, form.clone())
        })
        .collect()
}

/// The person and the cluster of each labelled photo, by its name.
type Placed = BTreeMap<FileId, (usize, ClusterId)>;

/// Places the photos into a store of their own; where they are then, and after a consolidation.
async fn place_all(
    photos: &[(Option<usize>, Seen)],
    model: &EmbeddingModel,
    policy: &Arc<CandidatePolicy>,
) -> (Placed, Placed) {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), model, IndexSettings::default()).unwrap();
    let people = People::new(Arc::new(store), model.clone());
    for (_, seen) in photos {
        let record = PhotoRecord {
            file_id: name(seen),
            ..seen.record.clone()
        };
        let faces = seen
            .embeddings
            .iter()
            .zip(&seen.record.scene.faces)
            .map(|(embedding, scene)| NewFace::<MakeThumbnail> {
                scene: scene.clone(),
                embedding: embedding.clone(),
                thumbnail: Box::new(|| Ok(Vec::new())),
            })
            .collect();
        people
            .place(record, faces, Arc::<CandidatePolicy>::clone(policy))
            .await
            .unwrap();
    }
    let placed = clusters(&people, photos).await;
    evaluation::consolidate(&people, policy).await;
    (placed, clusters(&people, photos).await)
}

/// The photo's own name, without the form it is in: the same in all orders.
fn name(seen: &Seen) -> FileId {
    let text = seen.record.file_id.as_str();
    FileId::new(text.split('-').next().unwrap()).unwrap()
}

async fn clusters(people: &People, photos: &[(Option<usize>, Seen)]) -> Placed {
    let mut placed = Placed::new();
    for (person, seen) in photos {
        if let Some(person) = person {
            let file = name(seen);
            let photo = people.photo(&file).await.unwrap().unwrap();
            placed.insert(file, (*person, photo.faces[0].cluster_id));
        }
    }
    placed
}

fn print(policy: &str, stage: &str, orders: &[Placed]) {
    let qualities: Vec<Quality> = orders
        .iter()
        .map(|placed| agreement::quality(&placed.values().copied().collect::<Vec<_>>()))
        .collect();
    let mean = |of: fn(&Quality) -> f64| agreement::mean_and_least(qualities.iter().map(of)).0;
    let (f, worst) = agreement::mean_and_least(qualities.iter().map(|quality| quality.bcubed.f));
    let (alike, least_alike) =
        agreement::mean_and_least(orders.iter().enumerate().flat_map(|(index, one)| {
            orders[..index].iter().map(|other| {
                let both: Vec<_> = one
                    .iter()
                    .map(|(file, (_, cluster))| (*cluster, other[file].1))
                    .collect();
                agreement::adjusted_rand_index(&both)
            })
        }));
    println!(
        "    {policy:<10} {stage:<12} {:>17.3} {:>7.3} {f:>6.3} {worst:>6.3} {:>8.3} {:>18.3} {alike:>14.3} {least_alike:>6.3}",
        mean(|quality| quality.bcubed.precision),
        mean(|quality| quality.bcubed.recall),
        mean(|quality| quality.pairwise.f),
        mean(|quality| quality.clusters_a_person),
    );
}
