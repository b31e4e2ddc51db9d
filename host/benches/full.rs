//! What CLIP's image tower and BLIP cost in the worker: CPU time of a photo beside that of the bare networks on the same
//! threads, and what a caption would cost without the cache of keys and values.
//!
//! `cargo bench --bench full -- DIRECTORY PHOTO`: a directory with the networks of the set `full`, such as
//! `models/reference/full_size.py` makes. Times do not depend on the weights, but for the length of a caption, which is
//! fixed here. Each figure comes from a process of its own, because ONNX Runtime allows one environment a process.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use ai_worker::inference::devices::{Fallback, Placement};
use ai_worker::inference::{CaptionSettings, Inference, InferenceSettings};
use ai_worker::models;
use ai_worker::models::manifest::{Manifest, ModelDirectory};
use ai_worker::photo;
use image::RgbImage;
use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Tensor, TensorRef};

use test_support::measuring::cost::{self, cpu_ms, models_directory, noise};

/// Processes for each figure; the median is shown.
const ROUNDS: usize = 5;
const PHOTOS: u32 = 20;
const CAPTIONS: u32 = 3;
/// Tokens of a caption, start included: so many steps but one. As many as the worker writes at most, by default.
const LENGTH: usize = 20;

/// CPU time of one of `times` runs in milliseconds, after one that warms up.
fn measure(times: u32, mut run: impl FnMut()) -> f64 {
    run();
    let before = cpu_ms();
    (0..times).for_each(|_| run());
    (cpu_ms() - before) / f64::from(times)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [directory, photo] => compare(directory, photo),
        [directory, photo, figure] => {
            println!("{}", figure_of(Path::new(directory), Path::new(photo), figure))
        }
        _ => println!("give a directory with the networks of the set full, and a photo"),
    }
}

fn compare(directory: &str, photo: &str) {
    println!("{photo}, CPU time in milliseconds, one thread a network; medians of {ROUNDS} processes");
    let median = |figure: &str| {
        let mut values: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let output = Command::new(std::env::current_exe().unwrap())
                    .args([directory, photo, figure])
                    .output()
                    .unwrap();
                assert!(
                    output.status.success(),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
                String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
            })
            .collect();
        values.sort_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    let ratio = |what: &str, worker: &str, bare: &str| {
        let (worker, bare) = (median(worker), median(bare));
        println!(
            "{what}: worker {worker:.1}, bare {bare:.1}, ratio {:.3}",
            worker / bare
        );
        bare
    };
    ratio("vector of a photo", "image", "bare-image");
    println!("vector of a prompt: {:.1}", median("prompt"));
    let cached = ratio("greedy caption", "greedy", "bare-greedy");
    let without = median("without-cache");
    println!(
        "the same without the cache: {without:.1}, {:.2} times as much",
        without / cached
    );
    println!("of that the vision encoder, bare: {:.1}", median("look"));
    println!("caption with a beam of 3: {:.1}", median("beam"));
}

fn figure_of(directory: &Path, photo: &Path, figure: &str) -> f64 {
    let bytes = std::fs::read(photo).unwrap();
    let photo = photo::decode(&bytes, &photo::DecodeSettings::default()).unwrap();
    match figure {
        "image" => {
            let inference = inference(directory, 1);
            let size = inference.image_encoder_size().unwrap();
            measure(PHOTOS, || {
                let crop = photo::shorter_side_crop(&photo, size).unwrap();
                inference.encode_image(&crop).unwrap().unwrap();
            })
        }
        "prompt" => {
            let inference = inference(directory, 1);
            measure(PHOTOS, || {
                inference
                    .encode_prompt("a photo of a wedding ceremony")
                    .unwrap()
                    .unwrap();
            })
        }
        "bare-image" => {
            let mut network = session(directory, "clip-vit-b-32-visual.onnx");
            measure(PHOTOS, || drop(look(&mut network, 224)))
        }
        "look" => {
            let mut network = session(directory, "blip-vision.onnx");
            measure(CAPTIONS, || drop(look(&mut network, 384)))
        }
        "greedy" => caption(directory, &photo, 1),
        "beam" => caption(directory, &photo, 3),
        "bare-greedy" => bare_caption(directory, true),
        "without-cache" => bare_caption(directory, false),
        _ => f64::NAN,
    }
}

