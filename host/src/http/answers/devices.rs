//! Where networks run, and why nowhere better.

use serde::Serialize;
use utoipa::ToSchema;

use super::each;
use crate::inference::devices;

/// The devices that inference runs on, and why others are not used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceReport {
    /// The device in use for all roles that `DEVICE` does not list.
    selected: Device,
    /// Devices that are not used.
    rejected: Vec<RejectedDevice>,
    /// The name of the device in use.
    name: String,
    /// Devices that were used and failed later.
    failed: Vec<FailedDevice>,
    /// The machine's hardware, as far as the system reports it without calling drivers.
    machine: Machine,
    /// The providers that could run networks here; empty if `DEVICE` asks for the processor only.
    providers: Vec<ProviderReport>,
    /// The devices that were tried, now or at the last start at which something that they depend on had changed.
    trials: Vec<DeviceTrial>,
}

impl From<devices::DeviceReport> for DeviceReport {
    fn from(report: devices::DeviceReport) -> Self {
        Self {
            selected: report.selected.into(),
            rejected: each(report.rejected),
            name: report.name,
            failed: each(report.failed),
            machine: report.machine.into(),
            providers: each(report.providers),
            trials: each(report.trials),
        }
    }
}

sent! {
    /// A kind of device that networks can run on.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "lowercase")]
    devices::Device as Device {
        /// NVIDIA's graphics cards, through CUDA.
        Cuda,
        /// Apple's graphics and neural engines, through CoreML.
        CoreMl,
        /// The processor, by ONNX Runtime itself.
        Cpu,
        /// Graphics cards of any maker, through WebGPU on Vulkan, Direct3D 12 or Metal.
        WebGpu,
        /// Intel's processors, graphics and neural processing units, through OpenVINO.
        OpenVino,
        /// NVIDIA's RTX graphics cards, through TensorRT for RTX.
        #[serde(rename = "tensorrt-rtx")]
        TensorRtRtx,
        /// Apple's graphics, through MLX.
        Mlx,
    }
}

/// A device that is not used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectedDevice {
    /// The device.
    device: Device,
    /// The reason in words.
    reason: String,
    /// What kind of reason it is.
    cause: Cause,
}

impl From<devices::RejectedDevice> for RejectedDevice {
    fn from(device: devices::RejectedDevice) -> Self {
        Self {
            device: device.device.into(),
            reason: device.reason,
            cause: device.cause.into(),
        }
    }
}

sent! {
    /// Why a device is not used.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    devices::Cause as Cause {
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
}

/// A device that was used and failed later.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailedDevice {
    /// The device.
    device: Device,
    /// The network that failed on it.
    model: String,
    /// What ONNX Runtime said.
    reason: String,
    /// Whether the network now runs on the processor instead (`DEVICE_FALLBACK=cpu`).
    on_processor: bool,
}

impl From<devices::FailedDevice> for FailedDevice {
    fn from(device: devices::FailedDevice) -> Self {
        Self {
            device: device.device.into(),
            model: device.model,
            reason: device.reason,
            on_processor: device.on_processor,
        }
    }
}

/// What a machine has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Machine {
    /// The processor.
    processor: Processor,
    /// Graphics cards, including those that are part of the processor.
    cards: Vec<Accelerator>,
    /// Neural processing units.
    npus: Vec<Accelerator>,
}

impl From<devices::Machine> for Machine {
    fn from(machine: devices::Machine) -> Self {
        Self {
            processor: machine.processor.into(),
            cards: each(machine.cards),
            npus: each(machine.npus),
        }
    }
}

/// A processor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Processor {
    /// Its name, as the system gives it.
    name: String,
    /// Cores that this process may use.
    cores: usize,
}

impl From<devices::Processor> for Processor {
    fn from(processor: devices::Processor) -> Self {
        Self {
            name: processor.name,
            cores: processor.cores,
        }
    }
}

/// A graphics card or a neural processing unit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accelerator {
    /// Its name, as its driver or its maker gives it.
    name: String,
    /// Its PCI vendor and device id, as `8086:46a6`; null if the system gives none.
    #[schema(required)]
    id: Option<String>,
    /// Its driver, with the version if it is known; null if no driver is bound to it.
    #[schema(required)]
    driver: Option<String>,
    /// Why this process may not use it; null if no obstacle is known.
    #[schema(required)]
    problem: Option<String>,
}

