//! The ids under which a cluster answers.

use std::collections::BTreeSet;

use super::service::People;
use crate::domain::ClusterId;
use crate::store::{FaceStore, StoreError};

/// The ids under which a cluster answers, its own first: those of all clusters that were merged into it, and into those.
pub(super) async fn origins(
    store: &dyn FaceStore,
    cluster: &ClusterId,
) -> Result<Vec<ClusterId>, StoreError> {
    let mut found = vec![*cluster];
    let mut known = BTreeSet::from([*cluster]);
    let mut read = 0;
    while let Some(target) = found.get(read).copied() {
        read += 1;
        for source in store.redirects_to(&target).await? {
            if known.insert(source) {
                found.push(source);
            }
        }
    }
    Ok(found)
}

impl People {
    /// The ids under which a cluster answers besides its own: those of all clusters that were merged into it, and into
    /// those.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn former_ids(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let mut origins = origins(&*self.store, cluster).await?;
        Ok(origins.split_off(1))
    }
}
