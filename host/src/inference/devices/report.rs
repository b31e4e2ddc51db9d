//! What is said of devices: in `/health`, in the log and by `ai-worker devices`.
//!
//! The JSON of these types is what `ai-worker devices --json` prints. It follows `device` of `GET /health`, which has types of
//! its own; a test compares the two.

use serde::Serialize;

use super::machine::Machine;
use super::setting::Device;
use super::trial::Cause;

/// Where inference runs, and why nowhere better.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    /// The device in use, for the roles that `DEVICE` does not name.
    pub selected: Device,
    /// What was not taken.
    pub rejected: Vec<RejectedDevice>,
    /// What the device in use is called.
    pub name: String,
    /// Devices that were taken and failed since.
    pub failed: Vec<FailedDevice>,
    /// What the machine has, as far as the system tells without calling drivers.
    pub machine: Machine,
    /// What could run networks here; empty where `DEVICE` asks for the processor only.
    pub providers: Vec<ProviderReport>,
    /// The devices that were tried, now or when what they depend on was last changed.
    pub trials: Vec<DeviceTrial>,
}

/// A device that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedDevice {
    /// The device.
    pub device: Device,
    /// Why, in words.
    pub reason: String,
    /// What kind of reason it is.
    pub cause: Cause,
}

/// A device that was taken and failed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedDevice {
    /// The device.
    pub device: Device,
    /// The network that it failed on.
    pub model: String,
    /// What ONNX Runtime said.
    pub reason: String,
    /// Whether the network goes on on the processor (`DEVICE_FALLBACK=cpu`).
    pub on_processor: bool,
}

/// What could run networks, and what of it is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderReport {
    /// What it is called in `DEVICE`.
    pub device: Device,
    /// The hardware that it is for.
    pub hardware: String,
    /// Name and version of its package; none where there is none for this system.
    pub package: Option<String>,
    /// What of it is here.
    pub state: ProviderState,
    /// The command that brings it; none where it is here, or is not to be had.
    pub command: Option<String>,
    /// Bytes that the command downloads when nothing is here; 0 without a package.
    pub download_bytes: u64,
    /// What it needs of the system and was not found.
    pub missing: Vec<MissingRequirement>,
}

/// What of a provider is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderState {
    /// The ONNX Runtime that is here has it.
    PartOfRuntime,
    /// Nobody packages it for this system.
    NotPackaged,
    /// It was not fetched.
    Absent,
    /// Files are missing or not what they should be.
    Incomplete,
    /// Its package is here.
    Present,
}

/// Something that no package brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingRequirement {
    /// What it is.
    pub what: String,
    /// Whether there is hardware that does without it.
    pub optional: bool,
    /// What installs it, by system: `Fedora: dnf install vulkan-loader`.
    pub install: Vec<String>,
}

/// A device that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceTrial {
    /// What it is called in `DEVICE`.
    pub device: Device,
    /// Which of the devices of that kind it is, from 0.
    pub index: usize,
    /// What it is called.
    pub name: String,
    /// Whether the result was kept from an earlier start.
    pub kept: bool,
    /// Whether every network that it is asked to run passed.
    pub passed: bool,
    /// Milliseconds for one image of each network, all added up; 0 where none ran.
    pub milliseconds: f64,
    /// The same on the processor, of the same networks.
    pub processor_milliseconds: f64,
    /// The networks.
    pub networks: Vec<NetworkReport>,
}

/// How a network did on a device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkReport {
    /// Its name.
    pub model: String,
    /// Why it did not pass; none when it did.
    pub problem: Option<String>,
    /// The nodes of its graph that ran on the device, after ONNX Runtime has put nodes together. What compiles graphs runs
    /// all that it took as one node.
    pub nodes_on_device: usize,
    /// Those that ran on the processor.
    pub nodes_on_processor: usize,
    /// The largest difference from the processor's answer: 1 less the cosine of vectors, otherwise in parts of the largest
    /// value.
    pub difference: f32,
    /// How many images in an inference pay.
    pub batch: usize,
    /// Milliseconds for an image then.
    pub milliseconds: f64,
}
