//! A set of changes in the making (a unit of work). It keeps count of who joins and leaves which cluster, so that at the end
//! no cluster is without a face and none is stood for by a face that left it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history::{Gone, Record};
use super::origins::origins;
use super::service::People;
use crate::domain::{ClusterId, FaceId, FileId};
use crate::moment::now;
use crate::store::{
    Change, ClusterFlags, CorrectionKind, Event, Place, Redirect, StoreError, StoredFace, all_faces,
};

/// Changes that will be applied together.
pub(super) struct ChangeSet<'a> {
    people: &'a People,
    changes: Vec<Change>,
    /// Where each face was, and where it is.
    faces: BTreeMap<FaceId, (Option<ClusterId>, Option<ClusterId>)>,
    /// What happens besides that.
    events: Vec<Event>,
    clusters: BTreeMap<ClusterId, Membership>,
    /// Clusters whose ids go on answering.
    merged: BTreeSet<ClusterId>,
    /// Where faces are stored that leave or move.
    places: HashMap<FaceId, Place>,
    /// What is being corrected, if anything is.
    record: Option<Record>,
    /// What is deleted.
    gone: Gone,
}

/// What happens to a cluster's faces.
#[derive(Default)]
struct Membership {
    left: BTreeSet<FaceId>,
    /// With their quality.
    joined: HashMap<FaceId, f32>,
    /// Somebody's choice of what stands for the person.
    representative: Option<FaceId>,
    /// What is known of the person from now on; none where that follows from what happens.
    flags: Option<ClusterFlags>,
    /// Somebody said that a face belongs here.
    is_confirmed: bool,
}

impl Membership {
    /// What is known of the person, of whom this was known before.
    fn flags(&self, before: ClusterFlags, is_joined: bool) -> ClusterFlags {
        self.flags.unwrap_or(ClusterFlags {
            provisional: before.provisional && !is_joined && !self.is_confirmed,
            ..before
        })
    }
}

impl<'a> ChangeSet<'a> {
    pub(super) fn new(people: &'a People) -> Self {
        Self {
            people,
            changes: Vec::new(),
            faces: BTreeMap::new(),
            events: Vec::new(),
            clusters: BTreeMap::new(),
            merged: BTreeSet::new(),
            places: HashMap::new(),
            record: None,
            gone: Gone::default(),
        }
    }

    /// These changes are somebody's correction of these clusters and faces, and go into the history with who made it.
    /// Whatever they change can be undone; nothing is written of what changes nothing.
    pub(super) fn correct(&mut self, kind: CorrectionKind, clusters: &[ClusterId], faces: &[FaceId]) {
        self.record(Record {
            kind,
            clusters: clusters.to_vec(),
            faces: faces.to_vec(),
            undoes: 0,
        });
    }

    pub(super) fn record(&mut self, record: Record) {
        self.record = Some(record);
    }

    /// These ids are deleted, with what the history has of them.
    pub(super) fn delete_clusters(&mut self, clusters: impl IntoIterator<Item = ClusterId>) {
        self.gone.clusters.extend(clusters);
    }

    /// This photo is deleted, with what the history has of it.
    pub(super) fn delete_file(&mut self, file: FileId) {
        self.gone.files.insert(file);
    }

    /// Where a face will be, if it moves: in a cluster, or nowhere.
    pub(super) fn place(&self, face: &FaceId) -> Option<Option<ClusterId>> {
        self.faces.get(face).map(|(_, to)| *to)
    }

    /// Adds a change that leaves memberships as they are.
    pub(super) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// The id of a cluster, whose faces are all leaving it, answers for another from now on. What was said of it stays.
    pub(super) fn redirect(&mut self, redirect: Redirect) {
        self.merged.insert(redirect.source);
        self.lead(redirect);
    }

    /// The id of a cluster that is gone already answers for this one from now on.
    pub(super) fn lead(&mut self, redirect: Redirect) {
        self.happen(Event::Merged {
            from: redirect.source,
            to: redirect.target,
        });
        self.push(Change::PutRedirect(redirect));
    }

    /// Something happens that the faces' moves do not say.
    pub(super) fn happen(&mut self, event: Event) {
        self.events.push(event);
    }

    /// A face is no longer in the cluster where it is stored.
    pub(super) fn leave(&mut self, face: &StoredFace) {
        self.places.entry(face.face_id).or_insert_with(|| Place::of(face));
        let membership = self.clusters.entry(face.cluster_id).or_default();
        membership.joined.remove(&face.face_id);
        membership.left.insert(face.face_id);
        let place = self.faces.entry(face.face_id);
        place.or_insert((Some(face.cluster_id), None)).1 = None;
    }

    /// A face is in a cluster now.
    pub(super) fn join(&mut self, face: FaceId, quality: f32, cluster: ClusterId) {
        let membership = self.clusters.entry(cluster).or_default();
        membership.left.remove(&face);
        membership.joined.insert(face, quality);
        self.faces.entry(face).or_default().1 = Some(cluster);
    }

    /// This face stands for the person from now on.
    pub(super) fn represent(&mut self, cluster: ClusterId, face: FaceId) {
        self.clusters.entry(cluster).or_default().representative = Some(face);
    }

