//! The thread that moves vectors from the exact part into the graph.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};

use super::error::IndexError;
use super::exact::Exact;
use super::graph::Graph;
use super::settings::IndexSettings;
use crate::store::matrix::Matrix;

/// How long the thread leaves the graph alone after it failed.
const PAUSE: Duration = Duration::from_secs(10);

/// How long after a search the thread waits for others before it goes on: those for the faces of a photo follow one
/// another, and each would wait until the vector that is being added is in. Beside a thread that did not wait, searches
/// among 100,000 faces took more than twice as long (`cargo bench --bench scale`).
pub(super) const QUIET: Duration = Duration::from_millis(20);

/// What the index and its thread share. Whoever holds several of the locks took them in the order of the fields.
pub(super) struct Shared {
    /// Held by whoever changes the graph. True when the graph is not what the cache file holds.
    changed: Mutex<bool>,
    pub(super) exact: RwLock<Exact>,
    pub(super) graph: Graph,
    pub(super) closing: AtomicBool,
    /// When somebody searched last.
    searched: Mutex<Option<Instant>>,
    settings: IndexSettings,
}

/// What a step leaves to do.
enum Step {
    More,
    /// Searches go first.
    Later,
    Nothing,
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
            searched: Mutex::new(None),
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
        // What a file has beyond the row that it covers would stay there if it were removed before the next start.
        let begun = self.exact.read().moving();
        if let Some(block) = begun {
            self.add(&block, || true)?;
        }
        if *changed {
            let covered = self.exact.read().covered();
            work(&self.graph, covered)?;
            *changed = false;
        }
        Ok(())
    }

    /// Remembers that somebody searches now.
    pub(super) fn note_search(&self) {
        *self.searched.lock() = Some(Instant::now());
    }

    fn run(&self) {
        while !self.closing() {
            match self.step() {
                Ok(Step::More) => {}
                Ok(Step::Later) => thread::park_timeout(QUIET),
                Ok(Step::Nothing) => thread::park(),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "new faces could not be added to the neighbour graph, so searching is slower; trying again"
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

    /// Works off some removals, or moves a block or a part of one.
    fn step(&self) -> Result<Step, IndexError> {
        let mut changed = self.changed.lock();
        if self.settle(&mut changed)? {
            return Ok(Step::More);
        }
        let has_graph = self.graph.size() > 0;
        let due = self.exact.write().due(has_graph, self.settings.exact_faces);
        let Some(block) = due else {
            return Ok(Step::Nothing);
        };
        *changed = true;
        let is_in = self.add(&block, || !self.closing() && self.may_move())?;
        Ok(if is_in { Step::More } else { Step::Later })
    }

    /// Adds what the graph does not have of the block that moves, for as long as it may go on; then drops the block. Says
    /// whether it came so far.
    fn add(&self, block: &Matrix<u64>, go_on: impl Fn() -> bool) -> Result<bool, IndexError> {
        for (row, vector) in block.iter() {
            if !go_on() {
                return Ok(false);
            }
            self.graph.add(row, vector)?;
        }
        self.exact.write().drop_oldest();
        Ok(true)
    }

    /// Whether nobody searched a moment ago, or so many vectors wait that searching these takes long.
    fn may_move(&self) -> bool {
        let searched = *self.searched.lock();
        searched.is_none_or(|searched| searched.elapsed() >= QUIET)
            || self.exact.read().len() > self.settings.exact_faces
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
