//! Replays of cluster policies.

use std::sync::Arc;

use super::partition::Overlaps;
use super::report::{Failure, MissingEvidence, PartitionReport};
use super::{PAGE, Progress, Replay, ReplayError};
use crate::domain::{Decision, EmbeddingModel, Evidence, FileId, Neighbour, SceneFace};
use crate::people::{PeopleError, Policy, PolicyError, SimulatedFace, Simulation};
use crate::plugins::ClusterPolicy;
use crate::store::{PhotoRecord, StoredFace, StoredPhoto};

/// A candidate in the place of the active policy.
pub struct CandidatePolicy(pub Arc<ClusterPolicy>);

impl Policy for CandidatePolicy {
    fn digest(&self) -> &str {
        &self.0.identity().digest
    }

    fn neighbours(&self) -> usize {
        self.0.neighbours()
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        Ok(self.0.decide(face, neighbours, model)?)
    }

    fn review(
        &self,
        face: &SceneFace,
        cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        Ok(self.0.review(face, cluster_faces, neighbours, model)?)
    }
}

/// The faces of one photo, as a policy sees them.
pub(super) struct Group {
    pub(super) faces: Vec<(StoredFace, SceneFace)>,
    /// The photo has no record that fits its faces, so their ages and genders are not known.
    pub(super) incomplete: bool,
}

/// A photo whose faces a policy placed, or failed to place.
struct Placed {
    file: FileId,
    incomplete: bool,
    outcome: Result<Vec<SimulatedFace>, PeopleError>,
}

impl Replay {
    /// Lets a candidate decide on every stored face.
    pub(super) async fn place_all(
        &self,
        candidate: Arc<ClusterPolicy>,
        progress: Progress,
    ) -> Result<PartitionReport, ReplayError> {
        let total = self.people.counts().await?.faces;
        let model = self.people.embedding_model().clone();
        let mut report = report(&candidate, model.threshold);
        let policy = Arc::new(CandidatePolicy(candidate));
        let mut simulation = Simulation::new(model);
        let mut overlaps = Overlaps::default();
        let (mut after, mut done) = (None, 0);
        // The faces of the photo whose end has not been read yet.
        let mut open: Vec<StoredFace> = Vec::new();
        loop {
            let page = self.people.faces(after, PAGE).await?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|last| last.position).or(after);
            let mut groups = Vec::new();
            for face in page.into_iter().map(|sequenced| sequenced.face) {
                if open.first().is_some_and(|first| first.file_id != face.file_id) {
                    groups.push(self.group(std::mem::take(&mut open)).await?);
                }
                open.push(face);
            }
            if is_last && !open.is_empty() {
                groups.push(self.group(std::mem::take(&mut open)).await?);
            }
            let (policy, progress) = (Arc::clone(&policy), Arc::clone(&progress));
            let placing = tokio::task::spawn_blocking(move || {
                let mut placed = Vec::with_capacity(groups.len());
                for group in groups {
                    done += group.faces.len() as u64;
                    placed.extend(place(&mut simulation, group, &*policy));
                    // Faces may come while the replay runs.
                    progress(done, total.max(done));
                }
                (simulation, done, placed)
            });
            let placed;
            (simulation, done, placed) = placing.await?;
            for placed in placed {
                self.account_people(&mut report, &mut overlaps, placed);
            }
            if is_last {
                break;
            }
        }
        Ok(self.compared(report, &overlaps))
    }

    /// Puts the faces of one photo together with what its record says of them.
    async fn group(&self, faces: Vec<StoredFace>) -> Result<Group, ReplayError> {
        let record = match faces.first() {
            Some(face) => self
                .people
                .photo(&face.file_id)
                .await?
                .and_then(|photo| photo.record),
            None => None,
        };
        Ok(group(faces, record))
    }

    fn account_people(&self, report: &mut PartitionReport, overlaps: &mut Overlaps, placed: Placed) {
        report.missing_evidence.count(Evidence {
            demographics: placed.incomplete,
            ..Evidence::default()
        });
        match placed.outcome {
            Ok(faces) => {
                for face in faces {
                    overlaps.add(face.stored_cluster, face.simulated_cluster);
                }
            }
            Err(error) => {
                tracing::debug!(error = crate::report(&error), "a policy failed in a replay");
                report.failed += 1;
                if report.failures.len() < self.settings.examples {
                    // The policy's own error says more than that it failed.
                    let error = match error {
                        PeopleError::Policy(error) => error.to_string(),
                        other => other.to_string(),
                    };
                    report.failures.push(Failure {
                        file_id: placed.file,
                        error,
                    });
                }
            }
        }
    }

    fn compared(&self, report: PartitionReport, overlaps: &Overlaps) -> PartitionReport {
        let listed = self.settings.examples;
        let mut found = overlaps.compare(listed);
        let (merges_found, splits_found) = (found.merges.len() as u64, found.splits.len() as u64);
        found.merges.truncate(listed);
        found.splits.truncate(listed);
        PartitionReport {
            faces: found.faces,
            clusters_before: found.clusters_before,
            clusters_after: found.clusters_after,
            faces_moved: found.faces_moved,
            merges_found,
            merges: found.merges,
            splits_found,
            splits: found.splits,
            ..report
        }
    }
}

/// The faces of one photo with what its record says of them.
pub(super) fn group(faces: Vec<StoredFace>, record: Option<PhotoRecord>) -> Group {
    let photo = StoredPhoto { faces, record };
    let incomplete = photo.record.is_none() || !photo.is_in_step();
    let joined = photo.seen_faces().into_iter().map(|(face, seen)| {
        let seen = seen.filter(|_| !incomplete).cloned();
        (face.clone(), seen.unwrap_or_else(|| unknown_person(face)))
    });
    Group {
        faces: joined.collect(),
        incomplete,
    }
}

/// Places the faces of one photo, unless they were placed before: a photo that is processed again while the replay
/// runs moves to the end of the order. Blocks.
fn place(simulation: &mut Simulation, group: Group, policy: &dyn Policy) -> Option<Placed> {
    let file = group.faces.first()?.0.file_id.clone();
    if group
        .faces
        .iter()
        .any(|(face, _)| simulation.holds(&face.face_id))
    {
        return None;
    }
    Some(Placed {
        file,
        incomplete: group.incomplete,
        outcome: simulation.place(&group.faces, policy),
    })
}

/// A face of which only the store knows.
fn unknown_person(face: &StoredFace) -> SceneFace {
    SceneFace {
        bounding_box: face.bounding_box,
        confidence: face.confidence,
        age: None,
        gender: None,
        quality: face.quality,
    }
}

fn report(candidate: &ClusterPolicy, threshold: f32) -> PartitionReport {
    PartitionReport {
        candidate: candidate.identity().clone(),
        threshold,
        faces: 0,
        clusters_before: 0,
        clusters_after: 0,
        faces_moved: 0,
        merges_found: 0,
        merges: Vec::new(),
        splits_found: 0,
        splits: Vec::new(),
        missing_evidence: MissingEvidence::default(),
        failed: 0,
        failures: Vec::new(),
    }
}
