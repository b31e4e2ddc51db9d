//! Thousands of connections that wait, and guesses of keys, while honest callers go on.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

use crate::percentile;
use crate::usage::mebibytes;
use test_support::worker::Worker;

const KEY: &str = "the-key-of-the-honest-callers";
/// New connections a second, and wrong keys a second.
const RATE: u32 = 200;
/// How often the attackers do a part of that, in a second.
const TICKS: u32 = 20;
/// The longest that a probe may wait.
const PROBE: Duration = Duration::from_secs(1);
/// How many times as long honest calls may take, at the 99th percentile.
const SLOWER: u32 = 2;
/// The most of a core that the attackers may use: what more would slow down, a bound on connections cannot help.
const CORES: f64 = 0.25;
/// How much more memory the worker may take, in MiB: connections have buffers.
const MEMORY: f64 = 128.0;
/// Pauses between two calls of one honest caller.
const READING: Duration = Duration::from_millis(50);
const SENDING: Duration = Duration::from_millis(500);
const PROBING: Duration = Duration::from_millis(100);

/// What a hostile connection sends before it waits.
const BEGINNINGS: [&str; 5] = [
    "",
    "GET /livez HTTP/1.1\r\nHost: local",
    "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /api/process HTTP/1.1\r\nHost: localhost\r\nX-API-Key: a guess\r\nContent-Type: application/json\r\n\
     Content-Length: 60000\r\n\r\n{",
    "GET /",
];

/// So many connections for so long, and then as long without them, while something else burns as much processor time.
pub(crate) async fn run(duration: Duration, connections: usize, files: u32) {
    let open = connections as u64 + 1_000;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: Some(maximum.map_or(open, |maximum| maximum.min(open))),
        maximum,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    assert!(limit.current == Some(open), "ulimit -H -n must be {open}");

    let launcher = format!("ulimit -n {files}; exec \"$0\"");
    let settings = [("API_KEY", KEY), ("MAX_QUEUED_PHOTOS", "64")];
    let worker = Worker::start_by(&["sh", "-c", &launcher], &settings).await;
    let honest = Honest::new(&worker);
    // Each network runs once, and the key is known here.
    honest.call(duration.min(Duration::from_secs(10))).await;
    let memory_before = mebibytes(&worker, "VmRSS");
    let address: SocketAddr = worker.url.trim_start_matches("http://").parse().unwrap();
    worker.reset_peak();

    let stop = Arc::new(AtomicBool::new(false));
    let attack = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || attack(address, connections, &stop))
    };
    let started = Instant::now();
    let (under_attack, descriptors) =
        tokio::join!(honest.call(duration), most_descriptors(&worker, duration));
    let wall = started.elapsed();
    stop.store(true, Ordering::Relaxed);
    let attack = attack.join().unwrap();
    let cores = attack.used.as_secs_f64() / wall.as_secs_f64();
    let memory = mebibytes(&worker, "VmHWM");
    println!(
        "hostile, {files} descriptors: {:.0} s with {connections} connections, {:.0} new ones and {:.0} wrong keys a second \
         ({} answered 429), by {cores:.3} cores; {} could not connect",
        wall.as_secs_f64(),
        f64::from(attack.connected) / wall.as_secs_f64(),
        f64::from(attack.guessed) / wall.as_secs_f64(),
        attack.held_back,
        attack.refused
    );
    println!(
        "hostile, {files} descriptors: at most {descriptors} descriptors of the worker, resident memory {memory_before:.0} MiB \
         before and at most {memory:.0} MiB"
    );

    let stop = Arc::new(AtomicBool::new(false));
    let burner = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || burn(cores, &stop))
    };
    let quiet = honest.call(duration).await;
    stop.store(true, Ordering::Relaxed);
    burner.join().unwrap();

    for (what, attacked, quiet) in [
        ("probes", &under_attack.probes, &quiet.probes),
        ("reads", &under_attack.reads, &quiet.reads),
        ("photos", &under_attack.photos, &quiet.photos),
    ] {
        println!(
            "hostile, {files} descriptors: {} {what}, p50 {:.1?}, p99 {:.1?}, longest {:.1?}; without attackers {}, p50 \
             {:.1?}, p99 {:.1?}, longest {:.1?}",
            attacked.len(),
            percentile(attacked, 50),
            percentile(attacked, 99),
            percentile(attacked, 100),
            quiet.len(),
            percentile(quiet, 50),
            percentile(quiet, 99),
            percentile(quiet, 100)
        );
    }
    println!(
        "hostile, {files} descriptors: {} honest calls failed",
        under_attack.failed
    );
    assert_eq!(under_attack.failed, 0, "honest calls failed");
    assert!(
        descriptors < files as usize,
        "{descriptors} of {files} descriptors"
    );
    assert!(
        memory - memory_before <= MEMORY,
        "the connections took {:.0} MiB",
        memory - memory_before
    );
    assert!(attack.held_back > 0, "guesses were not held back");
    assert!(cores < CORES, "the attackers used {cores} cores");
    // A debug build is no measure of time, and a few calls have no percentile.
    if !cfg!(debug_assertions) {
        let longest = percentile(&under_attack.probes, 100);
        assert!(longest <= PROBE, "a probe took {longest:?}");
    }
    if !cfg!(debug_assertions) && duration >= Duration::from_secs(60) {
        for (what, attacked, quiet) in [
            ("reads", &under_attack.reads, &quiet.reads),
            ("photos", &under_attack.photos, &quiet.photos),
        ] {
            let (attacked, quiet) = (percentile(attacked, 99), percentile(quiet, 99));
            assert!(
                attacked <= SLOWER * quiet,
                "{what}: {attacked:?} instead of {quiet:?}"
            );
        }
    }
}

