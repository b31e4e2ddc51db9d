//! What the worker counts and times about itself, for Prometheus.
//!
//! Every label has few values, whatever callers send: routes are templates, outcomes are problem codes, models are those
//! of the manifest. Times are in seconds.

mod labels;

use std::fmt::{self, Write as _};
use std::hash::Hash;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};

pub use labels::Stage;
use labels::{Ended, FailedDevice, Lookup, Model, Operation, Photo, PluginSlot, Request, Staged};

/// The media type of [`text`].
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Distributions by a label.
type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_times: Histograms<Request>,
    photos: Family<Photo, Counter>,
    stages: Histograms<Staged>,
    photo_bytes: Histogram,
    photo_pixels: Histogram,
    photo_faces: Histogram,
    detector_looks: Histogram,
    inferences: Calls<Model>,
    inference_images: Histograms<Model>,
    device_failures: Family<FailedDevice, Counter>,
    plugin_calls: Calls<PluginSlot>,
    store_calls: Calls<Operation>,
    lookups: Family<Lookup, Counter>,
    connections: Gauge,
    connections_ended: Family<Ended, Counter>,
    log_lines_dropped: Counter,
    levels: Levels,
}

/// Calls of one kind: how long they take, and how many fail.
struct Calls<Labels> {
    times: Histograms<Labels>,
    failures: Family<Labels, Counter>,
}

/// What is set when it is asked for.
struct Levels {
    working: Gauge,
    queued: Gauge,
    batches: Gauge,
    places: Gauge,
    queue_places: Gauge,
    decoded_pixels: Gauge,
    resident: Gauge,
    circuit: Gauge,
}

/// How full the worker is, when it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Photos in work, and how many may be.
    pub working: (usize, usize),
    /// Single photos that wait, and how many may.
    pub queued: (usize, usize),
    /// Batches that are being answered.
    pub batches: usize,
    /// Pixels of the photos in memory.
    pub decoded_pixels: u64,
    /// The store failed so often that it is not asked for a moment.
    pub store_circuit_open: bool,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

fn histograms<Labels: Clone + Eq + Hash>(make: fn() -> Histogram) -> Histograms<Labels> {
    Family::new_with_constructor(make)
}

/// From a millisecond to a minute.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 17))
}

/// From 100 microseconds to three seconds: what takes a call of a plugin or of an embedded store.
fn short_times() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 2.0, 16))
}

/// From one to 256.
fn image_counts() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 9))
}

/// Makes a metric known under its name.
fn registered<M: Metric + Clone>(all: &mut Registry, name: &str, help: &str, metric: M) -> M {
    all.register(name, help, metric.clone());
    metric
}

