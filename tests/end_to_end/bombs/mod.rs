//! Files that are made to hurt whoever decodes them: each is answered with its code, in little time and memory.
//!
//! Time is the processor time of the worker, because these tests share their machine. A debug build of the worker
//! and of the parts of decoders that are compiled with it is several times slower than a release build.

mod bits;
mod bmp;
mod disguised;
mod gif;
mod jpeg;
mod modern;
mod png;
mod tiff;
mod webp;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use test_support::worker::Worker;

/// Processor time of one answer in a release build; several processors may share it.
const TIME: Duration = Duration::from_secs(2);
/// How much slower a debug build may be.
const DEBUG_FACTOR: u32 = 10;
/// By how much the resident memory may grow for one answer, at its worst moment, in KiB.
const GROWTH: u64 = 256 << 10;

/// What must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// 200: the file is odd, but there is a picture in it.
    Described,
    Empty,
    NotAnImage,
    Damaged,
    TooLarge,
    TooManyPixels,
    TooMuchMemory,
}

impl Answer {
    fn status_and_code(self) -> (u16, Option<&'static str>) {
        match self {
            Self::Described => (200, None),
            Self::Empty => (422, Some("photo_empty")),
            Self::NotAnImage => (415, Some("photo_not_an_image")),
            Self::Damaged => (422, Some("photo_damaged")),
            Self::TooLarge => (413, Some("photo_too_large")),
            Self::TooManyPixels => (413, Some("photo_too_many_pixels")),
            Self::TooMuchMemory => (413, Some("photo_too_much_memory")),
        }
    }
}

/// A file and its answer. It is made when it is its turn, because all at once are gigabytes.
struct Bomb {
    name: &'static str,
    make: Box<dyn FnOnce() -> Vec<u8>>,
    answer: Answer,
}

fn bomb(name: &'static str, answer: Answer, make: impl FnOnce() -> Vec<u8> + 'static) -> Bomb {
    let make = Box::new(make);
    Bomb { name, make, answer }
}

/// What one answer took.
struct Cost {
    name: &'static str,
    processor: Duration,
    wall: Duration,
    growth_kib: u64,
}

#[test_support::test]
async fn every_bomb_has_its_answer_within_time_and_memory() {
    let settings = [("REQUEST_TIMEOUT_MS", "600000"), ("PLUGIN_TIMEOUT_MS", "60000")];
    let worker = Worker::start(&settings).await;
    // Models, plugins and the allocator are warm before anything is measured.
    for _ in 0..3 {
        worker.describe("obama.jpg").await;
    }
    let bombs: Vec<Bomb> = [
        bmp::bombs(),
        disguised::bombs(),
        gif::bombs(),
        jpeg::bombs(),
        modern::bombs(),
        png::bombs(),
        tiff::bombs(),
        webp::bombs(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let names: HashSet<&str> = bombs.iter().map(|bomb| bomb.name).collect();
    assert_eq!(names.len(), bombs.len(), "each has its own name");
    assert!(bombs.len() >= 100, "{} bombs", bombs.len());

    let limit = if cfg!(debug_assertions) {
        TIME * DEBUG_FACTOR
    } else {
        TIME
    };
    let mut wrong = Vec::new();
    let mut costs = Vec::new();
    for Bomb { name, make, answer } in bombs {
        worker.photos.add(name, make());
        worker.reset_peak();
        let before = (
            worker.processor_time(),
            worker.memory_kib("VmRSS"),
            Instant::now(),
        );
        let (status, body) = worker.process(name).await;
        let cost = Cost {
            name,
            processor: worker.processor_time() - before.0,
            wall: before.2.elapsed(),
            growth_kib: worker.memory_kib("VmHWM").saturating_sub(before.1),
        };
        worker.photos.remove(name);
        println!(
            "{name:60} {status} {:24} {:>6} ms processor {:>6} ms wall {:>4} MiB",
            body["code"].as_str().unwrap_or_default(),
            cost.processor.as_millis(),
            cost.wall.as_millis(),
            cost.growth_kib >> 10
        );
        if (status, body["code"].as_str()) != answer.status_and_code() {
            wrong.push(format!("{name}: {answer:?} expected, but {status}: {body}"));
        }
        if cost.growth_kib > GROWTH {
            wrong.push(format!("{name}: {} KiB of memory", cost.growth_kib));
        }
        if cost.processor > limit {
            wrong.push(format!("{name}: {:?} of processor time", cost.processor));
        }
        costs.push(cost);
    }
    let slowest = costs.iter().max_by_key(|cost| cost.processor).unwrap();
    let largest = costs.iter().max_by_key(|cost| cost.growth_kib).unwrap();
    println!(
        "{} bombs; slowest: {:?} of processor time ({:?} by the clock), {}; largest: {} KiB, {}",
        costs.len(),
        slowest.processor,
        slowest.wall,
        slowest.name,
        largest.growth_kib,
        largest.name
    );
    // It goes on as if nothing had been.
    let answer = worker.describe("obama.jpg").await;
    assert_eq!(answer["faces"].as_array().unwrap().len(), 1);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
