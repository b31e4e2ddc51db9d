//! The host under attack: what every attack is measured and judged by.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ai_worker::audit::{AuditLog, Who};
use ai_worker::domain::{
    BoundingBox, ClusterId, EmbeddingModel, FaceId, Gender, Label, Neighbour, Scene, SceneFace,
};
use ai_worker::plugins::{
    ClusterQuestion, ContextQuestion, Graphs, PluginError, PluginLimits, PluginSettings, Plugins, Slot,
    TagQuestion, Trust,
};
use tempfile::TempDir;

/// The processor's longest time for one call.
pub(crate) const LIMIT: Duration = Duration::from_millis(200);
/// The longest time of one call by the clock on the wall: more than a busy machine takes to give a thread its turns.
const WALL: Duration = Duration::from_secs(10);
/// What an unoptimised build takes of the processor to compile a guest.
const SLACK: Duration = Duration::from_millis(400);

/// Which error stops a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Load,
    TimedOut,
    NoAnswer,
    Trapped,
    Declined,
    InvalidAnswer,
    CaseFailed,
}

impl Kind {
    fn of(error: &PluginError) -> Self {
        match error {
            PluginError::Load { .. } => Self::Load,
            PluginError::TimedOut { .. } => Self::TimedOut,
            PluginError::NoAnswer { .. } => Self::NoAnswer,
            PluginError::Trapped { .. } => Self::Trapped,
            PluginError::Declined { .. } => Self::Declined,
            PluginError::InvalidAnswer { .. } => Self::InvalidAnswer,
            PluginError::CaseFailed { .. } => Self::CaseFailed,
            other => panic!("an error that no guest should cause: {other}"),
        }
    }
}

/// A guest, and how it is to be stopped: by which error, and what that says.
pub(crate) struct Attack(
    pub(crate) &'static str,
    pub(crate) Vec<u8>,
    pub(crate) Kind,
    pub(crate) &'static str,
);

/// Plugins in a worker's slots, with a state directory of their own.
pub(crate) struct Host {
    pub(crate) plugins: Plugins,
    /// What a call may take of the processor until it is over.
    deadline: Duration,
    /// What it may take by the clock on the wall.
    wall: Duration,
    _state: TempDir,
}

/// Small limits, so that tests are quick; everything else as configured when nothing is.
pub(crate) fn settings() -> PluginSettings {
    PluginSettings {
        directory: None,
        settle: Duration::ZERO,
        limits: PluginLimits {
            timeout: LIMIT,
            wall_clock: WALL,
            memory_bytes: 16 << 20,
            component_bytes: 4 << 20,
            instances: 16,
            table_elements: 10_000,
            transfer_bytes: 1 << 20,
            handles: 64,
            inferences: 8,
            log_lines: 100,
            output_bytes: 4_096,
        },
        trust: Trust::default(),
        graphs: Vec::new(),
        degrade: Vec::new(),
        // Slots are emptied by the tests and by nobody else.
        breaker_failures: 0,
        history: 10,
    }
}

/// Tests that measure this process run alone; the others share it.
static PROCESS: RwLock<()> = RwLock::new(());

/// Runs a test where plugins are called: on a blocking thread of a runtime.
pub(crate) fn with_host(settings: PluginSettings, graphs: Graphs, test: impl FnOnce(&Host) + Send + 'static) {
    let _shared = PROCESS.read().unwrap_or_else(PoisonError::into_inner);
    run(settings, graphs, test);
}

/// The same while no other test runs, so that what the process takes is what the test takes.
pub(crate) fn with_host_alone(
    settings: PluginSettings,
    graphs: Graphs,
    test: impl FnOnce(&Host) + Send + 'static,
) {
    let _alone = PROCESS.write().unwrap_or_else(PoisonError::into_inner);
    run(settings, graphs, test);
}

fn run(settings: PluginSettings, graphs: Graphs, test: impl FnOnce(&Host) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let done = runtime.spawn_blocking(move || {
        let state = tempfile::tempdir().unwrap();
        let deadline = settings.limits.timeout * 3 / 2 + SLACK;
        let wall = settings.limits.wall_clock + WALL;
        let audit = Arc::new(AuditLog::open(state.path()).unwrap());
        let plugins = Plugins::load(settings, state.path(), audit, &graphs, Box::new(())).unwrap();
        test(&Host {
            plugins,
            deadline,
            wall,
            _state: state,
        });
    });
    runtime.block_on(done).unwrap();
}

