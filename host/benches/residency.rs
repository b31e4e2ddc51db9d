//! What loading models costs, and what dropping them gives back: time until the built worker is ready, the time and CPU
//! time of its photos and the memory of its process, with models loaded at the start, when they are first needed, and
//! dropped when idle.
//!
//! `cargo bench --bench residency -- [PHOTO...] [--set SET | --networks DIRECTORY]`; the default is the set `open` and
//! every sample photo. `--networks` runs the set `full` on the networks of a directory, such as
//! `models/reference/full_size.py` makes, with the files beside them that it does not make. Needs Linux, whose `/proc`
//! says how much memory and time a process has taken.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may panic")]

#[path = "../../tests/other_networks.rs"]
mod other_networks;
#[path = "../../tests/end_to_end/photos.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod photos;
#[path = "../../tests/prerequisites.rs"]
mod prerequisites;
#[path = "../../tests/end_to_end/worker.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod worker;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prerequisites::prerequisites;
use worker::Worker;

/// Photos described before models are left alone.
const PHOTOS: usize = 100;
/// How long models are left alone before they are dropped: longer than a photo takes.
const IDLE: &str = "20";
/// Ticks of `/proc`'s processor times in a second, on every platform that Rust's Linux targets run on.
const TICKS: f64 = 100.0;

/// Whose models are looked at.
enum Models {
    Set(String),
    Networks(PathBuf),
}

impl Models {
    async fn start(&self, preload: &str) -> Worker {
        let settings = [("PRELOAD", preload), ("MODEL_IDLE_SECONDS", IDLE)];
        let worker = match self {
            Self::Set(set) => Worker::start(&[&settings[..], &[("MODEL_SET", set.as_str())]].concat()).await,
            Self::Networks(directory) => other_networks::start(directory, &settings).await,
        };
        worker.unwrap()
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
        let samples = std::fs::read_dir(&prerequisites().unwrap().samples).unwrap();
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
    let process = Process(worker.child.id());
    println!(
        "  ready after {:>7.0} ms      {:>6} MiB, CPU {:.1} s",
        process.age_seconds() * 1e3,
        process.memory("VmRSS"),
        process.cpu_seconds(),
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
        process.memory("VmRSS")
    );
    let cpu_before = process.cpu_seconds();
    let mut times = Vec::new();
    for number in 1..PHOTOS {
        times.push(describe(number).await);
    }
    let cpu = (process.cpu_seconds() - cpu_before) / times.len() as f64;
    times.sort();
    println!(
        "  after {PHOTOS} photos            {:>6} MiB, at most {} MiB; a photo: median {} ms, CPU {:.0} ms on average",
        process.memory("VmRSS"),
        process.memory("VmHWM"),
        times[times.len() / 2].as_millis(),
        cpu * 1e3
    );
    while loaded(&worker).await {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("  all models dropped          {:>6} MiB", process.memory("VmRSS"));
    let again = describe(0).await;
    println!(
        "  next photo  {:>7} ms      {:>6} MiB",
        again.as_millis(),
        process.memory("VmRSS")
    );
}

/// Whether a model is in memory.
async fn loaded(worker: &Worker) -> bool {
    let health = worker.health().await;
    let models = health["models"].as_array().unwrap();
    models.iter().any(|model| model["loaded"] == true)
}

/// The worker's process, by its number.
struct Process(u32);

impl Process {
    fn read(&self, what: &str) -> String {
        std::fs::read_to_string(Path::new("/proc").join(self.0.to_string()).join(what)).unwrap()
    }

    /// A line of `/proc/PID/status` that is about memory, in MiB.
    fn memory(&self, line: &str) -> u64 {
        let status = self.read("status");
        let value = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
        let kibibytes: u64 = value.trim_matches([':', 'k', 'B', ' ', '\t']).parse().unwrap();
        kibibytes >> 10
    }

    /// What it has taken of processors so far.
    fn cpu_seconds(&self) -> f64 {
        let stat = self.read("stat");
        stat_field(&stat, 14) + stat_field(&stat, 15)
    }

    /// How long ago it was started.
    fn age_seconds(&self) -> f64 {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let since_boot: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
        since_boot - stat_field(&self.read("stat"), 22)
    }
}

/// A field of `/proc/PID/stat` that counts ticks, by its number in `proc_pid_stat(5)`, in seconds.
fn stat_field(stat: &str, number: usize) -> f64 {
    // The second field, in brackets, may have spaces in it.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields
        .split_whitespace()
        .nth(number - 3)
        .unwrap()
        .parse()
        .unwrap();
    ticks as f64 / TICKS
}
