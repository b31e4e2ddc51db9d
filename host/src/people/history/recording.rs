//! Making an entry of the changes that a correction makes.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::domain::{ClusterId, FaceId};
use crate::moment::now;
use crate::people::service::People;
use crate::store::{
    Change, Correction, CorrectionKind, FaceStore, HeldFace, Lead, Mark, Place, Redirect, Rejection, Row,
    Step, StoreError, StoredFace, WholeFace,
};

/// How many rows are read at a time.
const AT_ONCE: usize = 16;

/// How many faces an entry names.
const FACES_NAMED: usize = 100;

/// What is being corrected.
pub(in crate::people) struct Record {
    pub(in crate::people) kind: CorrectionKind,
    /// The clusters that it is about, in the order that the kind says.
    pub(in crate::people) clusters: Vec<ClusterId>,
    /// The faces that it names; those that it moves need not be among them.
    pub(in crate::people) faces: Vec<FaceId>,
    /// What it undoes; 0 for nothing.
    pub(in crate::people) undoes: u64,
}

/// Rows as they are after a batch of changes.
#[derive(Default)]
struct After<'a> {
    places: BTreeMap<FaceId, Place>,
    explained: BTreeSet<FaceId>,
    removed: BTreeSet<FaceId>,
    put: BTreeMap<FaceId, &'a StoredFace>,
    clusters: BTreeMap<ClusterId, Option<Row>>,
    redirects: BTreeMap<ClusterId, Option<&'a Redirect>>,
    marks: BTreeMap<(Mark, ClusterId, ClusterId), bool>,
    rejections: BTreeMap<FaceId, Option<&'a Rejection>>,
}

impl Record {
    /// What keeps the entry, and no more of them than are to be kept; nothing when the changes change nothing. `places` is
    /// where faces are before, as far as that is known.
    pub(in crate::people) async fn changes(
        self,
        people: &People,
        changes: &[Change],
        places: &HashMap<FaceId, Place>,
    ) -> Result<Vec<Change>, StoreError> {
        let store = &*people.store;
        let steps = After::of(changes, places).steps(store, places).await?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let trim = Change::TrimCorrections(people.corrections_kept);
        if people.corrections_kept == 0 {
            return Ok(vec![trim]);
        }
        let mut faces = self.faces;
        let mut known: BTreeSet<FaceId> = faces.iter().copied().collect();
        for face in steps.iter().flat_map(Step::faces) {
            if known.insert(face) {
                faces.push(face);
            }
        }
        faces.truncate(FACES_NAMED);
        let correction = Correction {
            position: store.last_correction().await? + 1,
            at: now(),
            key: people.who.key.as_deref().map(str::to_owned),
            kind: self.kind,
            cluster_ids: self.clusters,
            face_ids: faces,
            faces: known.len() as u64,
            undoes: self.undoes,
            undone: false,
            lost: None,
            steps,
        };
        Ok(vec![Change::PutCorrection(Box::new(correction)), trim])
    }
}

impl<'a> After<'a> {
    fn of(changes: &'a [Change], before: &HashMap<FaceId, Place>) -> Self {
        let mut after = Self::default();
        for change in changes {
            match change {
                Change::Assign {
                    faces,
                    cluster,
                    corrected,
                } => {
                    for face in faces {
                        let known = after.places.get(face).or_else(|| before.get(face));
                        let corrected = corrected.or(known.map(|place| place.corrected));
                        let place = Place {
                            cluster: *cluster,
                            corrected: corrected.unwrap_or_default(),
                        };
                        after.places.insert(*face, place);
                    }
                }
                Change::Explain(face, _) | Change::RemoveExplanation(face) => {
                    after.explained.insert(*face);
                }
                Change::PutFace(face) => {
                    after.put.insert(face.face_id, face);
                }
                Change::RemoveFace(face) => {
                    after.removed.insert(*face);
                }
                Change::PutCluster {
                    cluster,
                    representative,
                    flags,
                } => {
                    let row = Row {
                        representative: Some(*representative),
                        flags: *flags,
                    };
                    after.clusters.insert(*cluster, Some(row));
                }
                Change::RemoveCluster(cluster) => {
                    after.clusters.insert(*cluster, None);
                }
                Change::PutRedirect(redirect) => {
                    after.redirects.insert(redirect.source, Some(redirect));
                }
                Change::RemoveRedirect(source) => {
                    after.redirects.insert(*source, None);
                }
                Change::PutDistinction(one, other) => {
                    after.say(Mark::Distinct, one, other, true);
                }
                Change::RemoveDistinction(one, other) => after.say(Mark::Distinct, one, other, false),
                Change::PutUnsure(one, other) => after.say(Mark::Unsure, one, other, true),
                Change::RemoveUnsure(one, other) => after.say(Mark::Unsure, one, other, false),
                Change::PutRejection(rejection) => {
                    after.rejections.insert(rejection.face_id, Some(rejection));
                }
                Change::RemoveRejection(face) => {
                    after.rejections.insert(*face, None);
                }
                // Photos follow their faces; the rest is nothing that people correct.
                Change::PutPortrait(..)
                | Change::PutPhoto(_)
                | Change::Describe(..)
                | Change::RemovePhoto(_)
                | Change::PutAnswer(_)
                | Change::RemoveAnswersOf(_)
                | Change::RemoveAnswersBefore(_)
                | Change::Log(..)
                | Change::PutLogged(_)
                | Change::TrimLog(_)
                | Change::PutCorrection(_)
                | Change::RemoveCorrection(_)
                | Change::TrimCorrections(_) => {}
            }
        }
        after
    }

