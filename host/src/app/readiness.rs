//! Whether the worker can do its work right now.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::App;
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
    last: Mutex<Option<(Instant, Vec<&'static str>)>>,
}

impl App {
    /// What keeps the worker from doing its work, each in a clause; empty when nothing does.
    ///
    /// Plugins are there since the start, where each was run once. That networks run is tried with the face detector,
    /// which every photo needs, unless a photo has just shown it. The store is asked. What was wrong may be right the next
    /// time; nothing has to be restarted for it.
    pub async fn obstacles(&self) -> Vec<&'static str> {
        if self.admissions.is_closed() {
            return vec!["it is shutting down"];
        }
        // One asks, the others wait for its answer.
        let mut last = self.readiness.last.lock().await;
        if let Some((when, obstacles)) = &*last
            && when.elapsed() < FRESH
        {
            return obstacles.clone();
        }
        let (store, networks) = tokio::join!(self.store_obstacle(), self.network_obstacle());
        let obstacles: Vec<&'static str> = store.into_iter().chain(networks).collect();
        *last = Some((Instant::now(), obstacles.clone()));
        obstacles
    }

    async fn store_obstacle(&self) -> Option<&'static str> {
        match tokio::time::timeout(LIMIT, self.people.ask_store()).await {
            Ok(Ok(())) => None,
            // The store has said so itself.
            Ok(Err(StoreError::NotWritable(_))) => Some("the vector store cannot be written"),
            Ok(Err(StoreError::Lost(_))) => Some("the database was deleted or renamed"),
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
