//! Idempotency: answers that are given again when their requests are repeated under the same key.

use std::time::Duration;

use super::error::PeopleError;
use super::keys_in_use::KeyInUse;
use super::service::People;
use crate::domain::FileId;
use crate::moment::now;
use crate::store::{Change, StoreError, StoredAnswer};

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

impl People {
    /// Takes an idempotency key for a request; none when another request of this worker has it.
    #[must_use]
    pub fn use_key(&self, key: &str) -> Option<KeyInUse> {
        self.keys.take(key)
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
    pub async fn keep_answer(&self, answer: NewAnswer, kept: Duration) -> Result<(), PeopleError> {
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
