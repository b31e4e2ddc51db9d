//! The host's networks as wasi-nn graphs: they give the host's own numbers, and refuse what does not fit.

use ai_worker::domain::{Detection, Gender, Point};
use ai_worker::inference::{GREY, GraphError, Inference, image_tensor};
use ai_worker::models::manifest::{Architecture, ImageInput, Manifest};
use ai_worker::photo;
use image::{Rgb, RgbImage};
use tokenizers::Tokenizer;
use wasmtime_wasi_nn::backend::{BackendError, NamedTensor};
use wasmtime_wasi_nn::wit::TensorType;
use wasmtime_wasi_nn::{ExecutionContext, Tensor};

use super::{assert_close, inference, sample};
use test_support::prerequisites;

/// Both sides run the same session on the same values.
const SAME: f32 = 1e-6;
const CLASSIFIER: &str = "efficientnet-lite2";

fn context(inference: &Inference, name: &str) -> ExecutionContext {
    let graphs = inference.graphs();
    let (_, graph) = graphs.iter().find(|(graph, _)| graph == name).unwrap();
    graph.init_execution_context().unwrap()
}

fn input_of(name: &str) -> ImageInput {
    Manifest::built_in().unwrap().model(name).unwrap().input.unwrap()
}

fn image(image: &RgbImage, input: &ImageInput) -> Tensor {
    let values = image_tensor(image, input);
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor::new(vec![1, 3, image.height(), image.width()], TensorType::Fp32, data)
}

/// Without a name, which is enough for a graph with one input.
fn unnamed(tensor: Tensor) -> Vec<NamedTensor> {
    named("", tensor)
}

fn named(name: &str, tensor: Tensor) -> Vec<NamedTensor> {
    vec![NamedTensor {
        name: name.to_owned(),
        tensor,
    }]
}

fn values(tensor: &Tensor) -> Vec<f32> {
    assert_eq!(tensor.ty, TensorType::Fp32);
    let count: usize = tensor.dimensions.iter().map(|size| *size as usize).product();
    let values: Vec<f32> = tensor
        .data
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    assert_eq!(values.len(), count);
    values
}

/// The first output for an image.
fn first(inference: &Inference, name: &str, picture: &RgbImage) -> Vec<f32> {
    let given = unnamed(image(picture, &input_of(name)));
    values(&context(inference, name).compute_with_io(given).unwrap()[0].tensor)
}

/// The output of that name for an image.
fn output(inference: &Inference, name: &str, output: &str, picture: &RgbImage) -> Vec<f32> {
    let given = unnamed(image(picture, &input_of(name)));
    let outputs = context(inference, name).compute_with_io(given).unwrap();
    values(&outputs.iter().find(|one| one.name == output).unwrap().tensor)
}

fn normalised(vector: &[f32]) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter().map(|value| value / norm).collect()
}

fn assert_same(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert_close(what, *found, *expected, SAME);
    }
}

