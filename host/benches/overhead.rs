//! What the worker costs beyond its networks: CPU time of describing a photo, beside that of the bare networks on
//! tensors of the same shapes, and the time of the plugin calls.
//!
//! `cargo bench --bench overhead [PHOTO]`; needs `ai-worker models pull open`. The two run in processes of their own,
//! in turn, because ONNX Runtime allows one environment a process.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ai_worker::app::App;
use ai_worker::config::Config;
use ai_worker::domain::FileId;
use ai_worker::models;
use ai_worker::models::manifest::{Manifest, ModelDirectory, Role};
use bytes::Bytes;
use ort::value::TensorRef;

use test_support::measuring::cost::{cpu_ms, models_directory, noise, session};

const ROUNDS: usize = 5;
const PHOTOS: u32 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/samples/t1.jpg").to_owned();
    match arguments.next().as_deref() {
        Some("--bare") => networks(arguments.next().unwrap().parse().unwrap()),
        Some("--worker") => worker(Path::new(&arguments.next().unwrap())),
        photo => compare(&photo.map_or(sample, str::to_owned)),
    }
}

fn compare(photo: &str) {
    println!("{photo}, CPU time of one photo, one thread a network, {PHOTOS} photos a round");
    let run = |mode: &str, argument: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([mode, argument])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut lines = text.lines();
        let cpu: f64 = lines.next().unwrap().parse().unwrap();
        (cpu, lines.map(str::to_owned).collect::<Vec<_>>())
    };
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (worker, notes) = run("--worker", photo);
        let (bare, _) = run("--bare", &notes[0]);
        ratios.push(worker / bare);
        println!(
            "bare {bare:.1} ms, worker {worker:.1} ms, ratio {:.3}",
            worker / bare
        );
        println!("  faces {}", notes.join("\n  "));
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.3}", ratios[ROUNDS / 2]);
}

/// The networks on noise of their input's shape, as often as the worker runs each on a photo with `faces` faces.
fn networks(faces: usize) {
    let manifest = Manifest::built_in().unwrap();
    let set = manifest.set("open").unwrap();
    let directory = ModelDirectory(models_directory());
    let library = models::runtime_library(&manifest, &directory).unwrap();
    let environment = ort::init_from(&library).unwrap().build().unwrap();
    let work = [
        (Role::FaceDetector, 1),
        (Role::FaceEmbedder, faces),
        (Role::Age, faces),
        (Role::Gender, faces),
        (Role::LabelClassifier, 1),
    ];
    let mut networks = work.map(|(role, times)| {
        let model = manifest.model_for(set, role).unwrap().unwrap();
        let session = session(&environment, &directory.path(&model.file));
        let side = model.input.unwrap().size as usize;
        (session, times, side, noise(side).collect::<Vec<f32>>())
    });
    let mut photo = || {
        for (session, times, side, noise) in &mut networks {
            for _ in 0..*times {
                let input = TensorRef::from_array_view(([1, 3, *side, *side], noise.as_slice())).unwrap();
                session.run(ort::inputs![input]).unwrap();
            }
        }
    };
    photo();
    let before = cpu_ms();
    (0..PHOTOS).for_each(|_| photo());
    println!("{}", (cpu_ms() - before) / f64::from(PHOTOS));
}

/// The whole pipeline but the download, with the embedded store and the default plugins.
fn worker(path: &Path) {
    let data = tempfile::tempdir().unwrap();
    let config = Config::read(&|name| match name {
        "DATA_DIR" => Some(data.path().display().to_string()),
        "MODELS_DIR" => Some(models_directory().display().to_string()),
        // As the bare networks run: one after the other, on one thread.
        "INFERENCE_SESSIONS" | "INFERENCE_THREADS" => Some("1".to_owned()),
        _ => None,
    })
    .unwrap();
    let bytes = Bytes::from(std::fs::read(path).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let app = App::start(&config).await.unwrap();
        let describe = async |name: u32| {
            let file = FileId::new(name.to_string()).unwrap();
            let place = app.admissions.photo().await.unwrap();
            app.pipeline
                .process_bytes(place, &file, bytes.clone())
                .await
                .unwrap()
        };
        for warm in 0..4 {
            describe(warm).await;
        }
        let (before, started) = (cpu_ms(), Instant::now());
        let mut plugins = Vec::new();
        let mut faces = Vec::new();
        for photo in 0..PHOTOS {
            let timings = describe(100 + photo).await.timings;
            plugins.push(timings.plugins);
            faces.push(timings.faces);
        }
        println!("{}", (cpu_ms() - before) / f64::from(PHOTOS));
        println!("{}", describe(0).await.faces.len());
        println!(
            "wall {:.1} ms a photo",
            started.elapsed().as_secs_f64() * 1e3 / f64::from(PHOTOS)
        );
        plugins.sort_by(f64::total_cmp);
        faces.sort_by(f64::total_cmp);
        println!(
            "tagger and context mapper: median {:.0} microseconds",
            1e3 * plugins[plugins.len() / 2]
        );
        println!(
            "search, policy and write: median {:.1} ms",
            faces[faces.len() / 2]
        );
    });
}
