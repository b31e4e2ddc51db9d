//! Files that want more than they are worth: each is answered soon, costs little memory, and harms nobody after it.

mod png;
mod raster;
mod video;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::worker::Worker;

/// The longest time for an answer.
const TIME: Duration = Duration::from_secs(2);
/// The most that memory may grow, in bytes.
const GROWTH: u64 = 256 << 20;

/// A file and what it is called.
type Bomb = (String, Vec<u8>);

fn named(name: impl Into<String>, bytes: Vec<u8>) -> Bomb {
    (name.into(), bytes)
}

/// What is no picture at all, or one of a format that is not read.
fn strangers() -> Vec<Bomb> {
    let entities = (0..9).fold("<!ENTITY a0 \"lol\">".to_owned(), |text, level| {
        format!(
            "{text}<!ENTITY a{} \"{}\">",
            level + 1,
            format!("&a{level};").repeat(10)
        )
    });
    vec![
        named("one-byte", vec![0xff]),
        named("zeros", vec![0; 1 << 20]),
        named("ones", vec![0xff; 1 << 20]),
        named(
            "laughs.svg",
            format!("<?xml version=\"1.0\"?><!DOCTYPE svg [{entities}]><svg>&a9;</svg>").into_bytes(),
        ),
        named("zeros.gz", png::gzip_of_zeros(100 << 20)),
        named("archive.zip", [b"PK\x03\x04".as_slice(), &[0; 4_096]].concat()),
        named(
            "document.pdf",
            b"%PDF-1.7\n1 0 obj<</Length 99999999999>>".to_vec(),
        ),
        named(
            "picture.qoi",
            b"qoif\xff\xff\xff\xff\xff\xff\xff\xff\x04\x00".to_vec(),
        ),
        named("picture.pnm", b"P6 99999 99999 255\n".to_vec()),
        named("picture.ff", b"farbfeld\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        named("picture.hdr", b"#?RADIANCE\n\n-Y 99999 +X 99999\n".to_vec()),
        named("picture.exr", b"\x76\x2f\x31\x01\x02\x00\x00\x00".to_vec()),
        named(
            "picture.dds",
            [b"DDS \x7c\x00\x00\x00".as_slice(), &[0xff; 120]].concat(),
        ),
        named(
            "picture.ico",
            b"\x00\x00\x01\x00\xff\xff\x00\x00\x00\x00".to_vec(),
        ),
        named(
            "picture.psd",
            b"8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x03\x0d\x40".to_vec(),
        ),
        named("picture.jxl", b"\xff\x0a\xff\xff\xff\xff\xff\xff".to_vec()),
        named("picture.jp2", b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a".to_vec()),
    ]
}

/// A field of `/proc/PID/status`, in bytes.
#[cfg(target_os = "linux")]
fn memory(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes << 10
}

/// Lets the kernel forget how much memory was in use at most.
#[cfg(target_os = "linux")]
fn forget_peak(process: u32) {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_file_takes_long_or_much() {
    let Some(worker) = Worker::start(&[]).await else {
        return;
    };
    let seeds = [
        "baseline.jpg",
        "progressive.jpg",
        "alpha-16.png",
        "quarters.tiff",
        "animated.gif",
        "animated.webp",
    ]
    .map(|name| (name, worker.photos.get(name).to_vec()));
    let bombs: Vec<Bomb> = [
        png::bombs(),
        raster::gif(),
        raster::bmp(),
        raster::tiff(),
        video::jpeg(&seeds[0].1),
        video::webp(),
        video::heif(),
        strangers(),
        seeds.iter().flat_map(|(name, bytes)| torn(name, bytes)).collect(),
    ]
    .concat();
    assert!(bombs.len() >= 100, "{}", bombs.len());
    for photo in ["obama.jpg", "coffee.png"] {
        worker.describe(photo).await;
    }
    let process = worker.pid();
    let before = memory(process, "VmRSS");

    let (mut slowest, mut largest) = ((Duration::ZERO, ""), (0, ""));
    for (name, bytes) in &bombs {
        worker.photos.add(name, bytes.clone());
        let body = json!({ "file_id": "bomb", "image_url": worker.photos.url(name) });
        forget_peak(process);
        // On a busy machine an answer may be late for other reasons; a bomb is late each time.
        let mut time = Duration::MAX;
        for _ in 0..3 {
            let started = Instant::now();
            let (status, problem) = worker.post("/api/process", &body).await;
            time = time.min(started.elapsed());
            assert!(
                matches!(status, 200 | 413 | 415 | 422),
                "{name}: {status} {problem}"
            );
            assert_eq!(problem["code"] == Value::Null, status == 200, "{name}: {problem}");
            if time <= TIME {
                break;
            }
        }
        let growth = memory(process, "VmHWM").saturating_sub(before);
        slowest = slowest.max((time, name.as_str()));
        largest = largest.max((growth, name.as_str()));
        assert!(time <= TIME, "{name} took {time:?}");
        assert!(growth <= GROWTH, "{name} took {} MiB", growth >> 20);
    }
    println!(
        "{} files: the slowest {:?} ({}), the largest {} MiB more ({})",
        bombs.len(),
        slowest.0,
        slowest.1,
        largest.0 >> 20,
        largest.1
    );
    worker.describe("obama.jpg").await;
}

/// A picture with bytes changed and parts cut out, doubled and filled, the same each time.
fn torn(name: &str, bytes: &[u8]) -> Vec<Bomb> {
    let mut random = fastrand::Rng::with_seed(bytes.len() as u64);
    (0..8)
        .map(|turn| {
            let mut bytes = bytes.to_vec();
            for _ in 0..=turn {
                let from = random.usize(8..bytes.len());
                let to = (from + random.usize(1..16)).min(bytes.len());
                match random.u8(0..4) {
                    0 => bytes[from] ^= 1 << random.u8(0..8),
                    1 => bytes[from..to].fill(0xff),
                    2 => drop(bytes.drain(from..to)),
                    _ => {
                        let part = bytes[from..to].to_vec();
                        bytes.splice(from..from, part);
                    }
                }
            }
            named(format!("torn-{turn}-{name}"), bytes)
        })
        .collect()
}
