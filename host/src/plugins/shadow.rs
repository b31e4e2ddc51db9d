//! Candidates that run beside the active plugins on live photos, without changing an answer.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::component::PluginIdentity;
use super::context_mapper::Context;
use super::photo::Pixels;
use super::set::Candidate;
use super::slot::Slot;
use super::statistics::CallReport;
use crate::domain::{Assignment, Decision, EmbeddingModel, Neighbour, Scene, SceneFace, ScoredTag};

/// How many differences a report shows.
const EXAMPLES: usize = 20;
/// How many comparisons wait or run at a time; photos beyond are not compared, so that a slow candidate costs the
/// active plugins nothing but a core.
const COMPARISONS: usize = 16;

/// A candidate beside the active plugin of its slot.
pub(super) struct Shadow {
    candidate: Candidate,
    running: Arc<Semaphore>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    compared: u64,
    different: u64,
    failed: u64,
    skipped: u64,
    examples: Vec<Difference>,
}

/// Two answers to the same question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Difference {
    /// What the active plugin answered, as the caller saw it.
    pub active: Value,
    /// What the candidate answered.
    pub candidate: Value,
}

/// What a shadow has shown so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShadowReport {
    /// The candidate.
    pub candidate: PluginIdentity,
    /// Calls that both plugins answered.
    pub compared: u64,
    /// Those of them that they answered differently.
    pub different: u64,
    /// Calls on which the candidate failed.
    pub failed: u64,
    /// Calls that were not compared, because as many as allowed were being compared.
    pub skipped: u64,
    /// The candidate's own calls.
    pub calls: CallReport,
    /// The first differences.
    pub examples: Vec<Difference>,
}

impl Shadow {
    pub(super) fn new(candidate: Candidate) -> Self {
        Self {
            candidate,
            running: Arc::new(Semaphore::new(COMPARISONS)),
            seen: Mutex::default(),
        }
    }

    pub(super) fn report(&self) -> ShadowReport {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        ShadowReport {
            candidate: self.candidate.identity().clone(),
            compared: seen.compared,
            different: seen.different,
            failed: seen.failed,
            skipped: seen.skipped,
            calls: self.candidate.statistics().report(),
            examples: seen.examples.clone(),
        }
    }

    /// Asks the candidate on a thread of its own and notes the difference.
    fn compare(
        self: &Arc<Self>,
        active: Value,
        ask: impl FnOnce(&Candidate) -> Option<Value> + Send + 'static,
    ) {
        let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() else {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).skipped += 1;
            return;
        };
        let shadow = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let answer = ask(&shadow.candidate);
            let mut seen = shadow.seen.lock().unwrap_or_else(PoisonError::into_inner);
            match answer {
                None => seen.failed += 1,
                Some(candidate) => {
                    seen.compared += 1;
                    if candidate != active {
                        seen.different += 1;
                        if seen.examples.len() < EXAMPLES {
                            seen.examples.push(Difference { active, candidate });
                        }
                    }
                }
            }
        });
    }
}

/// The shadow of each slot.
#[derive(Default)]
pub(super) struct Shadows(Mutex<[Option<Arc<Shadow>>; Slot::ALL.len()]>);

impl Shadows {
    pub(super) fn get(&self, slot: Slot) -> Option<Arc<Shadow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot as usize].clone()
    }

    /// Sets or ends the shadow of a slot; gives the one before.
    pub(super) fn set(&self, slot: Slot, shadow: Option<Arc<Shadow>>) -> Option<Arc<Shadow>> {
        std::mem::replace(
            &mut self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot as usize],
            shadow,
        )
    }

    pub(super) fn tags(
        &self,
        scene: &Scene,
        photo: Option<&Arc<dyn Pixels>>,
        threshold: f32,
        answer: &[ScoredTag],
    ) {
        let Some(shadow) = self.get(Slot::Tagger) else {
            return;
        };
        let (scene, photo) = (scene.clone(), photo.cloned());
        shadow.compare(tag_names(answer), move |candidate| {
            let Candidate::Tagger(tagger) = candidate else {
                return None;
            };
            let mut tags = tagger.tag(&scene, photo).ok()?;
            tags.retain(|tag| tag.score >= threshold);
            Some(tag_names(&tags))
        });
    }

    pub(super) fn context(
        &self,
        scene: &Scene,
        tags: &[ScoredTag],
        photo: Option<&Arc<dyn Pixels>>,
        answer: &Context,
    ) {
        let Some(shadow) = self.get(Slot::ContextMapper) else {
            return;
        };
        let (scene, tags, photo) = (scene.clone(), tags.to_vec(), photo.cloned());
        shadow.compare(json!(answer.phrase), move |candidate| {
            let Candidate::ContextMapper(mapper) = candidate else {
                return None;
            };
            Some(json!(mapper.map(&scene, &tags, photo).ok()?.phrase))
        });
    }

    pub(super) fn decision(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
        answer: &Decision,
    ) {
        let Some(shadow) = self.get(Slot::ClusterPolicy) else {
            return;
        };
        let (face, neighbours, model) = (face.clone(), neighbours.to_vec(), model.clone());
        shadow.compare(assignment(answer), move |candidate| {
            let Candidate::ClusterPolicy(policy) = candidate else {
                return None;
            };
            // It sees at most as many as it asks for, as it would if it were active.
            let wanted = policy.neighbours().min(neighbours.len());
            Some(assignment(
                &policy.decide(&face, &neighbours[..wanted], &model).ok()?,
            ))
        });
    }
}

fn tag_names(tags: &[ScoredTag]) -> Value {
    let mut names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    names.sort_unstable();
    json!(names)
}

fn assignment(decision: &Decision) -> Value {
    match decision.assignment {
        Assignment::Join(cluster) => json!({ "join": cluster }),
        Assignment::Create => json!("create"),
    }
}
