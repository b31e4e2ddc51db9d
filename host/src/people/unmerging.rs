//! Taking a merge back.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::change_set::ChangeSet;
use super::distinctions::tell_apart;
use super::error::PeopleError;
use super::origins::origins;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId, Neighbour};
use crate::moment::now;
use crate::store::{
    Change, ClusterFlags, CorrectionKind, DecidedBy, Event, Explanation, Redirect, StoreError, StoredFace,
    Turn, all_faces,
};

/// How many of the most similar faces of either person a face is compared with. One alone may resemble by chance; with
/// more, a person of many ages has too few that count.
const COMPARED: usize = 3;

/// What taking back a merge did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmerged {
    /// The cluster that exists again.
    pub cluster: ClusterId,
    /// The cluster it was merged into, as it is called now; none when the cluster was never merged or is back already.
    pub from: Option<ClusterId>,
    /// How many of its earlier faces came back.
    pub moved: u64,
    /// How many faces went with them that had joined since the merge, because they resemble this person more.
    pub later: u64,
}

/// Faces of a cluster from which another one is about to be taken.
struct Faces {
    /// They came with the one that is taken.
    back: Vec<StoredFace>,
    /// They joined after it had been merged, and nobody said that they should.
    later: Vec<StoredFace>,
    /// The faces that stay.
    stay: Vec<StoredFace>,
}

/// A face that joined after a merge and goes with the cluster that was merged away, with the faces it resembles.
struct Later {
    face: StoredFace,
    neighbours: Vec<Neighbour>,
}

/// All merges that made a cluster what it is: each leads from its source towards the cluster.
struct Tree {
    merges: BTreeMap<ClusterId, Redirect>,
    /// For each face the cluster that it would be in if all these merges were taken back.
    homes: HashMap<FaceId, ClusterId>,
}

impl People {
    /// Brings a cluster back that was merged away, with those of its faces that are still where the merge brought them,
    /// and remembers that the two are different people. Faces that joined since go with the one of the two that they
    /// resemble more, unless somebody put them where they are. Repeating it changes nothing.
    ///
    /// # Errors
    /// When there is no such cluster, or nothing to bring back; then nothing has changed.
    pub async fn unmerge(&self, cluster: &ClusterId) -> Result<Unmerged, PeopleError> {
        let cluster = *cluster;
        self.during_turn(move |people, turn| async move { people.unmerge_alone(cluster, turn).await })
            .await
    }

    async fn unmerge_alone(
        self,
        cluster: ClusterId,
        mut turn: Box<dyn Turn>,
    ) -> Result<Unmerged, PeopleError> {
        let Some(redirect) = self.store.redirect(&cluster).await? else {
            self.cluster(&cluster).await?;
            return Ok(Unmerged {
                cluster,
                from: None,
                moved: 0,
                later: 0,
            });
        };
        let survivor = self.survivor(&cluster).await?;
        let there = all_faces(&*self.store, &survivor).await?;
        let tree = self.tree(survivor, &there).await?;
        let Faces { back, later, stay } = tree.sort(&redirect, there);
        if back.is_empty() {
            return Err(PeopleError::NothingToRestore(cluster));
        }
        if later.is_empty() && stay.is_empty() {
            return Err(PeopleError::NothingElse { survivor, cluster });
        }
        let moved = back.len() as u64;
        let left: Vec<FaceId> = back.iter().map(|face| face.face_id).collect();
        let mut change_set = ChangeSet::new(&self);
        change_set.push(Change::RemoveRedirect(cluster));
        change_set.happen(Event::Unmerged {
            from: survivor,
            to: cluster,
        });
        change_set.assign(&back, cluster, None);
        let representative = redirect.representative;
        if let Some(face) = representative.filter(|face| back.iter().any(|back| back.face_id == *face)) {
            change_set.represent(cluster, face);
        }
        // Whoever was hidden is again; that it is somebody, somebody has said.
        let flags = ClusterFlags {
            provisional: false,
            ..redirect.flags
        };
        change_set.flag(cluster, flags);
        // Blocks for long where both have many faces.
        let later = tokio::task::spawn_blocking(move || resembling(later, &back, &stay)).await?;
        for later in &later {
            change_set.assign(std::slice::from_ref(&later.face), cluster, None);
            change_set.push(Change::Explain(
                later.face.face_id,
                self.by_comparison(survivor, later.neighbours.clone()),
            ));
        }
        let followed = tree.following(&cluster, &later);
        for merge in &followed {
            change_set.lead(Redirect {
                target: cluster,
                ..merge.clone()
            });
        }
        let goes = |id: &ClusterId| {
            tree.leads_through(id, &cluster)
                || followed.iter().any(|merge| tree.leads_through(id, &merge.source))
        };
        let (going, mut staying): (Vec<_>, Vec<_>) = tree.merges.keys().copied().partition(goes);
        // Merges of those that stay did not move them, as far as anybody asks from now on.
        let left: HashSet<FaceId> = left
            .into_iter()
            .chain(later.iter().map(|later| later.face.face_id))
            .collect();
        for merge in tree.without(&left, &staying) {
            change_set.push(Change::PutRedirect(merge));
        }
        staying.push(survivor);
        tell_apart(&mut change_set, &going, &staying);
        self.restore_distinctions(&mut change_set, &redirect).await?;
        let clusters = [cluster, survivor];
        change_set.correct(CorrectionKind::Unmerged, &clusters, &[]);
        turn.apply(change_set.finish().await?).await?;
        self.note(AuditEvent::Unmerged, &clusters, &[]).await;
        Ok(Unmerged {
            cluster,
            from: Some(survivor),
            moved,
            later: later.len() as u64,
        })
    }

