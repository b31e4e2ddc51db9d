//! Who is known to be somebody else.
//!
//! What somebody said of two clusters is kept between their origins: every id that a cluster had, its own and those of
//! the clusters that were merged into it. A merge therefore changes none of it, and when a merge is taken back, each of
//! the two has what was said of its own faces. Marks between origins of one cluster wait until it falls apart again.

use std::collections::BTreeSet;

use super::change_set::ChangeSet;
use super::origins::origins;
use super::service::People;
use crate::domain::ClusterId;
use crate::store::{Change, FaceStore, Mark, StoreError};

impl Mark {
    /// What takes back that this was said of any origins of two clusters.
    pub(super) async fn removals(
        self,
        store: &dyn FaceStore,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<Vec<Change>, StoreError> {
        let others = origins(store, other).await?;
        let mut marks = Vec::new();
        for origin in origins(store, one).await? {
            let said = self.read(store, &origin).await?;
            let between = said.into_iter().filter(|other| others.contains(other));
            marks.extend(between.map(|other| self.remove(origin, other)));
        }
        Ok(marks)
    }

    /// Says this of what had any of these ids and any of those.
    fn say(self, change_set: &mut ChangeSet<'_>, these: &[ClusterId], those: &[ClusterId]) {
        for one in these {
            for other in those.iter().filter(|other| *other != one) {
                change_set.push(self.put(*one, *other));
            }
        }
    }
}

/// Notes that what had any of these ids is not what had any of those.
pub(super) fn tell_apart(change_set: &mut ChangeSet<'_>, these: &[ClusterId], those: &[ClusterId]) {
    Mark::Distinct.say(change_set, these, those);
}

impl People {
    /// The clusters that are known to be other people than this one, in the order of their ids.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn distinct_from(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        self.others(Mark::Distinct, cluster).await
    }

    /// The clusters of which something was said together with this one, in the order of their ids.
    pub(super) async fn others(&self, mark: Mark, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let survivor = self.survivor(cluster).await?;
        let mut clusters = BTreeSet::new();
        for marked in self.marked(mark, &survivor).await? {
            clusters.insert(self.survivor(&marked).await?);
        }
        clusters.remove(&survivor);
        Ok(clusters.into_iter().collect())
    }

    /// The ids that were said to be others than any origin of a cluster, without its own.
    pub(super) async fn marked_as_others(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        self.marked(Mark::Distinct, cluster).await
    }

    async fn marked(&self, mark: Mark, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let origins = origins(&*self.store, cluster).await?;
        let mut marked = BTreeSet::new();
        for origin in &origins {
            marked.extend(mark.read(&*self.store, origin).await?);
        }
        for origin in &origins {
            marked.remove(origin);
        }
        Ok(marked.into_iter().collect())
    }

    /// Notes that two clusters are different people.
    pub(super) async fn distinguish(
        &self,
        change_set: &mut ChangeSet<'_>,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<(), StoreError> {
        self.mark(change_set, Mark::Distinct, one, other).await
    }

    /// Notes this of two clusters.
    pub(super) async fn mark(
        &self,
        change_set: &mut ChangeSet<'_>,
        mark: Mark,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<(), StoreError> {
        let (these, those) = (
            origins(&*self.store, one).await?,
            origins(&*self.store, other).await?,
        );
        mark.say(change_set, &these, &those);
        Ok(())
    }
}
