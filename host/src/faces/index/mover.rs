//! The thread that moves vectors from the exact part into the graph.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};

use super::exact::Exact;
use super::graph::Graph;
use super::{IndexError, IndexSettings};

/// How long the thread leaves the graph alone after it failed.
const PAUSE: Duration = Duration::from_secs(10);

/// What the index and its thread share. Whoever holds several of the locks took them in the order of the fields.
pub(super) struct Shared {
    /// Held by whoever changes the graph. True when the graph is not what the cache file holds.
    changed: Mutex<bool>,
    pub(super) exact: RwLock<Exact>,
    pub(super) graph: Graph,
    pub(super) closing: AtomicBool,
    settings: IndexSettings,
}

pub(super) fn start(shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new()
        .name("neighbour-index".to_owned())
        .spawn(move || shared.run())
}

impl Shared {
    pub(super) fn new(dimension: usize, settings: IndexSettings, graph: Graph, covered: u64) -> Self {
        Self {
            changed: Mutex::new(false),
            exact: RwLock::new(Exact::new(dimension, settings.batch_faces, covered)),
            graph,
            closing: AtomicBool::new(false),
            settings,
        }
    }

    /// Does something with a graph that has seen every removal and that nobody changes, and the row that it covers; not
    /// when the graph is as it was the last time that this succeeded.
    pub(super) fn while_still(
        &self,
        work: impl FnOnce(&Graph, u64) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let mut changed = self.changed.lock();
        while self.settle(&mut changed)? {}
        if *changed {
            let covered = self.exact.read().covered();
            work(&self.graph, covered)?;
            *changed = false;
        }
        Ok(())
    }

    fn run(&self) {
        while !self.closing() {
            match self.step() {
                Ok(true) => {}
                Ok(false) => thread::park(),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "faces stay out of the neighbour graph, which makes searching slower; trying again"
                    );
                    self.pause();
                }
            }
        }
    }

    fn closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    fn pause(&self) {
        let until = Instant::now() + PAUSE;
        while !self.closing() && Instant::now() < until {
            thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Works off some removals, or moves a block; gives whether there may be more to do.
    fn step(&self) -> Result<bool, IndexError> {
        let mut changed = self.changed.lock();
        if self.settle(&mut changed)? {
            return Ok(true);
        }
        let has_graph = self.graph.size() > 0;
        let due = self.exact.write().due(has_graph, self.settings.exact_faces);
        let Some(block) = due else { return Ok(false) };
        for (row, vector) in block.iter() {
            if self.closing() {
                return Ok(false);
            }
            *changed = true;
            self.graph.add(row, vector)?;
        }
        self.exact.write().drop_oldest();
        Ok(true)
    }

    /// Works off at most a batch of removals; gives whether there may be more.
    fn settle(&self, changed: &mut bool) -> Result<bool, IndexError> {
        let removed = self.exact.read().removed();
        let rows: Vec<u64> = removed.iter().copied().take(self.settings.batch_faces).collect();
        // Not held while the set is changed, which would copy it.
        drop(removed);
        for row in &rows {
            *changed |= self.graph.remove(*row)?;
        }
        if !rows.is_empty() {
            self.exact.write().settled(&rows);
        }
        Ok(!rows.is_empty())
    }
}
