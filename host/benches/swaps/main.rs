//! What plugins cost: calls, swaps under load, memory, and a neighbour that misbehaves.
//!
//! `cargo bench --bench swaps [SWAPS] [calls|loading|neighbour|load|memory]...`; SWAPS (2,000) is how many swaps the
//! memory is watched for. Needs no models: a scene stands in for what inference sees. The plugins are the
//! built-in ones, the strict policy of the examples, and the built-in ones with another golden case in them, which are
//! other components to the worker.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

mod fixtures;
mod measure;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use ai_worker::audit::{AuditLog, Who};
use ai_worker::domain::Assignment;
use ai_worker::plugins::{Graphs, PluginError, Plugins, Slot, Workbench};
use test_support::guests;
use tokio::task::JoinHandle;

use crate::fixtures::{Question, question, settings, variants};
use crate::measure::{Times, resident_kb};

/// What is measured, unless the arguments name some of it.
const PARTS: [&str; 5] = ["calls", "loading", "neighbour", "load", "memory"];
/// Callers at a time.
const CALLERS: usize = 4;
const SWAPS_UNDER_LOAD: usize = 1_000;
const CALLS_UNDER_LOAD: u64 = 100_000;
const CALLS: usize = 20_000;
const ROUNDS: usize = 5;
/// What may run beside a plugin.
const BESIDE: [&str; 3] = ["a busy process", "a busy thread", "a looping plugin"];
/// The argument that makes this program a busy process.
const SPIN: &str = "--spin";
/// Swaps after which every slot has its built-in plugin again.
const WHOLE_ROUND: usize = 6;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    while arguments.iter().any(|argument| argument == SPIN) {
        std::hint::spin_loop();
    }
    let swaps = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(2_000);
    let chosen = |part: &str| arguments.iter().any(|argument| argument == part);
    let all = !PARTS.into_iter().any(chosen);
    let parts: Vec<&str> = PARTS.into_iter().filter(|part| all || chosen(part)).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    // Plugins are called where the worker calls them: on blocking threads of a runtime.
    let work = runtime.spawn_blocking(move || {
        let bench = Bench::new();
        for part in parts {
            match part {
                "calls" => bench.calls(),
                "loading" => bench.loading(),
                "neighbour" => bench.neighbour(),
                "load" => bench.load(),
                _ => bench.memory(swaps),
            }
        }
    });
    runtime.block_on(work).unwrap();
}

