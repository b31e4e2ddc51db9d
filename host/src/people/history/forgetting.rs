//! Taking ids out of the history whose faces, people and photos are deleted.

use std::collections::BTreeSet;

use crate::domain::{ClusterId, FaceId, FileId};
use crate::store::{
    Change, Correction, FaceStore, Lost, Names, Step, StoreError, beside_cluster, of_cluster, of_face,
    of_file,
};

/// How many entries are read at a time.
const PAGE: usize = 100;

/// What is deleted.
#[derive(Default)]
pub(in crate::people) struct Gone {
    pub(in crate::people) clusters: BTreeSet<ClusterId>,
    pub(in crate::people) faces: BTreeSet<FaceId>,
    pub(in crate::people) files: BTreeSet<FileId>,
}

impl Gone {
    /// The changes that take it out of the history.
    pub(in crate::people) async fn changes(
        mut self,
        store: &dyn FaceStore,
    ) -> Result<Vec<Change>, StoreError> {
        // A face that was rejected is in no photo any more, and goes with it all the same.
        let files: Vec<String> = self.files.iter().map(of_file).collect();
        for entry in found(store, &files).await? {
            let Names { faces, .. } = entry.of_files(&self.files);
            self.faces.extend(faces);
        }
        let clusters = self
            .clusters
            .iter()
            .flat_map(|id| [of_cluster(id), beside_cluster(id)]);
        let faces = self.faces.iter().flat_map(of_face);
        let keys: Vec<String> = clusters.chain(faces).chain(files).collect();
        let entries = found(store, &keys).await?;
        Ok(entries
            .into_iter()
            .map(|mut entry| {
                let position = entry.position;
                if entry.forget(&self) {
                    Change::PutCorrection(Box::new(entry))
                } else {
                    Change::RemoveCorrection(position)
                }
            })
            .collect())
    }
}

/// Every entry that is found by any of these keys.
async fn found(store: &dyn FaceStore, keys: &[String]) -> Result<Vec<Correction>, StoreError> {
    let mut entries: Vec<Correction> = Vec::new();
    while !keys.is_empty() {
        let before = entries.last().map(|last| last.position);
        let page = store.corrections_of(keys, before, PAGE).await?;
        let is_last = page.len() < PAGE;
        entries.extend(page);
        if is_last {
            break;
        }
    }
    Ok(entries)
}

impl Correction {
    /// Takes ids out; says whether anything is left to tell.
    fn forget(&mut self, gone: &Gone) -> bool {
        let Names { clusters, files, .. } = self.names();
        let is_lost = !clusters.is_disjoint(&gone.clusters) || !files.is_disjoint(&gone.files);
        self.cluster_ids
            .retain(|cluster| !gone.clusters.contains(cluster));
        self.face_ids.retain(|face| !gone.faces.contains(face));
        if is_lost {
            self.lose(Lost::Deleted);
        } else {
            let moved = self.moves();
            self.steps.retain_mut(|step| step.forget(gone));
            if moved && !self.moves() {
                self.lose(Lost::Deleted);
            }
        }
        !self.cluster_ids.is_empty()
    }

    fn moves(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Placed { .. }))
    }

    /// The faces of these photos that it has, or has had.
    fn of_files(&self, files: &BTreeSet<FileId>) -> Names {
        let mut names = Names::default();
        for step in &self.steps {
            let (face, file) = match step {
                Step::Removed(held) => (held.whole.face.face_id, &held.whole.face.file_id),
                Step::Returned { face, file, .. } => (*face, file),
                Step::Rejected { rejection, .. } => (rejection.face_id, &rejection.file_id),
                _ => continue,
            };
            if files.contains(file) {
                names.faces.insert(face);
            }
        }
        names
    }
}

impl Step {
    /// Takes faces out; says whether anything is left.
    fn forget(
        &mut self,
        Gone {
            faces: gone,
            clusters,
            ..
        }: &Gone,
    ) -> bool {
        if let Some(why) = self.explanation_mut() {
            why.neighbours
                .retain(|near| !gone.contains(&near.face_id) && !clusters.contains(&near.cluster_id));
        }
        match self {
            Self::Placed { faces, .. } => {
                faces.retain(|face| !gone.contains(face));
                !faces.is_empty()
            }
            Self::Removed(held) => !gone.contains(&held.whole.face.face_id),
            Self::Returned { face, .. } | Self::Explained { face, .. } => !gone.contains(face),
            Self::Rejected { rejection, .. } => !gone.contains(&rejection.face_id),
            Self::Led { before, .. } => {
                if let Some(redirect) = before {
                    redirect.faces.retain(|face| !gone.contains(face));
                    redirect.representative = redirect.representative.filter(|face| !gone.contains(face));
                }
                true
            }
            Self::Stood { before, after, .. } => {
                for row in [before, after].into_iter().flatten() {
                    row.representative = row.representative.filter(|face| !gone.contains(face));
                }
                true
            }
            Self::Said { .. } => true,
        }
    }
}
