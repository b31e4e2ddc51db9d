//! Many times as many requests as the worker can do, by a clock, whether it answers or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::json;
use tokio::task::JoinSet;

use crate::percentile;
use crate::usage::{Meter, mebibytes};
use test_support::prerequisites;
use test_support::worker::Worker;

/// The part of the peak that is still done under overload.
const GOODPUT: f64 = 0.9;
/// How long refusing may take, at the 99th percentile.
const REFUSAL: Duration = Duration::from_millis(20);
/// Callers in the closed loops that find the peak: as many as there are places for photos in work, and twice as many.
const CALLERS: [usize; 2] = [4, 8];
/// Photos for which the worker has a place by default: 4 in work and 64 that wait. Twice as many must come, or nothing need
/// be refused, however slow the worker is.
const PLACES: f64 = 68.0;
/// How much more memory overload may take than the same work without it, in MiB: it adds connections and small bodies.
const MEMORY: f64 = 64.0;
/// Names of photos, so that what is stored does not grow.
const FILES: u32 = 64;

/// One answer.
struct Answer {
    /// 0 where the connection broke.
    status: u16,
    /// From the moment at which the request was due.
    took: Duration,
    done: Instant,
}

/// Finds the peak, then sends `times` as much for so long.
pub(crate) async fn run(duration: Duration, times: u32) {
    let worker = Worker::start(&[]).await;
    let sender = Arc::new(Sender::new(&worker));
    let settle = (duration / 5).clamp(Duration::from_secs(5), Duration::from_secs(60));
    worker.reset_peak();
    every_photo_in_every_place(&sender).await;
    let mut peak = 0.0_f64;
    for callers in CALLERS {
        let meter = Meter::start(&worker);
        let rate = closed_loop(&sender, callers, settle).await;
        let (worker, own) = meter.cores();
        println!(
            "overload: closed loop of {callers} callers, {:.0} s: {rate:.2} photos/s; the worker uses {worker:.2} cores, \
             this program {own:.2}",
            settle.as_secs_f64()
        );
        peak = peak.max(rate);
    }
    let memory_at_peak = mebibytes(&worker, "VmHWM");

    worker.reset_peak();
    let meter = Meter::start(&worker);
    let rate = peak * f64::from(times);
    let duration = duration.max(Duration::from_secs_f64(2.0 * PLACES / rate));
    let (answers, lateness, ended) = open_loop(&sender, rate, duration).await;
    let (cores, own) = meter.cores();
    let done = answers
        .iter()
        .filter(|answer| answer.status == 200 && answer.done <= ended)
        .count();
    let goodput = done as f64 / duration.as_secs_f64();
    println!(
        "overload: open loop, {} requests in {:.0} s, {:.1} per second, sent late by {lateness:?} at the 99th percentile; \
         goodput {goodput:.2} photos/s, {:.0} % of the peak; the worker uses {cores:.2} cores, this program {own:.2}",
        answers.len(),
        duration.as_secs_f64(),
        answers.len() as f64 / duration.as_secs_f64(),
        100.0 * goodput / peak
    );
    let memory = mebibytes(&worker, "VmHWM");
    println!(
        "overload: resident memory at most {memory_at_peak:.0} MiB before, {memory:.0} MiB in the open loop"
    );

    let mut statuses: BTreeMap<u16, Vec<Duration>> = BTreeMap::new();
    for answer in answers {
        statuses.entry(answer.status).or_default().push(answer.took);
    }
    for (status, times) in &mut statuses {
        times.sort_unstable();
        println!(
            "overload: {} times {status}, p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
            times.len(),
            percentile(times, 50),
            percentile(times, 99),
            times[times.len() - 1]
        );
    }
    let metrics = worker.metrics().await;
    println!(
        "overload: by the worker's own clock, 99 % of refusals began within {} s",
        refused_within(&metrics)
    );

    let others: Vec<&u16> = statuses
        .keys()
        .filter(|status| ![200, 429, 503].contains(*status))
        .collect();
    assert!(
        others.is_empty(),
        "other answers than 200, 429 and 503: {others:?}"
    );
    assert!(
        memory - memory_at_peak <= MEMORY,
        "overload took {:.0} MiB more than the same work without it",
        memory - memory_at_peak
    );
    assert!(statuses.contains_key(&429), "nothing was refused");
    // A debug build is no measure of time.
    if !cfg!(debug_assertions) {
        let p99 = percentile(&statuses[&429], 99);
        assert!(p99 <= REFUSAL, "a refusal took {p99:?} at the 99th percentile");
        assert!(
            goodput >= GOODPUT * peak,
            "goodput {goodput:.2} of {peak:.2} photos/s"
        );
    }
}

