//! What becomes of a network whose device fails. The runtime of the tests has no CUDA, so that a session on it cannot be
//! made; sessions that fail later are sessions on the processor that are said to be on a device, which is a fake.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use super::*;
use crate::inference::devices::{BuiltIn, Fallback};
use crate::inference::graphs::tests::{library, swap};

/// ONNX's number of 32-bit floating point.
const FLOAT: u8 = 1;

/// A network that is to run on CUDA, with its file.
struct Prepared {
    network: Network,
    failures: Arc<Failures>,
    _file: tempfile::NamedTempFile,
}

fn prepared(fallback: Fallback) -> Prepared {
    let factory = SessionFactory {
        environment: super::super::loading::environment(library()).unwrap(),
        place: Place::BuiltIn(BuiltIn {
            device: Device::Cuda,
            index: 0,
            preload: Vec::new(),
            cache: None,
        }),
        threads: 1,
    };
    let file = tempfile::Builder::new().suffix(".onnx").tempfile().unwrap();
    std::fs::write(file.path(), swap(FLOAT)).unwrap();
    let bounds = Bounds {
        values: 64,
        side: None,
    };
    let (slots, failures) = (Arc::new(Slots::new(1)), Arc::new(Failures::new(fallback)));
    let path = file.path().to_owned();
    Prepared {
        network: Network::new("swap", path, bounds, true, &factory, &slots, &failures),
        failures,
        _file: file,
    }
}

impl Prepared {
    /// Puts a session there that is said to be on the device.
    fn with_fake_device(self) -> Self {
        let factory = self.network.factory.on_processor();
        let session = factory.build(&self.network.file, true).unwrap();
        lock(&self.network.sessions).idle.push(Loaded {
            session,
            input: Vec::new(),
            is_on_device: true,
            is_broken: false,
        });
        self
    }

    fn sessions(&self) -> usize {
        lock(&self.network.sessions).idle.len()
    }
}

/// A run that fails so many times before it succeeds; it is told how often it was called.
fn failing(times: usize) -> impl FnMut(&mut Session) -> Result<usize, ort::Error> {
    let mut calls = 0;
    move |_| {
        calls += 1;
        if calls <= times {
            Err(ort::Error::new("the device is lost"))
        } else {
            Ok(calls)
        }
    }
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn a_network_that_its_device_cannot_load_goes_on_on_the_processor() {
    let prepared = prepared(Fallback::Cpu);
    assert_eq!(prepared.network.device(), Device::Cuda);
    assert_eq!(prepared.network.run(failing(0)).unwrap(), 1);
    assert_eq!(prepared.network.device(), Device::Cpu);
    let failed = prepared.failures.list();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].device, failed[0].on_processor), (Device::Cuda, true));
    assert_eq!(failed[0].model, "swap");
    // The device is not tried again for every photo.
    assert_eq!(prepared.network.run(failing(0)).unwrap(), 1);
    assert_eq!(prepared.failures.list().len(), 1);
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn without_fallback_a_network_that_cannot_be_loaded_fails_and_is_named() {
    let prepared = prepared(Fallback::Off);
    let error = prepared.network.run(failing(0)).unwrap_err();
    assert!(matches!(error, InferenceError::Load { .. }), "{error:?}");
    let failed = prepared.failures.list();
    assert_eq!((failed.len(), failed[0].on_processor), (1, false));
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn a_device_that_is_lost_is_replaced_within_the_same_run() {
    let prepared = prepared(Fallback::Cpu);
    let prepared = prepared.with_fake_device().with_fake_device();
    // It fails on the device, and succeeds on the processor.
    assert_eq!(prepared.network.run(failing(1)).unwrap(), 2);
    assert_eq!(prepared.network.device(), Device::Cpu);
    assert!(prepared.failures.list()[0].reason.contains("lost"));
    // The other session on the device is gone; the new one is there.
    assert_eq!(prepared.sessions(), 1);
    assert_eq!(prepared.network.run(failing(0)).unwrap(), 1);
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn what_the_processor_refuses_too_is_not_the_devices_fault() {
    let prepared = prepared(Fallback::Cpu);
    let prepared = prepared.with_fake_device();
    let error = prepared.network.run(failing(2)).unwrap_err();
    assert!(matches!(error, InferenceError::Run { .. }), "{error:?}");
    assert_eq!(prepared.network.device(), Device::Cuda);
    assert!(prepared.failures.list().is_empty());
    assert_eq!(prepared.sessions(), 1);
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn without_fallback_the_run_fails_and_a_later_one_may_succeed() {
    let prepared = prepared(Fallback::Off);
    let prepared = prepared.with_fake_device();
    assert!(prepared.network.run(failing(1)).is_err());
    assert!(!prepared.failures.list()[0].on_processor);
    // The session that failed is gone, and the network is still to run on its device.
    assert_eq!(prepared.sessions(), 0);
    assert_eq!(prepared.network.device(), Device::Cuda);
    let prepared = prepared.with_fake_device();
    assert_eq!(prepared.network.run(failing(0)).unwrap(), 1);
    assert!(prepared.failures.list().is_empty());
}
