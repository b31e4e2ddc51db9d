//! A batch of changes as what it leaves behind: at most one write a row, by id, which may be repeated as a whole.

use std::collections::BTreeMap;

use qdrant_client::qdrant::{Condition, Filter, UpdateBatchPoints};

use super::conditions::{below, of_file, of_kind, up_to};
use super::layout::{self, Collection, Kind};
use super::server::Server;
use super::state::State;
use super::writes::Writes;
use super::{corrections, events, rows};
use crate::domain::{ClusterId, FaceId, FileId};
use crate::store::change::Change;
use crate::store::correction::Correction;
use crate::store::error::StoreError;
use crate::store::event::LoggedEvent;
use crate::store::flags::ClusterFlags;
use crate::store::record::{
    Explanation, PhotoDescription, PhotoRecord, Redirect, Rejection, StoredAnswer, StoredFace,
};

/// What becomes of a face.
enum FaceChange {
    Put(StoredFace, u64),
    Assign(ClusterId, Option<bool>),
    Remove,
}

/// What becomes of a photo's record.
enum PhotoChange {
    Put(Box<PhotoRecord>, u64),
    Describe(PhotoDescription),
    Remove,
}

/// What becomes of every row that changes; none where it is removed.
pub(super) struct Batch {
    /// The last position that was given to a face or a photo.
    pub(super) sequence: u64,
    /// The position of what happened last.
    pub(super) event: u64,
    /// The last position in the history.
    pub(super) correction: u64,
    dimension: usize,
    faces: BTreeMap<FaceId, FaceChange>,
    portraits: BTreeMap<FaceId, Option<Vec<u8>>>,
    explanations: BTreeMap<FaceId, Option<Explanation>>,
    clusters: BTreeMap<ClusterId, Option<(FaceId, ClusterFlags)>>,
    redirects: BTreeMap<ClusterId, Option<Redirect>>,
    distinctions: BTreeMap<(ClusterId, ClusterId), bool>,
    unsure: BTreeMap<(ClusterId, ClusterId), bool>,
    photos: BTreeMap<FileId, PhotoChange>,
    rejections: BTreeMap<FaceId, Option<Rejection>>,
    answers: BTreeMap<String, Option<StoredAnswer>>,
    events: BTreeMap<u64, LoggedEvent>,
    /// How much of what happened stays.
    events_kept: Option<u64>,
    corrections: BTreeMap<u64, Option<Box<Correction>>>,
    /// How much of the history stays.
    corrections_kept: Option<u64>,
}

impl Batch {
    /// Nothing yet. Positions are given after those of the state; vectors must be `dimension` wide.
    pub(super) fn new(state: &State, dimension: usize) -> Self {
        Self {
            sequence: state.sequence,
            event: state.event,
            correction: state.correction,
            dimension,
            faces: BTreeMap::new(),
            portraits: BTreeMap::new(),
            explanations: BTreeMap::new(),
            clusters: BTreeMap::new(),
            redirects: BTreeMap::new(),
            distinctions: BTreeMap::new(),
            unsure: BTreeMap::new(),
            photos: BTreeMap::new(),
            rejections: BTreeMap::new(),
            answers: BTreeMap::new(),
            events: BTreeMap::new(),
            events_kept: None,
            corrections: BTreeMap::new(),
            corrections_kept: None,
        }
    }

