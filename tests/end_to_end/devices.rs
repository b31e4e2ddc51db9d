//! Devices beside the processor: why each is not taken, and what one that is taken answers.
//!
//! The libraries are real ones, fetched as any user fetches them. OpenVINO's runs on Intel's processors; WebGPU's runs on
//! SwiftShader, a Vulkan driver in software that comes with Chromium (Debian: chromium-common), or one that
//! `SWIFTSHADER_DIR` names.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use ai_worker::inference::devices::{Cause, CompiledGraphs, Device, Ended, Launcher, Place, PlugIn};
use serde_json::Value;

use test_support::harness::not_on_this_machine;
use test_support::worker::{Worker, command};

use crate::device_trials::{
    AUTO, PATIENCE, devices, failed, models_with, needs_openvino, passed, plug_in, present, references,
    rejected, software, try_at, try_by,
};

#[test_support::test]
fn a_package_that_is_absent_is_named_with_the_command_that_brings_it() {
    let models = models_with(&[]);
    let report = devices(&models, &[AUTO], &[]);
    assert_eq!(report["selected"], "cpu");
    let (cause, reason) = rejected(&report, "openvino");
    assert_eq!(cause, "package_absent");
    assert!(
        reason.contains("ai-worker models pull --device openvino"),
        "{reason}"
    );
    assert_eq!(rejected(&report, "mlx").0, "not_for_this_system");
    assert!(
        !report["machine"]["processor"]["name"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    // Nothing was tried, and nothing was put there.
    assert_eq!(report["trials"].as_array().unwrap().len(), 0);
    assert!(!models.path().join("devices").exists());
}

#[test_support::test]
fn nothing_is_looked_at_for_the_processor_alone() {
    let models = models_with(&[]);
    let report = devices(&models, &[("DEVICE", "cpu")], &[]);
    assert_eq!(report["selected"], "cpu");
    assert_eq!(report["rejected"].as_array().unwrap().len(), 0);
    assert_eq!(report["providers"].as_array().unwrap().len(), 0);
}

#[test_support::test]
fn a_damaged_file_of_a_package_is_named() {
    let models = models_with(&["webgpu"]);
    let library = "libonnxruntime_providers_webgpu.so";
    let file = fs::OpenOptions::new()
        .write(true)
        .open(models.path().join("devices/webgpu").join(library))
        .unwrap();
    file.set_len(100_000).unwrap();
    let report = devices(&models, &[AUTO], &[]);
    let (cause, reason) = rejected(&report, "webgpu");
    assert_eq!(cause, "package_damaged");
    assert!(
        reason.contains(library) && reason.contains("models pull"),
        "{reason}"
    );
}

#[test_support::test]
fn a_device_that_is_asked_for_and_cannot_be_had_is_an_error_that_says_why() {
    let models = models_with(&[]);
    let output = command(&[("DEVICE", "webgpu")])
        .env("MODELS_DIR", models.path())
        .args(["devices"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("models pull --device webgpu"), "{said}");
}

/// A library that was cut off while it was copied, as it would be if nobody had its hash: the loader maps it, and reading
/// beyond its end kills the process.
#[test_support::test]
fn a_library_that_kills_its_process_is_survived() {
    let present = present("webgpu");
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime_providers_webgpu.so");
    fs::copy(&present.library, &library).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(&library)
        .unwrap()
        .set_len(100_000)
        .unwrap();
    let place = Place::PlugIn(PlugIn {
        library,
        ..plug_in(&present, Device::WebGpu)
    });
    let (_, ended) = try_at(place, folder.path(), PATIENCE);
    let Ended::Died(words) = ended else {
        panic!("{ended:?}")
    };
    assert!(words.contains("SIGBUS"), "{words}");
}

#[test_support::test]
fn a_file_that_is_no_library_is_refused_by_the_loader() {
    let present = present("webgpu");
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.so");
    fs::write(&library, "not a library").unwrap();
    let place = Place::PlugIn(PlugIn {
        library,
        ..plug_in(&present, Device::WebGpu)
    });
    let (lines, ended) = try_at(place, folder.path(), PATIENCE);
    assert_eq!(ended, Ended::Done);
    assert_eq!(failed(&lines).0, Cause::LibraryRefused, "{lines:?}");
}

/// Without a graphics card, and without leave to take the processor for one.
#[test_support::test]
fn a_library_that_offers_nothing_says_what_it_is_for() {
    let models = models_with(&["webgpu"]);
    let report = devices(&models, &[AUTO], &[]);
    if !report["machine"]["cards"].as_array().unwrap().is_empty() {
        not_on_this_machine("this machine has a graphics card, so that the library offers it");
    }
    let (cause, reason) = rejected(&report, "webgpu");
    assert_eq!(cause, "nothing_offered");
    assert!(
        reason.contains("found no device") && reason.contains("Vulkan"),
        "{reason}"
    );
    // What a library offers is kept, too.
    assert!(
        fs::read_to_string(models.path().join("devices/kept.json"))
            .unwrap()
            .contains("\"devices\"")
    );
}

/// A name that ends in `.virtual` gives a device for compiling only.
#[test_support::test]
fn a_device_that_refuses_to_run_is_not_taken() {
    let present = present("webgpu");
    let references = references();
    let place = Place::PlugIn(PlugIn {
        registers_as: "webgpu.virtual".to_owned(),
        ..plug_in(&present, Device::WebGpu)
    });
    let (lines, ended) = try_at(place, references.path(), PATIENCE);
    assert_eq!(ended, Ended::Done);
    let (cause, reason) = failed(&lines);
    assert_eq!(cause, Cause::NetworkRefused);
    assert!(reason.contains("virtual"), "{reason}");
}

#[test_support::test]
fn a_trial_that_takes_too_long_is_ended() {
    let present = present("openvino");
    let folder = tempfile::tempdir().unwrap();
    let place = Place::PlugIn(plug_in(&present, Device::OpenVino));
    let (_, ended) = try_at(place, folder.path(), Duration::from_millis(1));
    assert_eq!(ended, Ended::TimedOut);
}

#[test_support::test]
fn what_answers_something_else_than_the_processor_is_not_taken() {
    let present = present("openvino");
    needs_openvino();
    let references = references();
    let place = || Place::PlugIn(plug_in(&present, Device::OpenVino));
    let (lines, _) = try_at(place(), references.path(), PATIENCE);
    let trial = passed(&lines).unwrap_or_else(|| panic!("{lines:?}"));
    assert!(trial.difference < 1e-3, "{trial:?}");
    let nodes: Vec<&str> = trial
        .nodes
        .iter()
        .map(|(provider, _)| provider.as_str())
        .collect();
    assert!(nodes.contains(&"OpenVINOExecutionProvider"), "{trial:?}");
    // A fake: an answer that no processor gave.
    for entry in fs::read_dir(references.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let other: Vec<u8> = bytes
            .chunks(4)
            .flat_map(|value| (f32::from_le_bytes(value.try_into().unwrap()) + 0.1).to_le_bytes())
            .collect();
        fs::write(&path, other).unwrap();
    }
    let (lines, ended) = try_at(place(), references.path(), PATIENCE);
    assert_eq!(ended, Ended::Done);
    let (cause, reason) = failed(&lines);
    assert_eq!(cause, Cause::Disagrees);
    assert!(reason.contains("% is allowed"), "{reason}");
}

#[test_support::test]
fn webgpu_runs_a_network_in_software_and_agrees() {
    let (present, variables) = (present("webgpu"), software());
    let references = references();
    let launcher = Launcher {
        program: "/usr/bin/env".into(),
        arguments: variables
            .iter()
            .map(|(name, value)| {
                let mut text = OsString::from(format!("{name}="));
                text.push(value);
                text
            })
            .chain([
                env!("CARGO_BIN_EXE_ai-worker").into(),
                "devices".into(),
                "try".into(),
            ])
            .collect(),
        limit: PATIENCE,
    };
    let place = Place::PlugIn(plug_in(&present, Device::WebGpu));
    let (lines, ended) = try_by(&launcher, place, references.path());
    assert_eq!(ended, Ended::Done, "{lines:?}");
    let trial = passed(&lines).unwrap_or_else(|| panic!("{lines:?}"));
    assert!(trial.difference < 1e-3, "{trial:?}");
    let on_device = trial
        .nodes
        .iter()
        .find(|(provider, _)| provider == "WebGpuExecutionProvider");
    assert!(on_device.is_some_and(|(_, count)| *count > 10), "{trial:?}");
}

#[test_support::test]
fn compiled_graphs_are_kept_and_used() {
    let present = present("openvino");
    needs_openvino();
    let (references, graphs) = (references(), tempfile::tempdir().unwrap());
    let place = Place::PlugIn(PlugIn {
        cache: Some(CompiledGraphs {
            folder: graphs.path().to_owned(),
            options: present.session_options(Some(graphs.path())),
        }),
        ..plug_in(&present, Device::OpenVino)
    });
    let (lines, _) = try_at(place, references.path(), PATIENCE);
    assert!(passed(&lines).is_some(), "{lines:?}");
    assert!(fs::read_dir(graphs.path()).unwrap().count() > 0);
}

/// One network on OpenVINO, all others on the processor, so that the trial is a short one.
const ONE: (&str, &str) = ("DEVICE", "cpu,gender=openvino");

#[test_support::test]
fn what_was_measured_is_kept_until_something_changes() {
    let models = models_with(&["openvino"]);
    needs_openvino();
    let kept = |settings: &[(&str, &str)], arguments: &[&str]| {
        let report = devices(&models, settings, arguments);
        assert!(report["problem"].is_null(), "{report}");
        let [trial] = &report["trials"].as_array().unwrap()[..] else {
            panic!("{report}")
        };
        assert_eq!(trial["passed"], true, "{trial}");
        trial["kept"].as_bool().unwrap()
    };
    assert!(!kept(&[ONE], &[]));
    assert!(kept(&[ONE], &[]));
    assert!(!kept(&[ONE], &["--again"]));
    assert!(!kept(
        &[ONE, ("INFERENCE_THREADS", "2"), ("INFERENCE_SESSIONS", "1")],
        &[]
    ));
    // Another graph under the same name.
    let graph = models.path().join("gender-v1.onnx");
    let mut bytes = fs::read(&graph).unwrap();
    fs::remove_file(&graph).unwrap();
    // A field that ONNX does not know, of length 1.
    bytes.extend([0xfa, 0x7f, 1, 0]);
    fs::write(&graph, bytes).unwrap();
    assert!(!kept(&[ONE], &[]));
    // Damaged graphs are not trusted: they are compiled anew.
    let cache = models.path().join("devices/cache");
    let mut damaged = 0;
    for entry in fs::read_dir(&cache).unwrap() {
        let folder = entry.unwrap().path();
        for file in fs::read_dir(&folder).into_iter().flatten() {
            let file = file.unwrap().path();
            fs::remove_file(&file).unwrap();
            fs::write(&file, "damaged").unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0);
    assert!(kept(&[ONE], &[]));
}

#[test_support::test]
fn where_nothing_can_be_written_every_start_measures() {
    let models = models_with(&["openvino"]);
    needs_openvino();
    let devices_folder = models.path().join("devices");
    // Root may write everywhere, so that a folder in the place of the file stands for one that may not.
    fs::create_dir(devices_folder.join("kept.json")).unwrap();
    for _ in 0..2 {
        let report = devices(&models, &[ONE], &[]);
        assert_eq!(report["trials"][0]["passed"], true, "{report}");
        assert_eq!(report["trials"][0]["kept"], false, "{report}");
    }
}

/// The whole set on OpenVINO, behind the service: the same people and tags as on the processor.
#[test_support::test(flavor = "multi_thread")]
async fn openvino_sees_what_the_processor_sees() {
    let models = models_with(&["openvino"]);
    needs_openvino();
    let folder = models.path().to_str().unwrap();
    let limit = PATIENCE.as_secs().to_string();
    let settings = [
        ("DEVICE", "openvino"),
        ("MODELS_DIR", folder),
        ("DEVICE_TRIAL_SECONDS", &limit),
    ];
    let device = Worker::start(&settings).await;
    let processor = Worker::start(&[]).await;
    let health = device.health().await;
    assert_eq!(health["status"], "ok", "{health}");
    assert_eq!(health["device"]["selected"], "openvino");
    for model in health["models"].as_array().unwrap() {
        assert_eq!(model["device"], "openvino", "{model}");
    }
    assert_eq!(health["device"]["trials"][0]["passed"], true, "{health}");
    for photo in ["obama.jpg", "t1.jpg", "coffee.png"] {
        let (expected, found) = (processor.describe(photo).await, device.describe(photo).await);
        assert_eq!(found["tags"], expected["tags"], "{photo}");
        assert_eq!(found["context"], expected["context"], "{photo}");
        let boxes = |answer: &Value| -> Vec<Value> {
            let faces = answer["faces"].as_array().unwrap().iter();
            faces.map(|face| face["bounding_box"].clone()).collect()
        };
        assert_eq!(boxes(&found).len(), boxes(&expected).len(), "{photo}");
    }
    let (status, ready) = device.get("/readyz").await;
    assert_eq!((status, &ready["degraded"]), (200, &Value::Null));
}
