//! Sessions of one network, and the slots that keep all networks together from using more than the cores.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use image::RgbImage;
use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::TensorRef;

use super::device::Device;
use super::graphs::Signature;
use super::{InferenceError, tensor};
use crate::metrics;
use crate::models::manifest::ImageInput;

/// How many inferences run at the same time, over all networks.
pub(super) struct Slots {
    free: Mutex<usize>,
    released: Condvar,
}

/// One taken slot; free again when dropped.
struct Slot<'a>(&'a Slots);

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Mutex::new(count),
            released: Condvar::new(),
        }
    }

    fn take(&self) -> Slot<'_> {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = self.released.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.released.notify_one();
    }
}

/// What was locked stays usable after a panic elsewhere: a counter and a list of whole sessions.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What every session is built with.
#[derive(Clone)]
pub(super) struct SessionFactory {
    pub(super) environment: Arc<Environment>,
    pub(super) device: Device,
    pub(super) threads: usize,
}

impl SessionFactory {
    pub(super) fn build(&self, file: &Path) -> Result<Session, ort::Error> {
        let builder = Session::builder(&self.environment)?
            .with_log_level(LogLevel::Error)?
            .with_inter_threads(1)?
            .with_intra_threads(self.threads)?
            // Waiting threads that spin would take the cores from other sessions.
            .with_config_entry("session.intra_op.allow_spinning", "0")?;
        let mut builder = match self.device.execution_provider() {
            Some(provider) => builder.with_execution_providers([provider.error_on_failure()])?,
            None => builder,
        };
        builder.commit_from_file(file)
    }
}

/// One network with as many sessions as there are slots, made when they are first needed.
pub(super) struct Network {
    pub(super) name: String,
    /// What it takes and gives, for those who do not know the architecture.
    pub(super) signature: Signature,
    file: PathBuf,
    factory: SessionFactory,
    slots: Arc<Slots>,
    idle: Mutex<Vec<Session>>,
}

impl Network {
    /// Loads the first session. `largest_input` bounds, in values, what guests may give to an input that leaves a
    /// dimension open.
    pub(super) fn load(
        name: &str,
        file: PathBuf,
        largest_input: usize,
        factory: &SessionFactory,
        slots: &Arc<Slots>,
    ) -> Result<Self, InferenceError> {
        let session = factory.build(&file).map_err(|source| InferenceError::Load {
            model: name.to_owned(),
            file: file.clone(),
            source,
        })?;
        Ok(Self {
            name: name.to_owned(),
            signature: Signature::of(session.inputs(), session.outputs(), largest_input),
            file,
            factory: factory.clone(),
            slots: Arc::clone(slots),
            idle: Mutex::new(vec![session]),
        })
    }

    /// Waits for a slot, runs the network and reads its outputs.
    pub(super) fn run<T>(
        &self,
        run: impl FnOnce(&mut Session) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        let _slot = self.slots.take();
        // The lock ends with the statement: sessions are built and run without it.
        let idle = lock(&self.idle).pop();
        let outcome = idle
            .map_or_else(|| self.factory.build(&self.file), Ok)
            .and_then(|mut session| {
                let started = Instant::now();
                let outcome = run(&mut session);
                metrics::inference(&self.name, started.elapsed(), outcome.is_ok());
                lock(&self.idle).push(session);
                outcome
            });
        outcome.map_err(|source| InferenceError::Run {
            model: self.name.clone(),
            source,
        })
    }

    /// The error for outputs that are not what the architecture gives.
    pub(super) fn unexpected(&self, what: impl Into<String>) -> InferenceError {
        InferenceError::Unexpected {
            model: self.name.clone(),
            what: what.into(),
        }
    }
}

/// A network that looks at one image of a fixed size.
pub(super) struct ImageNetwork {
    pub(super) network: Arc<Network>,
    pub(super) input: ImageInput,
}

impl ImageNetwork {
    /// Runs the network on an image of exactly its input size.
    pub(super) fn run<T>(
        &self,
        image: &RgbImage,
        read: impl FnOnce(&SessionOutputs<'_>) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        let size = self.input.size;
        if image.dimensions() != (size, size) {
            return Err(self.network.unexpected(format!(
                "an image of {}x{} instead of {size}x{size}",
                image.width(),
                image.height()
            )));
        }
        let tensor = tensor::image_tensor(image, &self.input);
        let side = size as usize;
        self.network.run(|session| {
            let input = TensorRef::from_array_view(([1_usize, 3, side, side], tensor.as_slice()))?;
            let outputs = session.run(ort::inputs![input])?;
            read(&outputs)
        })
    }

    /// Runs the network and gives its first output, all of whose values must be finite.
    pub(super) fn values(&self, image: &RgbImage, length: usize) -> Result<Vec<f32>, InferenceError> {
        let values = self.run(image, |outputs| {
            Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
        })?;
        if values.len() != length {
            return Err(self
                .network
                .unexpected(format!("{} values instead of {length}", values.len())));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.network.unexpected("a value that is not finite"));
        }
        Ok(values)
    }
}