    /// Adds a change after those that are there. What it removes by a description is looked up now, so that repeating
    /// the batch later does not remove what came since.
    ///
    /// # Errors
    /// When the server does not answer, or a vector has another width than the stored ones.
    pub(super) async fn add(&mut self, server: &Server, change: Change) -> Result<(), StoreError> {
        match change {
            Change::PutFace(face) => self.put_face(face)?,
            Change::RemoveFace(face) => {
                self.faces.insert(face, FaceChange::Remove);
                self.portraits.insert(face, None);
                self.explanations.insert(face, None);
            }
            Change::PutPortrait(face, jpeg) => {
                self.portraits.insert(face, Some(jpeg));
            }
            Change::Explain(face, explanation) => {
                self.explanations.insert(face, Some(explanation));
            }
            Change::RemoveExplanation(face) => {
                self.explanations.insert(face, None);
            }
            Change::Assign {
                faces,
                cluster,
                corrected,
            } => {
                for face in faces {
                    self.assign(face, cluster, corrected);
                }
            }
            Change::PutCluster {
                cluster,
                representative,
                flags,
            } => {
                self.clusters.insert(cluster, Some((representative, flags)));
            }
            Change::RemoveCluster(cluster) => {
                self.clusters.insert(cluster, None);
            }
            Change::PutRedirect(redirect) => {
                self.redirects.insert(redirect.source, Some(redirect));
            }
            Change::RemoveRedirect(source) => {
                self.redirects.insert(source, None);
            }
            Change::PutDistinction(one, other) => {
                self.distinctions.insert((one.min(other), one.max(other)), true);
            }
            Change::RemoveDistinction(one, other) => {
                self.distinctions.insert((one.min(other), one.max(other)), false);
            }
            Change::PutUnsure(one, other) => {
                self.unsure.insert((one.min(other), one.max(other)), true);
            }
            Change::RemoveUnsure(one, other) => {
                self.unsure.insert((one.min(other), one.max(other)), false);
            }
            Change::PutPhoto(photo) => {
                self.sequence += 1;
                self.photos
                    .insert(photo.file_id.clone(), PhotoChange::Put(photo, self.sequence));
            }
            Change::Describe(file, description) => self.describe(file, description),
            Change::RemovePhoto(file) => {
                self.remove_rejections(server, &file).await?;
                self.remove_answers(server, of_file(&file), |answer| {
                    answer.file_id.as_ref() == Some(&file)
                })
                .await?;
                self.photos.insert(file, PhotoChange::Remove);
            }
            Change::PutRejection(rejection) => {
                self.rejections.insert(rejection.face_id, Some(rejection));
            }
            Change::RemoveRejection(face) => {
                self.rejections.insert(face, None);
            }
            Change::PutAnswer(answer) => {
                self.answers.insert(answer.key.clone(), Some(answer));
            }
            Change::RemoveAnswersOf(file) => {
                self.remove_answers(server, of_file(&file), |answer| {
                    answer.file_id.as_ref() == Some(&file)
                })
                .await?;
            }
            Change::Log(event, at) => self.put_event(LoggedEvent {
                position: self.event + 1,
                at,
                event,
            }),
            Change::PutLogged(logged) => self.put_event(logged),
            Change::TrimLog(kept) => self.events_kept = Some(kept),
            Change::PutCorrection(correction) => {
                self.correction = self.correction.max(correction.position);
                self.corrections.insert(correction.position, Some(correction));
            }
            Change::RemoveCorrection(position) => {
                self.corrections.insert(position, None);
            }
            Change::TrimCorrections(kept) => self.corrections_kept = Some(kept),
            Change::RemoveAnswersBefore(at) => {
                self.remove_answers(server, below(layout::AT, at), |answer| answer.at < at)
                    .await?;
            }
        }
        Ok(())
    }

    fn put_event(&mut self, logged: LoggedEvent) {
        self.event = self.event.max(logged.position);
        self.events.insert(logged.position, logged);
    }

    fn put_face(&mut self, face: StoredFace) -> Result<(), StoreError> {
        // The server would refuse it when it is too late.
        if face.embedding.dimension() != self.dimension {
            return Err(StoreError::OtherModel {
                stored: format!("{} dimensions", self.dimension),
                active: format!("{} dimensions", face.embedding.dimension()),
            });
        }
        self.sequence += 1;
        self.faces
            .insert(face.face_id, FaceChange::Put(face, self.sequence));
        Ok(())
    }

    fn assign(&mut self, face: FaceId, cluster: ClusterId, corrected: Option<bool>) {
        match self.faces.get_mut(&face) {
            Some(FaceChange::Put(face, _)) => {
                face.cluster_id = cluster;
                face.corrected = corrected.unwrap_or(face.corrected);
            }
            Some(FaceChange::Assign(earlier, was)) => {
                *earlier = cluster;
                *was = corrected.or(*was);
            }
            Some(FaceChange::Remove) => {}
            None => {
                self.faces.insert(face, FaceChange::Assign(cluster, corrected));
            }
        }
    }

    fn describe(&mut self, file: FileId, description: PhotoDescription) {
        match self.photos.get_mut(&file) {
            Some(PhotoChange::Put(photo, _)) => photo.description = description,
            Some(PhotoChange::Remove) => {}
            Some(PhotoChange::Describe(_)) | None => {
                self.photos.insert(file, PhotoChange::Describe(description));
            }
        }
    }

    async fn remove_rejections(&mut self, server: &Server, file: &FileId) -> Result<(), StoreError> {
        let stored = server
            .all(Collection::Rejections, Filter::must([of_file(file)]))
            .await?;
        for point in &stored {
            self.rejections.insert(rows::read_id(point)?.into(), None);
        }
        for rejection in self.rejections.values_mut() {
            *rejection = rejection.take().filter(|rejection| rejection.file_id != *file);
        }
        Ok(())
    }

    async fn remove_answers(
        &mut self,
        server: &Server,
        which: Condition,
        is_meant: impl Fn(&StoredAnswer) -> bool,
    ) -> Result<(), StoreError> {
        let filter = Filter::must([of_kind(Kind::Answer), which]);
        for point in &server.all(Collection::Records, filter).await? {
            let answer = rows::read_answer(point)?;
            // What the batch itself has put under the key is judged below.
            self.answers.entry(answer.key).or_insert(None);
        }
        for answer in self.answers.values_mut() {
            *answer = answer.take().filter(|answer| !is_meant(answer));
        }
        Ok(())
    }

