//! Which connections there are, and which one makes room when there are too many.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::access::network;
use crate::config::ConnectionSettings;
use crate::metrics;

/// How often a connection is looked at, at least.
const TICK: Duration = Duration::from_secs(1);
/// How long a connection may take to end when it is asked to and no request is being answered on it, and how long its
/// client may take nothing of the last answer then.
pub(super) const PARTING: Duration = Duration::from_secs(1);

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// Somebody who may call.
    Caller,
    /// A trusted proxy, which speaks for many.
    Proxy,
    /// Somebody who may not call, and is told so.
    Excluded,
}

/// Where a connection is in its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No request has come yet.
    New,
    /// A head has come, and not yet all of the body.
    Receiving,
    /// A whole request is being answered.
    Working,
    /// All that came is answered. The end of the last answer may still be on its way out: it counts as given when the
    /// last of it is in the HTTP library's buffer.
    Idle,
}

struct State {
    phase: Phase,
    /// When the phase began.
    since: Instant,
    /// Since when the client takes nothing of what is sent.
    stalled: Option<Instant>,
}

/// One connection.
pub(super) struct Connection {
    pub(super) peer: Peer,
    network: IpAddr,
    state: Mutex<State>,
    ended: CancellationToken,
    settings: ConnectionSettings,
    changed: Arc<Notify>,
}

impl Connection {
    fn enter(&self, phase: Phase) {
        let mut state = self.state.lock();
        state.phase = phase;
        state.since = Instant::now();
        drop(state);
        // It may be one that can make room.
        self.changed.notify_one();
    }

    /// The connection can be used: its handshake is over. Who may not call has no second time for the head.
    pub(super) fn is_ready(&self) {
        if self.peer != Peer::Excluded {
            self.enter(Phase::New);
        }
    }

    /// A head has come; `whole` says whether that is the whole request.
    pub(super) fn begins(&self, whole: bool) {
        self.enter(if whole { Phase::Working } else { Phase::Receiving });
    }

    /// The body has come.
    pub(super) fn has_received(&self) {
        if self.state.lock().phase == Phase::Receiving {
            self.enter(Phase::Working);
        }
    }

    /// The answer is given.
    pub(super) fn has_answered(&self) {
        self.enter(Phase::Idle);
    }

    /// Notes whether the client takes what is sent.
    pub(super) fn flows(&self, flows: bool) {
        let mut state = self.state.lock();
        match (flows, state.stalled) {
            (true, Some(_)) => {
                state.stalled = None;
                // The pause after an answer begins when the client has taken it.
                if state.phase == Phase::Idle {
                    state.since = Instant::now();
                }
            }
            (false, None) => {
                state.stalled = Some(Instant::now());
                drop(state);
                // Now it can make room.
                self.changed.notify_one();
            }
            (true, None) | (false, Some(_)) => {}
        }
    }

    /// Whether no request has begun on it.
    pub(super) fn is_new(&self) -> bool {
        self.state.lock().phase == Phase::New
    }

    /// Whether a whole request is being answered, and its client takes the answer, to its last byte. A client that is slow
    /// takes it, too, but whoever is to make room is not waited for.
    pub(super) fn is_working(&self) -> bool {
        let state = self.state.lock();
        match (state.phase, state.stalled) {
            (Phase::Working, None) => true,
            (Phase::Working | Phase::Idle, Some(since)) => {
                since.elapsed() < PARTING && !self.ended.is_cancelled()
            }
            _ => false,
        }
    }

    /// When it must be looked at again at the latest, and whether its time is over.
    pub(super) fn deadline(&self) -> (Instant, bool) {
        let state = self.state.lock();
        let now = Instant::now();
        let head = match self.peer {
            Peer::Excluded => self.settings.excluded_header,
            _ => self.settings.header,
        };
        let waiting = match state.phase {
            Phase::New => Some(state.since + head),
            Phase::Idle if state.stalled.is_none() => Some(state.since + self.settings.idle),
            Phase::Idle | Phase::Receiving | Phase::Working => None,
        };
        let sending = state.stalled.map(|since| since + self.settings.send);
        let end = [waiting, sending].into_iter().flatten().min();
        // A client may stall at any moment, and a request may come.
        let next = now + TICK;
        (
            end.map_or(next, |end| end.min(next)),
            end.is_some_and(|end| end <= now),
        )
    }

    /// Waits until it is to make room.
    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// How soon it makes room: whoever may not call goes before all others; then those who wait, those who send slowly
    /// and those who receive slowly, each kind by its time. None where a request is being answered.
    fn rank(&self) -> Option<(u8, Instant)> {
        let state = self.state.lock();
        let (kind, since) = match (state.phase, state.stalled) {
            (Phase::Working, None) => return None,
            (Phase::Working | Phase::Idle, Some(since)) => (3, since),
            (Phase::New | Phase::Idle, _) => (1, state.since),
            (Phase::Receiving, _) => (2, state.since),
        };
        let kind = if self.peer == Peer::Excluded { 0 } else { kind };
        Some((kind, since))
    }
}

/// All connections.
pub(super) struct Connections {
    settings: ConnectionSettings,
    most: usize,
    table: Mutex<Table>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Table {
    next: u64,
    connections: HashMap<u64, Arc<Connection>>,
}

impl Table {
    /// Ends the connection that goes first among these; says whether there was one.
    fn end_first(&mut self, among: impl Fn(&Connection) -> bool) -> bool {
        let candidates = self
            .connections
            .iter()
            .filter(|(_, connection)| among(connection));
        let ranked = candidates.filter_map(|(id, connection)| Some((connection.rank()?, *id)));
        let Some((_, id)) = ranked.min() else {
            return false;
        };
        if let Some(connection) = self.connections.remove(&id) {
            connection.ended.cancel();
            metrics::connection_ended("room");
        }
        true
    }
}

/// A connection's place, which is free again when this is dropped.
pub(super) struct Place {
    id: u64,
    connections: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.table.lock();
        table.connections.remove(&self.id);
        metrics::connections(table.connections.len());
        drop(table);
        self.connections.changed.notify_one();
    }
}

