//! Guests that misuse wasi-nn: networks they may not have, tensors that lie, and more of both than allowed.

use std::time::Duration;

use ai_worker::plugins::{Graphs, PluginSettings, Slot};
use wasmtime_wasi_nn::backend::{BackendError, BackendExecutionContext, BackendGraph, Id, NamedTensor};
use wasmtime_wasi_nn::{ExecutionContext, Tensor};

use crate::guest::{data, on_photos, words};
use crate::host::{Attack, Host, Kind, LIMIT, processor_time, settings, with_host};
use crate::logging::Log;

/// A stand-in for a network: gives its inputs back when their data fit their dimensions, and takes this much of the
/// processor first.
#[derive(Clone, Copy)]
struct StandIn(Duration);

impl BackendGraph for StandIn {
    fn init_execution_context(&self) -> Result<ExecutionContext, BackendError> {
        let context: Box<dyn BackendExecutionContext> = Box::new(*self);
        Ok(context.into())
    }
}

impl BackendExecutionContext for StandIn {
    fn set_input(&mut self, _: Id, _: &Tensor) -> Result<(), BackendError> {
        Ok(())
    }

    fn get_output(&mut self, _: Id) -> Result<Tensor, BackendError> {
        Err(BackendError::NotEnoughMemory(0))
    }

    fn compute(
        &mut self,
        inputs: Option<Vec<NamedTensor>>,
    ) -> Result<Option<Vec<NamedTensor>>, BackendError> {
        let began = processor_time();
        while processor_time() - began < self.0 {}
        let inputs = inputs.unwrap_or_default();
        for NamedTensor { tensor, .. } in &inputs {
            let values = tensor
                .dimensions
                .iter()
                .map(|size| u128::from(*size))
                .product::<u128>();
            if values.saturating_mul(4) != tensor.data.len() as u128 {
                let cause = wasmtime::Error::msg("the stand-in counts its values");
                let error = cause.context(format!("{:?} do not fit the data", tensor.dimensions));
                return Err(BackendError::BackendAccess(error));
            }
        }
        Ok(Some(inputs))
    }
}

/// The tagger may have `stand-in`; there is a network `secret`, which it may not have.
fn with_graphs(settings: PluginSettings, test: impl FnOnce(&Host) + Send + 'static) {
    with_busy_graphs(settings, Duration::ZERO, test);
}

fn with_busy_graphs(settings: PluginSettings, busy: Duration, test: impl FnOnce(&Host) + Send + 'static) {
    let graph = |name: &str| {
        let graph: Box<dyn BackendGraph> = Box::new(StandIn(busy));
        (name.to_owned(), graph.into())
    };
    let settings = PluginSettings {
        graphs: vec!["tagger=stand-in".parse().unwrap()],
        ..settings
    };
    with_host(settings, Graphs::from([graph("stand-in"), graph("secret")]), test);
}