    /// The writes, in an order in which whoever reads in between finds what he is pointed to: what is pointed to is
    /// written before, and removed after, what points to it.
    ///
    /// They change nothing that a batch after `revision` has written.
    ///
    /// # Errors
    /// When something cannot be written as JSON.
    pub(super) fn requests(
        self,
        server: &Server,
        revision: u64,
    ) -> Result<Vec<UpdateBatchPoints>, StoreError> {
        let mut steps = Writes::new(|collection| server.name(collection)).of_revision(revision);
        let (mut records, mut removed) = (Vec::new(), Vec::new());
        for (face, jpeg) in &self.portraits {
            match jpeg {
                Some(jpeg) => records.push(rows::portrait(face, jpeg)),
                None => removed.push(layout::portrait(face)),
            }
        }
        for (face, explanation) in &self.explanations {
            match explanation {
                Some(explanation) => records.push(rows::explanation(face, explanation)?),
                None => removed.push(layout::explanation(face)),
            }
        }
        for ((one, other), is_distinct) in &self.distinctions {
            if *is_distinct {
                records.push(rows::distinction(one, other));
            } else {
                removed.push(layout::distinction(one, other));
            }
        }
        for ((one, other), is_unsure) in &self.unsure {
            if *is_unsure {
                records.push(rows::unsure(one, other));
            } else {
                removed.push(layout::unsure(one, other));
            }
        }
        for (key, answer) in &self.answers {
            match answer {
                Some(answer) => records.push(rows::answer(answer)),
                None => removed.push(layout::answer(key)),
            }
        }
        for (position, correction) in &self.corrections {
            match correction {
                Some(correction) => records.push(corrections::row(correction)?),
                None => removed.push(layout::correction(*position)),
            }
        }
        let mut described = Vec::new();
        for (file, change) in &self.photos {
            match change {
                PhotoChange::Put(photo, sequence) => records.push(rows::photo(photo, *sequence)?),
                PhotoChange::Describe(description) => {
                    described.push((layout::photo(file), rows::description(description)?));
                }
                PhotoChange::Remove => removed.push(layout::photo(file)),
            }
        }
        steps.put(Collection::Records, records);
        for (photo, fields) in described {
            steps.set(Collection::Records, fields, [photo]);
        }

        let (rejections, no_rejections) = split(self.rejections);
        steps.put(Collection::Rejections, rejections.values().map(rows::rejection));
        let (redirects, no_redirects) = split(self.redirects);
        let redirects: Result<Vec<_>, _> = redirects.values().map(rows::redirect).collect();
        steps.put(Collection::Redirects, redirects?);
        let (clusters, no_clusters) = split(self.clusters);
        let clusters = clusters
            .iter()
            .map(|(cluster, (face, flags))| rows::cluster(cluster, face, *flags));
        steps.put(Collection::Clusters, clusters);

        let (mut faces, mut no_faces) = (Vec::new(), Vec::new());
        let mut assigned: BTreeMap<(ClusterId, Option<bool>), Vec<FaceId>> = BTreeMap::new();
        for (id, change) in self.faces {
            match change {
                FaceChange::Put(face, sequence) => faces.push(rows::face(&face, sequence)),
                FaceChange::Assign(cluster, corrected) => {
                    assigned.entry((cluster, corrected)).or_default().push(id);
                }
                FaceChange::Remove => no_faces.push(id.as_uuid()),
            }
        }
        steps.put(Collection::Faces, faces);
        for ((cluster, corrected), faces) in assigned {
            let faces = faces.iter().map(FaceId::as_uuid);
            steps.set(Collection::Faces, rows::assignment(&cluster, corrected), faces);
        }
        steps.remove(Collection::Faces, no_faces);

        steps.remove(Collection::Clusters, no_clusters.iter().map(ClusterId::as_uuid));
        steps.remove(Collection::Redirects, no_redirects.iter().map(ClusterId::as_uuid));
        steps.remove(Collection::Rejections, no_rejections.iter().map(FaceId::as_uuid));
        steps.remove(Collection::Records, removed);

        // Last and in order, so that whoever reads that something happened finds it done, and none is missing before it.
        let events: Result<Vec<_>, _> = self.events.values().map(events::row).collect();
        steps.put(Collection::Records, events?);
        let gone = self.events_kept.and_then(|kept| self.event.checked_sub(kept));
        if let Some(gone) = gone.filter(|gone| *gone > 0) {
            let filter = Filter::must([of_kind(Kind::Event), up_to(layout::EVENT, gone)]);
            steps.remove_found(Collection::Records, filter);
        }
        let gone = self
            .corrections_kept
            .map(|kept| self.correction.saturating_sub(kept));
        if let Some(gone) = gone.filter(|gone| *gone > 0) {
            let filter = Filter::must([of_kind(Kind::Correction), up_to(layout::CORRECTION, gone)]);
            steps.remove_found(Collection::Records, filter);
        }
        Ok(steps.requests())
    }
}

/// What is put, and the keys of what is removed.
fn split<K: Ord + Copy, V>(rows: BTreeMap<K, Option<V>>) -> (BTreeMap<K, V>, Vec<K>) {
    let (mut put, mut removed) = (BTreeMap::new(), Vec::new());
    for (key, row) in rows {
        match row {
            Some(row) => {
                put.insert(key, row);
            }
            None => removed.push(key),
        }
    }
    (put, removed)
}
