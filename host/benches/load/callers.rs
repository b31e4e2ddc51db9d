//! Callers that send photos until each is acknowledged, and hold what they were told against what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use test_support::photo_server::PhotoServer;
use test_support::prerequisites;
use test_support::worker::Worker;

/// Callers at the same time: more than there are places for photos in work.
const CALLERS: usize = 6;
/// What they send, one after the other: one face, one, and six.
const PHOTOS: [&str; 3] = ["obama.jpg", "biden.jpg", "t1.jpg"];
/// How long a caller waits after a refusal.
const PAUSE: Duration = Duration::from_millis(50);

/// What callers have in common.
pub(crate) struct Callers {
    /// Longer there than any worker: a request that is sent again is the same request.
    photos: PhotoServer,
    ledger: Mutex<Ledger>,
    /// Faces in each of [`PHOTOS`], and people in all of them, as a worker says that nothing disturbs.
    faces: [usize; PHOTOS.len()],
    people: u64,
}

/// What callers know of their photos, which have numbers.
#[derive(Default)]
struct Ledger {
    next: usize,
    /// Sent, and not acknowledged.
    open: Vec<usize>,
    acknowledged: BTreeMap<usize, Value>,
    answers: BTreeMap<u16, usize>,
}

/// What came of one request.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// 0 where the connection broke.
    pub(crate) status: u16,
    pub(crate) sent: Instant,
}

/// Where requests go.
#[derive(Clone)]
struct Target {
    client: reqwest::Client,
    url: String,
}

impl Callers {
    /// Has each photo described once.
    pub(crate) async fn new(worker: &Worker) -> Arc<Self> {
        let mut callers = Self {
            photos: PhotoServer::start("127.0.0.1", &prerequisites().samples).await,
            ledger: Mutex::default(),
            faces: [0; PHOTOS.len()],
            people: 0,
        };
        let target = Target::of(worker);
        for number in 0..PHOTOS.len() {
            assert_eq!(callers.send(&target).await.status, 200);
            let found = faces(&callers.ledger.lock().unwrap().acknowledged[&number]).len();
            callers.faces[number] = found;
        }
        callers.people = worker.counts().await.1;
        Arc::new(callers)
    }

    /// Photos that were acknowledged until now.
    pub(crate) fn acknowledged(&self) -> usize {
        self.ledger.lock().unwrap().acknowledged.len()
    }

