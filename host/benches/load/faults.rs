//! What was acknowledged is there, once, whatever happened to the worker or its store in between.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::callers::Callers;
use test_support::proxy::Proxy;
use test_support::stand_in::StandIn;
use test_support::worker::{Worker, command};

/// How long all goes well from a photo that was acknowledged on, in milliseconds.
const CALM: std::ops::Range<u64> = 0..2_500;
/// How long the stand-in for Qdrant is away, in milliseconds.
const ABSENCE: std::ops::Range<u64> = 200..5_000;
/// How long somebody else holds the database, in milliseconds; SQLite itself waits for 5,000.
const LOCK: std::ops::Range<u64> = 200..8_000;
/// How long it may take until photos are stored again.
const RECOVERY: Duration = Duration::from_secs(30);
/// A worker that was asked to end has ended by then.
const ENOUGH: Duration = Duration::from_secs(250);
/// A request that was sent so long before a signal has reached the worker before it.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// What ends a worker.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// SIGTERM.
    Asked,
    /// SIGKILL, and with it the store, which is embedded.
    Killed,
}

/// The worker is stopped under load, so many times, and started again.
pub(crate) async fn stops(times: u32) {
    restarts("stops", times, End::Asked, false).await;
}

/// The same while other callers hang up; in every second one networks are loaded when they are first needed.
pub(crate) async fn leavers(times: u32) {
    restarts("leavers", times, End::Asked, true).await;
}

/// The store goes away under load, so many times, and comes back, in each of the ways in which it may.
pub(crate) async fn outages(times: u32) {
    let stand_in = StandIn::default();
    let store = Proxy::before(&stand_in.door().url).await;
    let settings = [
        ("VECTOR_STORE", "qdrant"),
        ("QDRANT_URL", store.url.as_str()),
        ("QDRANT_TIMEOUT_MS", "1000"),
        ("QDRANT_LEASE_MS", "4000"),
    ];
    let worker = Worker::start(&settings).await;
    let (away, back) = (|| store.kill(), || store.up());
    disturb("outages, Qdrant", &worker, times, ABSENCE, away, back).await;
    verify(worker.kill(), &settings);

    let worker = Worker::start(&[]).await;
    let other = Connection::open(worker.data.path().join("faces/faces.sqlite")).unwrap();
    other.busy_timeout(RECOVERY).unwrap();
    let away = || other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let back = || other.execute_batch("ROLLBACK").unwrap();
    disturb("outages, locked", &worker, times, LOCK, away, back).await;
    drop(other);
    verify(worker.kill(), &[]);

    restarts("outages, killed", times, End::Killed, false).await;
}

async fn disturb(
    what: &str,
    worker: &Worker,
    times: u32,
    length: std::ops::Range<u64>,
    away: impl Fn(),
    back: impl Fn(),
) {
    let callers = Callers::new(worker).await;
    let (stop, stopped) = watch::channel(false);
    let sending = callers.start(worker, &stopped);
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        sleep(CALM).await;
        away();
        sleep(length.clone()).await;
        let before = callers.acknowledged();
        back();
        let since = Instant::now();
        callers.next_acknowledged(before, RECOVERY).await;
        longest = longest.max(since.elapsed());
    }
    stop.send_replace(true);
    sending.join_all().await;
    println!(
        "{what}: {times} times away; at most {longest:.1?} from its return until a photo was acknowledged"
    );
    callers.check(what, worker, &[200, 429, 503]).await;
}

async fn restarts(what: &str, times: u32, end: End, leavers: bool) {
    let worker = Worker::start(&[]).await;
    let callers = Callers::new(&worker).await;
    let mut data = worker.kill();
    let (mut longest, mut cut_off) = (Duration::ZERO, 0);
    // Networks that are loaded under load may take longer than the default.
    let patience = if leavers { "240" } else { "25" };
    let (_stop, stopped) = watch::channel(false);
    for time in 0..times {
        let preload = if leavers && time % 2 == 0 { "none" } else { "all" };
        let settings = [("PRELOAD", preload), ("SHUTDOWN_SECONDS", patience)];
        let mut worker = Worker::start_in(data, &settings).await;
        let before = callers.acknowledged();
        let leaving = leavers.then(|| callers.leave(&worker));
        let sending = callers.start(&worker, &stopped);
        // However slow it is, it has something to lose; but now and then it is stopped in its very first photos.
        if !leavers || time % 4 != 0 {
            callers.next_acknowledged(before, RECOVERY).await;
        }
        sleep(CALM).await;
        let signalled = Instant::now();
        if end == End::Asked {
            worker.terminate();
            let status = worker.ended_within(ENOUGH).await;
            assert!(
                status.success(),
                "the worker ended with {status}: {}",
                worker.said()
            );
            longest = longest.max(signalled.elapsed());
        }
        drop(leaving);
        data = worker.kill();
        let last = sending.join_all().await;
        let on_its_way = last.iter().filter(|last| last.sent + ON_ITS_WAY < signalled);
        cut_off += on_its_way.count();
    }
    let worker = Worker::start_in(data, &[]).await;
    match end {
        End::Asked => println!(
            "{what}: {times} times SIGTERM; at most {longest:.1?} until the worker had ended; {cut_off} requests that had \
             reached it before were not answered"
        ),
        End::Killed => println!("{what}: {times} times SIGKILL; {cut_off} requests were cut off"),
    }
    callers.check(what, &worker, &[0, 200, 429, 503]).await;
    assert!(
        end == End::Killed || cut_off == 0,
        "what is in work must be answered"
    );
    verify(worker.kill(), &[]);
}

async fn sleep(milliseconds: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(milliseconds))).await;
}

/// Has everything that is stored compared with itself.
fn verify(data: TempDir, settings: &[(&str, &str)]) {
    let output = command(settings)
        .env("DATA_DIR", data.path())
        .args(["store", "verify"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the store does not fit together: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
