//! The WebAssembly engine, what interrupts guests so that their clocks are looked at, and the limits of a call.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, UpdateDeadline};

use super::bindings::{log, nn, photo, types};
use super::clock::CallClock;
use super::error::PluginError;
use super::graphs::Graphs;
use super::guest::{Guest, Lines};
use super::limits::CallLimits;
use super::neural::Neural;
use super::output::Output;
use super::photo::PhotoAccess;
use super::settings::PluginLimits;
use super::slot::Slot;
use super::usage::LatestUsage;

/// How often the clocks of running guests are looked at.
const TICK: Duration = Duration::from_millis(10);
/// How many times as long as in operation a plugin may take to answer while the worker starts: nobody waits for the
/// answer, and much else starts on the same processor.
const PATIENCE_AT_START: u32 = 10;

/// Who is called, and what besides its arguments the call may see.
pub(super) struct CallContext {
    pub(super) slot: Slot,
    pub(super) plugin: String,
    pub(super) photo: PhotoAccess,
    /// Where it leaves what it used.
    pub(super) usage: Arc<LatestUsage>,
    pub(super) output: Output,
}

/// The engine, the linker and the limits that every plugin shares.
pub(super) struct PluginEngine {
    pub(super) engine: Engine,
    pub(super) linker: Linker<Guest>,
    pub(super) limits: PluginLimits,
    /// The graphs each slot may use.
    graphs: HashMap<Slot, Arc<Graphs>>,
    /// The worker is starting.
    starting: AtomicBool,
    /// There is no worker: what a call wrote is kept when it succeeds, too.
    keeps_output: bool,
}

impl PluginEngine {
    pub(super) fn new(limits: PluginLimits, graphs: HashMap<Slot, Graphs>) -> Result<Self, PluginError> {
        let mut config = Config::new();
        config.wasm_component_model(true).epoch_interruption(true);
        let engine = Engine::new(&config).map_err(PluginError::engine)?;
        start_ticker(&engine)?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(PluginError::engine)?;
        Ok(Self {
            engine,
            linker,
            limits,
            graphs: graphs
                .into_iter()
                .map(|(slot, graphs)| (slot, Arc::new(graphs)))
                .collect(),
            starting: AtomicBool::new(false),
            keeps_output: false,
        })
    }

    /// The same for trying plugins alone: what each call wrote is kept until the next one.
    pub(super) fn keeping_output(self) -> Self {
        Self {
            keeps_output: true,
            ..self
        }
    }

    pub(super) fn keeps_output(&self) -> bool {
        self.keeps_output
    }

    /// Says whether the worker is starting, so that plugins are waited for more patiently.
    pub(super) fn set_starting(&self, starting: bool) {
        self.starting.store(starting, Ordering::Relaxed);
    }

    /// How long a call may take by the clock on the wall.
    pub(super) fn wall_clock(&self) -> Duration {
        let patience = if self.starting.load(Ordering::Relaxed) {
            PATIENCE_AT_START
        } else {
            1
        };
        self.limits.wall_clock * patience
    }

    /// A store that lives for one call, which begins with it and runs on this thread. `wall` is how long it may take by
    /// the clock on the wall.
    pub(super) fn store(&self, context: CallContext, wall: Duration) -> Store<Guest> {
        let mut table = ResourceTable::new();
        table.set_max_capacity(self.limits.handles);
        let graphs = self.graphs.get(&context.slot).cloned().unwrap_or_default();
        let guest = Guest {
            limits: CallLimits::new(&self.limits),
            clock: CallClock::start(self.limits.timeout, wall),
            table,
            wasi: None,
            neural: Neural::new(graphs, &self.limits),
            photo: context.photo,
            log: Lines::new(
                context.slot,
                context.plugin,
                self.limits.log_lines,
                context.output.clone(),
            ),
            usage: context.usage,
            output: context.output,
        };
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_hostcall_fuel(self.limits.transfer_bytes);
        store.set_max_component_handles(self.limits.handles);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().clock.check()?;
            Ok(UpdateDeadline::Continue(1))
        });
        store
    }
}

fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    // Linked so that guests made by JavaScript and Python tools find their imports; nothing is granted.
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    nn::graph::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    nn::tensor::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    nn::inference::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    nn::errors::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    types::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    log::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    photo::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)
}

/// Advances the engine's epoch on a plain thread, which ends when the engine does.
fn start_ticker(engine: &Engine) -> Result<(), PluginError> {
    let weak = engine.weak();
    std::thread::Builder::new()
        .name("plugin-epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map(|_| ())
        .map_err(|error| PluginError::engine(error.into()))
}
