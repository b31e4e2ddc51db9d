//! Merges that lead in a circle, which only damage or an edit by hand can bring about: found, and broken.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::TryStreamExt as _;

use super::change_set::ChangeSet;
use super::service::People;
use crate::domain::ClusterId;
use crate::store::{Change, Event, FaceStore, Redirect, StoreError, pages};

/// The target of every merge, by its source.
pub(super) async fn targets(store: &dyn FaceStore) -> Result<BTreeMap<ClusterId, ClusterId>, StoreError> {
    let read = |after: Option<ClusterId>, limit| async move { store.redirects(after.as_ref(), limit).await };
    let mut redirects = pages(None, read, |last: &Redirect| last.source);
    let mut targets = BTreeMap::new();
    while let Some(page) = redirects.try_next().await? {
        targets.extend(page.iter().map(|redirect| (redirect.source, redirect.target)));
    }
    Ok(targets)
}

/// The circles among these merges, each without what only leads into it; in the order of their least ids.
pub(super) fn circles(targets: &BTreeMap<ClusterId, ClusterId>) -> Vec<Vec<ClusterId>> {
    let mut circles = Vec::new();
    let mut seen = HashSet::new();
    for source in targets.keys() {
        let mut way = Vec::new();
        let mut step = *source;
        while seen.insert(step) {
            way.push(step);
            match targets.get(&step) {
                Some(next) => step = *next,
                None => break,
            }
        }
        // What was seen on another way led to its end, or is a circle that was found then.
        if let Some(start) = way.iter().position(|passed| *passed == step)
            && targets.contains_key(&step)
        {
            circles.push(way.split_off(start));
        }
    }
    circles
}

/// Says which clusters a circle is of.
pub(super) fn describe(circle: &[ClusterId]) -> String {
    let names: Vec<String> = circle.iter().map(ClusterId::to_string).collect();
    format!("clusters were merged in a circle: {}", names.join(" into "))
}

impl People {
    /// Lets a circle lead to where its faces are, or nowhere; says which.
    pub(super) async fn break_circle(
        &self,
        change_set: &mut ChangeSet<'_>,
        circle: &[ClusterId],
    ) -> Result<String, StoreError> {
        let mut merges = Vec::new();
        for source in circle {
            merges.extend(self.store.redirect(source).await?);
        }
        let mut places: HashMap<ClusterId, u64> = HashMap::new();
        for face in merges.iter().flat_map(|merge| &merge.faces) {
            if let Some(face) = self.store.face(face).await? {
                *places.entry(face.cluster_id).or_default() += 1;
            }
        }
        // The id decides between equals, so that the choice is the same each time.
        let place = places
            .into_iter()
            .max_by_key(|(cluster, faces)| (*faces, *cluster));
        let last = merges
            .into_iter()
            .max_by_key(|merge| (merge.moment, merge.source));
        Ok(match (last, place) {
            (Some(last), Some((target, _))) => {
                change_set.lead(Redirect { target, ..last });
                format!("all of them now lead to cluster {target}, where their faces are")
            }
            (Some(last), None) => {
                change_set.push(Change::RemoveRedirect(last.source));
                for id in circle {
                    change_set.happen(Event::Deleted { from: *id });
                }
                "none of their faces is left, so these ids no longer name a person".to_owned()
            }
            (None, _) => "the circle no longer exists".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(merges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut ids: Vec<ClusterId> = (0..9).map(|_| ClusterId::random()).collect();
        ids.sort();
        let targets = merges
            .iter()
            .map(|(source, target)| (ids[*source], ids[*target]))
            .collect();
        let number = |id: &ClusterId| ids.iter().position(|known| known == id).unwrap_or(ids.len());
        circles(&targets)
            .iter()
            .map(|circle| circle.iter().map(number).collect())
            .collect()
    }

    #[test]
    fn a_circle_is_found_once_and_without_what_leads_into_it() {
        assert_eq!(found(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(found(&[(0, 1), (1, 2), (3, 2)]), Vec::<Vec<usize>>::new());
        assert_eq!(found(&[(0, 1), (1, 2), (2, 1)]), [[1, 2]]);
        assert_eq!(found(&[(4, 4)]), [[4]]);
        assert_eq!(
            found(&[(0, 1), (1, 0), (2, 1), (3, 5), (5, 6), (6, 3), (7, 8)]),
            [vec![0, 1], vec![3, 5, 6]]
        );
    }
}