struct Bench {
    plugins: Arc<Plugins>,
    question: Arc<Question>,
    _state: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let audit = Arc::new(AuditLog::open(state.path()).unwrap());
        let plugins = Plugins::load(settings(), state.path(), audit, &Graphs::new(), Box::new(())).unwrap();
        Self {
            plugins: Arc::new(plugins),
            question: Arc::new(question()),
            _state: state,
        }
    }

    /// Calls one after the other, nothing else running.
    fn calls(&self) {
        println!(
            "calls, {CALLS} of each on one thread, 6 faces, 20 labels, 10 neighbours (goal: p99 <= 200 us)"
        );
        for slot in Slot::ALL {
            for _ in 0..500 {
                ask(&self.plugins, &self.question, slot);
            }
            println!(
                "  {:<15} {}",
                slot.name(),
                Times::of(CALLS, || ask(&self.plugins, &self.question, slot))
            );
        }
    }

    /// From bytes to a plugin that has answered once, and the same with everything that a swap writes down.
    fn loading(&self) {
        let workbench = Workbench::new(settings().limits).unwrap();
        println!("loading (compiled, linked, described, called once)");
        for slot in Slot::ALL {
            let times = Times::of(20, || {
                drop(workbench.load(slot, slot.built_in(), "bench").unwrap())
            });
            println!(
                "  {:<15} {times} for {} kB",
                slot.name(),
                slot.built_in().len() / 1_000
            );
        }
        println!("whole swaps (loading, golden cases, written down and synced, published)");
        for (slot, variants) in variants() {
            let mut next = variants.iter().cycle();
            let times = Times::of(20, || swap(&self.plugins, slot, next.next().unwrap()));
            println!("  {:<15} {times}", slot.name());
        }
    }

    /// The context mapper's calls beside a tagger that loops until its time is over, again and again; and, to tell what
    /// of it is the plugin's and what the machine's, beside a busy process and a busy thread that are no plugins.
    fn neighbour(&self) {
        let loops = "(if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 64)))) (loop (br 0)) unreachable";
        let hostile = guests::tagger("", guests::DESCRIPTION, loops);
        swap(&self.plugins, Slot::Tagger, &hostile);
        println!("the context mapper's calls beside (goal: p99 ratio <= 1.2)");
        let mut ratios = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let quiet = self.mapping();
            let mut process = std::process::Command::new(std::env::current_exe().unwrap())
                .arg(SPIN)
                .spawn()
                .unwrap();
            let process_beside = self.mapping();
            process.kill().unwrap();
            process.wait().unwrap();
            let thread_beside = self.mapping_beside(|_, _| std::hint::spin_loop());
            let plugin_beside = self.mapping_beside(|plugins, question| {
                let outcome = plugins.ask(&plugins.snapshot(), &question.for_tags(0.0));
                assert!(outcome.is_err());
            });
            println!("  nothing         {quiet}");
            for (index, times) in [process_beside, thread_beside, plugin_beside].iter().enumerate() {
                println!("  {:<15} {times}", BESIDE[index]);
                ratios[index].push(times.percentile(99) / quiet.percentile(99));
            }
        }
        self.plugins.roll_back(Slot::Tagger, &Who::default()).unwrap();
        for (ratios, beside) in ratios.iter_mut().zip(BESIDE) {
            ratios.sort_by(f64::total_cmp);
            println!(
                "  p99 ratio       {:.2} beside {beside}, the median of {ROUNDS} rounds",
                ratios[ROUNDS / 2]
            );
        }
    }

    fn mapping(&self) -> Times {
        Times::of(CALLS / 4, || {
            ask(&self.plugins, &self.question, Slot::ContextMapper)
        })
    }

    fn mapping_beside(&self, work: impl Fn(&Plugins, &Question) + Send + 'static) -> Times {
        let over = Arc::new(AtomicBool::new(false));
        let beside = self.beside(&over, work);
        let times = self.mapping();
        over.store(true, Ordering::Relaxed);
        wait(beside);
        times
    }

    /// Does this on a thread of its own until it is over.
    fn beside(
        &self,
        over: &Arc<AtomicBool>,
        work: impl Fn(&Plugins, &Question) + Send + 'static,
    ) -> JoinHandle<()> {
        let (plugins, question) = (Arc::clone(&self.plugins), Arc::clone(&self.question));
        let over = Arc::clone(over);
        tokio::task::spawn_blocking(move || {
            while !over.load(Ordering::Relaxed) {
                work(&plugins, &question);
            }
        })
    }

    /// Swaps of all slots in turn while callers describe photos.
    fn load(&self) {
        let counts = Arc::new(Counts::default());
        let over = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let counts = Arc::clone(&counts);
                self.beside(&over, move |plugins, question| counts.request(plugins, question))
            })
            .collect();
        let started = Instant::now();
        let variants = variants();
        let mut swaps = 0;
        while swaps < SWAPS_UNDER_LOAD
            || swaps % WHOLE_ROUND != 0
            || counts.calls.load(Ordering::Relaxed) < CALLS_UNDER_LOAD
        {
            let (slot, components) = &variants[swaps % variants.len()];
            swap(
                &self.plugins,
                *slot,
                &components[swaps / variants.len() % components.len()],
            );
            swaps += 1;
        }
        over.store(true, Ordering::Relaxed);
        callers.into_iter().for_each(wait);
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        println!(
            "{swaps} swaps under load in {:.0} s, {CALLERS} callers (goal: 0 failed, 0 mixed)",
            started.elapsed().as_secs_f64()
        );
        println!("  plugin calls    {}", count(&counts.calls));
        println!(
            "  requests        {}, of different plugins than the one before {}",
            count(&counts.requests),
            count(&counts.changed)
        );
        println!("  failed          {}", count(&counts.failed));
        println!("  mixed           {}", count(&counts.mixed));
    }

    /// What swaps leave in memory.
    fn memory(&self, swaps: usize) {
        let variants = variants();
        let round = |number: usize| {
            let (slot, components) = &variants[number % variants.len()];
            swap(
                &self.plugins,
                *slot,
                &components[number / variants.len() % components.len()],
            );
            ask(&self.plugins, &self.question, *slot);
        };
        // Allocators and caches grow to their size first.
        (0..33 * WHOLE_ROUND).for_each(round);
        let before = resident_kb();
        println!("memory over {swaps} swaps (goal: <= 1024 kB more per 1,000)");
        let mut latest = before;
        for number in 0..swaps {
            round(number);
            if (number + 1) % 1_000 == 0 {
                let now = resident_kb();
                println!("  after {:<9} {now} kB, {:+} kB", number + 1, now - latest);
                latest = now;
            }
        }
        let grown = resident_kb() - before;
        println!(
            "  in all          {before} kB before, {grown:+} kB, {:+.0} kB per 1,000",
            grown as f64 * 1e3 / swaps as f64
        );
        let workbench = Workbench::new(settings().limits).unwrap();
        for slot in Slot::ALL {
            let before = resident_kb();
            let loaded: Vec<_> = (0..20)
                .map(|_| workbench.load(slot, slot.built_in(), "bench").unwrap())
                .collect();
            println!(
                "  a loaded {:<15} {} kB",
                slot.name(),
                (resident_kb() - before) / loaded.len() as i64
            );
        }
    }
}

