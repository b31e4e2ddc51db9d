//! What loading models costs, and what dropping them gives back: time until a worker is ready, the time of its photos
//! and the memory of its process, with models loaded at the start, when they are first needed, and dropped when idle.
//!
//! `cargo bench --bench residency [PHOTO...] [-- --set SET]`; the default is every sample photo. Needs `ai-worker models
//! pull SET` and Linux, whose `/proc` says how much memory a process has. Each measurement runs in a process of its own.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ai_worker::app::App;
use ai_worker::config::Config;
use ai_worker::domain::FileId;
use ai_worker::metrics::resident_memory;
use bytes::Bytes;

/// Photos described before models are left alone.
const PHOTOS: usize = 100;
/// How long models are left alone before they are dropped.
const IDLE: Duration = Duration::from_secs(2);

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("--preload") => measure(&arguments[1], &arguments[2], &arguments[3..]),
        _ => compare(&arguments),
    }
}

fn compare(arguments: &[String]) {
    let set = arguments
        .iter()
        .position(|argument| argument == "--set")
        .map_or("open", |place| arguments[place + 1].as_str());
    let photos: Vec<&String> = arguments
        .iter()
        .take_while(|argument| !argument.starts_with("--"))
        .collect();
    for preload in ["all", "none"] {
        println!(
            "set {set}, PRELOAD={preload}, MODEL_IDLE_SECONDS={}",
            IDLE.as_secs()
        );
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--preload", preload, set])
            .args(&photos)
            .status()
            .unwrap();
        assert!(status.success());
    }
}

fn from_environment(variable: &str, name: &str) -> PathBuf {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    std::env::var_os(variable).map_or_else(|| data.join(name), PathBuf::from)
}

/// The process's memory in RAM, in MiB.
fn resident() -> u64 {
    resident_memory().unwrap() >> 20
}

fn measure(preload: &str, set: &str, photos: &[String]) {
    let mut photos: Vec<PathBuf> = photos.iter().map(PathBuf::from).collect();
    if photos.is_empty() {
        let samples = std::fs::read_dir(from_environment("SAMPLES_DIR", "samples")).unwrap();
        photos = samples
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some())
            .collect();
        photos.sort();
    }
    let photos: Vec<Bytes> = photos
        .iter()
        .map(|path| Bytes::from(std::fs::read(path).unwrap()))
        .collect();
    let data = tempfile::tempdir().unwrap();
    let models = from_environment("MODELS_DIR", "models");
    let config = Config::read(&|name| match name {
        "DATA_DIR" => Some(data.path().display().to_string()),
        "MODELS_DIR" => Some(models.display().to_string()),
        "MODEL_SET" => Some(set.to_owned()),
        "PRELOAD" => Some(preload.to_owned()),
        "MODEL_IDLE_SECONDS" => Some(IDLE.as_secs().to_string()),
        _ => None,
    })
    .unwrap();
    println!("  before the start            {:>6} MiB", resident());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let started = Instant::now();
        let app = App::start(&config).await.unwrap();
        println!(
            "  ready after {:>7} ms      {:>6} MiB",
            started.elapsed().as_millis(),
            resident()
        );
        let describe = async |number: usize| {
            let file = FileId::new(format!("{}", number % 2)).unwrap();
            let started = Instant::now();
            let photo = photos[number % photos.len()].clone();
            let place = app.admissions.photo().await.unwrap();
            app.pipeline.process_bytes(place, &file, photo).await.unwrap();
            started.elapsed().as_millis()
        };
        let first = describe(0).await;
        println!("  first photo {first:>7} ms      {:>6} MiB", resident());
        for number in 1..PHOTOS {
            describe(number).await;
        }
        println!("  after {PHOTOS} photos            {:>6} MiB", resident());
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let health = app.health().await;
            if health.models.iter().all(|model| !model.loaded) {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        println!("  all models dropped          {:>6} MiB", resident());
        let again = describe(0).await;
        println!("  next photo  {again:>7} ms      {:>6} MiB", resident());
    });
}
