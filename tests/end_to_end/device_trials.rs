//! What the tests of devices need: models with the real packages of devices, a driver in software, and single trials.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use ai_worker::inference::devices::{
    Cause, Device, Ended, Launcher, Line, NetworkTrial, Place, PlugIn, Request, TrialNetwork,
};
use ai_worker::models::devices::{Present, Table};
use ai_worker::models::manifest::{Manifest, ModelDirectory};
use serde_json::Value;
use tempfile::TempDir;

use test_support::harness::{missing, not_on_this_machine};
use test_support::prerequisites;
use test_support::worker::command;

/// Long enough for any trial here, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1_800);

/// A folder in another one with the models that are here, and no device.
fn models_in(parent: &Path) -> TempDir {
    let found = prerequisites();
    let folder = tempfile::tempdir_in(parent).unwrap();
    for entry in fs::read_dir(&found.models).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let place = folder.path().join(entry.file_name());
            // What is verified is known by its size and time, which a link keeps.
            if fs::hard_link(entry.path(), &place).is_err() {
                std::os::unix::fs::symlink(entry.path(), &place).unwrap();
            }
        }
    }
    // A link would be written to by both.
    let record = folder.path().join(".verified");
    let text = fs::read(&record).unwrap();
    fs::remove_file(&record).unwrap();
    fs::write(record, text).unwrap();
    folder
}

/// A folder in which the packages of both libraries are, fetched once for all tests.
pub(crate) fn packages() -> &'static Path {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("devices");
        fs::create_dir_all(&parent).map_err(|error| error.to_string())?;
        let folder = parent.join("models");
        if !folder.exists() {
            // From a place on the same file system, or it could not be renamed.
            fs::rename(models_in(&parent).keep(), &folder).map_err(|error| error.to_string())?;
        }
        for device in ["openvino", "webgpu"] {
            let pulled = command(&[("MODELS_DIR", folder.to_str().unwrap())])
                .args(["models", "pull", "--device", device, "--accept-license"])
                .output()
                .unwrap();
            if !pulled.status.success() {
                return Err(String::from_utf8_lossy(&pulled.stderr).into_owned());
            }
        }
        Ok(folder)
    });
    match found {
        Ok(folder) => folder,
        Err(error) => missing(format_args!("the packages of devices are needed: {error}")),
    }
}

/// A folder with models, and the packages of some devices.
pub(crate) fn models_with(devices: &[&str]) -> TempDir {
    let folder = models_in(&std::env::temp_dir());
    for device in devices {
        let from = packages().join("devices").join(device);
        let to = folder.path().join("devices").join(device);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    folder
}

/// What is here of a device's package.
pub(crate) fn present(device: &str) -> Present {
    let directory = ModelDirectory(packages().to_owned());
    let all = ai_worker::models::devices::present(&Table::built_in().unwrap(), &directory).unwrap();
    all.into_iter()
        .find(|one| one.id == device)
        .unwrap_or_else(|| panic!("{device} is not present"))
}

/// Ends a test for which the OpenVINO package has no device here.
pub(crate) fn needs_openvino() {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if !told.contains("GenuineIntel") {
        not_on_this_machine("OpenVINO lists nothing on the processor of another maker");
    }
}

/// The variables of the environment by which the WebGPU library runs in software.
pub(crate) fn software() -> [(&'static str, OsString); 3] {
    let named = std::env::var_os("SWIFTSHADER_DIR").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from("/usr/lib/chromium"));
    let driver = folder.join("vk_swiftshader_icd.json");
    if !driver.exists() {
        missing(format_args!(
            "SwiftShader is needed (chromium-common): no {}",
            driver.display()
        ));
    }
    [
        ("VK_DRIVER_FILES", driver.clone().into()),
        ("LD_LIBRARY_PATH", folder.into()),
        ("ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER", "1".into()),
    ]
}

/// `ai-worker devices --json` with these settings and arguments.
pub(crate) fn devices(models: &TempDir, settings: &[(&str, &str)], arguments: &[&str]) -> Value {
    let output = command(settings)
        .env("MODELS_DIR", models.path())
        .env("DEVICE_TRIAL_SECONDS", PATIENCE.as_secs().to_string())
        .args(["devices", "--json"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("{error}: {said} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Why a device was not taken.
pub(crate) fn rejected(report: &Value, device: &str) -> (String, String) {
    let all = report["rejected"].as_array().unwrap();
    let one = all.iter().find(|one| one["device"] == device);
    let one = one.unwrap_or_else(|| panic!("{device} was not rejected: {report}"));
    let text = |key: &str| one[key].as_str().unwrap().to_owned();
    (text("cause"), text("reason"))
}

pub(crate) const AUTO: (&str, &str) = ("DEVICE", "auto");

/// A network of the set `open`.
fn network(name: &str) -> TrialNetwork {
    let manifest = Manifest::built_in().unwrap();
    let model = manifest.model(name).unwrap();
    TrialNetwork {
        name: model.name.clone(),
        role: model.role,
        file: prerequisites().models.join(&model.file),
        input: model.input,
    }
}

/// The smallest network of the set, which takes one face.
const SMALL: &str = "gender-v1";

/// Sessions on the first device of a package.
pub(crate) fn plug_in(present: &Present, device: Device) -> PlugIn {
    PlugIn {
        device,
        registers_as: present.registers_as.clone().unwrap(),
        library: present.library.clone(),
        preload: present.preload.clone(),
        provider: present.provider.clone(),
        index: 0,
        options: present.session_options(None),
        cache: None,
    }
}

/// The trial of a network in a process of its own.
pub(crate) fn try_at(place: Place, references: &Path, limit: Duration) -> (Vec<Line>, Ended) {
    let launcher = Launcher {
        program: env!("CARGO_BIN_EXE_ai-worker").into(),
        arguments: vec!["devices".into(), "try".into()],
        limit,
    };
    try_by(&launcher, place, references)
}

/// The trial of a network in a process that this launcher starts.
pub(crate) fn try_by(launcher: &Launcher, place: Place, references: &Path) -> (Vec<Line>, Ended) {
    let request = Request {
        runtime: prerequisites().runtime_library(),
        place,
        networks: vec![network(SMALL)],
        references: references.to_owned(),
        checks_processor: false,
        sessions: 1,
        threads: 1,
    };
    launcher.run(&request, None)
}

/// A folder with what the processor answers.
pub(crate) fn references() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (lines, ended) = try_at(Place::Processor, folder.path(), PATIENCE);
    assert_eq!(ended, Ended::Done, "{lines:?}");
    assert!(passed(&lines).is_some(), "{lines:?}");
    folder
}

pub(crate) fn passed(lines: &[Line]) -> Option<&NetworkTrial> {
    lines.iter().find_map(|line| match line {
        Line::Runs(trial) => Some(trial),
        _ => None,
    })
}

pub(crate) fn failed(lines: &[Line]) -> (Cause, &str) {
    let failed = lines.iter().find_map(|line| match line {
        Line::Fails { cause, reason, .. } | Line::Impossible { cause, reason } => {
            Some((*cause, reason.as_str()))
        }
        _ => None,
    });
    failed.unwrap_or_else(|| panic!("nothing failed: {lines:?}"))
}
