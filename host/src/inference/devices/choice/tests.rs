//! What is chosen, with a shell in the place of trials, which is a fake: it says what a device would have said.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::*;
use crate::digest::hexadecimal;
use crate::models::devices::{Table, status};
use crate::models::manifest::{ModelDirectory, Role};

/// A models directory with the package of a device whose library is no library, and what its trials say.
struct Fake {
    models: TempDir,
    table: Table,
    script: String,
    limit: Duration,
}

const LIBRARY: &[u8] = b"no library";
/// What the processor says of either network.
const PROCESSOR: &str = r#"{"runs":{"network":"detector","nodes":[["CPUExecutionProvider",3]],"difference":0,"milliseconds":[],"on_processor":0}}
{"runs":{"network":"embedder","nodes":[["CPUExecutionProvider",3]],"difference":0,"milliseconds":[],"on_processor":0}}
"done""#;
/// A library that offers one card.
const OFFERED: &str = r#"{"devices":[{"kind":"gpu","vendor":"Fake","id":7}]}
"done""#;
/// A card that does in 4 and 2 ms what the processor does in 10 each.
const FAST: &str = r#"{"runs":{"network":"detector","nodes":[["FakeProvider",2],["CPUExecutionProvider",1]],"difference":1e-6,"milliseconds":[[1,4.0]],"on_processor":10.0}}
{"runs":{"network":"embedder","nodes":[["FakeProvider",3]],"difference":1e-6,"milliseconds":[[1,4.0],[4,2.0],[8,1.99]],"on_processor":10.0}}
"done""#;

impl Fake {
    /// One that offers this and whose trial says that.
    fn new(offered: &str, trial: &str) -> Self {
        let sha256 = hexadecimal(&Sha256::digest(LIBRARY));
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let table = format!(
            r#"
            requirement = []
            [[provider]]
            id = "webgpu"
            hardware = "fake cards"
            registers_as = "webgpu"
            provider = "FakeProvider"
            [[package]]
            id = "fake"
            name = "fake-package"
            version = "1.0"
            kind = "wheel"
            bytes = 10
            sha256 = "{sha256}"
            [[build]]
            provider = "webgpu"
            os = "{os}"
            arch = "{arch}"
            library = "fake.so"
            [[build.file]]
            package = "fake"
            path = "fake.so"
            sha256 = "{sha256}"
            bytes = {}
            licence = "MIT"
            "#,
            LIBRARY.len()
        );
        let models = tempfile::tempdir().unwrap();
        fs::create_dir_all(models.path().join("devices/webgpu")).unwrap();
        fs::write(models.path().join("devices/webgpu/fake.so"), LIBRARY).unwrap();
        let script = format!(
            r#"request=$(cat); echo >>"$0"
            case "$request" in
            *'"networks":[]'*) cat <<'END'
{offered}
END
            ;;
            *'"place":"processor"'*) cat <<'END'
{PROCESSOR}
END
            ;;
            *) {trial}
            ;;
            esac"#
        );
        Self {
            models,
            table: toml::from_str(&table).unwrap(),
            script,
            limit: Duration::from_secs(60),
        }
    }

    /// One whose trial prints this.
    fn printing(trial: &str) -> Self {
        Self::new(OFFERED, &format!("cat <<'END'\n{trial}\nEND"))
    }

    /// The file that has a byte for each process that was started.
    fn log(&self) -> PathBuf {
        self.models.path().join("started")
    }

    fn started(&self) -> usize {
        fs::read(self.log()).map_or(0, |bytes| bytes.len())
    }

    fn search(&self, setting: &str, again: bool) -> (Result<Placement, InferenceError>, DeviceReport) {
        let network = |name: &str, role| TrialNetwork {
            name: name.to_owned(),
            role,
            file: PathBuf::from(name),
            input: None,
        };
        let directory = ModelDirectory(self.models.path().to_owned());
        let setting = setting.parse().unwrap();
        Search {
            setting: &setting,
            runtime: Path::new("runtime"),
            networks: vec![
                (network("detector", Role::FaceDetector), "1".to_owned()),
                (network("embedder", Role::FaceEmbedder), "2".to_owned()),
            ],
            status: status(&self.table, &directory).unwrap(),
            folder: self.models.path().join("devices"),
            launcher: Launcher {
                program: PathBuf::from("/bin/sh"),
                arguments: vec!["-c".into(), self.script.clone().into(), self.log().into()],
                limit: self.limit,
            },
            sessions: 1,
            threads: 1,
            again,
        }
        .run()
    }

    /// Why the device was not taken.
    fn rejection(&self) -> RejectedDevice {
        let (placement, report) = self.search("auto", false);
        assert_eq!(placement.unwrap().report().selected, Device::Cpu);
        let [rejected] = &report.rejected[..] else {
            panic!("{report:?}")
        };
        assert_eq!(rejected.device, Device::WebGpu);
        rejected.clone()
    }
}

