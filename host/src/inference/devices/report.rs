//! What is said of devices: in `/health`, in the log and by `ai-worker devices`.
//!
//! The JSON of these types is what `ai-worker devices --json` prints. It follows `device` of `GET /health`, which has types of
//! its own; a test compares the two.

use serde::Serialize;

use super::machine::Machine;
use super::setting::Device;
use super::trial::Cause;

/// The devices that inference runs on, and why others are not used.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    /// The device in use for all roles that `DEVICE` does not list.
    pub selected: Device,
    /// Devices that are not used.
    pub rejected: Vec<RejectedDevice>,
    /// The name of the device in use.
    pub name: String,
    /// Devices that were used and failed later.
    pub failed: Vec<FailedDevice>,
    /// The machine's hardware, as far as the system reports it without calling drivers.
    pub machine: Machine,
    /// The providers that could run networks here; empty if `DEVICE` asks for the processor only.
    pub providers: Vec<ProviderReport>,
    /// The devices that were tried, now or at the last start at which something that they depend on had changed.
    pub trials: Vec<DeviceTrial>,
}

/// A device that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedDevice {
    /// The device.
    pub device: Device,
    /// The reason in words.
    pub reason: String,
    /// What kind of reason it is.
    pub cause: Cause,
}

/// A device that was used and failed later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedDevice {
    /// The device.
    pub device: Device,
    /// The network that failed on it.
    pub model: String,
    /// What ONNX Runtime said.
    pub reason: String,
    /// Whether the network now runs on the processor instead (`DEVICE_FALLBACK=cpu`).
    pub on_processor: bool,
}

/// A provider that could run networks, and whether it is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderReport {
    /// Its name in `DEVICE`.
    pub device: Device,
    /// The hardware that it supports.
    pub hardware: String,
    /// Name and version of its package; null if there is none for this system.
    pub package: Option<String>,
    /// Whether it is installed.
    pub state: ProviderState,
    /// The command that installs it; null if it is already installed or not available.
    pub command: Option<String>,
    /// Bytes that the command downloads if nothing is installed yet; 0 without a package.
    pub download_bytes: u64,
    /// What it needs from the system and what was not found there.
    pub missing: Vec<MissingRequirement>,
}

/// Whether a provider is installed.
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

/// Something that must be installed on the system, because no package contains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingRequirement {
    /// What it is.
    pub what: String,
    /// Whether some hardware does not need it.
    pub optional: bool,
    /// How to install it, per system, such as `Fedora: dnf install vulkan-loader`.
    pub install: Vec<String>,
}

/// A device that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceTrial {
    /// Its name in `DEVICE`.
    pub device: Device,
    /// Which of the devices of that kind it is, from 0.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Whether the result was kept from an earlier start.
    pub kept: bool,
    /// Whether every network passed that the device is to run.
    pub passed: bool,
    /// Milliseconds for one image in each network, added up; 0 if none ran.
    pub milliseconds: f64,
    /// The same time on the processor, for the same networks.
    pub processor_milliseconds: f64,
    /// The networks.
    pub networks: Vec<NetworkReport>,
}

/// The result of one network on a device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkReport {
    /// Its name.
    pub model: String,
    /// Why the network did not pass; null if it passed.
    pub problem: Option<String>,
    /// How many nodes of its graph ran on the device, after ONNX Runtime fused nodes. A provider that compiles graphs
    /// runs each compiled part as one node.
    pub nodes_on_device: usize,
    /// Those that ran on the processor.
    pub nodes_on_processor: usize,
    /// The largest difference from the processor's answer: for vectors, 1 minus the cosine similarity; otherwise
    /// relative to the largest value.
    pub difference: f32,
    /// The number of images per inference that was measured to be fastest.
    pub batch: usize,
    /// Milliseconds per image with that number of images.
    pub milliseconds: f64,
}
