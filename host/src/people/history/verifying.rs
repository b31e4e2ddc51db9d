//! Whether the history fits together.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;

use crate::people::service::People;
use crate::store::{Correction, StoreError, pages};

impl People {
    /// Looks at every entry: what counts as undone must have an undo that counts, and the reverse.
    pub(in crate::people) async fn verify_history(&self, faults: &mut Vec<String>) -> Result<(), StoreError> {
        let read = |after: Option<u64>, limit| self.store.corrections(after.unwrap_or(0), limit);
        let mut corrections = pages(None, read, |last: &Correction| last.position);
        let (mut undone, mut undoing) = (BTreeMap::new(), BTreeSet::new());
        while let Some(page) = corrections.try_next().await? {
            for correction in page {
                undone.insert(correction.position, correction.undone);
                if correction.undoes > 0 && !correction.undone {
                    undoing.insert(correction.undoes);
                }
            }
        }
        for (position, is_undone) in undone {
            if is_undone != undoing.contains(&position) {
                let what = if is_undone {
                    "undone, but no entry undoes it"
                } else {
                    "not undone, although an entry undoes it"
                };
                faults.push(format!("correction {position} is marked as {what}"));
            }
        }
        Ok(())
    }
}
