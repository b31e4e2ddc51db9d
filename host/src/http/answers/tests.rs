#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, from_value, json, to_string, to_value};

use super::replay::ReplayReport;
use super::store::Integrity;
use super::*;
use crate::inference::devices::{self, Accelerator, Machine, Processor};
use crate::{access, domain, people, plugins, replay};

/// Every device, each with another cause, state and network.
fn device_report() -> devices::DeviceReport {
    use devices::{Device, ProviderState};

    let all: Vec<Device> = Device::ACCELERATORS.into_iter().chain([Device::Cpu]).collect();
    let states = [
        ProviderState::PartOfRuntime,
        ProviderState::NotPackaged,
        ProviderState::Absent,
        ProviderState::Incomplete,
        ProviderState::Present,
    ];
    let accelerator = |name: &str| Accelerator {
        name: name.to_owned(),
        id: Some("8086:46a6".to_owned()),
        driver: Some("i915 6.12.9".to_owned()),
        problem: Some("no".to_owned()),
    };
    devices::DeviceReport {
        selected: Device::OpenVino,
        rejected: causes()
            .into_iter()
            .zip(all.iter().cycle())
            .map(|(cause, device)| devices::RejectedDevice {
                device: *device,
                reason: format!("{cause:?}"),
                cause,
            })
            .collect(),
        name: "Intel graphics".to_owned(),
        failed: vec![devices::FailedDevice {
            device: Device::WebGpu,
            model: "yunet".to_owned(),
            reason: "lost".to_owned(),
            on_processor: true,
        }],
        machine: Machine {
            processor: Processor {
                name: "Intel".to_owned(),
                cores: 4,
            },
            cards: vec![accelerator("card")],
            npus: vec![accelerator("NPU")],
        },
        providers: states
            .into_iter()
            .map(|state| devices::ProviderReport {
                device: Device::Cuda,
                hardware: "graphics cards".to_owned(),
                package: Some("cuda 12".to_owned()),
                state,
                command: Some("models pull".to_owned()),
                download_bytes: 7,
                missing: vec![devices::MissingRequirement {
                    what: "a loader".to_owned(),
                    optional: true,
                    install: vec!["Fedora: dnf install vulkan-loader".to_owned()],
                }],
            })
            .collect(),
        trials: vec![devices::DeviceTrial {
            device: Device::OpenVino,
            index: 1,
            name: "Intel graphics".to_owned(),
            kept: true,
            passed: false,
            milliseconds: 1.5,
            processor_milliseconds: 2.5,
            networks: vec![devices::NetworkReport {
                model: "yunet".to_owned(),
                problem: Some("it differs".to_owned()),
                nodes_on_device: 3,
                nodes_on_processor: 4,
                difference: 0.25,
                batch: 8,
                milliseconds: 0.75,
            }],
        }],
    }
}

fn causes() -> [devices::Cause; 14] {
    use devices::Cause;

    [
        Cause::NotForThisSystem,
        Cause::PackageAbsent,
        Cause::PackageDamaged,
        Cause::NotInRuntime,
        Cause::LibraryRefused,
        Cause::NothingOffered,
        Cause::Died,
        Cause::NetworkRefused,
        Cause::NotOnDevice,
        Cause::Disagrees,
        Cause::TimedOut,
        Cause::Slower,
        Cause::NotFastest,
        Cause::NotTried,
    ]
}

#[test]
fn the_command_prints_of_devices_what_health_says() {
    let report = device_report();
    let printed = to_string(&report).unwrap();
    assert_eq!(to_string(&DeviceReport::from(report)).unwrap(), printed);
}

