//! Where inference runs: each device is really tried.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ort::ep::{CUDA, CoreML, ExecutionProviderDispatch};
use serde::Serialize;
use utoipa::ToSchema;

use super::InferenceError;
use super::session::SessionFactory;

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// NVIDIA graphics cards.
    Cuda,
    /// Apple's graphics and neural engines, through CoreML and Metal.
    CoreMl,
    /// The processor.
    Cpu,
}

/// Images that a graphics card looks at together, where nobody says how many.
const CUDA_BATCH: usize = 8;

impl Device {
    /// Images in one inference where nobody says how many. A processor gains too little by more than one to pay for the
    /// waiting (`models/README.md`), and CoreML compiles a graph anew for every count.
    #[must_use]
    pub fn batch(self) -> usize {
        match self {
            Self::Cuda => CUDA_BATCH,
            Self::CoreMl | Self::Cpu => 1,
        }
    }

    /// What is registered for it; the processor needs nothing.
    pub(super) fn execution_provider(self) -> Option<ExecutionProviderDispatch> {
        match self {
            Self::Cuda => Some(CUDA::default().build()),
            Self::CoreMl => Some(CoreML::default().build()),
            Self::Cpu => None,
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Cuda => "cuda",
            Self::CoreMl => "coreml",
            Self::Cpu => "cpu",
        })
    }
}

/// What the operator asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePreference {
    /// The first that works of CUDA, CoreML and the processor.
    Auto,
    /// This one or none.
    Only(Device),
}

impl FromStr for DevicePreference {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "cuda" => Ok(Self::Only(Device::Cuda)),
            "coreml" => Ok(Self::Only(Device::CoreMl)),
            "cpu" => Ok(Self::Only(Device::Cpu)),
            _ => Err("choose auto, cpu, cuda or coreml"),
        }
    }
}

/// Where inference runs, and why nowhere better.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceReport {
    /// The device in use.
    pub selected: Device,
    /// What was tried before and did not work.
    pub rejected: Vec<RejectedDevice>,
}

/// A device that did not work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RejectedDevice {
    /// The device.
    pub device: Device,
    /// What it said.
    pub reason: String,
}

/// Tries devices in order by loading a real model on each; takes the first that works. The processor always does.
pub(super) fn select(
    preference: DevicePreference,
    factory: &mut SessionFactory,
    model: &Path,
) -> Result<DeviceReport, InferenceError> {
    let candidates = match preference {
        DevicePreference::Auto => vec![Device::Cuda, Device::CoreMl, Device::Cpu],
        DevicePreference::Only(device) => vec![device],
    };
    let mut rejected = Vec::new();
    for device in candidates {
        factory.device = device;
        let tried = match device {
            Device::Cpu => Ok(()),
            Device::Cuda | Device::CoreMl => factory.build(model, true).map(drop),
        };
        match tried {
            Ok(()) => {
                tracing::info!(%device, "device selected");
                return Ok(DeviceReport {
                    selected: device,
                    rejected,
                });
            }
            Err(error) => {
                let reason = error
                    .to_string()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                tracing::info!(%device, reason, "device rejected");
                rejected.push(RejectedDevice { device, reason });
            }
        }
    }
    let reasons: Vec<String> = rejected
        .iter()
        .map(|rejected| format!("{}: {}", rejected.device, rejected.reason))
        .collect();
    Err(InferenceError::NoDevice(reasons.join("; ")))
}
