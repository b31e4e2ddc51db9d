//! What every store of faces must do, and what people may rely on whatever store they are in.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod answers;
mod archive;
mod changes;
mod circles;
mod cluster;
mod consolidation;
mod contract;
mod corrections;
mod crashes;
mod distinctions;
mod earlier;
mod embedded;
mod erasing;
mod erasures;
mod fixtures;
mod flags;
mod histories;
mod history;
mod history_kept;
mod listing;
mod nodes;
mod pairs;
mod placing;
mod qdrant;
mod races;
mod reembedding;
mod similar;
mod snapshot;
mod story;
mod undoing;
mod unmerging;
mod workers;
