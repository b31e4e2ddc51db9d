//! The WebAssembly engine, the clock that interrupts guests, and what a guest gets to run in.

use std::time::Duration;

use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::PluginError;

/// How often running guests are checked against their deadline.
const TICK: Duration = Duration::from_millis(10);

/// What one call of a plugin may use.
#[derive(Clone, Debug)]
pub struct PluginLimits {
    /// Longest wall-clock time of one call, in host calls or in guest code.
    pub timeout: Duration,
    /// Largest linear memory in bytes.
    pub memory_bytes: usize,
    /// Largest component file in bytes.
    pub component_bytes: u64,
}

/// What a guest can reach: its own memory, and a WASI that grants nothing.
pub(super) struct Guest {
    limits: StoreLimits,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The engine, the linker and the limits that every plugin shares.
pub(super) struct PluginEngine {
    pub(super) engine: Engine,
    pub(super) linker: Linker<Guest>,
    pub(super) limits: PluginLimits,
}

impl PluginEngine {
    pub(super) fn new(limits: PluginLimits) -> Result<Self, PluginError> {
        let mut config = Config::new();
        config.wasm_component_model(true).epoch_interruption(true);
        let engine = Engine::new(&config).map_err(PluginError::engine)?;
        start_ticker(&engine)?;
        let mut linker = Linker::new(&engine);
        // Linked so that guests made by JavaScript and Python tools find their imports; nothing is granted.
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).map_err(PluginError::engine)?;
        super::bindings::types::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)
            .map_err(PluginError::engine)?;
        Ok(Self {
            engine,
            linker,
            limits,
        })
    }

    /// A store that lives for one call.
    pub(super) fn store(&self) -> Store<Guest> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(self.limits.memory_bytes)
            .memories(4)
            .tables(16)
            .table_elements(100_000)
            .instances(32)
            .trap_on_grow_failure(true)
            .build();
        let guest = Guest {
            limits,
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
        };
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.limits);
        let ticks = self.limits.timeout.as_millis().div_ceil(TICK.as_millis());
        store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX).max(1));
        store
    }
}

impl super::bindings::types::Host for Guest {}

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
