//! Whether the worker can do its work right now.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::App;
use crate::inference::devices::FailedDevice;
use crate::store::StoreError;

/// An answer younger than this is given again, so that asking costs nothing.
const FRESH: Duration = Duration::from_secs(1);
/// What does not answer within this time does not answer.
const LIMIT: Duration = Duration::from_secs(5);
/// A network that ran so long ago at most needs no trial: under load, a trial would wait behind photos.
const RECENT: Duration = Duration::from_secs(10);

/// What was found last.
#[derive(Default)]
pub(super) struct Readiness {
    last: Mutex<Option<(Instant, Vec<String>)>>,
}

impl App {
    /// What keeps the worker from doing its work, each in a clause; empty when nothing does.
    ///
    /// Plugins are there since the start, where each was run once. That networks run is tried with the face detector,
    /// which every photo needs, unless a photo has just shown it. The store is asked. What was wrong may be right the next
    /// time; nothing has to be restarted for it.
    pub async fn obstacles(&self) -> Vec<String> {
        if self.admissions.is_closed() {
            return vec!["it is shutting down".to_owned()];
        }
        // One asks, the others wait for its answer.
        let mut last = self.readiness.last.lock().await;
        if let Some((when, obstacles)) = &*last
            && when.elapsed() < FRESH
        {
            return obstacles.clone();
        }
        let (store, networks) = tokio::join!(self.store_obstacle(), self.network_obstacle());
        let mut obstacles: Vec<String> = store.into_iter().chain(networks).map(str::to_owned).collect();
        let lost = self.inference.failed_devices().into_iter();
        obstacles.extend(lost.filter(|failed| !failed.on_processor).map(named));
        *last = Some((Instant::now(), obstacles.clone()));
        obstacles
    }

    /// Devices that have failed, for whose networks the processor stands in: the worker is ready all the same.
    #[must_use]
    pub fn replaced_devices(&self) -> Vec<String> {
        let failed = self.inference.failed_devices().into_iter();
        failed.filter(|failed| failed.on_processor).map(named).collect()
    }

    async fn store_obstacle(&self) -> Option<&'static str> {
        match tokio::time::timeout(LIMIT, self.people.ask_store()).await {
            Ok(Ok(())) => None,
            // The store has said so itself.
            Ok(Err(StoreError::NotWritable(_))) => Some("the vector store cannot be written"),
            Ok(Err(StoreError::Lost(_))) => Some("the store's database file was deleted or renamed"),
            Ok(Err(error)) => {
                tracing::warn!(error = crate::report(&error), "the vector store does not answer");
                Some("the vector store does not answer")
            }
            Err(_) => Some("the vector store takes too long to answer"),
        }
    }

    async fn network_obstacle(&self) -> Option<&'static str> {
        if self.pipeline.ran_within(RECENT) {
            return None;
        }
        match tokio::time::timeout(LIMIT, self.pipeline.try_networks()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::warn!(error = crate::report(&error), "a network does not run");
                Some("a model does not run")
            }
            Err(_) => Some("a model takes too long"),
        }
    }
}

/// A device that has failed, in a clause.
fn named(failed: FailedDevice) -> String {
    format!("the device {} failed on {}", failed.device, failed.model)
}
