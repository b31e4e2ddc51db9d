//! What a call took of the processor and of memory.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What one call of a plugin used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallUsage {
    /// Processor time of the guest itself, its instantiation included, without what the host did for it.
    pub processor: Duration,
    /// The most bytes that its linear memories had together; none of them ever shrinks.
    pub memory_bytes: usize,
}

/// Where a plugin's calls leave what they used, each in place of the one before.
#[derive(Default)]
pub(super) struct LatestUsage(Mutex<CallUsage>);

impl LatestUsage {
    pub(super) fn set(&self, usage: CallUsage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = usage;
    }

    pub(super) fn get(&self) -> CallUsage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
