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
    let store_wait = reader.within("STORE_WAIT_MS", 0, 3_600_000);
    let reserve = reader.within("STORE_RESERVE_BYTES", 0, 1 << 40);
    let failures = reader.within("STORE_BREAKER_FAILURES", 0, 10_000);
    let pause = super::milliseconds(reader, "STORE_BREAKER_MS");
    Some(OutageSettings {
        store_wait: Duration::from_millis(store_wait?),
        reserve: reserve?,
        breaker: BreakerSettings {
            failures: failures?,
            pause: pause?,
        },
    })
}