fn library() -> PathBuf {
    let directory = ModelDirectory(models_directory());
    models::runtime_library(&Manifest::built_in().unwrap(), &directory).unwrap()
}

fn inference(directory: &Path, beams: usize) -> Inference {
    let manifest = Manifest::built_in().unwrap();
    let settings = InferenceSettings {
        placement: Placement::processor(),
        fallback: Fallback::Off,
        sessions: 1,
        threads_per_session: 1,
        batch: None,
        caption: CaptionSettings {
            beams,
            min_length: LENGTH,
            max_length: LENGTH,
            repetition_penalty: 1.0,
        },
    };
    let models = ModelDirectory(directory.to_owned());
    Inference::load(
        &library(),
        &manifest,
        manifest.set("full").unwrap(),
        &models,
        &settings,
    )
    .unwrap()
}

fn caption(directory: &Path, photo: &RgbImage, beams: usize) -> f64 {
    let inference = inference(directory, beams);
    let size = inference.captioner_size().unwrap();
    measure(CAPTIONS, || {
        let caption = inference
            .caption(&photo::stretch(photo, size).unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(caption.tokens.len(), LENGTH);
    })
}

fn session(directory: &Path, file: &str) -> Session {
    static ENVIRONMENT: OnceLock<Arc<Environment>> = OnceLock::new();
    let environment =
        ENVIRONMENT.get_or_init(|| Arc::new(ort::init_from(library()).unwrap().build().unwrap()));
    cost::session(environment, &directory.join(file))
}

/// What a network says of noise.
fn look(network: &mut Session, side: usize) -> Vec<(String, DynValue)> {
    let noise: Vec<f32> = noise(side).map(|value| value / 128.0 - 1.0).collect();
    let input = TensorRef::from_array_view(([1, 3, side, side], noise.as_slice())).unwrap();
    let mut outputs = network.run(ort::inputs![input]).unwrap();
    let names: Vec<String> = outputs.keys().map(ToOwned::to_owned).collect();
    let take = |name: String| {
        let value = outputs.remove(&name).unwrap();
        (name, value)
    };
    names.into_iter().map(take).collect()
}

/// The two networks on noise and some tokens: one after the other with the cache, or all that there are each time.
fn bare_caption(directory: &Path, cached: bool) -> f64 {
    let mut vision = session(directory, "blip-vision.onnx");
    let mut decoder = session(directory, "blip-text-decoder.onnx");
    let empty: Vec<String> = (decoder.inputs().iter())
        .map(|input| input.name().to_owned())
        .filter(|name| name.starts_with("past_"))
        .collect();
    let tokens: Vec<i64> = std::iter::once(30_522).chain(2_000..).take(LENGTH - 1).collect();
    measure(CAPTIONS, || {
        let cross = look(&mut vision, 384);
        let nothing = |name: &String| {
            let value = Tensor::from_array(([1, 12, 0, 64], Vec::<f32>::new())).unwrap();
            (name.clone(), value.into_dyn())
        };
        let mut past: Vec<(String, DynValue)> = empty.iter().map(nothing).collect();
        for end in 1..=tokens.len() {
            let new = if cached {
                &tokens[end - 1..end]
            } else {
                &tokens[..end]
            };
            let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = ort::inputs![
                "token_ids" => TensorRef::from_array_view(([1, new.len()], new)).unwrap(),
                "sequences" => TensorRef::from_array_view(([1], [0_i64].as_slice())).unwrap(),
            ];
            for (name, value) in cross.iter().chain(&past) {
                inputs.push((name.as_str().into(), value.into()));
            }
            let mut outputs = decoder.run(inputs).unwrap();
            if cached {
                let present = |name: &String| outputs.remove(name.replacen("past", "present", 1)).unwrap();
                let values: Vec<DynValue> = empty.iter().map(present).collect();
                drop(outputs);
                past = empty.iter().cloned().zip(values).collect();
            }
        }
    })
}