/// A report of each kind with nothing left out.
fn replay_reports() -> [Value; 3] {
    let candidate = json!({"name": "mine", "version": "1.2.3", "digest": "0f", "origin": "replay"});
    let missing = json!({
        "photos": 1, "labels": 2, "similarities": 3, "caption": 4, "demographics": 5, "pixels": 6, "text_similarities": 7,
        "objects": 8, "text": 9, "surroundings": 10
    });
    let description = |slot: &str| {
        json!({
            "slot": slot,
            "candidate": candidate,
            "tag_threshold": 0.25,
            "photos": 9,
            "compared_with": {"aa": 4, "bb": 5},
            "tags_changed": 3,
            "tags_reordered": 2,
            "tags": {"food": {"gained": 1, "lost": 2, "gained_in": ["a"], "lost_in": ["b", "c"]}},
            "contexts_changed": 1,
            "phrases": [{"before": "Kopi", "after": "Teh", "photos": 1, "first": ["a"]}],
            "examples": [{
                "file_id": "a", "gained": ["food"], "lost": ["drink"], "context": {"before": "Kopi", "after": "Teh"}
            }],
            "missing_evidence": missing,
            "failed": 1,
            "failures": [{"file_id": "d", "error": "it trapped"}],
            "applied": {"written": 5, "incomplete": 6, "changed_meanwhile": 7}
        })
    };
    let cluster = "d99cffa0-d0c8-4867-b9ea-509970c52018";
    let partition = json!({
        "slot": "cluster-policy",
        "candidate": candidate,
        "threshold": 0.5,
        "faces": 10,
        "clusters_before": 4,
        "clusters_after": 5,
        "faces_moved": 3,
        "merges_found": 1,
        "merges": [{"faces": 6, "clusters_found": 2, "clusters": [{"cluster_id": cluster, "faces": 4}]}],
        "splits_found": 2,
        "splits": [{"cluster_id": cluster, "parts_found": 2, "parts": [3, 1]}],
        "missing_evidence": missing,
        "failed": 1,
        "failures": [{"file_id": "d", "error": "it trapped"}]
    });
    [description("tagger"), description("context-mapper"), partition]
}

#[test]
fn the_command_prints_and_reads_of_a_replay_what_the_route_answers() {
    for json in replay_reports() {
        let report: replay::ReplayReport = from_value(json.clone()).unwrap();
        let printed = to_string(&report).unwrap();
        let sent = to_string(&ReplayReport::from(report)).unwrap();
        assert_eq!(sent, printed);
        assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), json);
    }
}

#[test]
fn the_command_reads_of_a_check_what_the_route_answers() {
    let found = people::Integrity {
        faces: 3,
        clusters: 2,
        photos: 1,
        faults: vec!["face 1 is stored twice".to_owned()],
    };
    let sent = to_value(Integrity::from(found.clone())).unwrap();
    assert_eq!(from_value::<people::Integrity>(sent).unwrap(), found);
}

#[test]
fn the_command_that_records_cases_reads_the_scene_that_the_route_answers() {
    let bounding_box = domain::BoundingBox::from([1, 2, 30, 40]);
    let scene = domain::Scene {
        width: 640,
        height: 480,
        faces: vec![domain::SceneFace {
            bounding_box,
            confidence: 0.875,
            age: Some(41.5),
            gender: Some(domain::Gender::Female),
            quality: 0.625,
        }],
        labels: Some(vec![domain::Label {
            name: "beach".to_owned(),
            score: 0.75,
        }]),
        similarities: Some(vec![0.25, -0.5]),
        caption: Some("a cup".to_owned()),
        text_similarities: Some(vec![0.125]),
        objects: Some(vec![domain::SceneObject {
            name: "cup".to_owned(),
            score: 0.6875,
            bounding_box,
        }]),
        text: Some(vec![domain::TextLine {
            text: "KOPI".to_owned(),
            score: 0.5,
            bounding_box,
            turn: 90.0,
        }]),
        indoor: Some(0.375),
    };
    let sent = to_value(Scene::from(scene.clone())).unwrap();
    assert_eq!(from_value::<domain::Scene>(sent).unwrap(), scene);
    let tag = domain::ScoredTag {
        name: "food".to_owned(),
        score: 0.5625,
        reason: Some("labels".to_owned()),
    };
    let sent = to_value(ScoredTag::from(tag.clone())).unwrap();
    assert_eq!(from_value::<domain::ScoredTag>(sent).unwrap(), tag);
}

/// What a caller reads in an answer can be put into a path, a setting or a file of keys.
#[test]
fn words_of_answers_are_those_of_paths_and_settings() {
    for slot in plugins::Slot::ALL {
        assert_eq!(to_value(Slot::from(slot)).unwrap(), slot.name());
    }
    for device in devices::Device::ACCELERATORS
        .into_iter()
        .chain([devices::Device::Cpu])
    {
        assert_eq!(to_value(Device::from(device)).unwrap(), device.name());
    }
    for role in [access::Role::Process, access::Role::Curate, access::Role::Admin] {
        assert_eq!(to_value(KeyRole::from(role)).unwrap(), role.name());
    }
}