    /// Waits until more photos are acknowledged than before; panics when that takes too long.
    pub(crate) async fn next_acknowledged(&self, before: usize, limit: Duration) {
        let since = Instant::now();
        while self.acknowledged() <= before {
            assert!(since.elapsed() < limit, "nothing is stored for {limit:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Sends photos from all callers until `stop`, or until the worker goes; gives what came last.
    pub(crate) fn start(self: &Arc<Self>, worker: &Worker, stop: &watch::Receiver<bool>) -> JoinSet<Outcome> {
        let mut all = JoinSet::new();
        for _ in 0..CALLERS {
            let (callers, target, stop) = (Arc::clone(self), Target::of(worker), stop.clone());
            all.spawn(async move {
                loop {
                    let outcome = callers.send(&target).await;
                    if outcome.status == 0 || *stop.borrow() {
                        return outcome;
                    }
                    if outcome.status != 200 {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            });
        }
        all
    }

    /// Sends photos that are stored already, and hangs up before they are answered, until what is given is dropped.
    pub(crate) fn leave(self: &Arc<Self>, worker: &Worker) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for number in 0..PHOTOS.len() {
            let (callers, target) = (Arc::clone(self), Target::of(worker));
            all.spawn(async move {
                loop {
                    let patience = Duration::from_millis(fastrand::u64(1..400));
                    // No key: with one, the answer that is kept would come at once.
                    let request = target.client.post(&target.url).json(&callers.photo(number));
                    let _ = tokio::time::timeout(patience, request.send()).await;
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        all
    }

    /// What is sent of a photo.
    fn photo(&self, number: usize) -> Value {
        let url = self.photos.url(PHOTOS[number % PHOTOS.len()]);
        json!({ "file_id": number.to_string(), "image_url": url })
    }

    /// Sends a photo, first of all one that was not acknowledged.
    async fn send(&self, target: &Target) -> Outcome {
        let number = {
            let mut ledger = self.ledger.lock().unwrap();
            ledger.open.pop().unwrap_or_else(|| {
                ledger.next += 1;
                ledger.next - 1
            })
        };
        let sent = Instant::now();
        let (status, answer) = self.post(target, number).await;
        let mut ledger = self.ledger.lock().unwrap();
        *ledger.answers.entry(status).or_default() += 1;
        if status == 200 {
            ledger.acknowledged.insert(number, answer);
        } else {
            ledger.open.push(number);
        }
        Outcome { status, sent }
    }

    async fn post(&self, target: &Target, number: usize) -> (u16, Value) {
        let request = target
            .client
            .post(&target.url)
            .header("idempotency-key", format!("photo-{number}"))
            .json(&self.photo(number));
        let Ok(response) = request.send().await else {
            return (0, Value::Null);
        };
        let status = response.status().as_u16();
        response
            .json()
            .await
            .map_or((0, Value::Null), |answer| (status, answer))
    }

    /// Compares what was acknowledged with what is stored, when nobody sends any more. Nothing may be lost or doubled,
    /// no photo half stored, and no answer may have had another status than these.
    pub(crate) async fn check(&self, what: &str, worker: &Worker, statuses: &[u16]) {
        let Ledger {
            next,
            acknowledged,
            answers,
            ..
        } = std::mem::take(&mut *self.ledger.lock().unwrap());
        let target = Target::of(worker);
        let (mut lost, mut halves, mut doubled, mut changed) = (0, 0, 0, 0);
        let (mut ids, mut clusters) = (BTreeSet::new(), BTreeSet::new());
        for number in 0..next {
            let (status, stored) = worker.get(&format!("/api/files/{number}")).await;
            assert!([200, 404].contains(&status), "{stored}");
            let found = if status == 200 {
                identities(&stored)
            } else {
                Vec::new()
            };
            halves += usize::from(status == 200 && found.len() != self.faces[number % PHOTOS.len()]);
            for (face, cluster) in &found {
                doubled += u64::from(!ids.insert(face.clone()));
                clusters.insert(cluster.clone());
            }
            let Some(answer) = acknowledged.get(&number) else {
                continue;
            };
            let same = ["tags", "context"]
                .iter()
                .all(|part| stored[part] == answer[part]);
            if status != 200 || !same || found != identities(answer) {
                println!("{what}: photo {number} was acknowledged as {answer} and is stored as {stored}");
                lost += 1;
            }
            // Who did not get the answer sends the same again, which must make nothing new.
            let (status, again) = self.post(&target, number).await;
            changed += usize::from(status != 200 || identities(&again) != identities(answer));
        }
        for cluster in &clusters {
            assert_eq!(worker.thumbnail(cluster).await.0, 200, "{cluster} has no picture");
        }
        let (faces, people) = worker.counts().await;
        doubled += faces.abs_diff(ids.len() as u64) + people.abs_diff(self.people);
        println!(
            "{what}: {} photos acknowledged, {lost} lost, {halves} half stored, {doubled} faces or people doubled, \
             {changed} changed by sending them again; {faces} faces of {people} people; answers by status {answers:?}",
            acknowledged.len()
        );
        let others: Vec<&u16> = answers
            .keys()
            .filter(|status| !statuses.contains(status))
            .collect();
        assert!(others.is_empty(), "other answers than {statuses:?}: {others:?}");
        assert_eq!((lost, halves, doubled, changed), (0, 0, 0, 0));
    }
}

impl Target {
    fn of(worker: &Worker) -> Self {
        Self {
            client: worker.client.clone(),
            url: format!("{}/api/process", worker.url),
        }
    }
}

fn faces(answer: &Value) -> &[Value] {
    answer["faces"].as_array().map_or(&[][..], Vec::as_slice)
}

/// The faces and their clusters in an answer, in an order of their own.
fn identities(answer: &Value) -> Vec<(String, String)> {
    let text = |face: &Value, field: &str| face[field].as_str().unwrap().to_owned();
    let mut identities: Vec<_> = faces(answer)
        .iter()
        .map(|face| (text(face, "face_id"), text(face, "cluster_id")))
        .collect();
    identities.sort_unstable();
    identities
}
