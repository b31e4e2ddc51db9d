//! The store on a Qdrant server, or a cluster of them, which several workers may share.
//!
//! `layout` says what lies where, `rows` how, `batch` and `writes` turn changes into calls, `state` and `lease` see to it
//! that one worker at a time decides and that a batch is made as a whole, `server` speaks with the server, `nodes` and
//! `fewer` get along with a cluster of which a node is away.

mod batch;
mod cluster_order;
mod conditions;
mod corrections;
mod events;
mod fewer;
mod layout;
mod lease;
mod nodes;
mod photo_list;
mod provisional;
mod reads;
mod rows;
mod server;
mod settings;
mod setup;
mod state;
mod turn;
mod writes;

use std::sync::Arc;

use tokio::sync::Mutex;
use uuid::Uuid;

use self::server::Server;
pub use self::settings::{QdrantSettings, Quantization, ReadConsistency};
use self::state::State;
use self::turn::QdrantTurn;
use super::error::StoreError;
use super::face_store::Turn as _;
use crate::domain::EmbeddingModel;

/// Faces on a Qdrant server. Clones share one connection, and one place among the workers.
#[derive(Clone)]
pub struct QdrantStore {
    inner: Arc<Inner>,
}

struct Inner {
    server: Server,
    /// Width of the vectors.
    dimension: usize,
    /// What this worker calls itself, new at each start.
    worker: Uuid,
    /// This worker's own turns. Inside: the state that was there last, as far as it is known.
    deciding: Arc<Mutex<Option<State>>>,
    /// Held while copies of the state that disagree are brought together.
    mending: Arc<Mutex<()>>,
}

impl QdrantStore {
    /// Connects, makes the collections if they are not there, and completes what a worker that died has left. Waits
    /// while another worker writes, and for the length of a lease where one has died.
    ///
    /// # Errors
    /// When the server does not answer, refuses the key or is too old, or its collections hold vectors of another
    /// embedder.
    pub async fn open(settings: QdrantSettings, model: &EmbeddingModel) -> Result<Self, StoreError> {
        let server = Server::new(settings)?;
        let is_earlier = setup::prepare(&server, model).await?;
        let inner = Arc::new(Inner {
            server,
            dimension: model.dimension,
            worker: Uuid::new_v4(),
            deciding: Arc::default(),
            mending: Arc::default(),
        });
        let mut turn = QdrantTurn::begin(Arc::clone(&inner)).await?;
        turn.sweep().await?;
        if is_earlier {
            provisional::fill(&inner, &mut turn).await?;
            setup::finish(&inner.server).await?;
        }
        Box::new(turn).end().await;
        photo_list::catch_up(&inner).await?;
        Ok(Self { inner })
    }
}
