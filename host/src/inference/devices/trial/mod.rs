//! A trial: every network on a device, held against what the processor answers.
//!
//! It runs in a process of its own, because a library of somebody else may end the process it is loaded into, or never
//! come back. That process reads one [`Request`] from standard input and writes [`Line`]s to standard output, one JSON object
//! each, as it goes on: what was written before it died still counts.

mod agreement;
mod inputs;
mod networks;
mod process;
mod profile;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::models::manifest::{ImageInput, Role};

pub use networks::run;
pub use process::{Ended, Launcher, SEARCH_PATH, with_search_path};

/// What a trial is to do.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// ONNX Runtime's library.
    pub runtime: PathBuf,
    /// Where networks are to run.
    pub place: Place,
    /// The networks; none to list the devices only.
    pub networks: Vec<TrialNetwork>,
    /// A folder for what the processor answers: a trial of the processor writes it, any other reads it.
    pub references: PathBuf,
    /// Whether this runtime's own processor is held against the references, too: it is another library than the one that
    /// wrote them.
    pub checks_processor: bool,
    /// Inferences at the same time, as `INFERENCE_SESSIONS`.
    pub sessions: usize,
    /// Threads of one inference on the processor, as `INFERENCE_THREADS`.
    pub threads: usize,
}

/// A network that is tried.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TrialNetwork {
    /// Its name in the manifest.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its graph.
    pub file: PathBuf,
    /// How its image is made, for networks that look at one.
    pub input: Option<ImageInput>,
}

/// What a trial says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The devices that the library offers.
    Devices(Vec<Offered>),
    /// A network begins.
    Begins(String),
    /// A network ran, and its answers agree.
    Runs(NetworkTrial),
    /// A network does not run there, or answers something else.
    Fails {
        /// Its name.
        network: String,
        /// What kind of failure it is.
        cause: Cause,
        /// In words.
        reason: String,
    },
    /// The trial itself cannot be done.
    Impossible {
        /// What kind of failure it is.
        cause: Cause,
        /// In words.
        reason: String,
    },
    /// Nothing comes after this.
    Done,
}

/// A device that a library offers.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// `cpu`, `gpu` or `npu`.
    pub kind: String,
    /// Its maker.
    pub vendor: String,
    /// The number of its model, as the system has it; of cards that of the bus.
    pub id: u32,
}

/// Why a device is not used.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody packages it for this system.
    NotForThisSystem,
    /// Its package is not here.
    PackageAbsent,
    /// Files of its package are not what they should be.
    PackageDamaged,
    /// The ONNX Runtime that is here has nothing for it.
    NotInRuntime,
    /// Its library cannot be loaded.
    LibraryRefused,
    /// Its library offers no device, or not as many as the index that was asked for needs.
    NothingOffered,
    /// Its process died.
    Died,
    /// A network cannot be loaded or run there.
    NetworkRefused,
    /// A network runs on the processor in spite of what was asked for.
    NotOnDevice,
    /// A network answers something else than on the processor.
    Disagrees,
    /// The trial took too long.
    TimedOut,
    /// The processor is faster.
    Slower,
    /// Another device is faster.
    NotFastest,
    /// The trial could not be begun.
    NotTried,
}

/// How a network ran on a device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NetworkTrial {
    /// Its name.
    pub network: String,
    /// How many nodes of its graph each execution provider ran, after ONNX Runtime has put nodes together. One that compiles
    /// graphs runs all that it took as one node.
    pub nodes: Vec<(String, usize)>,
    /// The largest difference from the processor's answer, by the measure of its outputs, 0 for none.
    pub difference: f32,
    /// Milliseconds for an image (or a text) with as many callers as there are sessions, by how many images an inference
    /// has; 1 is always there. Empty for the processor.
    pub milliseconds: Vec<(usize, f64)>,
    /// The same on the processor, one image in an inference, measured just before: so a machine that is busy with something
    /// else is so for both. 0 for the processor.
    pub on_processor: f64,
}

impl NetworkTrial {
    /// How many images in an inference pay: the fewest of those that are within [`WORTH`] of the fastest.
    #[must_use]
    pub fn best_batch(&self) -> (usize, f64) {
        let fastest = self
            .milliseconds
            .iter()
            .fold(f64::INFINITY, |fastest, (_, time)| fastest.min(*time));
        let near = self
            .milliseconds
            .iter()
            .find(|(_, time)| *time <= fastest * WORTH);
        near.copied().unwrap_or((1, f64::INFINITY))
    }
}

/// Who waits for others gains less than this from them: then one image alone, or fewer, is as good.
const WORTH: f64 = 1.05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_images_are_run_together_than_pay() {
        let trial = |milliseconds: &[(usize, f64)]| NetworkTrial {
            network: String::new(),
            nodes: Vec::new(),
            difference: 0.0,
            milliseconds: milliseconds.to_vec(),
            on_processor: 0.0,
        };
        assert_eq!(trial(&[(1, 10.0)]).best_batch(), (1, 10.0));
        assert_eq!(
            trial(&[(1, 10.0), (4, 4.0), (8, 3.9), (16, 5.0)]).best_batch(),
            (4, 4.0)
        );
        assert_eq!(trial(&[(1, 10.0), (4, 9.8)]).best_batch(), (1, 10.0));
    }
}