/// Callers with a key.
struct Honest<'a> {
    worker: &'a Worker,
    photo: String,
}

/// How long their calls took, sorted.
#[derive(Default)]
struct Calls {
    probes: Vec<Duration>,
    reads: Vec<Duration>,
    photos: Vec<Duration>,
    failed: usize,
}

impl<'a> Honest<'a> {
    fn new(worker: &'a Worker) -> Self {
        Self {
            worker,
            photo: worker.photos.url("obama.jpg"),
        }
    }

    async fn call(&self, duration: Duration) -> Calls {
        let end = Instant::now() + duration;
        // A probe comes on a connection of its own.
        let prober = Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let url = &self.worker.url;
        let probes = repeat(end, PROBING, || prober.get(format!("{url}/livez")));
        let reads = repeat(end, READING, || {
            self.worker
                .request(Method::GET, "/api/clusters?limit=10")
                .header("X-API-Key", KEY)
        });
        let photos = repeat(end, SENDING, || {
            self.worker
                .request(Method::POST, "/api/process")
                .header("X-API-Key", KEY)
                .json(&json!({ "file_id": "obama", "image_url": self.photo }))
        });
        let (probes, reads, photos) = tokio::join!(probes, reads, photos);
        Calls {
            failed: probes.1 + reads.1 + photos.1,
            probes: probes.0,
            reads: reads.0,
            photos: photos.0,
        }
    }
}

/// Sends a request now and then; how long each took, sorted, and how many failed.
async fn repeat(
    end: Instant,
    pause: Duration,
    request: impl Fn() -> reqwest::RequestBuilder,
) -> (Vec<Duration>, usize) {
    let (mut took, mut failed) = (Vec::new(), 0);
    while Instant::now() < end {
        let started = Instant::now();
        if let Err(error) = answered(request()).await {
            println!("hostile: an honest call failed: {error}");
            failed += 1;
        }
        took.push(started.elapsed());
        tokio::time::sleep(pause).await;
    }
    took.sort_unstable();
    (took, failed)
}

/// Waits for an answer that is a success, to its end.
async fn answered(request: reqwest::RequestBuilder) -> Result<(), reqwest::Error> {
    let response = request.send().await?.error_for_status()?;
    response.bytes().await.map(drop)
}

/// The most files that the worker has open at a time.
async fn most_descriptors(worker: &Worker, duration: Duration) -> usize {
    let end = Instant::now() + duration;
    let mut most = 0;
    while Instant::now() < end {
        most = most.max(worker.descriptors());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    most
}

/// What the attackers did.
#[derive(Default)]
struct Attack {
    connected: u32,
    refused: u32,
    guessed: u32,
    held_back: u32,
    /// Processor time.
    used: Duration,
}

/// Opens connections and guesses keys, in this thread alone, until it is told to stop. A new connection takes the place
/// of the oldest one. Half of them come from the address of the honest callers.
fn attack(worker: SocketAddr, connections: usize, stop: &AtomicBool) -> Attack {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut attack = Attack::default();
    runtime.block_on(async {
        let mut held = VecDeque::new();
        let mut guessing: Option<TcpStream> = None;
        let mut ticks = interval(Duration::from_secs(1) / TICKS);
        while !stop.load(Ordering::Relaxed) {
            ticks.tick().await;
            for _ in 0..RATE / TICKS {
                let number = attack.connected + attack.refused;
                match timeout(PROBE, connect(worker, number)).await {
                    Ok(Ok(stream)) => {
                        attack.connected += 1;
                        held.push_back(stream);
                    }
                    _ => attack.refused += 1,
                }
                if held.len() > connections {
                    held.pop_front();
                }
                if guessing.is_none() {
                    guessing = connect(worker, 0).await.ok();
                }
                let number = attack.guessed;
                match guess(&mut guessing, number).await {
                    Some(status) => {
                        attack.guessed += 1;
                        attack.held_back += u32::from(status == 429);
                    }
                    None => guessing = None,
                }
            }
        }
    });
    attack.used = clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap();
    attack
}

async fn connect(worker: SocketAddr, number: u32) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let last = if number.is_multiple_of(2) {
        1
    } else {
        2 + (number / 2 % 8) as u8
    };
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let mut stream = socket.connect(worker).await?;
    let beginning = BEGINNINGS[number as usize % BEGINNINGS.len()];
    stream.write_all(beginning.as_bytes()).await?;
    Ok(stream)
}

/// Sends a wrong key on a connection that is kept; the status.
async fn guess(stream: &mut Option<TcpStream>, number: u32) -> Option<u16> {
    let stream = stream.as_mut()?;
    let request =
        format!("GET /api/clusters HTTP/1.1\r\nHost: localhost\r\nX-API-Key: guess {number}\r\n\r\n");
    let answer = async {
        stream.write_all(request.as_bytes()).await.ok()?;
        // An answer is one small piece.
        let mut buffer = [0; 4_096];
        let length = stream.read(&mut buffer).await.ok()?;
        let text = std::str::from_utf8(&buffer[..length]).ok()?;
        text.get(9..12)?.parse().ok()
    };
    timeout(PROBE, answer).await.ok().flatten()
}

/// Uses so much of a core until it is told to stop.
fn burn(cores: f64, stop: &AtomicBool) {
    let slice = Duration::from_secs(1) / TICKS;
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        while started.elapsed() < slice.mul_f64(cores.min(1.0)) {
            std::hint::spin_loop();
        }
        std::thread::sleep(slice.saturating_sub(started.elapsed()));
    }
}
