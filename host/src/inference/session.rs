//! Sessions of one network, and the slots that keep all networks together from using more than the cores.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::SessionBuilder;

use super::devices::failures::Failures;
use super::devices::{Device, Place, compiled};
use super::graphs::Signature;
use super::known::Known;
use super::{InferenceError, gate};
use crate::domain::Embedding;
use crate::metrics;

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
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What every session is built with.
#[derive(Clone)]
pub(super) struct SessionFactory {
    pub(super) environment: Arc<Environment>,
    pub(super) place: Place,
    pub(super) threads: usize,
}

impl SessionFactory {
    /// A session. For a network whose images differ in size ONNX Runtime does not plan a run's memory as a whole: it would
    /// keep a block for the plan of each size. Where compiled graphs are kept and it cannot be made with them, it is made
    /// without what was kept.
    pub(super) fn build(&self, file: &Path, has_one_size: bool) -> Result<Session, ort::Error> {
        let built = self.build_with(file, has_one_size, Ok);
        match (built, self.place.cache()) {
            (Err(error), Some(folder)) => {
                tracing::warn!(
                    folder = %folder.display(),
                    %error,
                    "a session could not be created from the stored compiled graphs; they are removed and compiled \
                     again"
                );
                compiled::empty(folder).map_err(ort::Error::wrap)?;
                self.build_with(file, has_one_size, Ok)
            }
            (built, _) => built,
        }
    }

    /// A session that is built with something more.
    pub(super) fn build_with(
        &self,
        file: &Path,
        has_one_size: bool,
        more: impl FnOnce(SessionBuilder) -> Result<SessionBuilder, ort::Error>,
    ) -> Result<Session, ort::Error> {
        let builder = Session::builder(&self.environment)?
            .with_log_level(LogLevel::Error)?
            .with_inter_threads(1)?
            .with_intra_threads(self.threads)?
            .with_memory_pattern(has_one_size)?
            // Waiting threads that spin would take the cores from other sessions.
            .with_config_entry("session.intra_op.allow_spinning", "0")?;
        let builder = self.place.apply(&self.environment, builder)?;
        more(builder)?.commit_from_file(file)
    }

    /// The same on the processor.
    fn on_processor(&self) -> Self {
        Self {
            place: Place::Processor,
            ..self.clone()
        }
    }
}

/// One network with as many sessions as there are slots, made when they are first needed, and again when they are
/// needed after they were dropped.
pub(super) struct Network {
    pub(super) name: String,
    file: PathBuf,
    bounds: Bounds,
    has_one_size: bool,
    factory: SessionFactory,
    /// Whether its device failed, so that it goes on on the processor.
    has_left_device: AtomicBool,
    failures: Arc<Failures>,
    slots: Arc<Slots>,
    /// Known from the first session on.
    known: OnceLock<Known>,
    sessions: Mutex<Sessions>,
}

/// What guests may give to an input that leaves dimensions open.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// How many values.
    pub(super) values: usize,
    /// Height and width of images, whatever the host gives.
    pub(super) side: Option<u32>,
}

/// A session, and room for the values of what it is given: made once, because the system clears each page of memory that
/// it gives, and goes back with the session.
pub(super) struct Loaded {
    pub(super) session: Session,
    input: Vec<f32>,
    /// Whether it is on a device beside the processor.
    is_on_device: bool,
    /// Whether its device failed under it, so that nobody else gets it.
    is_broken: bool,
}

/// The sessions of a network, and what is known of their use.
struct Sessions {
    idle: Vec<Loaded>,
    /// Sessions that run, or are being made.
    busy: usize,
    last_used: Instant,
}

/// A session in use, or one that is being made; goes back when dropped.
struct Borrowed<'a> {
    network: &'a Network,
    session: Option<Loaded>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut sessions = lock(&self.network.sessions);
        sessions.busy -= 1;
        sessions.last_used = Instant::now();
        let session = self.session.take();
        if session.as_ref().is_some_and(|loaded| self.network.keeps(loaded)) {
            sessions.idle.extend(session);
        } else {
            drop(sessions);
            gate::release(session);
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        gate::release(std::mem::take(&mut lock(&self.sessions).idle));
    }
}

