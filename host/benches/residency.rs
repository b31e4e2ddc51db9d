//! What loading models costs, and what dropping them gives back: time until the built worker is ready, the time and CPU
//! time of its photos and the memory of its process, with models loaded at the start, when they are first needed, and
//! dropped when idle.
//!
//! `cargo bench --bench residency -- [PHOTO...] [--set SET | --networks DIRECTORY]`; the default is the set `open` and
//! every sample photo. `--networks` runs the set `full` on the networks of a directory, such as
//! `models/reference/full_size.py` makes, with the files beside them that it does not make. Needs Linux, whose `/proc`
//! says how much memory and time a process has taken.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use test_support::worker::Worker;
use test_support::{other_networks, prerequisites};

/// Photos described before models are left alone.
const PHOTOS: usize = 100;
/// How long models are left alone before they are dropped: longer than a photo takes.
const IDLE: &str = "20";

/// Whose models are looked at.
enum Models {
    Set(String),
    Networks(PathBuf),
}

impl Models {
    async fn start(&self, preload: &str) -> Worker {
        let settings = [("PRELOAD", preload), ("MODEL_IDLE_SECONDS", IDLE)];
        match self {
            Self::Set(set) => Worker::start(&[&settings[..], &[("MODEL_SET", set.as_str())]].concat()).await,
            Self::Networks(directory) => other_networks::start(directory, &settings).await,
        }
    }
}

#[tokio::main]
async fn main() {
    let mut models = Models::Set("open".to_owned());
    let mut photos = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--set" => models = Models::Set(arguments.next().unwrap()),
            "--networks" => models = Models::Networks(arguments.next().unwrap().into()),
            _ => photos.push(PathBuf::from(argument)),
        }
    }
    if photos.is_empty() {
        let samples = std::fs::read_dir(&prerequisites().samples).unwrap();
        photos = samples
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some())
            .collect();
        photos.sort();
    }
    // Hashes what nobody has hashed yet, and brings the files into the system's cache.
    drop(models.start("all").await);
    for preload in ["all", "none"] {
        match &models {
            Models::Set(set) => print!("set {set}"),
            Models::Networks(directory) => print!("{}", directory.display()),
        }
        println!(
            ", PRELOAD={preload}, MODEL_IDLE_SECONDS={IDLE}, {} photos",
            photos.len()
        );
        measure(&models, preload, &photos).await;
    }
}

async fn measure(models: &Models, preload: &str, photos: &[PathBuf]) {
    let worker = models.start(preload).await;
    let memory = |name: &str| worker.memory_kib(name) >> 10;
    println!(
        "  ready after {:>7.0} ms      {:>6} MiB, CPU {:.1} s",
        age(&worker).as_secs_f64() * 1e3,
        memory("VmRSS"),
        worker.processor_time().as_secs_f64(),
    );
    for (number, photo) in photos.iter().enumerate() {
        worker
            .photos
            .add(&number.to_string(), std::fs::read(photo).unwrap());
    }
    let describe = async |number: usize| {
        let started = Instant::now();
        // Two names: each photo takes the place of the one before the last.
        let (status, answer) = worker
            .process_as(&(number % 2).to_string(), &(number % photos.len()).to_string())
            .await;
        assert_eq!(status, 200, "{answer}");
        started.elapsed()
    };
    let first = describe(0).await;
    println!(
        "  first photo {:>7} ms      {:>6} MiB",
        first.as_millis(),
        memory("VmRSS")
    );
    let cpu_before = worker.processor_time().as_secs_f64();
    let mut times = Vec::new();
    for number in 1..PHOTOS {
        times.push(describe(number).await);
    }
    let cpu = (worker.processor_time().as_secs_f64() - cpu_before) / times.len() as f64;
    times.sort();
    println!(
        "  after {PHOTOS} photos            {:>6} MiB, at most {} MiB; a photo: median {} ms, CPU {:.0} ms on average",
        memory("VmRSS"),
        memory("VmHWM"),
        times[times.len() / 2].as_millis(),
        cpu * 1e3
    );
    while loaded(&worker).await {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("  all models dropped          {:>6} MiB", memory("VmRSS"));
    let again = describe(0).await;
    println!(
        "  next photo  {:>7} ms      {:>6} MiB",
        again.as_millis(),
        memory("VmRSS")
    );
}

/// Whether a model is in memory.
async fn loaded(worker: &Worker) -> bool {
    let health = worker.health().await;
    let models = health["models"].as_array().unwrap();
    models.iter().any(|model| model["loaded"] == true)
}

/// How long ago a worker was started.
fn age(worker: &Worker) -> Duration {
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let since_boot = uptime.split_whitespace().next().unwrap().parse().unwrap();
    // `starttime`.
    Duration::from_secs_f64(since_boot).saturating_sub(worker.statistic(22))
}
