//! The trial of a candidate before it takes the place of another plugin: questions that photos have asked before.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::error::PluginError;
use super::set::{Candidate, PluginSet};
use crate::audit::Who;

/// How a candidate is tried.
#[derive(Clone, Copy, Debug)]
pub struct TrialSettings {
    /// `PLUGIN_TRIAL_SCENES`: on how many of the latest stored scenes, for a cluster policy faces; 0 turns trials off.
    pub scenes: usize,
    /// `PLUGIN_TRIAL_SECONDS`: how long it may take. A call that has begun then is waited for.
    pub limit: Duration,
}

/// Asks a candidate what was asked of plugins before.
#[async_trait]
pub trait Trial: Send + Sync {
    /// Asks about what is stored, the latest first, until the time is over or `abandoned` is set. `active` are the plugins
    /// of this moment.
    ///
    /// # Errors
    /// [`PluginError::TrialFailed`], when an answer is none that a photo could be given.
    async fn run(
        &self,
        candidate: &Candidate,
        active: &PluginSet,
        abandoned: &CancellationToken,
    ) -> Result<TrialReport, PluginError>;
}

/// The result of a trial in which no answer failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialReport {
    /// How many stored scenes the plugin answered well; for a cluster policy, stored faces.
    pub tried: u64,
    /// How many were left out because they lack evidence that the plugin wants.
    pub skipped: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Whether `PLUGIN_TRIAL_SECONDS` elapsed before all were tried.
    pub timed_out: bool,
    /// Why the trial ended early, if the store did not answer; null otherwise.
    pub problem: Option<String>,
}

impl Display for TrialReport {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { tried, skipped, .. } = self;
        write!(out, "trial on stored scenes: {tried} answered, {skipped} skipped")?;
        if self.timed_out {
            out.write_str(", then PLUGIN_TRIAL_SECONDS elapsed")?;
        }
        if self.problem.is_some() {
            out.write_str(", then the store did not answer")?;
        }
        Ok(())
    }
}

/// On which terms a component is put into its slot.
pub struct Terms<'a> {
    /// Who asks for it.
    pub who: &'a Who,
    /// What it is tried on first; nothing when there is none.
    pub trial: Option<&'a dyn Trial>,
    /// What the audit log says besides; may be empty.
    pub remark: &'static str,
    /// Set when whoever asked is gone: then nothing is changed.
    pub abandoned: CancellationToken,
}

/// Without a trial, and to the end.
impl<'a> From<&'a Who> for Terms<'a> {
    fn from(who: &'a Who) -> Self {
        Self {
            who,
            trial: None,
            remark: "",
            abandoned: CancellationToken::new(),
        }
    }
}
