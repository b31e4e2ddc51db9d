//! When clusters are consolidated without being asked: soon after new evidence about them, while the worker is idle.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::App;
use super::failures::{note, of_waiting};
use crate::activity::{Job, JobKind};
use crate::config::ConsolidationSettings;
use crate::people::{Consolidation, ConsolidationRequest, PeopleError};
use crate::pipeline::Occupancy;
use crate::store::StoreError;

/// No photo has been in work for so long: the worker is idle.
const IDLE: Duration = Duration::from_secs(3);
/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(500);
/// How long is waited after the store or the policy failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(60);
/// All clusters are looked at so often, whatever is known of them: what is known is lost at a restart.
const ALL: Duration = Duration::from_hours(24);
/// How many clusters are looked at in one go then.
const PAGE: usize = 100;
/// How often all clusters are looked at then, as long as some are merged.
const PASSES: usize = 2;

/// Consolidates clusters about which there is new evidence, when the worker is idle, and at the latest when the evidence
/// has waited for [`ConsolidationSettings::within`]; no more of them in a minute than allowed. Until the worker is gone.
pub(super) async fn run(settings: ConsolidationSettings, app: Weak<App>) {
    let mut all_at = Instant::now() + ALL;
    loop {
        let Some(people) = app.upgrade().map(|app| Arc::clone(&app.people)) else {
            return;
        };
        // Not the app: nobody may keep it while nothing comes.
        let waited = tokio::time::timeout_at(all_at.into(), people.new_evidence()).await;
        drop(people);
        let left = settings.within.saturating_sub(waited.unwrap_or_default());
        if !wait_until_idle(left, &app).await {
            return;
        }
        let outcome = if Instant::now() >= all_at {
            all_at = Instant::now() + ALL;
            consolidate_all(settings, &app).await
        } else {
            consolidate_waiting(settings, &app).await
        };
        if let Err(error) = outcome {
            tracing::error!(error = crate::report(&error), "consolidating clusters failed");
            tokio::time::sleep(AFTER_A_FAILURE).await;
        }
    }
}

/// Waits until no photo has been in work for a while, or for `most`; false when the worker is gone.
async fn wait_until_idle(most: Duration, app: &Weak<App>) -> bool {
    let started = Instant::now();
    let mut idle_since = Instant::now();
    loop {
        let Some(occupancy) = app.upgrade().map(|app| app.admissions.occupancy()) else {
            return false;
        };
        let Occupancy { working, queued, .. } = occupancy;
        if working + queued > 0 {
            idle_since = Instant::now();
        }
        if idle_since.elapsed() >= IDLE || started.elapsed() >= most {
            return true;
        }
        tokio::time::sleep(LOOK.min(most)).await;
    }
}

/// Looks at one cluster after the other that waits, until a photo comes.
async fn consolidate_waiting(settings: ConsolidationSettings, app: &Weak<App>) -> Result<(), PeopleError> {
    while let Some(app) = app.upgrade() {
        let outcome = app.pipeline.consolidate_next().await;
        let is_done = !outcome.inspect_err(|error| app.activity.failed(of_waiting(error)))?;
        if is_done {
            break;
        }
        let Occupancy { working, queued, .. } = app.admissions.occupancy();
        drop(app);
        tokio::time::sleep(pause(settings)).await;
        if working + queued > 0 {
            break;
        }
    }
    Ok(())
}

/// Looks at all clusters, and again when some were merged: what was merged is evidence, too.
async fn consolidate_all(settings: ConsolidationSettings, app: &Weak<App>) -> Result<(), PeopleError> {
    for _ in 0..PASSES {
        let mut request = ConsolidationRequest {
            dry_run: false,
            after: None,
            limit: PAGE,
        };
        let mut merges = 0;
        while let Some(app) = app.upgrade() {
            let done = app.consolidate(request).await?;
            merges += done.merges.len();
            request.after = done.next;
            drop(app);
            if request.after.is_none() {
                break;
            }
            tokio::time::sleep(pause(settings) * PAGE as u32).await;
        }
        if merges == 0 {
            break;
        }
    }
    Ok(())
}

impl App {
    /// A page of a consolidation of all clusters, which is one job from its first page to its last; see
    /// [`Pipeline::consolidate`](crate::pipeline::Pipeline::consolidate).
    ///
    /// # Errors
    /// When the policy or the store fails.
    pub(crate) async fn consolidate(
        &self,
        request: ConsolidationRequest,
    ) -> Result<Consolidation, PeopleError> {
        let job = match request.after {
            Some(after) => self.activity.go_on(JobKind::Consolidation, &after.to_string()),
            None => self.begin_consolidation().await?,
        };
        let outcome = self.pipeline.consolidate(request).await;
        note(&job, &outcome);
        outcome
    }

    async fn begin_consolidation(&self) -> Result<Job, StoreError> {
        let clusters = self.people.counts().await?.clusters;
        let job = self.activity.begin(JobKind::Consolidation, None);
        job.progress(0, clusters);
        Ok(job)
    }
}

/// Between two clusters.
fn pause(settings: ConsolidationSettings) -> Duration {
    Duration::from_secs(60) / settings.clusters_per_minute
}