    /// What made a cluster of these faces what it is.
    async fn tree(&self, cluster: ClusterId, faces: &[StoredFace]) -> Result<Tree, StoreError> {
        let mut merges = BTreeMap::new();
        for source in origins(&*self.store, &cluster).await? {
            if let Some(merge) = self.store.redirect(&source).await? {
                merges.insert(source, merge);
            }
        }
        Ok(Tree::new(cluster, merges, faces))
    }

    /// Notes what a version that kept marks with the target only had taken from the source.
    async fn restore_distinctions(
        &self,
        change_set: &mut ChangeSet<'_>,
        redirect: &Redirect,
    ) -> Result<(), StoreError> {
        for other in &redirect.distinctions {
            // Nobody may have that id any more.
            if self.store.cluster(&self.survivor(other).await?).await?.is_some() {
                tell_apart(change_set, &[redirect.source], &[*other]);
            }
        }
        Ok(())
    }

    fn by_comparison(&self, from: ClusterId, neighbours: Vec<Neighbour>) -> Explanation {
        Explanation {
            decided_by: DecidedBy::Unmerge,
            reason: format!(
                "The face joined cluster {from} while this cluster was merged into it, and the face resembles this one more."
            ),
            at: now(),
            policy: None,
            embedding_model: self.model.name.clone(),
            threshold: self.model.threshold,
            neighbours,
        }
    }
}

impl Tree {
    fn new(cluster: ClusterId, merges: BTreeMap<ClusterId, Redirect>, faces: &[StoredFace]) -> Self {
        let mut tree = Self {
            merges,
            homes: HashMap::new(),
        };
        let mut moved_by: HashMap<FaceId, Vec<&Redirect>> = HashMap::new();
        for merge in tree.merges.values() {
            for face in &merge.faces {
                moved_by.entry(*face).or_default().push(merge);
            }
        }
        let home = |face: &StoredFace| {
            let mut moved_by = moved_by.get(&face.face_id).cloned().unwrap_or_default();
            let mut home = cluster;
            // What moved it last is where it is from; what moved it there before is among the merges into that. Others
            // moved it when it was elsewhere, before some merge was taken back.
            while let Some(last) = moved_by.iter().max_by_key(|merge| merge.moment) {
                home = last.source;
                moved_by.retain(|merge| merge.source != home && tree.leads_through(&merge.source, &home));
            }
            (face.face_id, home)
        };
        let homes = faces.iter().map(home).collect();
        tree.homes = homes;
        tree
    }

    /// The merges that lead from an id to the cluster, in their order.
    fn way(&self, from: &ClusterId) -> impl Iterator<Item = &Redirect> {
        std::iter::successors(self.merges.get(from), |merge| self.merges.get(&merge.target))
            // A circle leads nowhere.
            .take(self.merges.len())
    }

