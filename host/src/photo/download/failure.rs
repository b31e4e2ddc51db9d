//! What an error of the HTTP client means: for the caller, and for another attempt.

use std::error::Error;
use std::io;

use super::Refused;
use crate::photo::PhotoError;

/// The most headers that an answer may have; some servers send several hundred, with every cookie and policy.
pub(super) const MAX_HEADERS: usize = 1000;

/// What hyper reads of a head before it gives up, which cannot be set from here: 100 lines of 4 KiB, and 8 KiB.
const HEAD_KIB: usize = 408;

/// Whether the connection ended before the whole head of an answer was there. Most often it was an idle one that the
/// server closed in the moment in which it was used again, so that a request without consequences is worth another
/// attempt. hyper makes that by itself only when it had not yet written the request.
pub(super) fn is_unanswered(error: &reqwest::Error) -> bool {
    if error.is_timeout() || error.is_connect() {
        return false;
    }
    let ended = find(error, |cause: &hyper::Error| {
        cause.is_incomplete_message() || cause.is_canceled() || cause.is_closed()
    });
    ended.is_some() || find(error, has_ended).is_some()
}

/// Whether a connection ended, however: by its close, by a reset, or before or while something was written to it.
fn has_ended(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
    )
}

/// For the caller: what failed before the head of an answer was there.
pub(super) fn of_request(error: reqwest::Error) -> PhotoError {
    if let Some(Refused(refusal, host)) = find(&error, |_| true) {
        return refusal.of(host);
    }
    if error.is_timeout() {
        return PhotoError::TimedOut;
    }
    if find(&error, hyper::Error::is_parse_too_large).is_some() {
        return PhotoError::HeadTooLarge {
            headers: MAX_HEADERS,
            kib: HEAD_KIB,
        };
    }
    if let Some(cause) = find(&error, hyper::Error::is_parse) {
        return PhotoError::NotHttp(cause.to_string(), error.without_url().into());
    }
    if is_unanswered(&error) {
        return PhotoError::Broken(error.without_url().into());
    }
    PhotoError::Unreachable(error.without_url().into())
}

/// For the caller: what failed while the body arrived.
pub(super) fn of_body(error: reqwest::Error) -> PhotoError {
    if error.is_timeout() {
        return PhotoError::TimedOut;
    }
    // How hyper says that chunks do not have the form that they must have.
    let is_malformed = |cause: &io::Error| {
        matches!(
            cause.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    };
    match find(&error, is_malformed) {
        Some(cause) => PhotoError::NotHttp(cause.to_string(), error.without_url().into()),
        None => PhotoError::Broken(error.without_url().into()),
    }
}

/// The first of an error's causes, itself among them, that is of this type and kind.
fn find<T: Error + 'static>(error: &reqwest::Error, is_it: impl Fn(&T) -> bool) -> Option<&T> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        match current.downcast_ref() {
            Some(found) if is_it(found) => return Some(found),
            _ => cause = current.source(),
        }
    }
    None
}
