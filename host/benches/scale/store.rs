//! One population in a whole store: finding or creating a person, as a photo's faces are placed.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ai_worker::domain::{ClusterId, Embedding, EmbeddingModel, FaceId, FileId, Neighbour};
use ai_worker::people::{NewFace, People};
use ai_worker::replay::CandidatePolicy;
use ai_worker::store::{
    Change, ClusterFilter, ClusterFlags, ClusterOrder, DecidedBy, EmbeddedStore, Explanation, FaceStore,
    IndexSettings, QdrantSettings, QdrantStore, Quantization, ReadConsistency, StoredFace,
};
use tokio::runtime::Runtime;

use crate::measure::{LIMIT, Queries, describe, resident, show};
use test_support::measuring::population::Population;
use test_support::measuring::{made_up, policies};

/// Photos that are written in one batch when the store is filled.
const BATCH: usize = 1_000;
/// Photos whose placing is timed, after as many that are not, unless the plan says otherwise.
pub(crate) const PLACED: usize = 2_000;
/// Bytes of a made-up thumbnail.
const PORTRAIT: usize = 6_000;
/// People on a page of those who resemble somebody, and on one of everybody.
const SIMILAR: usize = 20;
const PAGE: usize = 100;
/// How many pages of everybody are read.
const PAGES: usize = 200;
const QUALITY: f32 = 0.8;