/// A tagger that does this with wasi-nn when it sees a photo. `$told` ends it with an error's text as its own answer.
fn guest(fields: &str, does: &str) -> Vec<u8> {
    let imports = r#"
        (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "load" (func $load (param i32 i32 i32 i32 i32)))
        (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "load-by-name" (func $load_by_name (param i32 i32 i32)))
        (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "[method]graph.init-execution-context" (func $context (param i32 i32)))
        (import "wasi:nn/inference@0.2.0-rc-2024-10-28" "[method]graph-execution-context.compute" (func $compute (param i32 i32 i32 i32)))
        (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[constructor]tensor" (func $tensor (param i32 i32 i32 i32 i32) (result i32)))
        (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[resource-drop]tensor" (func $drop_tensor (param i32)))
        (import "wasi:nn/errors@0.2.0-rc-2024-10-28" "[method]error.data" (func $data (param i32 i32)))
        (import "wasi:nn/errors@0.2.0-rc-2024-10-28" "[resource-drop]error" (func $drop_error (param i32)))
        (func $told (param $error i32) (result i32)
            (call $data (local.get $error) (i32.const 2064))
            (i32.store (i32.const 3072) (i32.const 1))
            (i32.store (i32.const 3076) (i32.const 2))
            (i32.store (i32.const 3080) (i32.load (i32.const 2064)))
            (i32.store (i32.const 3084) (i32.load (i32.const 2068)))
            (i32.const 3072))"#;
    let names = [data(1_024, b"stand-in"), data(1_040, b"secret")].concat();
    on_photos(&[imports, &names, fields].concat(), does)
}

/// Asks for a graph by the name at an address and goes on when it gets it; its handle is at 2052.
fn loads(address: u32, length: u32) -> String {
    format!(
        "(call $load_by_name (i32.const {address}) (i32.const {length}) (i32.const 2048))
        (if (i32.load8_u (i32.const 2048)) (then (return (call $told (i32.load (i32.const 2052))))))"
    )
}

/// Then makes a tensor of the dimensions at 1536 and four bytes of data, and computes until it is refused.
fn computes_without_end() -> String {
    let stand_in = loads(1_024, 8);
    format!(
        "{stand_in}
        (call $context (i32.load (i32.const 2052)) (i32.const 2048))
        (if (i32.load8_u (i32.const 2048)) (then unreachable))
        (loop
            ;; One input: an empty name and the tensor.
            (i32.store (i32.const 1800) (call $tensor (i32.const 1536) (i32.const 2) (i32.const 1) (i32.const 1600) (i32.const 4)))
            (call $compute (i32.load (i32.const 2052)) (i32.const 1792) (i32.const 1) (i32.const 2080))
            (if (i32.load8_u (i32.const 2080)) (then (return (call $told (i32.load (i32.const 2084))))))
            ;; The output is at the address that was given for the list: its name, and the tensor.
            (call $drop_tensor (i32.load (i32.add (i32.load (i32.const 2084)) (i32.const 8))))
            (br 0))
        unreachable"
    )
}

/// What a call of this guest is told, and what it leaves in the log.
fn told(host: &Host, guest: &[u8]) -> (String, String) {
    host.plugins.swap(Slot::Tagger, guest, None, "a test").unwrap();
    let mut told = String::new();
    let log = Log::of(|| told = ai_worker::report(&host.call(Slot::Tagger).unwrap_err()));
    host.plugins.roll_back(Slot::Tagger).unwrap();
    host.serves_on("a network's misuse");
    (told, log)
}

#[test]
fn networks_are_the_hosts_own_and_those_the_slot_may_have() {
    let own = "(call $load (i32.const 1536) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 2048))
        (if (i32.load8_u (i32.const 2048)) (then (return (call $told (i32.load (i32.const 2052))))))
        unreachable";
    with_graphs(settings(), move |host| {
        let own_network = "a plugin cannot bring a network of its own";
        let no_graph = "there is no graph of this name for this slot";
        for (does, refusal, warning) in [
            // One that another slot may have, and one that nobody has.
            (
                loads(1_040, 6),
                no_graph,
                "there is no graph \"secret\" for this slot",
            ),
            (
                loads(1_024, 5),
                no_graph,
                "there is no graph \"stand\" for this slot",
            ),
            (own.to_owned(), own_network, own_network),
        ] {
            let guest = guest(&words(1_536, &[1_600, 64]), &format!("{does} unreachable"));
            let (told, log) = told(host, &guest);
            assert!(told.contains("declined") && told.contains(refusal), "{told}");
            assert!(log.contains(warning) && log.contains("slot=tagger"), "{log}");
            assert_eq!(log.lines().count(), 1, "{log}");
        }
    });
}

#[test]
fn a_tensor_that_lies_is_refused_and_the_log_says_why() {
    for dimensions in [[7, 3], [0, 0], [u32::MAX, u32::MAX], [1 << 31, 1 << 31]] {
        with_graphs(settings(), move |host| {
            let (told, log) = told(host, &guest(&words(1_536, &dimensions), &computes_without_end()));
            assert!(told.contains("declined"), "{told}");
            assert!(!told.contains("counts its values"), "{told}");
            let warning = log.lines().find(|line| line.contains("WARN")).unwrap();
            let causes = format!("{dimensions:?} do not fit the data: the stand-in counts its values");
            assert!(
                warning.contains(&causes) && warning.contains("slot=tagger"),
                "{warning}"
            );
        });
    }
}

#[test]
fn inferences_are_counted() {
    with_graphs(settings(), |host| {
        let (told, _) = told(host, &guest(&words(1_536, &[1, 1]), &computes_without_end()));
        assert!(
            told.contains("as many inferences as PLUGIN_INFERENCES allows"),
            "{told}"
        );
    });
}

/// What a network takes of the processor is not the guest's doing; how often it runs is limited otherwise.
#[test]
fn networks_are_not_on_a_guests_own_clock() {
    with_busy_graphs(settings(), LIMIT / 4, |host| {
        let (told, _) = told(host, &guest(&words(1_536, &[1, 1]), &computes_without_end()));
        assert!(
            told.contains("as many inferences as PLUGIN_INFERENCES allows"),
            "{told}"
        );
    });
}

/// A guest that asks for what it may not have ten thousand times: its lines count as any other of its lines.
#[test]
fn refusals_do_not_fill_the_log() {
    let long = format!(
        "(global $left (mut i32) (i32.const 0)) {}",
        data(8_192, &[b'y'; 2_000])
    );
    let does = "(global.set $left (i32.const 10000))
        (loop
            (call $load_by_name (i32.const 8192) (i32.const 2000) (i32.const 2048))
            (call $drop_error (i32.load (i32.const 2052)))
            (global.set $left (i32.sub (global.get $left) (i32.const 1)))
            (br_if 0 (global.get $left)))
        unreachable";
    let mut settings = settings();
    settings.limits.timeout = std::time::Duration::from_secs(60);
    with_graphs(settings, move |host| {
        let (_, log) = told(host, &guest(&long, does));
        assert_eq!(log.lines().count(), 101);
        assert!(log.lines().all(|line| line.chars().count() < 1_200));
        assert!(log.contains("dropped=9900"));
    });
}

#[test]
fn what_the_host_holds_for_a_guest_is_limited() {
    let page = "(func $grow (drop (memory.grow (i32.const 15)))) (start $grow)";
    let tensor = |bytes: u32| {
        format!(
            "(drop (call $tensor (i32.const 1536) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const {bytes})))"
        )
    };
    let forever = |does: &str| format!("(loop {does} (br 0)) unreachable");
    // Each error could keep the name that was asked for.
    let errors = forever("(call $load_by_name (i32.const 8192) (i32.const 50000) (i32.const 2048))");
    let attacks = vec![
        Attack(
            "tensors without end",
            guest("", &forever(&tensor(0))),
            Kind::Trapped,
            "table has no free keys",
        ),
        Attack(
            "a million bytes of tensor without end",
            guest(page, &forever(&tensor(1_000_000))),
            Kind::Trapped,
            "PLUGIN_MEMORY_BYTES",
        ),
        Attack(
            "more in one call than a transfer",
            // Two pages beyond what is passed, so that it is not refused for lying outside of the memory.
            guest(
                "(func $grow (drop (memory.grow (i32.const 17)))) (start $grow)",
                &format!("{} (i32.const 64)", tensor(1_048_577)),
            ),
            Kind::Trapped,
            "too much data",
        ),
        Attack(
            "errors without end",
            guest("", &errors),
            Kind::Trapped,
            "table has no free keys",
        ),
    ];
    let mut settings = settings();
    // So that few copies are enough, which are slow where nothing is optimised.
    settings.limits.memory_bytes = 4 << 20;
    // So that what stops them is not the time, on however busy a machine.
    settings.limits.timeout = 20 * LIMIT;
    with_graphs(settings, move |host| {
        for attack in attacks {
            host.repels(Slot::Tagger, &attack);
        }
    });
}