/// The best face that a detector's tensors speak of: its score, the corner of its box and its first landmark.
fn best_face(outputs: &[NamedTensor], architecture: Architecture, size: u32) -> (f32, Point, Point) {
    let output = |name: &str, stride: usize| {
        let name = format!("{name}_{stride}");
        values(&outputs.iter().find(|output| output.name == name).unwrap().tensor)
    };
    let mut best = (0.0, Point { x: 0.0, y: 0.0 }, Point { x: 0.0, y: 0.0 });
    for stride in [8, 16, 32] {
        let (boxes, points) = (output("bbox", stride), output("kps", stride));
        let (scores, anchors): (Vec<f32>, usize) = match architecture {
            Architecture::Yunet => {
                let objects = output("obj", stride);
                let classes = output("cls", stride);
                let score =
                    |(class, object): (&f32, &f32)| (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
                (classes.iter().zip(&objects).map(score).collect(), 1)
            }
            _ => (output("score", stride), 2),
        };
        for (index, score) in scores.into_iter().enumerate() {
            if score <= best.0 {
                continue;
            }
            let cell = index / anchors;
            let (columns, scale) = (size as usize / stride, stride as f32);
            let at = |x: f32, y: f32| Point {
                x: ((cell % columns) as f32 + x) * scale,
                y: ((cell / columns) as f32 + y) * scale,
            };
            let edges = &boxes[4 * index..];
            let corner = match architecture {
                Architecture::Yunet => {
                    let centre = at(edges[0], edges[1]);
                    Point {
                        x: centre.x - edges[2].exp() * scale / 2.0,
                        y: centre.y - edges[3].exp() * scale / 2.0,
                    }
                }
                _ => at(-edges[0], -edges[1]),
            };
            best = (score, corner, at(points[10 * index], points[10 * index + 1]));
        }
    }
    best
}

/// The detector's graph against the host; gives the best face.
fn compare_detector(
    inference: &Inference,
    name: &str,
    architecture: Architecture,
    photo: &RgbImage,
) -> Detection {
    let size = inference.detector_size();
    // Guests give the square that the network was published for.
    let mut letterboxed = RgbImage::new(size, size);
    let part = photo::letterbox(photo, size).unwrap().image;
    image::imageops::replace(&mut letterboxed, &part, 0, 0);
    let given = unnamed(image(&letterboxed, &input_of(name)));
    let outputs = context(inference, name).compute_with_io(given).unwrap();
    let (score, corner, landmark) = best_face(&outputs, architecture, size);
    let expected = inference.detect(&letterboxed).unwrap().remove(0);
    let Detection {
        rect,
        landmarks,
        confidence,
        ..
    } = &expected;
    assert_same(
        name,
        &[score.min(1.0), corner.x, corner.y, landmark.x, landmark.y],
        &[*confidence, rect.x1, rect.y1, landmarks[0].x, landmarks[0].y],
    );
    expected
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
    logits.iter().map(|logit| (logit - largest).exp() / sum).collect()
}

/// A sentence's vector by the text encoder's graph.
fn encode(inference: &Inference, name: &str, sentence: &str) -> Vec<f32> {
    let file = prerequisites().models.join("minilm-tokenizer.json");
    let encoding = Tokenizer::from_file(file)
        .unwrap()
        .encode(sentence, true)
        .unwrap();
    let count = encoding
        .get_attention_mask()
        .iter()
        .filter(|mask| **mask == 1)
        .count();
    let tensor = |values: &[u32]| {
        let values = values[..count].iter();
        let data = values.flat_map(|value| i64::from(*value).to_le_bytes()).collect();
        Tensor::new(vec![1, count as u32], TensorType::I64, data)
    };
    let given = [
        named("attention_mask", tensor(encoding.get_attention_mask())),
        named("input_ids", tensor(encoding.get_ids())),
        named("token_type_ids", tensor(encoding.get_type_ids())),
    ];
    let outputs = context(inference, name)
        .compute_with_io(given.into_iter().flatten().collect())
        .unwrap();
    let states = values(&outputs[0].tensor);
    let mut sum = vec![0.0; states.len() / count];
    for state in states.chunks_exact(sum.len()) {
        for (total, value) in sum.iter_mut().zip(state) {
            *total += value;
        }
    }
    normalised(&sum)
}

#[test_support::test]
fn graphs_give_the_hosts_own_numbers() {
    for set in ["open", "research"] {
        let inference = inference(set);
        let photo = sample("obama.jpg");
        let loaded = inference.models();
        assert_eq!(inference.graphs().len(), loaded.len());
        let detector = &loaded[0];
        let face = compare_detector(&inference, &detector.name, detector.architecture, &photo);
        let letterboxed = photo::letterbox(&photo, inference.detector_size()).unwrap().image;
        let letterboxed = photo::Part::whole(letterboxed);
        let chip = |size: Option<u32>, template| {
            photo::align(&letterboxed, &face.landmarks, size.unwrap(), template).unwrap()
        };
        for model in &loaded[1..] {
            let name = &model.name;
            match model.architecture {
                Architecture::Arcface => {
                    let aligned = chip(Some(inference.embedder_size()), &photo::ARCFACE_TEMPLATE);
                    let expected = inference.embed(&aligned).unwrap();
                    let found = normalised(&first(&inference, name, &aligned));
                    assert_same(name, &found, expected.as_slice());
                }
                Architecture::AgeDistribution => {
                    let chip = chip(inference.age_size(), &photo::DEMOGRAPHICS_TEMPLATE);
                    let probabilities = first(&inference, name, &chip);
                    let years = |age: usize| if age == 0 { 0.25 } else { age as f32 };
                    let weighed = probabilities.iter().enumerate();
                    let found: f32 = weighed.map(|(age, probability)| probability * years(age)).sum();
                    assert_same(name, &[found], &[inference.age(&chip).unwrap().unwrap()]);
                }
                Architecture::GenderBinary => {
                    let chip = chip(inference.gender_size(), &photo::DEMOGRAPHICS_TEMPLATE);
                    let female = match first(&inference, name, &chip)[..] {
                        [female, male] => female >= male,
                        _ => panic!("{name} has other classes"),
                    };
                    let expected = inference.gender(&chip).unwrap().unwrap();
                    assert_eq!(female, expected == Gender::Female, "{name}");
                }
                Architecture::ImageClassifier => {
                    let crop = photo::centre_crop(&photo, 0.93, inference.label_size().unwrap()).unwrap();
                    let mut found = softmax(&first(&inference, name, &crop));
                    found.sort_by(|a, b| b.total_cmp(a));
                    let labels = inference.classify(&crop, 1000).unwrap().unwrap().labels;
                    let expected: Vec<f32> = labels.iter().map(|label| label.score).collect();
                    assert_same(name, &found, &expected);
                }
                Architecture::SentenceEncoder => {
                    let sentence = "a photo of people at a wedding";
                    let expected = inference.encode_text(sentence).unwrap().unwrap();
                    assert_same(name, &encode(&inference, name, sentence), expected.as_slice());
                }
                Architecture::Ssd => {
                    let size = inference.object_size().unwrap();
                    let square = photo::in_corner(&photo, size, Rgb([GREY; 3])).unwrap();
                    let scores = output(&inference, name, "scores", &square);
                    let surest = scores.iter().copied().fold(0.0, f32::max);
                    let found = inference.objects(&square).unwrap().unwrap();
                    assert_same(name, &[surest], &[found[0].score]);
                }
                Architecture::DbText => {
                    let square = photo::in_corner(&photo, input_of(name).size, Rgb([0; 3])).unwrap();
                    let map = first(&inference, name, &square);
                    assert_eq!(map.len(), (square.width() * square.height()) as usize);
                    let written = map.iter().any(|probability| *probability > 0.3);
                    assert_eq!(
                        written,
                        !inference.text_lines(&square).unwrap().unwrap().is_empty()
                    );
                }
                Architecture::CtcText => {
                    let size = inference.text_height().unwrap();
                    let strip = RgbImage::from_pixel(size, size, Rgb([200; 3]));
                    let steps = first(&inference, name, &strip);
                    assert!(steps.iter().all(|probability| (0.0..=1.0).contains(probability)));
                    assert_eq!(inference.read_line(&strip, 0.0..1.0).unwrap().unwrap().text, "");
                }
                Architecture::Yunet | Architecture::Scrfd => panic!("{set} has two detectors"),
                Architecture::InsightfaceAttribute
                | Architecture::ClipImage
                | Architecture::ClipText
                | Architecture::BlipVision
                | Architecture::BlipTextDecoder => panic!("{set} has none of these"),
            }
        }
    }
}

/// Why a call was refused before the network ran.
fn refusal(outcome: Result<Vec<NamedTensor>, BackendError>) -> String {
    let Err(BackendError::BackendAccess(error)) = outcome else {
        panic!("it was not refused");
    };
    match error.downcast_ref() {
        Some(GraphError::InvalidArgument { reason, .. }) => reason.clone(),
        other => panic!("it was not refused, but {other:?}"),
    }
}

#[test_support::test]
fn what_does_not_fit_is_refused() {
    let inference = inference("open");
    let mut context = context(&inference, CLASSIFIER);
    let good = || {
        let input = input_of(CLASSIFIER);
        image(&RgbImage::new(input.size, input.size), &input)
    };
    let data = good().data;
    let with = |dimensions: &[u32]| Tensor::new(dimensions.to_vec(), TensorType::Fp32, data.clone());
    let other_type = Tensor::new(vec![1, 3, 260, 260], TensorType::I32, data.clone());
    let empty = Tensor::new(vec![1, 3, 0, 260], TensorType::Fp32, Vec::new());
    let half = Tensor::new(
        vec![1, 3, 260, 260],
        TensorType::Fp32,
        data[..data.len() / 2].to_vec(),
    );
    let none = Tensor::new(vec![1, 3, 260, 260], TensorType::Fp32, Vec::new());
    let twice = vec![unnamed(good()), named("0", good())]
        .into_iter()
        .flatten()
        .collect();
    for (given, said) in [
        (unnamed(other_type), "has values of type I32"),
        (
            unnamed(with(&[1, 260, 260, 3])),
            "has the dimensions [1, 260, 260, 3]",
        ),
        (unnamed(with(&[3, 260, 260])), "has the dimensions [3, 260, 260]"),
        (
            unnamed(with(&[1, 3, u32::MAX, u32::MAX])),
            "has the dimensions [1, 3, 4294967295, 4294967295]",
        ),
        (unnamed(with(&[])), "has the dimensions []"),
        (unnamed(empty), "has the dimensions [1, 3, 0, 260]"),
        (unnamed(half), "bytes of data"),
        (unnamed(none), "has 0 bytes of data"),
        (
            named("no such input", good()),
            "it has no input \"no such input\"",
        ),
        (named("1", good()), "it has no input \"1\""),
        (twice, "was given twice"),
        (Vec::new(), "is missing"),
    ] {
        let reason = refusal(context.compute_with_io(given));
        assert!(reason.contains(said), "{reason:?} instead of {said:?}");
    }
    assert!(context.compute_with_io(unnamed(good())).is_ok());
}

/// The host gives other shapes to a rewritten detector; a size that is no multiple of its cells would make it fail.
#[test_support::test]
fn a_detector_takes_the_square_of_the_manifest_from_guests_and_nothing_else() {
    for (set, name) in [("open", "yunet-2023mar"), ("research", "scrfd-2.5g")] {
        let inference = inference(set);
        let mut context = context(&inference, name);
        let mut run = |width, height| {
            let given = image(&RgbImage::new(width, height), &input_of(name));
            context.compute_with_io(unnamed(given))
        };
        for (width, height) in [(640, 480), (480, 640), (641, 640), (672, 672)] {
            let reason = refusal(run(width, height));
            assert!(reason.contains("[1, 3, 640, 640] are needed"), "{reason:?}");
        }
        assert!(run(640, 640).is_ok(), "{name}");
    }
}

/// Inputs of any length are the text encoder's only.
#[test_support::test]
fn open_dimensions_are_bounded_and_a_failed_run_harms_nobody() {
    let inference = inference("open");
    let mut context = context(&inference, "minilm-int8");
    let mut run = |dimensions: [u32; 2], token: i64, tokens: usize| {
        let tensor = |value: i64| {
            Tensor::new(
                dimensions.to_vec(),
                TensorType::I64,
                value.to_le_bytes().repeat(tokens),
            )
        };
        let given = [
            named("input_ids", tensor(token)),
            named("attention_mask", tensor(1)),
            named("token_type_ids", tensor(0)),
        ];
        context.compute_with_io(given.into_iter().flatten().collect())
    };
    let (length, most) = (8, 8 * 512);
    assert!(run([1, length], 101, length as usize).is_ok());
    assert!(refusal(run([1, 0], 101, 0)).contains("is empty"));
    assert!(refusal(run([1 << 31, 1 << 30], 101, 0)).contains("has 0 bytes of data"));
    assert!(refusal(run([9, length], 101, length as usize)).contains("bytes of data"));
    assert!(refusal(run([most + 1, 1], 101, most as usize + 1)).contains("more than the 4096 values"));
    assert!(run([8, 512], 101, most as usize).is_ok());

    // The vocabulary has no such word, which the network itself finds.
    for token in [i64::MAX, i64::MIN, 1 << 40] {
        let Err(BackendError::BackendAccess(error)) = run([1, length], token, length as usize) else {
            panic!("a word that does not exist");
        };
        assert!(matches!(error.downcast_ref(), Some(GraphError::Inference(_))));
    }
    assert!(run([1, length], 101, length as usize).is_ok());
}