impl From<devices::Accelerator> for Accelerator {
    fn from(accelerator: devices::Accelerator) -> Self {
        Self {
            name: accelerator.name,
            id: accelerator.id,
            driver: accelerator.driver,
            problem: accelerator.problem,
        }
    }
}

/// A provider that could run networks, and whether it is installed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderReport {
    /// Its name in `DEVICE`.
    device: Device,
    /// The hardware that it supports.
    hardware: String,
    /// Name and version of its package; null if there is none for this system.
    #[schema(required)]
    package: Option<String>,
    /// Whether it is installed.
    state: ProviderState,
    /// The command that installs it; null if it is already installed or not available.
    #[schema(required)]
    command: Option<String>,
    /// Bytes that the command downloads if nothing is installed yet; 0 without a package.
    download_bytes: u64,
    /// What it needs from the system and what was not found there.
    missing: Vec<MissingRequirement>,
}

impl From<devices::ProviderReport> for ProviderReport {
    fn from(report: devices::ProviderReport) -> Self {
        Self {
            device: report.device.into(),
            hardware: report.hardware,
            package: report.package,
            state: report.state.into(),
            command: report.command,
            download_bytes: report.download_bytes,
            missing: each(report.missing),
        }
    }
}

sent! {
    /// Whether a provider is installed.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    devices::ProviderState as ProviderState {
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
}

/// Something that must be installed on the system, because no package contains it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingRequirement {
    /// What it is.
    what: String,
    /// Whether some hardware does not need it.
    optional: bool,
    /// How to install it, per system, such as `Fedora: dnf install vulkan-loader`.
    install: Vec<String>,
}

impl From<devices::MissingRequirement> for MissingRequirement {
    fn from(requirement: devices::MissingRequirement) -> Self {
        Self {
            what: requirement.what,
            optional: requirement.optional,
            install: requirement.install,
        }
    }
}

/// A device that was tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceTrial {
    /// Its name in `DEVICE`.
    device: Device,
    /// Which of the devices of that kind it is, from 0.
    index: usize,
    /// Its name.
    name: String,
    /// Whether the result was kept from an earlier start.
    kept: bool,
    /// Whether every network passed that the device is to run.
    passed: bool,
    /// Milliseconds for one image in each network, added up; 0 if none ran.
    milliseconds: f64,
    /// The same time on the processor, for the same networks.
    processor_milliseconds: f64,
    /// The networks.
    networks: Vec<NetworkReport>,
}

impl From<devices::DeviceTrial> for DeviceTrial {
    fn from(trial: devices::DeviceTrial) -> Self {
        Self {
            device: trial.device.into(),
            index: trial.index,
            name: trial.name,
            kept: trial.kept,
            passed: trial.passed,
            milliseconds: trial.milliseconds,
            processor_milliseconds: trial.processor_milliseconds,
            networks: each(trial.networks),
        }
    }
}

/// The result of one network on a device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NetworkReport {
    /// Its name.
    model: String,
    /// Why the network did not pass; null if it passed.
    #[schema(required)]
    problem: Option<String>,
    /// How many nodes of its graph ran on the device, after ONNX Runtime fused nodes. A provider that compiles graphs
    /// runs each compiled part as one node.
    nodes_on_device: usize,
    /// Those that ran on the processor.
    nodes_on_processor: usize,
    /// The largest difference from the processor's answer: for vectors, 1 minus the cosine similarity; otherwise
    /// relative to the largest value.
    difference: f32,
    /// The number of images per inference that was measured to be fastest.
    batch: usize,
    /// Milliseconds per image with that number of images.
    milliseconds: f64,
}

impl From<devices::NetworkReport> for NetworkReport {
    fn from(report: devices::NetworkReport) -> Self {
        Self {
            model: report.model,
            problem: report.problem,
            nodes_on_device: report.nodes_on_device,
            nodes_on_processor: report.nodes_on_processor,
            difference: report.difference,
            batch: report.batch,
            milliseconds: report.milliseconds,
        }
    }
}
