//! Devices that failed after they were taken.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::report::FailedDevice;
use super::setting::{Device, Fallback};
use crate::inference::session::lock;
use crate::metrics;

/// What has failed, and what is to happen then.
pub(in crate::inference) struct Failures {
    fallback: Fallback,
    /// Whether there is any, so that nobody waits for the lock while all is well.
    any: AtomicBool,
    failed: Mutex<Vec<FailedDevice>>,
}

impl Failures {
    pub(in crate::inference) fn new(fallback: Fallback) -> Self {
        Self {
            fallback,
            any: AtomicBool::new(false),
            failed: Mutex::default(),
        }
    }

    /// Whether a network goes on on the processor.
    pub(in crate::inference) fn goes_on(&self) -> bool {
        self.fallback == Fallback::Cpu
    }

    /// Takes down that a network failed on a device, which the processor runs.
    pub(in crate::inference) fn record(&self, device: Device, model: &str, reason: &str) {
        metrics::device_failure(device.name());
        let on_processor = self.goes_on();
        tracing::error!(%device, model, reason, on_processor, "a device failed while running a network");
        let mut failed = lock(&self.failed);
        failed.retain(|failure| failure.model != model);
        failed.push(FailedDevice {
            device,
            model: model.to_owned(),
            reason: reason.to_owned(),
            on_processor,
        });
        self.any.store(true, Ordering::Release);
    }

    /// Takes down that a network has run on its device: what failed there before has passed.
    pub(in crate::inference) fn clear(&self, model: &str) {
        if self.any.load(Ordering::Acquire) {
            let mut failed = lock(&self.failed);
            failed.retain(|failure| failure.model != model);
            self.any.store(!failed.is_empty(), Ordering::Release);
        }
    }

    /// What has failed, and has not run there since.
    pub(in crate::inference) fn list(&self) -> Vec<FailedDevice> {
        lock(&self.failed).clone()
    }
}