/// Has the worker do the most that it ever does at once, with each photo: which ones meet in the loops is left to chance.
async fn every_photo_in_every_place(sender: &Arc<Sender>) {
    for photo in 0..sender.photos.len() {
        let mut all = JoinSet::new();
        for place in 0..CALLERS[0] {
            let sender = Arc::clone(sender);
            all.spawn(async move { sender.send(&place.to_string(), photo, Instant::now()).await });
        }
        assert!(all.join_all().await.iter().all(|answer| answer.status == 200));
    }
}

/// Photos per second when each caller waits for its answer.
async fn closed_loop(sender: &Arc<Sender>, callers: usize, duration: Duration) -> f64 {
    let ended = Instant::now() + duration;
    let mut all = JoinSet::new();
    for _ in 0..callers {
        let sender = Arc::clone(sender);
        all.spawn(async move {
            let mut done = 0;
            while Instant::now() < ended {
                let answer = sender.send_next(Instant::now()).await;
                assert_eq!(answer.status, 200);
                done += u32::from(answer.done <= ended);
            }
            done
        });
    }
    let done: u32 = all.join_all().await.iter().sum();
    f64::from(done) / duration.as_secs_f64()
}

/// Sends so many requests per second, as callers do who do not know of each other (a Poisson process). All answers, how
/// late requests were sent at the 99th percentile, and when sending ended.
async fn open_loop(sender: &Arc<Sender>, rate: f64, duration: Duration) -> (Vec<Answer>, Duration, Instant) {
    let mut random = Rng::with_seed(6);
    let mut requests = JoinSet::new();
    let (mut answers, mut late) = (Vec::new(), Vec::new());
    let mut due = Instant::now();
    let ended = due + duration;
    while due < ended {
        // Returns at once for what is due already, so that no request is left out.
        tokio::time::sleep_until(due.into()).await;
        late.push(due.elapsed());
        let sender = Arc::clone(sender);
        requests.spawn(async move { sender.send_next(due).await });
        while let Some(answer) = requests.try_join_next() {
            answers.push(answer.unwrap());
        }
        due += Duration::from_secs_f64(-(1.0 - random.f64()).ln() / rate);
    }
    answers.extend(requests.join_all().await);
    late.sort_unstable();
    (answers, percentile(&late, 99), ended)
}

/// What sends photos to a worker.
struct Sender {
    client: reqwest::Client,
    url: String,
    photos: Vec<String>,
    next: Mutex<(Rng, Vec<usize>)>,
}

impl Sender {
    /// Sends the sample photos.
    fn new(worker: &Worker) -> Self {
        let samples = std::fs::read_dir(&prerequisites().samples).unwrap();
        let photos = samples
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some())
            .map(|path| worker.photos.url(path.file_name().unwrap().to_str().unwrap()))
            .collect();
        Self {
            client: worker.client.clone(),
            url: format!("{}/api/process", worker.url),
            photos,
            next: Mutex::new((Rng::with_seed(6), Vec::new())),
        }
    }

    /// The name and number of the next photo: each comes as often as any other, in an order of chance, so that a worker
    /// that takes every tenth does not take the same one each time.
    fn next(&self) -> (String, usize) {
        let (random, deck) = &mut *self.next.lock().unwrap();
        if deck.is_empty() {
            deck.extend(0..self.photos.len());
            random.shuffle(deck);
        }
        let photo = deck.pop().unwrap();
        (random.u32(..FILES).to_string(), photo)
    }

    /// Sends the next photo, which was due at that moment.
    async fn send_next(&self, due: Instant) -> Answer {
        let (file, photo) = self.next();
        self.send(&file, photo, due).await
    }

    /// Sends a photo under a name.
    async fn send(&self, file: &str, photo: usize, due: Instant) -> Answer {
        let body = json!({ "file_id": file, "image_url": self.photos[photo] });
        let status = match self.client.post(&self.url).json(&body).send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                assert!(
                    ![429, 503].contains(&status) || response.headers().contains_key("retry-after"),
                    "{status} without Retry-After"
                );
                response.bytes().await.map_or(0, |_| status)
            }
            Err(_) => 0,
        };
        let done = Instant::now();
        Answer {
            status,
            took: done - due,
            done,
        }
    }
}

/// The time in seconds within which 99 % of refusals began, as the worker's metrics tell it: the bound of a bucket.
fn refused_within(metrics: &str) -> &str {
    let buckets: Vec<(&str, f64)> = metrics
        .lines()
        .filter_map(|line| {
            let (labels, count) = line
                .strip_prefix("ai_worker_request_duration_seconds_bucket{")?
                .split_once("} ")?;
            let refusals = labels.contains(r#"status="429""#) && labels.contains(r#"route="/api/process""#);
            let (_, bound) = labels.split_once(r#"le=""#)?;
            let (bound, _) = bound.split_once('"')?;
            refusals.then_some((bound, count.parse().ok()?))
        })
        .collect();
    let all = buckets.last().map_or(0.0, |(_, count)| *count);
    let within = buckets.iter().find(|(_, count)| *count >= 0.99 * all);
    within.map_or("unknown", |(bound, _)| bound)
}
