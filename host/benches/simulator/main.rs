//! How well faces are put together in collections far larger than the photos whose people are known: a population with
//! childhoods, siblings, families that are photographed together, and poor faces, fitted to measured similarities.
//!
//! `cargo bench --bench simulator -- DIRECTORY [SET...]`, with the DIRECTORY of the `people` benchmark, whose photos give
//! the figures that the population is drawn by (see `fit.rs`). The default policy, also consolidated, and the threshold
//! alone run as components over the embedded store, one photo after another; Chinese Whispers and DBSCAN see all faces at
//! once, which a running worker cannot wait for.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

mod batch;
mod fit;
mod population;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ai_worker::domain::{EmbeddingModel, FileId, SceneFace};
use ai_worker::people::{MakeThumbnail, NewFace, People};
use ai_worker::replay::CandidatePolicy;
use ai_worker::store::{EmbeddedStore, IndexSettings};
use test_support::measuring::{agreement, evaluation, forms, made_up, policies};

use fit::Figures;
use population::{Population, Shot};

/// Populations; each is drawn anew and arrives in an order of its own.
const POPULATIONS: u64 = 3;

fn main() {
    agreement::check();
    evaluation::run(measure);
}

fn measure(set: &str, directory: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let data = tempfile::tempdir().unwrap();
    let config = policies::config(set, data.path());
    let seen = runtime.block_on(forms::see_all(&config, &forms::photos(directory)));
    let model = evaluation::model_of(set);
    let figures = Figures::measure(&seen);
    println!(
        "{set}: {} ({} dimensions), threshold {}",
        model.name, model.dimension, model.threshold
    );
    println!("  measured  {figures}");
    let first = Population::draw(&figures, model.dimension, 0);
    println!("  simulated {}", Figures::of_population(&first));
    println!(
        "  {:<24} {:>16} {:>8} {:>6} {:>18} {:>18}",
        "", "BCubed precision", "recall", "F", "clusters a person", "siblings merged"
    );
    let mut rows: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    let [threshold, default] = policies::POLICIES
        .map(|policy| runtime.block_on(policies::load(policy, config.plugins.limits.clone())));
    for number in 0..POPULATIONS {
        let population = Population::draw(&figures, model.dimension, number);
        let mut add = |name, clusters: Vec<usize>| {
            rows.entry(name)
                .or_default()
                .push(Outcome::of(&population, &clusters));
        };
        let (placed, _) = runtime.block_on(place(&population, &model, &threshold));
        add("1 threshold", placed);
        let (placed, consolidated) = runtime.block_on(place(&population, &model, &default));
        add("2 default", placed);
        add("3 default, consolidated", consolidated);
        let neighbours = batch::neighbours(&population.shots, model.threshold);
        add("4 Chinese Whispers", batch::chinese_whispers(&neighbours, number));
        add("5 DBSCAN", batch::dbscan(&neighbours));
    }
    println!(
        "  {} faces of {} people in {} photos, {} pairs of siblings; mean of {POPULATIONS} populations",
        first.shots.len(),
        first.people(),
        first.photos(),
        first.siblings.len()
    );
    for (name, outcomes) in rows {
        let mean = |of: fn(&Outcome) -> f64| agreement::mean_and_least(outcomes.iter().map(of)).0;
        println!(
            "  {:<24} {:>16.3} {:>8.3} {:>6.3} {:>18.3} {:>17.1}%",
            &name[2..],
            mean(|outcome| outcome.quality.bcubed.precision),
            mean(|outcome| outcome.quality.bcubed.recall),
            mean(|outcome| outcome.quality.bcubed.f),
            mean(|outcome| outcome.quality.clusters_a_person),
            mean(|outcome| outcome.siblings_merged) * 100.0
        );
    }
}

/// What became of a population.
struct Outcome {
    quality: agreement::Quality,
    /// The share of pairs of siblings whose largest clusters are one.
    siblings_merged: f64,
}

impl Outcome {
    fn of(population: &Population, clusters: &[usize]) -> Self {
        let faces: Vec<(usize, usize)> = population
            .shots
            .iter()
            .zip(clusters)
            .map(|(shot, cluster)| (shot.person, *cluster))
            .collect();
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for face in &faces {
            *counts.entry(*face).or_default() += 1;
        }
        let largest = |wanted: usize| {
            let of_person = counts.iter().filter(|((person, _), _)| *person == wanted);
            of_person
                .max_by_key(|(_, count)| **count)
                .map(|((_, cluster), _)| *cluster)
        };
        let merged = population.siblings.iter().filter(|(one, other)| {
            let cluster = largest(*one);
            cluster.is_some() && cluster == largest(*other)
        });
        Self {
            quality: agreement::quality(&faces),
            siblings_merged: merged.count() as f64 / population.siblings.len() as f64,
        }
    }
}

/// Places a population photo by photo; the cluster of each face then, and after consolidations.
async fn place(
    population: &Population,
    model: &EmbeddingModel,
    policy: &Arc<CandidatePolicy>,
) -> (Vec<usize>, Vec<usize>) {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), model, IndexSettings::default()).unwrap();
    let people = People::new(Arc::new(store), model.clone());
    let mut photo: Vec<&Shot> = Vec::new();
    for shot in &population.shots {
        if photo.first().is_some_and(|first| first.photo != shot.photo) {
            place_photo(&people, std::mem::take(&mut photo), policy).await;
        }
        photo.push(shot);
    }
    place_photo(&people, photo, policy).await;
    let placed = clusters(&people, population).await;
    evaluation::consolidate(&people, policy).await;
    (placed, clusters(&people, population).await)
}

async fn place_photo(people: &People, shots: Vec<&Shot>, policy: &Arc<CandidatePolicy>) {
    let scenes: Vec<SceneFace> = shots
        .iter()
        .enumerate()
        .map(|(index, shot)| made_up::face(index, shot.quality))
        .collect();
    let faces = shots
        .iter()
        .zip(&scenes)
        .map(|(shot, scene)| NewFace::<MakeThumbnail> {
            scene: scene.clone(),
            embedding: shot.embedding.clone(),
            thumbnail: Box::new(|| Ok(Vec::new())),
        })
        .collect();
    let record = made_up::record(name(shots[0].photo), scenes);
    people
        .place(record, faces, Arc::<CandidatePolicy>::clone(policy))
        .await
        .unwrap();
}

fn name(photo: usize) -> FileId {
    FileId::new(photo.to_string()).unwrap()
}

/// The cluster of each face, as a number.
async fn clusters(people: &People, population: &Population) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    let mut found = Vec::with_capacity(population.shots.len());
    let mut photo = (usize::MAX, Vec::new(), 0);
    for shot in &population.shots {
        if photo.0 != shot.photo {
            let stored = people.photo(&name(shot.photo)).await.unwrap().unwrap();
            photo = (shot.photo, stored.faces, 0);
        }
        let next = numbers.len();
        found.push(*numbers.entry(photo.1[photo.2].cluster_id).or_insert(next));
        photo.2 += 1;
    }
    found
}
