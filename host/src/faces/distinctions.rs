//! Who is known to be somebody else.
//!
//! What somebody said of two clusters is kept between their origins: every id that a cluster had, its own and those of
//! the clusters that were merged into it. A merge therefore changes none of it, and when a merge is taken back, each of
//! the two has what was said of its own faces. Marks between origins of one cluster wait until it falls apart again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::draft::Draft;
use super::people::People;
use super::store::{FaceStore, StoreError};
use crate::domain::ClusterId;

/// What somebody said of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// They are different people.
    Distinct,
    /// Whether they are different people cannot be said.
    Unsure,
}

impl Mark {
    /// The ids of which that was said, and of what had this id.
    pub(super) async fn read(
        self,
        store: &dyn FaceStore,
        cluster: &ClusterId,
    ) -> Result<Vec<ClusterId>, StoreError> {
        match self {
            Self::Distinct => store.distinct_from(cluster).await,
            Self::Unsure => store.unsure_of(cluster).await,
        }
    }

    pub(super) fn put(self, one: ClusterId, other: ClusterId) -> Change {
        match self {
            Self::Distinct => Change::PutDistinction(one, other),
            Self::Unsure => Change::PutUnsure(one, other),
        }
    }

    pub(super) fn remove(self, one: ClusterId, other: ClusterId) -> Change {
        match self {
            Self::Distinct => Change::RemoveDistinction(one, other),
            Self::Unsure => Change::RemoveUnsure(one, other),
        }
    }

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
    fn say(self, draft: &mut Draft<'_>, these: &[ClusterId], those: &[ClusterId]) {
        for one in these {
            for other in those.iter().filter(|other| *other != one) {
                draft.push(self.put(*one, *other));
            }
        }
    }
}

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

/// Notes that what had any of these ids is not what had any of those.
pub(super) fn tell_apart(draft: &mut Draft<'_>, these: &[ClusterId], those: &[ClusterId]) {
    Mark::Distinct.say(draft, these, those);
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
        draft: &mut Draft<'_>,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<(), StoreError> {
        self.mark(draft, Mark::Distinct, one, other).await
    }

    /// Notes this of two clusters.
    pub(super) async fn mark(
        &self,
        draft: &mut Draft<'_>,
        mark: Mark,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<(), StoreError> {
        let (these, those) = (
            origins(&*self.store, one).await?,
            origins(&*self.store, other).await?,
        );
        mark.say(draft, &these, &those);
        Ok(())
    }
}
