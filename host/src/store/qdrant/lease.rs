//! The sole right to decide and write, between workers, and how a batch of changes is made all or nothing.
//!
//! Whoever writes himself into the state as its holder has the right, until he takes himself out, or until another
//! worker has seen the state unchanged for the length of a lease: clocks of different machines are never compared. A
//! holder changes the state by and by, so that he keeps the right for as long as he lives.
//!
//! A batch becomes a journal: every call it takes, as bytes, in points of their own. Naming the journal in the state,
//! by compare-and-set, is the moment at which the batch counts, and a worker whose right is gone fails there, having
//! changed nothing. Then the calls are made. Whoever gets the right next and finds a journal makes its calls before he
//! decides anything, so that a worker may die at any point. Every call may be repeated.
//!
//! A holder begins no call unless it will be over, one way or another, while the right is still his. A call may still be
//! delivered after its sender has given up, by a network or a node that stood still: so every point says which batch
//! wrote it, and a call changes no point that a later batch has written. What remains is a late call that puts a point
//! back which a later batch has removed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;
use qdrant_client::qdrant::{Filter, UpdateBatchPoints};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::batch::Batch;
use super::conditions::of_kind;
use super::layout::{self, Collection, Kind};
use super::state::{Journal, State};
use super::writes::Writes;
use super::{Inner, rows};
use crate::store::change::Change;
use crate::store::error::StoreError;

/// The longest pause between two looks at a state that another worker holds.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// A right is renewed when this part of its length is over.
const RENEWAL: u32 = 4;
/// How often a change of the state is tried that an earlier one of this worker, delivered late, came before.
const OWN_RACES: u32 = 4;

/// The right, while it lasts.
pub(super) struct Lease {
    inner: Arc<Inner>,
    /// None when the right was given back.
    turn: Option<OwnTurn>,
    state: State,
    /// A moment before the state was written.
    since: Instant,
    /// Journals whose parts are there. They are not needed any more when the state does not name them.
    journals: Vec<Journal>,
    /// The journal whose calls were all made last.
    carried_out: Option<Journal>,
    /// Nothing more may be written.
    over: bool,
}

/// This worker's own turn among its own photos. Inside: the state that was there last, as far as it is known.
pub(super) type OwnTurn = OwnedMutexGuard<Option<State>>;

impl Lease {
    /// Takes the right, which `state` says is free or has run out, then carries out what was promised before. None when
    /// the state has changed: then `own` is given back with what it is now.
    pub(super) async fn take(
        inner: Arc<Inner>,
        mut own: OwnTurn,
        state: State,
    ) -> Result<Result<Self, OwnTurn>, StoreError> {
        let next = State {
            version: state.version + 1,
            holder: Some(inner.worker),
            ..state.clone()
        };
        let since = Instant::now();
        let now = state.swap(&inner.server, &next).await?;
        if now != next {
            *own = Some(now);
            return Ok(Err(own));
        }
        inner.server.nodes.turn_begins();
        let mut lease = Self {
            inner,
            turn: Some(own),
            state: now,
            since,
            journals: Vec::new(),
            carried_out: None,
            over: false,
        };
        match lease.settle(state.holder).await {
            Ok(()) => Ok(Ok(lease)),
            Err(error) => {
                lease.release().await;
                Err(error)
            }
        }
    }

    /// Carries out what was promised, and clears away what a worker left that did not give the right back.
    async fn settle(&mut self, earlier: Option<Uuid>) -> Result<(), StoreError> {
        if let Some(journal) = self.state.journal {
            self.over = true;
            self.journals.push(journal);
            for part in 0..journal.parts {
                let request = self.part(&journal, part).await?;
                self.carry_out(&[request]).await?;
            }
            self.carried_out = Some(journal);
            self.over = false;
        }
        if let Some(holder) = earlier {
            if holder != self.inner.worker {
                tracing::warn!(
                    %holder,
                    "another worker did not release the write lease; its unfinished writes were completed"
                );
            }
            self.sweep().await?;
        }
        Ok(())
    }

    /// Removes parts of journals that never counted, or were not removed when they had been carried out.
    pub(super) async fn sweep(&mut self) -> Result<(), StoreError> {
        let server = &self.inner.server;
        let filter = Filter::must([of_kind(Kind::Journal)]);
        let mut ids = Vec::new();
        for point in &server.all(Collection::Records, filter).await? {
            ids.push(rows::read_id(point)?);
        }
        let named: Vec<Uuid> = self.state.journal.iter().flat_map(parts).collect();
        ids.retain(|id| !named.contains(id));
        self.remove_records(ids).await
    }

