//! The one point that says who may write, what was promised to be written, and how far the positions are.
//!
//! It changes by compare-and-set only: a new content names the version that it replaces, and the server writes it if
//! that is still the version, whatever order the calls of several workers arrive in. The server does not say whether it
//! did, so what is there is read afterwards.

use std::time::{Duration, Instant};

use qdrant_client::qdrant::points_update_operation::{Operation, PointStructList};
use qdrant_client::qdrant::{Condition, Filter, PointsUpdateOperation, RetrievedPoint, UpdateBatchPoints};
use uuid::Uuid;

use super::conditions::{of_version, up_to};
use super::layout::{self, Collection, FORMAT, Kind};
use super::rows;
use super::server::Server;
use crate::store::error::StoreError;

const FORMAT_KEY: &str = "format";
const MODEL: &str = "embedding_model";
const REVISION: &str = "revision";
/// Not the key by which photos are put in order.
const LAST_SEQUENCE: &str = "last_sequence";
/// Not the key by which what happened is put in order.
const LAST_EVENT: &str = "last_event";
/// Not the key by which the history is put in order.
const LAST_CORRECTION: &str = "last_correction";
const HOLDER: &str = "holder";
const JOURNAL: &str = "journal";
const PARTS: &str = "journal_parts";

/// How often the state is read until it shows what was written, and how long between.
const READS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(20);
/// How many such times pass between two looks at copies that disagree.
const MENDING_LOOKS: u32 = 10;

/// Calls that were promised to be made, and are kept until they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Journal {
    pub(super) id: Uuid,
    /// How many calls.
    pub(super) parts: u32,
}

/// What the point says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The embedder whose vectors are stored, with its width.
    pub(super) model: String,
    /// Grows by one with each change of the state.
    pub(super) version: u64,
    /// Grows by one with each batch of changes to what is stored.
    pub(super) revision: u64,
    /// The last position given to a face or a photo.
    pub(super) sequence: u64,
    /// The position of what happened last.
    pub(super) event: u64,
    /// The last position in the history of corrections; 0 also after a worker that did not know of it.
    pub(super) correction: u64,
    /// The worker that may write.
    pub(super) holder: Option<Uuid>,
    /// What was promised last. It may have been carried out already, which may be done again.
    pub(super) journal: Option<Journal>,
}

impl State {
    /// The state of an empty store.
    pub(super) fn new(model: String) -> Self {
        Self {
            model,
            version: 1,
            revision: 0,
            sequence: 0,
            event: 0,
            correction: 0,
            holder: None,
            journal: None,
        }
    }

    /// What the point says now; none when there is none.
    pub(super) async fn read(server: &Server) -> Result<Option<Self>, StoreError> {
        let point = server.point(Collection::Records, layout::state(), false).await?;
        point.as_ref().map(Self::of).transpose()
    }

    fn of(point: &RetrievedPoint) -> Result<Self, StoreError> {
        let fields = &point.payload;
        let format = rows::read_integer(fields, FORMAT_KEY)?;
        if i64::try_from(format) != Ok(FORMAT) {
            return Err(StoreError::Damaged(format!(
                "collections of format {format}, and this worker knows {FORMAT}"
            )));
        }
        let identifier = |key| {
            let text = rows::read_text(fields, key)?;
            let identifier = (!text.is_empty()).then(|| Uuid::try_parse(text));
            identifier.transpose().map_err(rows::damaged)
        };
        let parts = u32::try_from(rows::read_integer(fields, PARTS)?).map_err(rows::damaged)?;
        Ok(Self {
            model: rows::read_text(fields, MODEL)?.to_owned(),
            version: rows::read_integer(fields, layout::VERSION)?,
            revision: rows::read_integer(fields, REVISION)?,
            sequence: rows::read_integer(fields, LAST_SEQUENCE)?,
            event: rows::read_integer_if_there(fields, LAST_EVENT)?,
            correction: rows::read_integer_if_there(fields, LAST_CORRECTION)?,
            holder: identifier(HOLDER)?,
            journal: identifier(JOURNAL)?.map(|id| Journal { id, parts }),
        })
    }

