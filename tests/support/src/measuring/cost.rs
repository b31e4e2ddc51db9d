//! Bare networks, for benchmarks that compare the worker with them.

use std::path::{Path, PathBuf};

use ort::environment::Environment;
use ort::session::Session;
use rustix::time::{ClockId, clock_gettime};

use crate::WORKSPACE;

/// CPU time of this process in milliseconds.
pub fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Where the fetched models lie.
pub fn models_directory() -> PathBuf {
    std::env::var_os("MODELS_DIR").map_or_else(|| Path::new(WORKSPACE).join("data/models"), PathBuf::from)
}

/// A network on one thread.
pub fn session(environment: &Environment, file: &Path) -> Session {
    let builder = Session::builder(environment)
        .unwrap()
        .with_intra_threads(1)
        .unwrap();
    { builder }.commit_from_file(file).unwrap()
}

/// The values of a picture of `side` x `side` that shows nothing, 0 to 255.
pub fn noise(side: usize) -> impl Iterator<Item = f32> {
    (0..3 * side * side).map(|index| (index * 7_919 % 256) as f32)
}