    /// Makes changes in their order: all or none.
    pub(super) async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        if self.over {
            return Err(StoreError::TurnLost);
        }
        let server = &self.inner.server;
        let mut batch = Batch::new(&self.state, self.inner.dimension);
        for change in changes {
            batch.add(server, change).await?;
        }
        let (sequence, event, correction) = (batch.sequence, batch.event, batch.correction);
        let revision = self.state.revision + 1;
        let requests = batch.requests(server, revision)?;
        if requests.is_empty() {
            return Ok(());
        }
        // Whatever stops it from here on, nothing more is written on this right.
        self.over = true;
        let journal = Journal {
            id: Uuid::new_v4(),
            parts: u32::try_from(requests.len()).map_err(rows::damaged)?,
        };
        self.journals.push(journal);
        self.write_journal(&journal, &requests).await?;
        self.advance(|state| {
            state.journal = Some(journal);
            state.sequence = sequence;
            state.event = event;
            state.correction = correction;
            state.revision = revision;
        })
        .await?;
        match self.carry_out(&requests).await {
            Ok(()) => {
                self.carried_out = Some(journal);
                self.over = false;
                Ok(())
            }
            // Whoever has the right now has made the calls before anything else.
            Err(StoreError::TurnLost) => Ok(()),
            Err(error) => Err(StoreError::Unfinished(Box::new(error))),
        }
    }

    /// Changes the state if the next moment at which others might take it is not far.
    pub(super) async fn renew(&mut self) -> Result<(), StoreError> {
        if self.since.elapsed() < self.inner.server.settings.lease / RENEWAL {
            return Ok(());
        }
        self.advance(|_| {}).await
    }

    /// Gives the right back. Should that fail, it ends by itself.
    pub(super) async fn release(&mut self) {
        let Some(mut turn) = self.turn.take() else { return };
        self.over = true;
        let carried_out = self.carried_out;
        let released = self
            .advance(|state| {
                state.holder = None;
                state.journal = state.journal.filter(|journal| Some(*journal) != carried_out);
            })
            .await;
        match released {
            // Lost or not, this is the state now.
            Ok(()) | Err(StoreError::TurnLost) => *turn = Some(self.state.clone()),
            Err(error) => {
                tracing::warn!(
                    error = %crate::report(&error),
                    "the write lease could not be released; it will expire"
                );
                return;
            }
        }
        drop(turn);
        // What is not named now never will be again: whoever would name it would have to replace an earlier version.
        let named = self.state.journal;
        let unnamed = self.journals.iter().filter(|journal| Some(**journal) != named);
        let ids = unnamed.flat_map(parts).collect();
        if let Err(error) = self.remove_records(ids).await {
            tracing::warn!(
                error = %crate::report(&error),
                "parts of a journal could not be deleted; the next start of a worker deletes them"
            );
        }
    }

    /// Whether nothing more may be written.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Changes the state, if the right is still this worker's.
    async fn advance(&mut self, change: impl Fn(&mut State)) -> Result<(), StoreError> {
        for _ in 0..OWN_RACES {
            if self.state.holder != Some(self.inner.worker) {
                break;
            }
            let mut next = self.state.clone();
            next.version += 1;
            change(&mut next);
            let since = Instant::now();
            let now = self.state.swap(&self.inner.server, &next).await?;
            let is_done = now == next;
            // An earlier try, delivered late, may have come before; then this is tried again from there.
            self.state = now;
            if is_done {
                self.since = since;
                return Ok(());
            }
        }
        self.over = true;
        Err(StoreError::TurnLost)
    }

    /// Makes calls, each only while the right lasts for longer than the call can take.
    async fn carry_out(&mut self, requests: &[UpdateBatchPoints]) -> Result<(), StoreError> {
        for request in requests {
            let mut tries = self.inner.server.tries();
            while let Err(error) = self.carry_out_one(request).await {
                tries.again_after(error).await?;
            }
        }
        Ok(())
    }

    async fn carry_out_one(&mut self, request: &UpdateBatchPoints) -> Result<(), StoreError> {
        self.renew().await?;
        let settings = &self.inner.server.settings;
        if self.since.elapsed() + settings.timeout >= settings.lease {
            let source = "renewing the write lease took nearly as long as the lease lasts";
            return Err(self.inner.server.unreachable(source));
        }
        self.inner.server.write_once(request).await
    }

    async fn write_journal(
        &self,
        journal: &Journal,
        requests: &[UpdateBatchPoints],
    ) -> Result<(), StoreError> {
        let server = &self.inner.server;
        let mut steps = Writes::new(|collection| server.name(collection));
        let points = requests
            .iter()
            .zip(0..)
            .map(|(request, part)| rows::journal(&journal.id, part, &request.encode_to_vec()));
        steps.put(Collection::Records, points);
        for request in &steps.requests() {
            server.write(request).await?;
        }
        Ok(())
    }

    async fn part(&self, journal: &Journal, part: u32) -> Result<UpdateBatchPoints, StoreError> {
        let id = layout::journal(&journal.id, part);
        let server = &self.inner.server;
        let point = server
            .point(Collection::Records, id, false)
            .await?
            .ok_or_else(|| StoreError::Damaged(format!("a journal of Qdrant without its part {part}")))?;
        UpdateBatchPoints::decode(rows::read_bytes(&point)?.as_slice()).map_err(rows::damaged)
    }

    async fn remove_records(&self, ids: Vec<Uuid>) -> Result<(), StoreError> {
        let server = &self.inner.server;
        let mut steps = Writes::new(|collection| server.name(collection));
        steps.remove(Collection::Records, ids);
        for request in &steps.requests() {
            server.write(request).await?;
        }
        Ok(())
    }
}

/// The points of a journal.
fn parts(journal: &Journal) -> Vec<Uuid> {
    (0..journal.parts)
        .map(|part| layout::journal(&journal.id, part))
        .collect()
}