pub(crate) fn run(
    faces: usize,
    most_photos: u32,
    model: &EmbeddingModel,
    settings: IndexSettings,
    placed: usize,
    kept_in: Option<&Path>,
) {
    let width = model.dimension;
    let runtime = Runtime::new().unwrap();
    let population = Population::new(faces, width, most_photos);
    let temporary = tempfile::tempdir().unwrap();
    let directory = kept_in.unwrap_or(temporary.path());
    let open = || EmbeddedStore::open(directory, model, settings).unwrap();
    println!("\nstore of {faces} faces, width {width}, {settings:?}");
    describe(&population);

    let store = open();
    let shared: Arc<dyn FaceStore> = Arc::new(store.clone());
    let start = Instant::now();
    runtime.block_on(fill(&*shared, &population, model));
    if faces > settings.exact_faces {
        while store.waiting_for_graph() >= settings.batch_faces {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    println!(
        "  all in the graph after   {:8.1} s",
        start.elapsed().as_secs_f64()
    );
    measure(&runtime, &shared, model, &population, placed);
    println!("  memory of the process    {:8.0} MiB", resident());
    drop(shared);
    restart(store, directory, open);
}

/// The same in new collections of the servers with these addresses, which are nodes of one cluster, each with a copy.
pub(crate) fn run_on_qdrant(
    faces: usize,
    most_photos: u32,
    model: &EmbeddingModel,
    placed: usize,
    urls: &[String],
) {
    let runtime = Runtime::new().unwrap();
    let population = Population::new(faces, model.dimension, most_photos);
    let copies = u32::try_from(urls.len()).unwrap();
    let collection = format!("bench-{}", FaceId::random());
    println!(
        "\nstore of {faces} faces, width {}, in {collection} on {copies} nodes of Qdrant",
        model.dimension
    );
    describe(&population);
    let settings = QdrantSettings {
        urls: urls.to_vec(),
        api_key: std::env::var("QDRANT_API_KEY").ok(),
        collection,
        // Batches are much larger than those of a photo.
        timeout: Duration::from_secs(30),
        lease: Duration::from_secs(120),
        on_disk: false,
        quantization: Quantization::None,
        replication_factor: copies,
        write_consistency: copies / 2 + 1,
        read_consistency: ReadConsistency::Majority,
        search_candidates: 256,
    };
    let store = runtime.block_on(QdrantStore::open(settings, model)).unwrap();
    let store: Arc<dyn FaceStore> = Arc::new(store);
    runtime.block_on(fill(&*store, &population, model));
    measure(&runtime, &store, model, &population, placed);
}

/// What can be measured of every store.
fn measure(
    runtime: &Runtime,
    store: &Arc<dyn FaceStore>,
    model: &EmbeddingModel,
    population: &Population,
    placed: usize,
) {
    let data = tempfile::tempdir().unwrap();
    let queries = Queries::new(population);
    let policy = runtime.block_on(policies::load(
        policies::POLICIES[1],
        policies::config("open", data.path()).plugins.limits,
    ));
    let people = People::new(Arc::clone(store), model.clone());
    queries.compare(|query| runtime.block_on(nearest(&**store, query)));
    time_searches(runtime, &**store, &queries, placed);
    time_similar(runtime, &people, population, placed);
    time_placing(runtime, &people, &policy, &queries, placed);
}

/// Writes every face as a photo of its own, with all that is kept of one, unless that was done before.
async fn fill(store: &dyn FaceStore, population: &Population, model: &EmbeddingModel) {
    if store.counts().await.unwrap().faces > 0 {
        return;
    }
    let start = Instant::now();
    let mut known = HashSet::new();
    let rows: Vec<u64> = (1..=population.faces() as u64).collect();
    for rows in rows.chunks(BATCH) {
        let mut changes = Vec::new();
        for row in rows {
            let person = population.person(*row);
            let (face_id, cluster) = (face_id(*row), cluster_id(person));
            let file_id = FileId::new(format!("made-up/{row}")).unwrap();
            let scene = made_up::face(0, QUALITY);
            changes.push(Change::PutFace(StoredFace {
                face_id,
                file_id: file_id.clone(),
                cluster_id: cluster,
                embedding: Embedding::normalised(population.vector(*row)).unwrap(),
                bounding_box: scene.bounding_box,
                confidence: scene.confidence,
                quality: QUALITY,
                corrected: false,
                joined: 0,
            }));
            if known.insert(person) {
                changes.push(Change::PutCluster {
                    cluster,
                    representative: face_id,
                    flags: ClusterFlags::default(),
                });
            }
            changes.push(Change::PutPortrait(face_id, vec![0x55; PORTRAIT]));
            changes.push(Change::Explain(face_id, explanation(face_id, cluster, model)));
            changes.push(Change::PutPhoto(Box::new(made_up::record(file_id, vec![scene]))));
        }
        let mut turn = store.turn().await.unwrap();
        turn.apply(changes).await.unwrap();
        turn.end().await;
    }
    println!(
        "  written after            {:8.1} s",
        start.elapsed().as_secs_f64()
    );
}

fn explanation(face_id: FaceId, cluster_id: ClusterId, model: &EmbeddingModel) -> Explanation {
    let neighbour = Neighbour {
        face_id,
        cluster_id,
        similarity: 0.711_327,
        quality: QUALITY,
        same_photo: false,
    };
    Explanation {
        decided_by: DecidedBy::Policy,
        reason: "the best faces of the nearest cluster are more similar than the threshold".to_owned(),
        at: 1_700_000_000,
        policy: Some("0".repeat(64)),
        embedding_model: model.name.clone(),
        threshold: model.threshold,
        neighbours: vec![neighbour; Explanation::NEIGHBOURS],
    }
}

/// The rows of the nearest faces.
async fn nearest(store: &dyn FaceStore, query: &[f32]) -> HashSet<u64> {
    let embedding = Embedding::normalised(query.to_vec()).unwrap();
    let none = FileId::new("none of them").unwrap();
    let found = store.nearest(&embedding, LIMIT, &none, None).await.unwrap();
    found
        .into_iter()
        .map(|neighbour| neighbour.face_id.as_uuid().as_u128() as u64)
        .collect()
}

fn time_searches(runtime: &Runtime, store: &dyn FaceStore, queries: &Queries<'_>, searches: usize) {
    let mut times = Vec::new();
    let start = Instant::now();
    for query in &queries.vectors[..searches] {
        let start = Instant::now();
        runtime.block_on(nearest(store, query));
        times.push(start.elapsed());
    }
    show("neighbours", &mut times, start.elapsed());
}

/// Times the first page of those who resemble somebody, of people and not of faces, so that most have one face; then the
/// first pages of everybody in other orders.
fn time_similar(runtime: &Runtime, people: &People, population: &Population, asked: usize) {
    let step = (population.people() as usize).div_ceil(asked);
    let mut times = Vec::new();
    let start = Instant::now();
    for person in (0..population.people()).step_by(step) {
        let start = Instant::now();
        let page = runtime.block_on(people.similar(&cluster_id(person), None, SIMILAR));
        assert_eq!(page.unwrap().similar.len(), SIMILAR);
        times.push(start.elapsed());
    }
    show("similar people", &mut times, start.elapsed());
    for (what, order) in [
        ("people by faces", ClusterOrder::Faces),
        ("people by last photo", ClusterOrder::Latest),
    ] {
        let (mut times, mut after) = (Vec::new(), None);
        let start = Instant::now();
        for _ in 0..PAGES {
            let start = Instant::now();
            let page = runtime
                .block_on(people.clusters_by(order, ClusterFilter::ALL, after, PAGE))
                .unwrap();
            times.push(start.elapsed());
            after = page.last().map(|(key, cluster)| (*key, cluster.cluster_id));
        }
        show(what, &mut times, start.elapsed());
    }
}

/// Times photos of one face each, from a vector to a synced transaction.
fn time_placing(
    runtime: &Runtime,
    people: &People,
    policy: &Arc<CandidatePolicy>,
    queries: &Queries<'_>,
    placed: usize,
) {
    let mut times = Vec::new();
    let mut start = Instant::now();
    for (number, query) in queries.vectors[..2 * placed].iter().enumerate() {
        if number == placed {
            times.clear();
            start = Instant::now();
        }
        let scene = made_up::face(0, QUALITY);
        let record = made_up::record(new_file(number), vec![scene.clone()]);
        let face: NewFace = NewFace {
            scene,
            embedding: Embedding::normalised(query.clone()).unwrap(),
            thumbnail: Box::new(|| Ok(vec![0x55; PORTRAIT])),
        };
        let start = Instant::now();
        let policy = Arc::<CandidatePolicy>::clone(policy);
        runtime
            .block_on(people.place(record, vec![face], policy))
            .unwrap();
        times.push(start.elapsed());
    }
    show("find or create", &mut times, start.elapsed());

    let (mut times, start) = (Vec::new(), Instant::now());
    for number in 0..2 * placed {
        let start = Instant::now();
        runtime.block_on(people.delete_file(&new_file(number))).unwrap();
        times.push(start.elapsed());
    }
    show("deleting them", &mut times, start.elapsed());
}

fn new_file(number: usize) -> FileId {
    FileId::new(format!("new/{number}")).unwrap()
}

/// Closes the store and opens it with the file of its index, and without.
fn restart(store: EmbeddedStore, directory: &Path, open: impl Fn() -> EmbeddedStore) {
    let time = |what: &str, work: &dyn Fn() -> EmbeddedStore| {
        let start = Instant::now();
        let store = work();
        println!("  {what:24} {:8.2} s", start.elapsed().as_secs_f64());
        store
    };
    let start = Instant::now();
    drop(store);
    println!(
        "  closing                  {:8.2} s",
        start.elapsed().as_secs_f64()
    );
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap();
        let mebibytes = file.metadata().unwrap().len() as f64 / f64::from(1 << 20);
        println!("  {:24} {mebibytes:8.0} MiB", file.file_name().display());
    }
    drop(time("opening", &open));
    let (file, aside) = (directory.join("neighbours.index"), directory.join("aside"));
    // Up to a number of faces there is no graph, and no file of it.
    let had_file = std::fs::rename(&file, &aside).is_ok();
    let store = time("opening without the file", &open);
    println!("  {} faces wait for the graph then", store.waiting_for_graph());
    drop(store);
    if had_file {
        std::fs::rename(&aside, &file).unwrap();
    }
}

fn face_id(row: u64) -> FaceId {
    FaceId::parse(&uuid::Uuid::from_u128(u128::from(row)).to_string()).unwrap()
}

fn cluster_id(person: u32) -> ClusterId {
    ClusterId::parse(&uuid::Uuid::from_u128(u128::from(person + 1) << 64).to_string()).unwrap()
}