#[test]
fn the_fastest_is_taken_and_kept() {
    let fake = Fake::printing(FAST);
    let (placement, report) = fake.search("auto", false);
    let placement = placement.unwrap();
    assert_eq!(placement.report().selected, Device::WebGpu);
    assert_eq!(placement.report().name, "Fake gpu");
    assert_eq!(placement.of("detector").place.device(), Device::WebGpu);
    assert_eq!(
        (placement.of("detector").batch, placement.of("embedder").batch),
        (1, 4)
    );
    let [trial] = &report.trials[..] else {
        panic!("{report:?}")
    };
    assert!(trial.passed && !trial.kept);
    assert_eq!((trial.milliseconds, trial.processor_milliseconds), (6.0, 20.0));
    let detector = &trial.networks[0];
    assert_eq!((detector.nodes_on_device, detector.nodes_on_processor), (2, 1));
    // It was listed, the processor was measured, and it was tried.
    assert_eq!(fake.started(), 3);
    let (placement, report) = fake.search("auto", false);
    assert_eq!(placement.unwrap().report().selected, Device::WebGpu);
    assert!(report.trials[0].kept);
    assert_eq!(fake.started(), 3);
    // Asked for anew.
    assert!(!fake.search("auto", true).1.trials[0].kept);
    assert_eq!(fake.started(), 6);
}

#[test]
fn a_role_may_run_elsewhere() {
    let fake = Fake::printing(FAST);
    let placement = fake.search("webgpu,face-detector=cpu", false).0.unwrap();
    assert_eq!(placement.of("detector").place.device(), Device::Cpu);
    assert_eq!(placement.of("embedder").place.device(), Device::WebGpu);
    let placement = fake.search("cpu,face-detector=webgpu:0", false).0.unwrap();
    assert_eq!(placement.report().selected, Device::Cpu);
    assert_eq!(placement.of("detector").place.device(), Device::WebGpu);
    let error = fake.search("webgpu:1", false).0.unwrap_err().to_string();
    assert!(error.contains("highest index is 0"), "{error}");
}

#[test]
fn one_that_is_slower_is_taken_only_when_it_is_asked_for() {
    let slow = FAST
        .replace("[1,4.0]", "[1,40.0]")
        .replace(",[4,2.0],[8,1.99]", "");
    let fake = Fake::printing(&slow);
    let rejected = fake.rejection();
    assert_eq!(rejected.cause, Cause::Slower);
    assert!(
        rejected.reason.contains("80.0 ms") && rejected.reason.contains("20.0 ms"),
        "{rejected:?}"
    );
    let placement = fake.search("webgpu", false).0.unwrap();
    assert_eq!(placement.report().selected, Device::WebGpu);
}

#[test]
fn every_reason_is_told() {
    let disagrees =
        r#"{"fails":{"network":"embedder","cause":"disagrees","reason":"vector has a cosine of 0.5"}}"#;
    let disagrees = format!("{}\n{disagrees}\n\"done\"", FAST.lines().next().unwrap());
    let refused = r#"{"impossible":{"cause":"library_refused","reason":"no such symbol"}}"#;
    let first = FAST.lines().next().unwrap();
    let dies = format!("echo '{first}'; echo '{{\"begins\":\"embedder\"}}'; kill -SEGV $$");
    let not_all = format!("{first}\n\"done\"");
    for (fake, cause, words) in [
        (
            Fake::printing(&disagrees),
            Cause::Disagrees,
            "embedder: vector has a cosine",
        ),
        (Fake::printing(refused), Cause::LibraryRefused, "no such symbol"),
        (
            Fake::new(OFFERED, &dies),
            Cause::Died,
            "while embedder was tried: signal: 11",
        ),
        (
            Fake::printing(&not_all),
            Cause::NotTried,
            "embedder was not tried",
        ),
        (
            Fake::new("{\"devices\":[]}\n\"done\"", ":"),
            Cause::NothingOffered,
            "fake cards",
        ),
        (Fake::new(refused, ":"), Cause::LibraryRefused, "no such symbol"),
    ] {
        let rejected = fake.rejection();
        assert_eq!(rejected.cause, cause, "{rejected:?}");
        assert!(rejected.reason.contains(words), "{rejected:?}");
        // Whoever insists is told the same.
        let error = fake.search("webgpu", false).0.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_trial_without_end_is_ended_and_not_repeated() {
    let mut fake = Fake::new(OFFERED, "exec sleep 600");
    fake.limit = Duration::from_secs(2);
    assert_eq!(fake.rejection().cause, Cause::TimedOut);
    let started = fake.started();
    assert_eq!(fake.rejection().cause, Cause::TimedOut);
    assert_eq!(fake.started(), started);
    fake.limit = Duration::from_secs(3);
    assert_eq!(fake.rejection().cause, Cause::TimedOut);
    assert!(fake.started() > started);
}

#[test]
fn a_package_that_is_not_right_is_not_loaded() {
    let fake = Fake::printing(FAST);
    fs::write(fake.models.path().join("devices/webgpu/fake.so"), "damaged").unwrap();
    assert_eq!(fake.rejection().cause, Cause::PackageDamaged);
    fs::remove_file(fake.models.path().join("devices/webgpu/fake.so")).unwrap();
    let rejected = fake.rejection();
    assert_eq!(rejected.cause, Cause::PackageAbsent);
    assert!(
        rejected.reason.contains("ai-worker models pull --device webgpu"),
        "{rejected:?}"
    );
    assert_eq!(fake.started(), 0);
}

#[test]
fn the_processor_alone_costs_nothing() {
    let fake = Fake::printing(FAST);
    let (placement, report) = fake.search("cpu", false);
    assert_eq!(placement.unwrap().report().selected, Device::Cpu);
    assert!(report.providers.is_empty() && report.rejected.is_empty());
    assert_eq!(fake.started(), 0);
}