impl Connections {
    /// As many as the settings say, but never so many that this process could not open the files that it needs.
    pub(super) fn new(settings: ConnectionSettings) -> Arc<Self> {
        let open_files = open_files();
        let most = bound(settings.most, open_files, settings.files_kept_back);
        if most < settings.most {
            tracing::info!(
                most,
                open_files,
                "the connection limit is below MAX_CONNECTIONS because the process may open too few files; raise \
                 ulimit -n"
            );
        }
        Arc::new(Self {
            settings,
            most,
            table: Mutex::default(),
            changed: Arc::default(),
        })
    }

    /// Waits until there is room for one more, or somebody who can make room.
    pub(super) async fn room(&self) {
        loop {
            {
                let table = self.table.lock();
                let mut connections = table.connections.values();
                if table.connections.len() < self.most || connections.any(|one| one.rank().is_some()) {
                    return;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Ends the connection that goes first, when the system has no room for another.
    pub(super) fn make_room(&self) {
        self.table.lock().end_first(|_| true);
    }

    /// A place for a connection with this address; others make room where there are too many. None where they are all
    /// in use.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr, peer: Peer) -> Option<Place> {
        let network = network(address);
        let mut table = self.table.lock();
        let limit = match peer {
            Peer::Caller => self.settings.per_address,
            Peer::Excluded => self.settings.excluded,
            Peer::Proxy => usize::MAX,
        };
        let is_rival = |other: &Connection| other.peer == peer && other.network == network;
        let rivals = table.connections.values().filter(|other| is_rival(other)).count();
        if rivals >= limit && !table.end_first(is_rival) {
            return None;
        }
        let may_go = |other: &Connection| peer != Peer::Excluded || other.peer == Peer::Excluded;
        if table.connections.len() >= self.most && !table.end_first(may_go) {
            return None;
        }
        let connection = Arc::new(Connection {
            peer,
            network,
            state: Mutex::new(State {
                phase: Phase::New,
                since: Instant::now(),
                stalled: None,
            }),
            ended: CancellationToken::new(),
            settings: self.settings,
            changed: Arc::clone(&self.changed),
        });
        let id = table.next;
        table.next += 1;
        table.connections.insert(id, Arc::clone(&connection));
        metrics::connections(table.connections.len());
        Some(Place {
            id,
            connections: Arc::clone(self),
            connection,
        })
    }
}

/// How many connections there may be where so many files may be open. Half of those are connections where even that
/// would be more than is left.
fn bound(most: usize, open_files: Option<u64>, kept_back: usize) -> usize {
    let Some(open_files) = open_files.and_then(|files| usize::try_from(files).ok()) else {
        return most;
    };
    let left = open_files.saturating_sub(kept_back).max(open_files / 2);
    most.min(left).max(1)
}

/// How many files this process may have open at a time; none where there is no bound.
#[cfg(unix)]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::net::Ipv4Addr;
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    /// The only place that there is, and no pause after an answer.
    fn only_place() -> (Arc<Connections>, Place) {
        let connections = Connections::new(ConnectionSettings {
            most: 1,
            per_address: 1,
            excluded: 1,
            files_kept_back: 16,
            header: Duration::from_secs(600),
            excluded_header: Duration::from_secs(1),
            idle: Duration::ZERO,
            send: Duration::from_secs(600),
            header_bytes: 8_192,
        });
        let place = connections.admit(Ipv4Addr::LOCALHOST.into(), Peer::Caller);
        (connections, place.unwrap())
    }

    #[test]
    fn an_answer_is_being_given_until_its_client_has_taken_it() {
        let (connections, place) = only_place();
        let connection = &place.connection;
        let kind = || connection.rank().map(|(kind, _)| kind);
        connection.begins(true);
        // The HTTP library has all of it, and the client not yet.
        connection.has_answered();
        connection.flows(false);
        assert!(connection.is_working());
        assert_eq!(kind(), Some(3));
        assert!(!connection.deadline().1, "the pause after the answer is over");
        let taken = Instant::now();
        connection.flows(true);
        assert!(!connection.is_working());
        assert_eq!(kind(), Some(1));
        assert!(connection.state.lock().since >= taken);
        assert!(connection.deadline().1, "the pause after the answer is not over");
        // Whoever is to make room is not waited for.
        connection.flows(false);
        connections.make_room();
        assert!(!connection.is_working());
    }

    #[tokio::test]
    async fn a_client_that_ceases_to_take_its_answer_can_make_room() {
        let (connections, place) = only_place();
        place.connection.begins(true);
        let mut room = pin!(connections.room());
        assert!(room.as_mut().now_or_never().is_none());
        place.connection.flows(false);
        assert!(room.now_or_never().is_some(), "whoever waits is not told");
    }

    #[test]
    fn files_are_kept_back() {
        assert_eq!(bound(2_048, None, 256), 2_048);
        assert_eq!(bound(2_048, Some(65_536), 256), 2_048);
        assert_eq!(bound(2_048, Some(1_024), 256), 768);
        assert_eq!(bound(2_048, Some(300), 256), 150);
        assert_eq!(bound(2_048, Some(1), 256), 1);
    }
}