    /// This is known of the person from now on, whatever happens to the faces.
    pub(super) fn flag(&mut self, cluster: ClusterId, flags: ClusterFlags) {
        self.clusters.entry(cluster).or_default().flags = Some(flags);
    }

    /// Somebody says that what is in a cluster, or joins it, is this person.
    pub(super) fn confirm(&mut self, cluster: ClusterId) {
        self.clusters.entry(cluster).or_default().is_confirmed = true;
    }

    /// Moves faces to a cluster; they must not all be those of one photo's new version.
    pub(super) fn assign(&mut self, faces: &[StoredFace], cluster: ClusterId, corrected: Option<bool>) {
        for face in faces {
            self.leave(face);
            self.join(face.face_id, face.quality, cluster);
        }
        self.push(Change::Assign {
            faces: faces.iter().map(|face| face.face_id).collect(),
            cluster,
            corrected,
        });
    }

    /// All changes in their order, those of the clusters' rows last.
    pub(super) async fn finish(mut self) -> Result<Vec<Change>, StoreError> {
        for (cluster, membership) in std::mem::take(&mut self.clusters) {
            self.settle(cluster, membership).await?;
        }
        self.tell().await?;
        self.log();
        Ok(self.changes)
    }

    /// Adds what the history keeps of a correction, or takes out of it who is deleted otherwise.
    async fn tell(&mut self) -> Result<(), StoreError> {
        let people = self.people;
        let changes = if let Some(record) = self.record.take() {
            record.changes(people, &self.changes, &self.places).await?
        } else {
            let mut gone = std::mem::take(&mut self.gone);
            let left = self.faces.iter().filter(|(_, (_, to))| to.is_none());
            gone.faces.extend(left.map(|(face, _)| *face));
            gone.clusters
                .extend(self.events.iter().filter_map(|event| match event {
                    Event::Deleted { from } => Some(*from),
                    _ => None,
                }));
            gone.changes(&*people.store).await?
        };
        self.changes.extend(changes);
        Ok(())
    }

    /// Adds what happens: where faces went, then what became of clusters.
    fn log(&mut self) {
        let moves = std::mem::take(&mut self.faces).into_iter();
        let moved = moves.filter(|(_, (from, to))| from != to);
        let moved = moved.map(|(face, (from, to))| Event::Face { face, from, to });
        let events: Vec<Event> = moved.chain(std::mem::take(&mut self.events)).collect();
        if events.is_empty() {
            return;
        }
        let at = now();
        self.changes
            .extend(events.into_iter().map(|event| Change::Log(event, at)));
        self.push(Change::TrimLog(self.people.changes_kept));
    }

    async fn settle(&mut self, cluster: ClusterId, membership: Membership) -> Result<(), StoreError> {
        let before = self.people.store.cluster(&cluster).await?;
        let known = before.as_ref().map(|before| before.flags).unwrap_or_default();
        let flags = membership.flags(known, self.is_joined(cluster, &membership));
        let representative = match (membership.representative, before) {
            (Some(chosen), _) => Some(chosen),
            (None, Some(before)) if !membership.left.contains(&before.representative) => {
                if flags == before.flags {
                    return Ok(());
                }
                Some(before.representative)
            }
            (None, Some(_)) => best(all_faces(&*self.people.store, &cluster).await?, &membership),
            // It is new, so nobody has been in it.
            (None, None) => best(Vec::new(), &membership),
        };
        match representative {
            Some(representative) => self.push(Change::PutCluster {
                cluster,
                representative,
                flags,
            }),
            None => {
                self.push(Change::RemoveCluster(cluster));
                if !self.merged.contains(&cluster) {
                    self.forget(cluster).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether a face comes that was not in the cluster before.
    fn is_joined(&self, cluster: ClusterId, membership: &Membership) -> bool {
        let is_new = |face: &FaceId| {
            self.faces
                .get(face)
                .is_none_or(|(from, _)| *from != Some(cluster))
        };
        membership.joined.keys().any(is_new)
    }

    /// Nobody is left who had a cluster's id, nor any that was merged into it.
    async fn forget(&mut self, cluster: ClusterId) -> Result<(), StoreError> {
        let store = &*self.people.store;
        for origin in origins(store, &cluster).await? {
            self.happen(Event::Deleted { from: origin });
            for other in store.distinct_from(&origin).await? {
                self.push(Change::RemoveDistinction(origin, other));
            }
            for other in store.unsure_of(&origin).await? {
                self.push(Change::RemoveUnsure(origin, other));
            }
        }
        Ok(())
    }
}

/// The face of the best quality among those that are in a cluster in the end, of which these are stored in it.
fn best(stored: Vec<StoredFace>, membership: &Membership) -> Option<FaceId> {
    let stayed = stored
        .iter()
        .filter(|face| !membership.left.contains(&face.face_id))
        .map(|face| (face.face_id, face.quality));
    let joined = membership.joined.iter().map(|(face, quality)| (*face, *quality));
    // The id decides between equals, so that the choice does not depend on the order of a map.
    let best = stayed
        .chain(joined)
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    best.map(|(face, _)| face)
}
