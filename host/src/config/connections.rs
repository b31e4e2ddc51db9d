//! How many connections there may be, and how long each may wait.

use std::time::Duration;

use super::milliseconds;
use super::reader::Reader;

/// How many connections there may be, and how long each may wait.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSettings {
    /// `MAX_CONNECTIONS`: all of them together; fewer where the process may open too few files.
    pub most: usize,
    /// `MAX_CONNECTIONS_PER_ADDRESS`.
    pub per_address: usize,
    /// `EXCLUDED_CONNECTIONS`: of one address that may not call.
    pub excluded: usize,
    /// `FILES_KEPT_BACK`: file descriptors that connections leave to everything else.
    pub files_kept_back: usize,
    /// `HEADER_TIMEOUT_MS`: from the beginning of a connection until the head of its first request is whole.
    pub header: Duration,
    /// `EXCLUDED_HEADER_TIMEOUT_MS`: the same for an address that may not call.
    pub excluded_header: Duration,
    /// `IDLE_CONNECTION_SECONDS`: from an answer until the head of the next request is whole.
    pub idle: Duration,
    /// `SEND_TIMEOUT_MS`: how long a client may take nothing of its answer.
    pub send: Duration,
    /// `MAX_HEADER_BYTES`: of one request, its first line included.
    pub header_bytes: usize,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ConnectionSettings> {
    let most = reader.within("MAX_CONNECTIONS", 1, 1_000_000);
    let per_address = reader.within("MAX_CONNECTIONS_PER_ADDRESS", 1, 1_000_000);
    let excluded = reader.within("EXCLUDED_CONNECTIONS", 1, 10_000);
    let files_kept_back = reader.within("FILES_KEPT_BACK", 16, 100_000);
    let header = milliseconds(reader, "HEADER_TIMEOUT_MS");
    let excluded_header = reader.within("EXCLUDED_HEADER_TIMEOUT_MS", 1, 1_000);
    let idle = reader.within("IDLE_CONNECTION_SECONDS", 1, 86_400);
    let send = milliseconds(reader, "SEND_TIMEOUT_MS");
    // Less than 8 KiB the HTTP library does not take.
    let header_bytes = reader.within("MAX_HEADER_BYTES", 8_192, 1 << 20);
    Some(ConnectionSettings {
        most: most?,
        per_address: per_address?,
        excluded: excluded?,
        files_kept_back: files_kept_back?,
        header: header?,
        excluded_header: Duration::from_millis(excluded_header?),
        idle: Duration::from_secs(idle?),
        send: send?,
        header_bytes: header_bytes?,
    })
}