/// Makes times known under their name, in seconds.
fn registered_times<M: Metric + Clone>(all: &mut Registry, name: &str, help: &str, metric: M) -> M {
    all.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

impl<Labels: EncodeLabelSet + Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static> Calls<Labels> {
    /// `called` and `failed` are a name and what is counted under it.
    fn new(all: &mut Registry, called: (&str, &str), make: fn() -> Histogram, failed: (&str, &str)) -> Self {
        Self {
            times: registered_times(all, called.0, called.1, histograms(make)),
            failures: registered(all, failed.0, failed.1, Family::default()),
        }
    }

    fn record(&self, labels: &Labels, took: Duration, succeeded: bool) {
        self.times.get_or_create(labels).observe(took.as_secs_f64());
        if !succeeded {
            self.failures.get_or_create(labels).inc();
        }
    }
}

impl Metrics {
    fn new() -> Self {
        let mut all = Registry::with_prefix("ai_worker");
        let photo_bytes = Histogram::new(exponential_buckets(16_384.0, 2.0, 13));
        all.register_with_unit(
            "photo_size",
            "Size of a photo's file",
            Unit::Bytes,
            photo_bytes.clone(),
        );
        Self {
            requests: registered(
                &mut all,
                "requests",
                "Requests by route and status",
                Family::default(),
            ),
            request_times: registered_times(
                &mut all,
                "request_duration",
                "Time until an answer begins",
                histograms(times),
            ),
            photos: registered(&mut all, "photos", "Photos by outcome", Family::default()),
            stages: registered_times(
                &mut all,
                "stage_duration",
                "Time of a photo in each stage",
                histograms(times),
            ),
            photo_bytes,
            photo_pixels: registered(
                &mut all,
                "photo_pixels",
                "Pixels of a photo",
                Histogram::new(exponential_buckets(65_536.0, 2.0, 12)),
            ),
            photo_faces: registered(
                &mut all,
                "photo_faces",
                "Faces in a photo",
                Histogram::new([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]),
            ),
            detector_looks: registered(
                &mut all,
                "detector_looks",
                "Runs of the face detector on a photo or on parts of it",
                Histogram::new([2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]),
            ),
            inferences: Calls::new(
                &mut all,
                ("inference_duration", "Time of one inference"),
                times,
                ("inference_failures", "Inferences that failed"),
            ),
            inference_images: registered(
                &mut all,
                "inference_images",
                "Images in one inference of a network that takes several",
                histograms(image_counts),
            ),
            plugin_calls: Calls::new(
                &mut all,
                ("plugin_call_duration", "Time of one call of a plugin"),
                short_times,
                ("plugin_failures", "Calls of plugins that failed"),
            ),
            store_calls: Calls::new(
                &mut all,
                (
                    "store_call_duration",
                    "Time of one call of the store, its retries included",
                ),
                short_times,
                ("store_failures", "Calls of the store that failed"),
            ),
            lookups: registered(&mut all, "cache_lookups", "Lookups in caches", Family::default()),
            connections: registered(
                &mut all,
                "connections",
                "Connections of clients",
                Gauge::default(),
            ),
            device_failures: registered(
                &mut all,
                "device_failures",
                "Times that a network failed on a device and ran on the processor instead",
                Family::default(),
            ),
            connections_ended: registered(
                &mut all,
                "connections_ended",
                "Connections that the worker closed, by reason",
                Family::default(),
            ),
            log_lines_dropped: registered(
                &mut all,
                "log_lines_dropped",
                "Log lines that were dropped, because they could not be written in time or the disk was full",
                Counter::default(),
            ),
            levels: Levels::new(&mut all),
            registry: all,
        }
    }
}

impl Levels {
    fn new(all: &mut Registry) -> Self {
        let mut level = |name: &str, help: &str| registered(all, name, help, Gauge::default());
        Self {
            working: level("photos_working", "Photos that are being processed"),
            places: level(
                "photos_working_limit",
                "Most photos that may be processed at the same time",
            ),
            queued: level("photos_queued", "Single photos in the queue"),
            queue_places: level(
                "photos_queued_limit",
                "Most single photos that the queue may hold",
            ),
            batches: level("batches_working", "Batches that are being processed"),
            decoded_pixels: level("decoded_pixels", "Pixels of the photos in memory"),
            resident: level(
                "resident_memory_bytes",
                "Resident memory of the process; 0 where it is not known",
            ),
            circuit: level(
                "store_circuit_open",
                "1 while the circuit breaker of the vector store is open: it failed repeatedly and is not called",
            ),
        }
    }
}

/// Counts a request; `route` is its template.
pub fn request(route: &str, status: u16, took: Duration) {
    let labels = Request {
        route: route.to_owned(),
        status,
    };
    METRICS.requests.get_or_create(&labels).inc();
    METRICS
        .request_times
        .get_or_create(&labels)
        .observe(took.as_secs_f64());
}

/// Counts what became of a photo: `described`, or the code of a problem.
pub fn photo(outcome: &'static str) {
    METRICS.photos.get_or_create(&Photo { outcome }).inc();
}

/// Times a stage of a photo's journey.
pub fn stage(stage: Stage, took: Duration) {
    let stage = Staged { stage: stage.name() };
    METRICS.stages.get_or_create(&stage).observe(took.as_secs_f64());
}

/// Notes how large a photo is: its file in bytes, and its width and height in pixels.
pub fn photo_size(bytes: usize, (width, height): (u32, u32)) {
    METRICS.photo_bytes.observe(bytes as f64);
    METRICS.photo_pixels.observe(f64::from(width) * f64::from(height));
}

/// Notes how many faces a photo has.
pub fn photo_faces(count: usize) {
    METRICS.photo_faces.observe(count as f64);
}

/// Notes how often the face detector looked at a photo or at parts of it.
pub fn detector_looks(count: u32) {
    METRICS.detector_looks.observe(f64::from(count));
}

/// Times an inference, waiting not included.
pub fn inference(model: &str, took: Duration, succeeded: bool) {
    let model = Model {
        model: model.to_owned(),
    };
    METRICS.inferences.record(&model, took, succeeded);
}

/// Counts that a network failed on a device and ran on the processor.
pub fn device_failure(device: &'static str) {
    METRICS
        .device_failures
        .get_or_create(&FailedDevice { device })
        .inc();
}

/// Notes how many images a network looks at together, where it could take several.
pub fn inference_images(model: &str, count: usize) {
    let model = Model {
        model: model.to_owned(),
    };
    METRICS
        .inference_images
        .get_or_create(&model)
        .observe(count as f64);
}

/// Times a call of a plugin.
pub fn plugin_call(slot: &'static str, took: Duration, succeeded: bool) {
    METRICS.plugin_calls.record(&PluginSlot { slot }, took, succeeded);
}

/// Times a call of the store.
pub fn store_call(operation: &'static str, took: Duration, succeeded: bool) {
    METRICS
        .store_calls
        .record(&Operation { operation }, took, succeeded);
}

/// Counts lookups in a cache.
pub fn lookups(cache: &'static str, hit: bool, count: usize) {
    let lookup = Lookup { cache, hit };
    METRICS.lookups.get_or_create(&lookup).inc_by(count as u64);
}

/// Notes how many connections of clients there are.
pub fn connections(count: usize) {
    METRICS.connections.set(i64::try_from(count).unwrap_or(i64::MAX));
}

/// Counts a connection that the worker ended by itself: for `room`, because its `time` was over, or `refused` at once.
pub fn connection_ended(reason: &'static str) {
    METRICS.connections_ended.get_or_create(&Ended { reason }).inc();
}

/// Counts a log line that was not written.
pub fn log_line_dropped() {
    METRICS.log_lines_dropped.inc();
}

/// How many log lines were not written.
#[cfg(test)]
pub(crate) fn log_lines_dropped() -> u64 {
    METRICS.log_lines_dropped.get()
}

/// Everything in the text format of OpenMetrics, with these levels.
#[must_use]
pub fn text(level: &Level) -> String {
    let levels = &METRICS.levels;
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for (gauge, value) in [
        (&levels.working, level.working.0 as u64),
        (&levels.places, level.working.1 as u64),
        (&levels.queued, level.queued.0 as u64),
        (&levels.queue_places, level.queued.1 as u64),
        (&levels.batches, level.batches as u64),
        (&levels.decoded_pixels, level.decoded_pixels),
        (&levels.resident, resident_memory().unwrap_or(0)),
        (&levels.circuit, u64::from(level.store_circuit_open)),
    ] {
        gauge.set(whole(value));
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    if encode(&mut text, &METRICS.registry).is_err() {
        let _ = writeln!(text, "# EOF");
    }
    text
}

/// Resident memory of this process in bytes, where the system tells.
#[must_use]
pub fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

#[cfg(test)]
mod tests;