    /// Reads the point until it is there and of this version at least. Copies that are being written disagree for a
    /// moment, and then nothing is read.
    pub(super) async fn read_from(server: &Server, version: u64) -> Result<Self, StoreError> {
        for _ in 0..READS {
            match Self::read(server).await? {
                Some(state) if state.version >= version => return Ok(state),
                _ => tokio::time::sleep(BETWEEN).await,
            }
        }
        Err(StoreError::CopiesDisagree)
    }

    /// Writes this state if none is there.
    pub(super) async fn found(&self, server: &Server) -> Result<(), StoreError> {
        // No version is 0, so that a state that is there stays.
        server.write(&self.replacing(server, 0)).await
    }

    /// Writes `next` if this state is still the one that is there. Gives what is there then.
    pub(super) async fn swap(&self, server: &Server, next: &Self) -> Result<Self, StoreError> {
        server.write(&next.replacing(server, self.version)).await?;
        Self::read_from(server, next.version).await
    }

    /// Brings copies together that disagree for good, as they do when a leader and a worker died in the middle of one
    /// change: the latest of them is written to all, once nothing has changed for the length of a lease, so that whoever
    /// had the right has it no more. Ends at once when they agree again.
    ///
    /// # Errors
    /// When the server does not answer, or too few copies can be read one by one.
    pub(super) async fn mend(server: &Server) -> Result<(), StoreError> {
        let settings = &server.settings;
        let copies = usize::try_from(settings.replication_factor).unwrap_or(usize::MAX);
        // A node without a copy answers with another's, so that of more nodes than copies more must answer.
        let enough = copies / 2 + 1 + server.nodes.all().len().saturating_sub(copies);
        let mut seen: (Vec<Self>, Instant) = (Vec::new(), Instant::now());
        loop {
            if Self::read(server).await?.is_some() {
                return Ok(());
            }
            let points = server.copies(Collection::Records, layout::state()).await;
            let copies = points.iter().map(Self::of).collect::<Result<Vec<_>, _>>()?;
            if copies.len() < enough {
                return Err(StoreError::CopiesDisagree);
            }
            if copies != seen.0 {
                seen = (copies, Instant::now());
            } else if seen.1.elapsed() >= settings.lease {
                break;
            }
            tokio::time::sleep(BETWEEN * MENDING_LOOKS).await;
        }
        let order = |state: &&Self| (state.version, state.revision, state.journal.map(|named| named.id));
        let Some(latest) = seen.0.iter().max_by_key(order) else {
            return Err(StoreError::CopiesDisagree);
        };
        let next = Self {
            version: latest.version + 1,
            holder: None,
            ..latest.clone()
        };
        tracing::warn!(
            version = next.version,
            "replicas of the store's state disagreed; the latest state was written to all of them"
        );
        let instead = up_to(layout::VERSION, latest.version);
        server.write(&next.replacing_where(server, instead)).await
    }

    /// The call that writes this state in place of that version, or where there is none.
    fn replacing(&self, server: &Server, version: u64) -> UpdateBatchPoints {
        self.replacing_where(server, of_version(version))
    }

    fn replacing_where(&self, server: &Server, earlier: Condition) -> UpdateBatchPoints {
        let text = |identifier: Option<Uuid>| identifier.map_or_else(String::new, |id| id.to_string());
        let parts = self.journal.map_or(0, |journal| journal.parts);
        let fields = [
            (layout::KIND, Kind::State.name().into()),
            (FORMAT_KEY, FORMAT.into()),
            (MODEL, self.model.as_str().into()),
            (layout::VERSION, rows::integer(self.version)),
            (REVISION, rows::integer(self.revision)),
            (LAST_SEQUENCE, rows::integer(self.sequence)),
            (LAST_EVENT, rows::integer(self.event)),
            (LAST_CORRECTION, rows::integer(self.correction)),
            (HOLDER, text(self.holder).into()),
            (JOURNAL, text(self.journal.map(|journal| journal.id)).into()),
            (PARTS, i64::from(parts).into()),
        ];
        let upsert = PointStructList {
            points: vec![rows::bare(layout::state(), rows::payload(fields))],
            update_filter: Some(Filter::must([earlier])),
            ..PointStructList::default()
        };
        UpdateBatchPoints {
            collection_name: server.name(Collection::Records),
            operations: vec![PointsUpdateOperation {
                operation: Some(Operation::Upsert(upsert)),
            }],
            ..UpdateBatchPoints::default()
        }
    }
}
