//! How many connections there may be, and how long each may wait.

use std::time::Duration;

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
    let most = reader.integer("MAX_CONNECTIONS");
    let per_address = reader.integer("MAX_CONNECTIONS_PER_ADDRESS");
    let excluded = reader.integer("EXCLUDED_CONNECTIONS");
    let files_kept_back = reader.integer("FILES_KEPT_BACK");
    let header = reader.duration("HEADER_TIMEOUT_MS");
    let excluded_header = reader.duration("EXCLUDED_HEADER_TIMEOUT_MS");
    let idle = reader.duration("IDLE_CONNECTION_SECONDS");
    let send = reader.duration("SEND_TIMEOUT_MS");
    // Less than 8 KiB the HTTP library does not take.
    let header_bytes = reader.integer("MAX_HEADER_BYTES");
    Some(ConnectionSettings {
        most: most?,
        per_address: per_address?,
        excluded: excluded?,
        files_kept_back: files_kept_back?,
        header: header?,
        excluded_header: excluded_header?,
        idle: idle?,
        send: send?,
        header_bytes: header_bytes?,
    })
}
