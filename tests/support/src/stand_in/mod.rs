//! A stand-in for a Qdrant server: the calls that the store makes, over real gRPC on the loopback, answered from memory.
//!
//! It shows that the store's own code and its client do what they should, also when calls fail at a chosen moment. It is
//! one process with one lock: it shows nothing of a real server's validation beyond what is named in `points`, of its
//! approximate index and its disk, and of its replication no more than is named in `copies`. The same tests run against a
//! real server when `QDRANT_URL` is set.

/// The calls that are answered, and those that nobody makes.
macro_rules! calls {
    ($trait:ident { $($offered:tt)* } $($name:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl $trait for Service {
            $($offered)*
            $(async fn $name(
                &self,
                _: Request<qdrant::$request>,
            ) -> Result<Response<qdrant::$response>, Status> {
                Err(Status::unimplemented(stringify!($name)))
            })*
        }
    };
}

mod collections;
mod copies;
mod data;
mod dump;
mod filter;
mod points;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use ai_worker::store::{QdrantSettings, Quantization, ReadConsistency};
use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::QdrantServer;
use qdrant_client::qdrant::{UpdateBatchPoints, Value};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};

use self::copies::Copies;
use self::data::Data;
pub use self::dump::Dump;

/// A server, or a cluster of nodes with a copy of everything each. Several doors may lead to it.
#[derive(Clone)]
pub struct StandIn {
    copies: Arc<Copies>,
    key: Option<String>,
    version: Option<String>,
}

impl Default for StandIn {
    fn default() -> Self {
        Self::of_nodes(1)
    }
}

/// A port of the stand-in, which can be shut for whoever came through it.
#[derive(Clone)]
pub struct Door {
    /// Where it is.
    pub url: String,
    gate: Arc<Mutex<Gate>>,
    /// Writes that are on their way.
    held: Arc<Mutex<Vec<UpdateBatchPoints>>>,
    copies: Arc<Copies>,
}

/// What becomes of calls.
#[derive(Clone, Copy)]
enum Gate {
    Open,
    /// After this many more writes, the next write is lost, or made and its answer lost, and then the gate is shut.
    ShutsAfter {
        writes: u32,
        last_is_made: bool,
    },
    /// After this many more writes, the next ones stay on their way, and whoever sent them gives up.
    HoldsAfter(u32),
    Shut,
}

/// What becomes of one call.
#[derive(PartialEq)]
enum Passage {
    Free,
    /// It is made, and its answer is lost.
    Lost,
    /// It is made later, if at all.
    Held,
}

impl StandIn {
    /// An empty one that wants this key.
    #[must_use]
    pub fn with_key(key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..Self::default()
        }
    }

    /// An empty one that says it has this version.
    #[must_use]
    pub fn of_version(version: &str) -> Self {
        Self {
            version: Some(version.to_owned()),
            ..Self::default()
        }
    }

    /// An empty cluster of so many nodes. The last is the highest.
    #[must_use]
    pub fn of_nodes(nodes: usize) -> Self {
        Self {
            copies: Arc::new(Copies::of((0..nodes).map(|_| Arc::default()).collect())),
            key: None,
            version: None,
        }
    }

    /// Ends a node for the others; its doors are to be shut besides.
    pub fn kill(&self, node: usize) {
        self.copies.kill(node);
    }

    /// Lets a node go on that was ended for the others for a while, with what it had and knew before.
    pub fn go_on(&self, node: usize) {
        self.copies.go_on(node);
    }

    /// Whether a node knows what the others have decided.
    #[must_use]
    pub fn is_informed(&self, node: usize) -> bool {
        self.copies.is_informed(node)
    }

    /// Lets a node answer again that was ended. Its copy counts again when the cluster has had nothing to decide for a
    /// while. Needs a runtime.
    pub fn come_back(&self, node: usize) {
        self.copies.come_back(node);
        let copies = Arc::clone(&self.copies);
        tokio::spawn(async move {
            while !copies.is_quiet() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            copies.recover(node);
        });
    }

    /// Lets the cluster lose the next decisions that it is asked for, as one does that has no leader.
    pub fn lose(&self, decisions: usize) {
        self.copies.lose(decisions);
    }

    /// Whether a node's copy counts.
    #[must_use]
    pub fn is_whole(&self, node: usize) -> bool {
        self.copies.is_whole(node)
    }

    /// Lets a node take part again, with everything that the others have.
    pub fn recover(&self, node: usize) {
        self.copies.recover(node);
    }

    /// Changes what a node alone has of a point of the collection of records.
    pub fn change_copy(&self, node: usize, kind: &str, key: &str, value: Value) {
        self.copies.data[node].change_record(kind, key, value);
    }

    /// Takes these fields out of the records of a kind, as a worker of an earlier version leaves them.
    pub fn forget_of_records(&self, kind: &str, keys: &[&str]) {
        for copy in &self.copies.data {
            copy.forget_of_records(kind, keys);
        }
    }

    /// Opens another port. Needs a runtime, and lives as long as it.
    #[must_use]
    pub fn door(&self) -> Door {
        self.door_to(0)
    }

    /// Opens another port of a node.
    #[must_use]
    pub fn door_to(&self, node: usize) -> Door {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into())
            .unwrap()
            .with_nodelay(Some(true));
        let url = format!("http://{}", incoming.local_addr().unwrap());
        let gate = Arc::new(Mutex::new(Gate::Open));
        let held = Arc::default();
        let service = Service {
            copies: Arc::clone(&self.copies),
            node,
            key: self.key.clone(),
            version: self.version.clone().unwrap_or_else(|| "1.20.0".to_owned()),
            gate: Arc::clone(&gate),
            held: Arc::clone(&held),
        };
        let large = usize::MAX;
        let router = Server::builder()
            .add_service(PointsServer::new(service.clone()).max_decoding_message_size(large))
            .add_service(CollectionsServer::new(service.clone()))
            .add_service(QdrantServer::new(service));
        tokio::spawn(router.serve_with_incoming(incoming));
        let copies = Arc::clone(&self.copies);
        Door {
            url,
            gate,
            held,
            copies,
        }
    }

    /// How many points of this kind there are in the collection of records.
    #[must_use]
    pub fn records(&self, kind: &str) -> usize {
        self.copies.data[0].records(kind)
    }
}