    fn say(&mut self, mark: Mark, one: &ClusterId, other: &ClusterId, is_said: bool) {
        self.marks
            .insert((mark, *one.min(other), *one.max(other)), is_said);
    }

    /// What differs from what is stored now.
    async fn steps(
        mut self,
        store: &dyn FaceStore,
        before: &HashMap<FaceId, Place>,
    ) -> Result<Vec<Step>, StoreError> {
        let mut steps = Vec::new();
        for face in &self.removed {
            self.explained.remove(face);
            steps.extend(held(store, face).await?.map(|held| Step::Removed(Box::new(held))));
        }
        for (id, face) in std::mem::take(&mut self.put) {
            if store.face(&id).await?.is_some() {
                self.places.insert(id, Place::of(face));
            } else {
                self.explained.remove(&id);
                steps.push(Step::Returned {
                    face: id,
                    file: face.file_id.clone(),
                    cluster: face.cluster_id,
                });
            }
        }
        steps.extend(self.placed(store, before).await?);
        let read = |face: FaceId| async move {
            let before = store.explanation(&face).await?.map(Box::new);
            Ok::<_, StoreError>(Step::Explained { face, before })
        };
        let explained: Vec<Step> = stream::iter(std::mem::take(&mut self.explained))
            .map(read)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        steps.extend(explained);
        for (source, after) in &self.redirects {
            let before = store.redirect(source).await?;
            if before.as_ref() != *after {
                steps.push(Step::Led {
                    source: *source,
                    before,
                    after: after.map(Lead::from),
                });
            }
        }
        steps.extend(self.said(store).await?);
        for (face, after) in &self.rejections {
            let before = store.rejection(face).await?;
            let is_before = before.is_some();
            if let Some(rejection) = before.or_else(|| after.cloned())
                && is_before != after.is_some()
            {
                steps.push(Step::Rejected {
                    rejection,
                    before: is_before,
                });
            }
        }
        for (cluster, after) in self.clusters {
            let before = store.cluster(&cluster).await?.map(|row| Row {
                representative: Some(row.representative),
                flags: row.flags,
            });
            if before != after {
                steps.push(Step::Stood {
                    cluster,
                    before,
                    after,
                });
            }
        }
        Ok(steps)
    }

    /// Faces that are elsewhere, those with the same way together.
    async fn placed(
        &self,
        store: &dyn FaceStore,
        before: &HashMap<FaceId, Place>,
    ) -> Result<Vec<Step>, StoreError> {
        let mut ways: BTreeMap<(Place, Place), Vec<FaceId>> = BTreeMap::new();
        for (face, to) in self
            .places
            .iter()
            .filter(|(face, _)| !self.removed.contains(face))
        {
            let from = match before.get(face) {
                Some(place) => Some(*place),
                None => store.face(face).await?.as_ref().map(Place::of),
            };
            if let Some(from) = from.filter(|from| from != to) {
                ways.entry((from, *to)).or_default().push(*face);
            }
        }
        let step = |((from, to), faces)| Step::Placed { faces, from, to };
        Ok(ways.into_iter().map(step).collect())
    }

    /// Pairs of which something is said, or not any more.
    async fn said(&self, store: &dyn FaceStore) -> Result<Vec<Step>, StoreError> {
        let mut said: BTreeMap<(Mark, ClusterId), Vec<ClusterId>> = BTreeMap::new();
        let mut steps = Vec::new();
        for ((mark, one, other), after) in &self.marks {
            let others = match said.entry((*mark, *one)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unread) => unread.insert(mark.read(store, one).await?),
            };
            let before = others.contains(other);
            if before != *after {
                steps.push(Step::Said {
                    mark: *mark,
                    one: *one,
                    other: *other,
                    before,
                });
            }
        }
        Ok(steps)
    }
}

/// All that is stored of a face.
async fn held(store: &dyn FaceStore, face: &FaceId) -> Result<Option<HeldFace>, StoreError> {
    let Some(face) = store.face(face).await? else {
        return Ok(None);
    };
    let id = &face.face_id;
    let (portrait, explanation) = (store.portrait(id).await?, store.explanation(id).await?);
    let photo = store.photo(&face.file_id).await?;
    let scene = photo.as_ref().and_then(|photo| photo.seen(id));
    let scene = scene.map(|(index, scene)| (index, scene.clone()));
    Ok(Some(HeldFace {
        whole: WholeFace {
            face,
            portrait,
            explanation,
        },
        scene,
    }))
}

impl Step {
    /// The faces that went somewhere.
    fn faces(&self) -> Vec<FaceId> {
        match self {
            Self::Placed { faces, .. } => faces.clone(),
            Self::Removed(held) => vec![held.whole.face.face_id],
            Self::Returned { face, .. } => vec![*face],
            _ => Vec::new(),
        }
    }
}