    /// Whether an id is another one, or was merged into it.
    fn leads_through(&self, id: &ClusterId, other: &ClusterId) -> bool {
        id == other || self.way(id).any(|merge| merge.target == *other)
    }

    fn home(&self, face: &FaceId) -> Option<&ClusterId> {
        self.homes.get(face)
    }

    /// Sorts the cluster's faces by what happens to them when this merge is taken back.
    fn sort(&self, merge: &Redirect, there: Vec<StoredFace>) -> Faces {
        let on_the_way: HashSet<ClusterId> = self.way(&merge.source).map(|merge| merge.source).collect();
        let by_hand = |home: &ClusterId| {
            let aside = self.way(home).filter(|merge| !on_the_way.contains(&merge.source));
            aside.into_iter().any(|merge| !merge.automatic)
        };
        let (mut back, mut later, mut stay) = (Vec::new(), Vec::new(), Vec::new());
        for face in there {
            let home = self.home(&face.face_id);
            if home.is_some_and(|home| self.leads_through(home, &merge.source)) {
                back.push(face);
            } else if !face.corrected && face.joined > merge.moment && !home.is_some_and(by_hand) {
                later.push(face);
            } else {
                stay.push(face);
            }
        }
        Faces { back, later, stay }
    }

    /// The merges of these clusters that name any of these faces, without them.
    fn without(&self, faces: &HashSet<FaceId>, clusters: &[ClusterId]) -> Vec<Redirect> {
        let mut changed = Vec::new();
        for merge in clusters.iter().filter_map(|cluster| self.merges.get(cluster)) {
            let kept: Vec<FaceId> = merge
                .faces
                .iter()
                .filter(|face| !faces.contains(*face))
                .copied()
                .collect();
            if kept.len() < merge.faces.len() {
                changed.push(Redirect {
                    faces: kept,
                    ..merge.clone()
                });
            }
        }
        changed
    }

    /// The merges, other than that of a cluster and those on its way, of clusters of which all faces that are there go.
    fn following(&self, cluster: &ClusterId, later: &[Later]) -> Vec<Redirect> {
        let going: HashSet<FaceId> = later.iter().map(|later| later.face.face_id).collect();
        let on_the_way: HashSet<ClusterId> = self.way(cluster).map(|merge| merge.source).collect();
        let follows = |merge: &&Redirect| {
            let at_home = |(_, home): &(&FaceId, &ClusterId)| self.leads_through(home, &merge.source);
            let mut faces = self.homes.iter().filter(at_home).map(|(face, _)| face).peekable();
            !on_the_way.contains(&merge.source)
                && !self.leads_through(&merge.source, cluster)
                && faces.peek().is_some()
                && faces.all(|face| going.contains(face))
        };
        if going.is_empty() {
            return Vec::new();
        }
        self.merges.values().filter(follows).cloned().collect()
    }
}

/// The faces that resemble those that go back more than those that stay.
fn resembling(faces: Vec<StoredFace>, back: &[StoredFace], stay: &[StoredFace]) -> Vec<Later> {
    // The same number of each, because among many one is found more easily that resembles.
    let compared = COMPARED.min(back.len()).min(stay.len());
    if compared == 0 {
        return Vec::new();
    }
    let mut later = Vec::new();
    for face in faces {
        let (to_back, to_stay) = (nearest(&face, back, compared), nearest(&face, stay, compared));
        if sum(&to_back) > sum(&to_stay) {
            let mut neighbours = [to_back, to_stay].concat();
            neighbours.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
            later.push(Later { face, neighbours });
        }
    }
    later
}

fn sum(neighbours: &[Neighbour]) -> f32 {
    neighbours.iter().map(|neighbour| neighbour.similarity).sum()
}

/// The most similar of some faces.
fn nearest(face: &StoredFace, among: &[StoredFace], limit: usize) -> Vec<Neighbour> {
    let mut neighbours: Vec<Neighbour> = among
        .iter()
        .map(|other| other.neighbour_of(&face.embedding, face.file_id == other.file_id))
        .collect();
    neighbours.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    neighbours.truncate(limit);
    neighbours
}
