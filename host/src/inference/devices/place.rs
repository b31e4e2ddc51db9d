//! Where a session is built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::{CUDA, CoreML, ExecutionProvider as _};
use ort::session::builder::SessionBuilder;
use serde::{Deserialize, Serialize};

use super::setting::Device;

/// Where a session is built.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On the processor.
    #[default]
    Processor,
    /// By what the runtime has built in.
    BuiltIn(BuiltIn),
    /// By a library beside the runtime.
    PlugIn(PlugIn),
}

/// What is a part of the runtime itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct BuiltIn {
    /// CUDA or CoreML.
    pub device: Device,
    /// Which card, from 0.
    pub index: usize,
    /// As [`PlugIn::preload`].
    pub preload: Vec<PathBuf>,
    /// Where compiled graphs are kept; none to keep none.
    pub cache: Option<PathBuf>,
}

/// A library beside the runtime, and one of the devices that it offers.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct PlugIn {
    /// Its name in `DEVICE`.
    pub device: Device,
    /// The name under which it is made known to the runtime.
    pub registers_as: String,
    /// The library.
    pub library: PathBuf,
    /// Libraries that it needs and that the system's loader would not find, in the order in which they are loaded.
    pub preload: Vec<PathBuf>,
    /// The execution provider whose devices are meant: a library may have several.
    pub provider: String,
    /// Which of the devices that it offers under this name, from 0.
    pub index: usize,
    /// What the execution provider is told when no compiled graphs are kept, by option.
    pub options: BTreeMap<String, String>,
    /// Where compiled graphs are kept; none to keep none.
    pub cache: Option<CompiledGraphs>,
}

/// A folder for compiled graphs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct CompiledGraphs {
    /// The folder.
    pub folder: PathBuf,
    /// What the execution provider is told then, by option.
    pub options: BTreeMap<String, String>,
}

impl Place {
    /// Its name in `DEVICE`.
    #[must_use]
    pub fn device(&self) -> Device {
        match self {
            Self::Processor => Device::Cpu,
            Self::BuiltIn(BuiltIn { device, .. }) | Self::PlugIn(PlugIn { device, .. }) => *device,
        }
    }

    /// The execution provider that runs nodes there, as profiles name it.
    pub(super) fn provider(&self) -> &str {
        match self {
            Self::PlugIn(plug_in) => &plug_in.provider,
            Self::BuiltIn(BuiltIn {
                device: Device::CoreMl,
                ..
            }) => CoreML::NAME,
            Self::BuiltIn(_) => CUDA::NAME,
            Self::Processor => "CPUExecutionProvider",
        }
    }

    /// The folder in which compiled graphs are kept.
    #[must_use]
    pub fn cache(&self) -> Option<&Path> {
        match self {
            Self::Processor => None,
            Self::BuiltIn(built_in) => built_in.cache.as_deref(),
            Self::PlugIn(plug_in) => plug_in.cache.as_ref().map(|cache| cache.folder.as_path()),
        }
    }

    /// Has a session built there.
    pub(in crate::inference) fn apply(
        &self,
        environment: &Environment,
        builder: SessionBuilder,
    ) -> Result<SessionBuilder, ort::Error> {
        match self {
            Self::Processor => Ok(builder),
            Self::BuiltIn(built_in) => Ok(builder.with_execution_providers([built_in.dispatch()?])?),
            Self::PlugIn(plug_in) => plug_in.apply(environment, builder),
        }
    }
}

impl BuiltIn {
    fn dispatch(&self) -> Result<ort::ep::ExecutionProviderDispatch, ort::Error> {
        preload(&self.preload)?;
        let index = i32::try_from(self.index).map_err(ort::Error::wrap)?;
        let dispatch = match (self.device, &self.cache) {
            (Device::CoreMl, Some(folder)) => {
                CoreML::default().with_model_cache_dir(folder.display()).build()
            }
            (Device::CoreMl, None) => CoreML::default().build(),
            _ => CUDA::default().with_device_id(index).build(),
        };
        Ok(dispatch.error_on_failure())
    }
}

/// Whether an ONNX Runtime has this device built in, as far as its files tell: two cannot be loaded in one process, so that
/// none is loaded for the question.
pub(super) fn is_built_in(device: Device, runtime: &Path) -> bool {
    match device {
        Device::Cuda => {
            let names = [
                "libonnxruntime_providers_cuda.so",
                "onnxruntime_providers_cuda.dll",
            ];
            names.iter().any(|name| runtime.with_file_name(name).exists())
        }
        Device::CoreMl => cfg!(target_os = "macos"),
        _ => false,
    }
}

impl BuiltIn {
    /// Whether the runtime that is loaded has it.
    pub(super) fn is_available(&self) -> bool {
        match self.device {
            Device::CoreMl => CoreML::is_available(),
            _ => CUDA::is_available(),
        }
        .unwrap_or(false)
    }
}

impl PlugIn {
    fn apply(
        &self,
        environment: &Environment,
        builder: SessionBuilder,
    ) -> Result<SessionBuilder, ort::Error> {
        self.register(environment)?;
        let mut devices = environment.devices().filter(|device| self.is_ours(device));
        let device = devices.nth(self.index).ok_or_else(|| {
            ort::Error::new(format!(
                "{} has no device with the index {}",
                self.device, self.index
            ))
        })?;
        let options = self.cache.as_ref().map_or(&self.options, |cache| &cache.options);
        let options: Vec<(String, String)> = options
            .iter()
            .map(|(name, value)| (format!("{}.{name}", self.provider), value.clone()))
            .collect();
        Ok(builder.with_devices([device], Some(options.as_slice()))?)
    }

    pub(super) fn is_ours(&self, device: &ort::device::Device<'_>) -> bool {
        device.ep().is_ok_and(|provider| provider == self.provider)
    }

    /// Makes the library known to the runtime, once in a process: whatever it does to the process, it does here.
    pub(super) fn register(&self, environment: &Environment) -> Result<(), ort::Error> {
        static REGISTERED: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
        let mut registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
        if registered.get(&self.registers_as) == Some(&self.library) {
            return Ok(());
        }
        preload(&self.preload)?;
        environment.register_ep_library(&self.registers_as, &self.library)?;
        registered.insert(self.registers_as.clone(), self.library.clone());
        Ok(())
    }
}

/// Loads libraries that others need, each once in a process.
fn preload(libraries: &[PathBuf]) -> Result<(), ort::Error> {
    static LOADED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    for library in libraries {
        if !loaded.contains(library) {
            ort::util::preload_dylib(library).map_err(|error| ort::Error::new(error.to_string()))?;
            loaded.insert(library.clone());
        }
    }
    Ok(())
}
