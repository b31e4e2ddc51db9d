//! What happens while the store is away.

use std::time::Duration;

use super::reader::Reader;
use crate::store::BreakerSettings;

/// What happens while the store is away.
#[derive(Clone, Copy, Debug)]
pub struct OutageSettings {
    /// `STORE_WAIT_MS`.
    pub store_wait: Duration,
    /// `STORE_RESERVE_BYTES`.
    pub reserve: u64,
    /// `STORE_BREAKER_FAILURES` and `STORE_BREAKER_MS`.
    pub breaker: BreakerSettings,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<OutageSettings> {
    let store_wait = reader.duration("STORE_WAIT_MS");
    let reserve = reader.integer("STORE_RESERVE_BYTES");
    let failures = reader.integer("STORE_BREAKER_FAILURES");
    let pause = reader.duration("STORE_BREAKER_MS");
    Some(OutageSettings {
        store_wait: store_wait?,
        reserve: reserve?,
        breaker: BreakerSettings {
            failures: failures?,
            pause: pause?,
        },
    })
}
