//! Answers that are given again when their requests are repeated.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::change::{Change, StoredAnswer};
use super::people::{FacesError, People};
use super::store::StoreError;
use crate::domain::FileId;
use crate::moment::now;

/// The idempotency keys of requests that are being answered by this worker.
#[derive(Default)]
pub(super) struct KeysInUse(Mutex<HashSet<String>>);

/// A key that is in use until this is dropped.
pub struct KeyInUse {
    keys: Arc<KeysInUse>,
    key: String,
}

/// An answer that is given now; see [`StoredAnswer`].
pub struct NewAnswer {
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request, in hexadecimal.
    pub request: String,
    /// The answer's JSON.
    pub body: String,
    /// The photo that the answer speaks of.
    pub file_id: Option<FileId>,
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

    /// The answer that was given under an idempotency key, if it was given within this time.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn answer(&self, key: &str, kept: Duration) -> Result<Option<StoredAnswer>, StoreError> {
        let answer = self.store.answer(key).await?;
        Ok(answer.filter(|answer| answer.at >= since(kept)))
    }

    /// Keeps an answer under an idempotency key, and forgets those that were given longer ago than this.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn keep_answer(&self, answer: NewAnswer, kept: Duration) -> Result<(), FacesError> {
        self.during_turn(move |_, mut turn| async move {
            let changes = vec![
                Change::RemoveAnswersBefore(since(kept)),
                Change::PutAnswer(StoredAnswer {
                    key: answer.key,
                    request: answer.request,
                    body: answer.body,
                    file_id: answer.file_id,
                    at: now(),
                }),
            ];
            Ok(turn.apply(changes).await?)
        })
        .await
    }
}

/// The moment this long ago, in seconds since 1970.
fn since(ago: Duration) -> u64 {
    now().saturating_sub(ago.as_secs())
}