impl Door {
    /// Settings of a worker that comes through this door.
    #[must_use]
    pub fn settings(&self) -> QdrantSettings {
        let copies = u32::try_from(self.copies.data.len()).unwrap();
        QdrantSettings {
            urls: vec![self.url.clone()],
            api_key: None,
            collection: "faces".to_owned(),
            timeout: Duration::from_secs(1),
            lease: Duration::from_secs(4),
            on_disk: false,
            quantization: Quantization::None,
            replication_factor: copies,
            write_consistency: copies / 2 + 1,
            read_consistency: ReadConsistency::Majority,
            search_candidates: 256,
        }
    }

    /// Lets this many more writes pass, then nothing more; the first that does not may be made before its answer is
    /// lost.
    pub fn shut_after(&self, writes: u32, last_is_made: bool) {
        *self.gate.lock().unwrap() = Gate::ShutsAfter { writes, last_is_made };
    }

    /// Lets this many more writes pass, and holds those that come then.
    pub fn hold_after(&self, writes: u32) {
        *self.gate.lock().unwrap() = Gate::HoldsAfter(writes);
    }

    /// Makes the writes that were held, in their order, and says how many they were.
    #[must_use]
    pub fn deliver(&self) -> usize {
        let held = std::mem::take(&mut *self.held.lock().unwrap());
        for request in &held {
            for operation in &request.operations {
                let operation = operation.operation.as_ref().unwrap();
                self.copies
                    .change(&[0], &request.collection_name, operation)
                    .unwrap();
            }
        }
        held.len()
    }

    /// Lets nothing pass.
    pub fn shut(&self) {
        *self.gate.lock().unwrap() = Gate::Shut;
    }

    /// Whether it is shut by now.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        matches!(*self.gate.lock().unwrap(), Gate::Shut)
    }

    /// Lets everything pass.
    pub fn open(&self) {
        *self.gate.lock().unwrap() = Gate::Open;
    }
}

/// What answers calls through one door.
#[derive(Clone)]
struct Service {
    copies: Arc<Copies>,
    /// Which of the nodes it is.
    node: usize,
    key: Option<String>,
    version: String,
    gate: Arc<Mutex<Gate>>,
    held: Arc<Mutex<Vec<UpdateBatchPoints>>>,
}

fn gone() -> Status {
    Status::unavailable("the stand-in does not answer")
}

impl Service {
    /// Lets a call in, if the door is open and the key is right.
    fn enter<T>(&self, request: &Request<T>) -> Result<(), Status> {
        if matches!(*self.gate.lock().unwrap(), Gate::Shut) {
            return Err(gone());
        }
        let given = request
            .metadata()
            .get("api-key")
            .and_then(|key| key.to_str().ok());
        match &self.key {
            Some(key) if given != Some(key) => Err(Status::unauthenticated("Invalid API key or JWT")),
            _ => Ok(()),
        }
    }

    /// What this node itself has.
    fn own(&self) -> &Data {
        &self.copies.data[self.node]
    }

    /// Lets a write in.
    fn enter_to_write<T>(&self, request: &Request<T>) -> Result<Passage, Status> {
        self.enter(request)?;
        let mut gate = self.gate.lock().unwrap();
        match *gate {
            Gate::Open => Ok(Passage::Free),
            Gate::Shut => Err(gone()),
            Gate::HoldsAfter(0) => Ok(Passage::Held),
            Gate::HoldsAfter(writes) => {
                *gate = Gate::HoldsAfter(writes - 1);
                Ok(Passage::Free)
            }
            Gate::ShutsAfter {
                writes: 0,
                last_is_made,
            } => {
                *gate = Gate::Shut;
                if last_is_made {
                    Ok(Passage::Lost)
                } else {
                    Err(gone())
                }
            }
            Gate::ShutsAfter { writes, last_is_made } => {
                *gate = Gate::ShutsAfter {
                    writes: writes - 1,
                    last_is_made,
                };
                Ok(Passage::Free)
            }
        }
    }
}
