//! How long each page takes.

use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::Method;

use crate::filling::{self, TAGS};
use test_support::worker::Worker;

/// The key that may ask for every page.
pub(crate) const ADMIN_KEY: &str = "the-key-of-the-pages-benchmark";
/// The goal for the 99th percentile.
const GOAL: Duration = Duration::from_millis(50);

/// A page and how its address is made: from a random person, face and photo.
type Page = (&'static str, fn(&mut Rng) -> String);

const PAGES: [Page; 22] = [
    ("people, largest first", |_| {
        "/api/clusters?sort=faces&limit=60".to_owned()
    }),
    ("people, latest first", |_| {
        "/api/clusters?sort=latest&limit=60".to_owned()
    }),
    ("people, a later page", |random| {
        let key = random.u32(1..=4);
        format!(
            "/api/clusters?sort=faces&limit=60&after_key={key}&after={}",
            person(random)
        )
    }),
    ("people who are shown", |_| {
        "/api/clusters?sort=faces&limit=60&hidden=false&provisional=false".to_owned()
    }),
    ("people who are hidden", |_| {
        "/api/clusters?sort=faces&limit=60&hidden=true".to_owned()
    }),
    ("a person", |random| format!("/api/clusters/{}", person(random))),
    ("a person's faces", |random| {
        format!("/api/clusters/{}/faces?limit=60", person(random))
    }),
    ("a person's faces by fit", |random| {
        format!("/api/clusters/{}/faces?sort=fit&limit=60", person(random))
    }),
    ("a person's history", |random| {
        format!("/api/clusters/{}/history", person(random))
    }),
    ("similar people", |random| {
        format!("/api/clusters/{}/similar?limit=20", person(random))
    }),
    ("pairs", |_| "/api/pairs?limit=20".to_owned()),
    ("a thumbnail", |random| {
        format!("/api/clusters/{}/thumbnail", person(random))
    }),
    ("a face", |random| {
        format!("/api/faces/{}", filling::face_id(random.u64(1..=1_000)))
    }),
    ("photos", |_| "/api/files?limit=50".to_owned()),
    ("photos with a tag", |random| {
        format!("/api/files?limit=50&tag={}", TAGS[random.usize(..TAGS.len())])
    }),
    ("photos of a person", |random| {
        format!("/api/files?limit=50&cluster_id={}", person(random))
    }),
    ("tags", |_| "/api/tags".to_owned()),
    ("a photo", |random| {
        format!("/api/files/{}?details=true", photo(random))
    }),
    ("a photo's readings", |random| {
        format!("/api/readings/{}", photo(random))
    }),
    ("jobs", |_| "/api/jobs".to_owned()),
    ("failures", |_| "/api/failures".to_owned()),
    ("plugins", |_| "/api/plugins".to_owned()),
];

fn person(random: &mut Rng) -> String {
    filling::cluster_id(random.u32(..1_000)).to_string()
}

fn photo(random: &mut Rng) -> String {
    filling::file_id(random.usize(..1_000)).as_str().to_owned()
}

/// Asks for each page so many times, one after the other.
pub(crate) async fn run(worker: &Worker, calls: usize) {
    let mut random = Rng::with_seed(7);
    for (what, address) in PAGES {
        let mut times = Vec::with_capacity(calls);
        let mut bytes = 0;
        for _ in 0..calls {
            let request = worker
                .request(Method::GET, &address(&mut random))
                .header("X-API-Key", ADMIN_KEY)
                .header("X-Admin-Key", ADMIN_KEY);
            let started = Instant::now();
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let body = answer.bytes().await.unwrap();
            times.push(started.elapsed());
            assert!(
                status.is_success(),
                "{what}: {status} {}",
                String::from_utf8_lossy(&body)
            );
            bytes = bytes.max(body.len());
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        println!(
            "{what:<26} p50 {:>9.1?}  p99 {:>9.1?}  longest {:>9.1?}  at most {bytes} bytes{}",
            at(50),
            at(99),
            at(100),
            if at(99) > GOAL { "  ABOVE THE GOAL" } else { "" }
        );
    }
}