impl Network {
    /// A network that is loaded when it first runs.
    pub(super) fn new(
        name: &str,
        file: PathBuf,
        bounds: Bounds,
        has_one_size: bool,
        factory: &SessionFactory,
        slots: &Arc<Slots>,
        failures: &Arc<Failures>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            file,
            bounds,
            has_one_size,
            factory: factory.clone(),
            has_left_device: AtomicBool::new(false),
            failures: Arc::clone(failures),
            slots: Arc::clone(slots),
            known: OnceLock::new(),
            sessions: Mutex::new(Sessions {
                idle: Vec::new(),
                busy: 0,
                last_used: Instant::now(),
            }),
        }
    }

    /// What it takes and gives, for those who do not know the architecture. Loads the network when nobody has yet.
    pub(super) fn signature(&self) -> Result<&Signature, InferenceError> {
        if self.known.get().is_none() {
            self.with_session(|_| ())?;
        }
        let known = self.known.get();
        known
            .map(|known| &known.signature)
            .ok_or_else(|| self.unexpected("no inputs and outputs"))
    }

    /// Whether it takes images of any height and width. Loads the network when nobody has yet.
    pub(super) fn has_open_sides(&self) -> Result<bool, InferenceError> {
        self.signature()?;
        Ok(self.known.get().is_some_and(|known| known.open_sides))
    }

    /// What a cosine is multiplied by before a softmax, where the graph says it; none before the network was loaded.
    pub(super) fn logit_scale(&self) -> Option<f32> {
        self.known.get().and_then(|known| known.logit_scale)
    }

    /// The characters that its classes stand for, where the graph says them; none before the network was loaded.
    pub(super) fn characters(&self) -> &[String] {
        self.known.get().map_or(&[], |known| &known.characters)
    }

    /// Waits for a slot, runs the network and reads its outputs. `run` is called once more where the network's device
    /// fails.
    pub(super) fn run<T>(
        &self,
        mut run: impl FnMut(&mut Session) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        self.run_with_room(|session, _| run(session))
    }

    /// As [`Self::run`], with room for the values of the input, in which the last ones still are.
    pub(super) fn run_with_room<T>(
        &self,
        mut run: impl FnMut(&mut Session, &mut Vec<f32>) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        self.run_loaded(|loaded| self.attempt(loaded, &mut run))
    }

    /// Waits for a slot, and has a session used, timed and counted.
    pub(super) fn run_loaded<T>(
        &self,
        run: impl FnOnce(&mut Loaded) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        let outcome = self.with_session(|loaded| {
            let started = Instant::now();
            let outcome = tracing::debug_span!("network", model = self.name).in_scope(|| run(loaded));
            metrics::inference(&self.name, started.elapsed(), outcome.is_ok());
            outcome
        })?;
        outcome.map_err(|source| self.failed(source))
    }

    /// Runs the network; where its device fails, on the processor.
    pub(super) fn attempt<T>(
        &self,
        loaded: &mut Loaded,
        run: &mut impl FnMut(&mut Session, &mut Vec<f32>) -> Result<T, ort::Error>,
    ) -> Result<T, ort::Error> {
        match run(&mut loaded.session, &mut loaded.input) {
            Err(error) if loaded.is_on_device => self.run_on_processor(loaded, error, run),
            outcome => {
                if loaded.is_on_device {
                    self.failures.clear(&self.name);
                }
                outcome
            }
        }
    }

    /// Runs on the processor what failed on the device. What fails there, too, is not the device's fault, and all stays as it
    /// is. Otherwise the network stays on the processor, or fails on, as `DEVICE_FALLBACK` says.
    fn run_on_processor<T>(
        &self,
        loaded: &mut Loaded,
        failed: ort::Error,
        run: &mut impl FnMut(&mut Session, &mut Vec<f32>) -> Result<T, ort::Error>,
    ) -> Result<T, ort::Error> {
        let factory = self.factory.on_processor();
        let Ok(mut session) = factory.build(&self.file, self.has_one_size) else {
            return Err(failed);
        };
        let Ok(value) = run(&mut session, &mut loaded.input) else {
            return Err(failed);
        };
        self.failures
            .record(self.device(), &self.name, failed.to_string().trim());
        if !self.failures.goes_on() {
            loaded.is_broken = true;
            return Err(failed);
        }
        self.leave_device();
        loaded.session = session;
        loaded.is_on_device = false;
        Ok(value)
    }

    /// Lets go of the device's sessions that nobody uses; those in use go when they are given back.
    fn leave_device(&self) {
        self.has_left_device.store(true, Ordering::Release);
        let idle = std::mem::take(&mut lock(&self.sessions).idle);
        let (kept, gone): (Vec<_>, Vec<_>) = idle.into_iter().partition(|loaded| self.keeps(loaded));
        lock(&self.sessions).idle.extend(kept);
        gate::release(gone);
    }

    /// Whether a session may be used again.
    fn keeps(&self, loaded: &Loaded) -> bool {
        let was_left = loaded.is_on_device && self.has_left_device.load(Ordering::Acquire);
        !(loaded.is_broken || was_left)
    }

    /// The device that it runs on now.
    pub(super) fn device(&self) -> Device {
        if self.has_left_device.load(Ordering::Acquire) {
            Device::Cpu
        } else {
            self.factory.place.device()
        }
    }

    /// The folder in which its device keeps compiled graphs.
    pub(super) fn compiled(&self) -> Option<&Path> {
        self.factory.place.cache()
    }

    /// Waits for a slot and takes a session, which is made when there is none.
    fn with_session<T>(&self, work: impl FnOnce(&mut Loaded) -> T) -> Result<T, InferenceError> {
        let _slot = self.slots.take();
        let _inside = gate::enter()?;
        let mut borrowed = self.borrow();
        let session = match &mut borrowed.session {
            Some(session) => session,
            empty => empty.insert(self.load()?),
        };
        Ok(work(session))
    }

    /// Takes an idle session, where there is one. The lock is not held while sessions are made and run.
    fn borrow(&self) -> Borrowed<'_> {
        let mut sessions = lock(&self.sessions);
        sessions.busy += 1;
        Borrowed {
            network: self,
            session: sessions.idle.pop(),
        }
    }

    fn load(&self) -> Result<Loaded, InferenceError> {
        let started = Instant::now();
        let (session, is_on_device) = self.build().map_err(|source| InferenceError::Load {
            model: self.name.clone(),
            file: self.file.clone(),
            source,
        })?;
        self.known.get_or_init(|| Known::of(&session, self.bounds));
        tracing::debug!(
            model = self.name,
            milliseconds = started.elapsed().as_millis(),
            "a session was made"
        );
        Ok(Loaded {
            session,
            input: Vec::new(),
            is_on_device,
            is_broken: false,
        })
    }

    /// A session, and whether it is on a device beside the processor; on the processor, where the device has failed, or
    /// fails now and the processor does not.
    fn build(&self) -> Result<(Session, bool), ort::Error> {
        let device = self.device();
        if device == Device::Cpu {
            let session = self.factory.on_processor().build(&self.file, self.has_one_size)?;
            return Ok((session, false));
        }
        let failed = match self.factory.build(&self.file, self.has_one_size) {
            Ok(session) => return Ok((session, true)),
            Err(failed) => failed,
        };
        let Ok(session) = self.factory.on_processor().build(&self.file, self.has_one_size) else {
            return Err(failed);
        };
        self.failures
            .record(device, &self.name, failed.to_string().trim());
        if !self.failures.goes_on() {
            return Err(failed);
        }
        self.leave_device();
        Ok((session, false))
    }

    /// Whether it is in memory.
    pub(super) fn is_loaded(&self) -> bool {
        let sessions = lock(&self.sessions);
        sessions.busy > 0 || !sessions.idle.is_empty()
    }

    /// Drops its sessions when none of them has run for so long; says whether it did.
    pub(super) fn unload_after(&self, idle: Duration) -> bool {
        let dropped = {
            let mut sessions = lock(&self.sessions);
            if sessions.busy > 0 || sessions.last_used.elapsed() < idle {
                return false;
            }
            std::mem::take(&mut sessions.idle)
        };
        let any = !dropped.is_empty();
        // Takes a while; nobody waits for it here.
        gate::release(dropped);
        any
    }

    /// Its output as a vector of length 1.
    pub(super) fn unit(&self, values: Vec<f32>) -> Result<Embedding, InferenceError> {
        Embedding::normalised(values).map_err(|error| self.unexpected(error.to_string()))
    }

    /// The error for a run that failed.
    pub(super) fn failed(&self, source: ort::Error) -> InferenceError {
        InferenceError::Run {
            model: self.name.clone(),
            source,
        }
    }

    /// The error for outputs that are not what the architecture gives.
    pub(super) fn unexpected(&self, what: impl Into<String>) -> InferenceError {
        InferenceError::Unexpected {
            model: self.name.clone(),
            what: what.into(),
        }
    }
}

#[cfg(test)]
mod tests;
