//! The idempotency keys of requests that are being answered.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The idempotency keys of requests that are being answered by this worker.
#[derive(Default)]
pub(super) struct KeysInUse(Mutex<HashSet<String>>);

/// A key that is in use until this is dropped.
pub struct KeyInUse {
    keys: Arc<KeysInUse>,
    key: String,
}

impl KeysInUse {
    /// Takes a key; none when another request has it.
    pub(super) fn take(self: &Arc<Self>, key: &str) -> Option<KeyInUse> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.to_owned()).then(|| KeyInUse {
            keys: Arc::clone(self),
            key: key.to_owned(),
        })
    }
}

impl Drop for KeyInUse {
    fn drop(&mut self) {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}
