//! Answers that are given again when their requests are repeated.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::change::{Change, StoredAnswer};
use super::people::{FacesError, People};
use super::store::StoreError;

/// The idempotency keys of requests that are being answered by this worker.
#[derive(Default)]
pub(super) struct KeysInUse(Mutex<HashSet<String>>);

/// A key that is in use until this is dropped.
pub struct KeyInUse {
    keys: Arc<KeysInUse>,
    key: String,
}

impl Drop for KeyInUse {
    fn drop(&mut self) {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

impl People {
    /// Takes an idempotency key for a request; none when another request of this worker has it.
    #[must_use]
    pub fn use_key(&self, key: &str) -> Option<KeyInUse> {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.to_owned()).then(|| KeyInUse {
            keys: Arc::clone(&self.keys),
            key: key.to_owned(),
        })
    }

    /// The answer that was given under an idempotency key.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
        self.store.answer(key).await
    }

    /// Keeps an answer under an idempotency key, and forgets those that were given before `forget_before`, in seconds
    /// since 1970.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn keep_answer(&self, answer: StoredAnswer, forget_before: u64) -> Result<(), FacesError> {
        self.during_turn(move |_, mut turn| async move {
            let changes = vec![
                Change::RemoveAnswersBefore(forget_before),
                Change::PutAnswer(answer),
            ];
            Ok(turn.apply(changes).await?)
        })
        .await
    }
}