/// What came of the requests.
#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    requests: AtomicU64,
    changed: AtomicU64,
    failed: AtomicU64,
    mixed: AtomicU64,
}

impl Counts {
    /// One photo, as the pipeline has it described: one snapshot for all of it.
    fn request(&self, plugins: &Plugins, question: &Question) {
        let set = plugins.snapshot();
        let identities = set.identities();
        let faces = &question.scene.faces;
        let decisions: Result<Vec<_>, PluginError> = (|| {
            let tags = plugins.ask(&set, &question.for_tags(0.25))?.value;
            plugins.ask(&set, &question.for_context(&tags))?;
            let decide = |face| Ok(plugins.ask(&set, &question.for_face(face))?.value);
            faces.iter().map(decide).collect()
        })();
        // Of two similar people the built-in policy takes the nearest, and the strict one neither: every decision
        // shows which of them made it.
        let strict = identities[Slot::ClusterPolicy].name == "strict-cluster-policy";
        let mixed = decisions.as_ref().is_ok_and(|decisions| {
            decisions
                .iter()
                .any(|decision| (decision.assignment == Assignment::Create) != strict)
        });
        let changed = plugins.snapshot().identities()[Slot::ClusterPolicy] != identities[Slot::ClusterPolicy];
        self.calls.fetch_add(2 + faces.len() as u64, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.failed
            .fetch_add(decisions.is_err().into(), Ordering::Relaxed);
        self.mixed.fetch_add(mixed.into(), Ordering::Relaxed);
        self.changed.fetch_add(changed.into(), Ordering::Relaxed);
    }
}

fn wait(thread: JoinHandle<()>) {
    tokio::runtime::Handle::current().block_on(thread).unwrap();
}

fn ask(plugins: &Plugins, question: &Question, slot: Slot) {
    let set = plugins.snapshot();
    match slot {
        Slot::Tagger => drop(plugins.ask(&set, &question.for_tags(0.25)).unwrap()),
        Slot::ContextMapper => {
            drop(plugins.ask(&set, &question.for_context(&question.tags)).unwrap());
        }
        Slot::ClusterPolicy => {
            let face = &question.scene.faces[0];
            drop(plugins.ask(&set, &question.for_face(face)).unwrap());
        }
    }
}

fn swap(plugins: &Plugins, slot: Slot, component: &[u8]) {
    assert!(
        plugins
            .swap(slot, component, None, "bench", &Who::default())
            .unwrap()
            .changed
    );
}