/// How long the processor has worked for this thread, which calls guests.
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().unwrap())
}

/// Runs each attack on a slot and has every one stopped.
pub(crate) fn repel(slot: Slot, attacks: Vec<Attack>) {
    with_host(settings(), Graphs::new(), move |host| {
        for attack in attacks {
            host.repels(slot, &attack);
        }
    });
}

impl Host {
    /// Puts a guest into its slot, calls it when it got there, and checks that it is stopped.
    pub(crate) fn repels(&self, slot: Slot, Attack(name, guest, kind, says): &Attack) {
        let started = Instant::now();
        let (error, took) = self.provoke(slot, guest, name);
        let waited = started.elapsed();
        let text = ai_worker::report(&error);
        assert_eq!(Kind::of(&error), *kind, "{name}: {text}");
        assert!(text.contains(says), "{name}: {text:?} does not say {says:?}");
        assert!(
            text.contains(slot.name()),
            "{name}: {text:?} does not name the slot"
        );
        assert!(
            took < self.deadline,
            "{name}: stopped after {took:?} of the processor"
        );
        assert!(waited < self.wall, "{name}: stopped after {waited:?}");
        self.serves_on(name);
    }

    /// The error with which a guest is stopped, and what that took of the processor.
    fn provoke(&self, slot: Slot, guest: &[u8], name: &str) -> (PluginError, Duration) {
        let started = processor_time();
        if let Err(error) = self.plugins.swap(slot, guest, None, "a test", &Who::default()) {
            return (error, processor_time() - started);
        }
        let started = processor_time();
        let error = self.call(slot).err();
        let took = processor_time() - started;
        let error = error.unwrap_or_else(|| panic!("{name}: it was not stopped"));
        self.plugins.roll_back(slot, &Who::default()).unwrap();
        (error, took)
    }

    /// Asks the plugin in a slot about a photo.
    pub(crate) fn call(&self, slot: Slot) -> Result<(), PluginError> {
        let (set, scene) = (self.plugins.snapshot(), scene());
        match slot {
            Slot::Tagger => {
                let question = TagQuestion {
                    scene: &scene,
                    photo: None,
                    threshold: 0.0,
                };
                self.plugins.ask(&set, &question).map(drop)
            }
            Slot::ContextMapper => {
                let question = ContextQuestion {
                    scene: &scene,
                    tags: &[],
                    photo: None,
                };
                self.plugins.ask(&set, &question).map(drop)
            }
            Slot::ClusterPolicy => {
                let question = ClusterQuestion {
                    face: &scene.faces[0],
                    cluster_faces: None,
                    neighbours: &[neighbour()],
                    model: &model(),
                };
                self.plugins.ask(&set, &question).map(drop)
            }
        }
    }

    /// Every slot has its built-in plugin, which answers.
    pub(crate) fn serves_on(&self, after: &str) {
        for slot in Slot::ALL {
            let active = self.plugins.snapshot().get(slot).identity().clone();
            assert_eq!(active.origin, "built-in", "after {after}");
            if let Err(error) = self.call(slot) {
                panic!("after {after}: {}", ai_worker::report(&error));
            }
        }
    }
}

/// A photo as there are many. Its width tells it from that of the call at loading, which is 1.
pub(crate) fn scene() -> Scene {
    let face = SceneFace {
        bounding_box: BoundingBox {
            x1: 10,
            y1: 20,
            x2: 110,
            y2: 140,
        },
        confidence: 0.9,
        age: Some(31.0),
        gender: Some(Gender::Female),
        quality: 0.8,
    };
    let label = |name: &str, score| Label {
        name: name.to_owned(),
        score,
    };
    Scene {
        width: 640,
        height: 480,
        faces: vec![face.clone(), face],
        labels: Some(vec![label("groom", 0.4), label("restaurant", 0.2)]),
        ..Scene::default()
    }
}

fn neighbour() -> Neighbour {
    Neighbour {
        face_id: FaceId::random(),
        cluster_id: ClusterId::random(),
        similarity: 0.7,
        quality: 0.8,
        same_photo: false,
    }
}

fn model() -> EmbeddingModel {
    EmbeddingModel {
        name: "a stand-in".to_owned(),
        dimension: 128,
        threshold: 0.4,
    }
}
