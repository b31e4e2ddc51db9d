//! By what an entry is found: whom it names, and what another entry would have to leave alone.

use std::collections::BTreeSet;

use super::{Correction, Lost, Step};
use crate::domain::{ClusterId, FaceId, FileId};
use crate::store::mark::Mark;

/// An entry that speaks of a cluster.
pub(crate) fn of_cluster(cluster: &ClusterId) -> String {
    format!("c/{cluster}")
}

/// An entry that names a cluster as that of a neighbour, and is not about it.
pub(crate) fn beside_cluster(cluster: &ClusterId) -> String {
    format!("a/{cluster}")
}

/// An entry that has something of a photo.
pub(crate) fn of_file(file: &FileId) -> String {
    format!("p/{}", file.as_str())
}

/// Entries that name a face, whatever for.
pub(crate) fn of_face(face: &FaceId) -> [String; 3] {
    [
        written(&row_of_face(face)),
        needed(&row_of_face(face)),
        named(face),
    ]
}

fn named(face: &FaceId) -> String {
    format!("o/{face}")
}

fn row_of_face(face: &FaceId) -> String {
    format!("f/{face}")
}

/// Whether a cluster is there.
fn being(cluster: &ClusterId) -> String {
    format!("x/{cluster}")
}

fn written(row: &str) -> String {
    format!("w/{row}")
}

fn needed(row: &str) -> String {
    format!("n/{row}")
}

/// What an entry names.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) clusters: BTreeSet<ClusterId>,
    pub(crate) faces: BTreeSet<FaceId>,
    pub(crate) files: BTreeSet<FileId>,
    /// Clusters of neighbours.
    pub(crate) beside: BTreeSet<ClusterId>,
}

impl Correction {
    /// Everybody and everything that is named anywhere in it.
    pub(crate) fn names(&self) -> Names {
        let mut names = Names {
            clusters: self.cluster_ids.iter().copied().collect(),
            faces: self.face_ids.iter().copied().collect(),
            ..Names::default()
        };
        for step in &self.steps {
            step.name(&mut names);
        }
        names
    }

    /// The rows that it wrote.
    fn writes(&self) -> BTreeSet<String> {
        self.steps.iter().flat_map(Step::writes).collect()
    }

    /// The rows that had to be there for it.
    fn needs(&self) -> impl Iterator<Item = String> {
        let clusters = self.cluster_ids.iter().map(being);
        clusters.chain(self.face_ids.iter().map(row_of_face))
    }

    /// By what it is found.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        // What is undone stands in nobody's way.
        if !self.undone {
            let writes = self.writes();
            keys.extend(
                self.needs()
                    .filter(|row| !writes.contains(row))
                    .map(|row| needed(&row)),
            );
            keys.extend(writes.iter().map(|row| written(row)));
        }
        let names = self.names();
        let is_known = |face: &FaceId| of_face(face).iter().any(|key| keys.contains(key));
        let unknown: Vec<String> = names
            .faces
            .iter()
            .filter(|face| !is_known(face))
            .map(named)
            .collect();
        keys.extend(unknown);
        keys.extend(names.clusters.iter().map(of_cluster));
        keys.extend(names.beside.iter().map(beside_cluster));
        keys.extend(names.files.iter().map(of_file));
        keys
    }

    /// What later entries must not be found by when this one is to be undone.
    pub(crate) fn obstacles(&self) -> Vec<String> {
        let writes = self.writes();
        // Others need faces and clusters, and nothing else.
        let are_needed = writes.iter().filter(|row| row.starts_with(['f', 'x']));
        let needed_by_others = are_needed.map(|row| needed(row));
        // Where faces go back to must be there.
        let places = self
            .steps
            .iter()
            .filter_map(Step::place_before)
            .map(|id| being(&id));
        let rows: BTreeSet<String> = writes.iter().cloned().chain(places).collect();
        needed_by_others
            .chain(rows.iter().map(|row| written(row)))
            .collect()
    }

    /// Whether it can never be undone, as far as it says itself.
    pub(crate) fn lose(&mut self, why: Lost) {
        self.steps.clear();
        self.lost.get_or_insert(why);
    }

    /// Takes out what is of another embedder.
    pub(crate) fn forget_vectors(&mut self) {
        if self.steps.iter().any(|step| matches!(step, Step::Removed(_))) {
            self.lose(Lost::Embedder);
        }
    }
}

impl Step {
    /// Where faces go when this is undone.
    fn place_before(&self) -> Option<ClusterId> {
        match self {
            Self::Placed { from, .. } => Some(from.cluster),
            Self::Removed(held) => Some(held.whole.face.cluster_id),
            _ => None,
        }
    }

    fn writes(&self) -> Vec<String> {
        match self {
            Self::Placed { faces, .. } => faces.iter().map(row_of_face).collect(),
            Self::Removed(held) => vec![row_of_face(&held.whole.face.face_id)],
            Self::Returned { face, .. } | Self::Explained { face, .. } => vec![row_of_face(face)],
            Self::Led { source, .. } => vec![format!("m/{source}")],
            Self::Said { mark, one, other, .. } => {
                let kind = match mark {
                    Mark::Distinct => 'd',
                    Mark::Unsure => 'u',
                };
                vec![format!("{kind}/{}/{}", one.min(other), one.max(other))]
            }
            Self::Rejected { rejection, .. } => vec![format!("j/{}", rejection.face_id)],
            Self::Stood {
                cluster,
                before,
                after,
            } => {
                let mut rows = Vec::new();
                if before.is_some() != after.is_some() {
                    rows.push(being(cluster));
                }
                if before.map(|row| row.representative) != after.map(|row| row.representative) {
                    rows.push(format!("r/{cluster}"));
                }
                if before.map(|row| row.flags.hidden) != after.map(|row| row.flags.hidden) {
                    rows.push(format!("h/{cluster}"));
                }
                rows
            }
        }
    }

    fn name(&self, names: &mut Names) {
        for neighbour in self.explanation().into_iter().flat_map(|why| &why.neighbours) {
            names.faces.insert(neighbour.face_id);
            names.beside.insert(neighbour.cluster_id);
        }
        match self {
            Self::Placed { faces, from, to } => {
                names.faces.extend(faces);
                names.clusters.extend([from.cluster, to.cluster]);
            }
            Self::Removed(held) => {
                names.faces.insert(held.whole.face.face_id);
                names.clusters.insert(held.whole.face.cluster_id);
                names.files.insert(held.whole.face.file_id.clone());
            }
            Self::Returned { face, file, cluster } => {
                names.faces.insert(*face);
                names.clusters.insert(*cluster);
                names.files.insert(file.clone());
            }
            Self::Explained { face, .. } => {
                names.faces.insert(*face);
            }
            Self::Led {
                source,
                before,
                after,
            } => {
                names.clusters.insert(*source);
                names.clusters.extend(after.map(|lead| lead.target));
                if let Some(redirect) = before {
                    names.clusters.insert(redirect.target);
                    names.clusters.extend(&redirect.distinctions);
                    names.faces.extend(&redirect.faces);
                    names.faces.extend(redirect.representative);
                }
            }
            Self::Said { one, other, .. } => names.clusters.extend([*one, *other]),
            Self::Rejected { rejection, .. } => {
                names.faces.insert(rejection.face_id);
                names.files.insert(rejection.file_id.clone());
            }
            Self::Stood {
                cluster,
                before,
                after,
            } => {
                names.clusters.insert(*cluster);
                let rows = [before, after].into_iter().flatten();
                names.faces.extend(rows.filter_map(|row| row.representative));
            }
        }
    }
}
