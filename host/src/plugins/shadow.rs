//! Candidates that run beside the active plugins on live photos, without changing an answer.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::Semaphore;

use super::component::PluginIdentity;
use super::question::Question;
use super::set::{Candidate, InSlot};
use super::slot::Slot;
use super::statistics::CallReport;
use crate::domain::BySlot;

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
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the active plugin answered, as the caller saw it.
    pub active: Value,
    /// What the candidate answered.
    pub candidate: Value,
}

/// The results of a shadow so far.
#[derive(Clone, Debug)]
pub struct ShadowReport {
    /// The candidate.
    pub candidate: PluginIdentity,
    /// Calls that both plugins answered.
    pub compared: u64,
    /// How many of these calls they answered differently.
    pub different: u64,
    /// Calls on which the candidate failed.
    pub failed: u64,
    /// Calls that were not compared, because the limit of parallel comparisons was reached.
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
pub(super) struct Shadows(Mutex<BySlot<Option<Arc<Shadow>>>>);

impl Shadows {
    pub(super) fn get(&self, slot: Slot) -> Option<Arc<Shadow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot].clone()
    }

    /// Sets or ends the shadow of a slot; gives the one before.
    pub(super) fn set(&self, slot: Slot, shadow: Option<Arc<Shadow>>) -> Option<Arc<Shadow>> {
        std::mem::replace(
            &mut self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot],
            shadow,
        )
    }

    /// Asks the candidate of a slot, if there is one, what the active plugin has answered.
    pub(super) fn compare<Q>(&self, question: &Q, answer: &Q::Answer)
    where
        Q: Question,
        Q::Plugin: InSlot,
    {
        let Some(shadow) = self.get(Q::Plugin::SLOT) else {
            return;
        };
        if let Some(later) = question.later() {
            shadow.compare(Q::gist(answer), move |candidate| {
                later(candidate.get::<Q::Plugin>()?)
            });
        }
    }
}
