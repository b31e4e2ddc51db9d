//! How many wrong keys may come from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limiter::{Limiter, Subject};

/// How long a key that was right is known at an address.
const TRUST: Duration = Duration::from_secs(3_600);
/// The most keys and addresses that are remembered together; whoever comes later is counted with the others of its
/// address.
const REMEMBERED: usize = 10_000;

/// Counts wrong keys.
pub(super) struct Guesses {
    wrong: Limiter,
    /// When a key, by its name, was last right at an address.
    right: Mutex<HashMap<(IpAddr, Arc<str>), Instant>>,
}

impl Guesses {
    pub(super) fn new(per_minute: NonZeroU32) -> Self {
        Self {
            wrong: Limiter::new(per_minute, per_minute),
            right: Mutex::default(),
        }
    }

    /// A wrong key came.
    ///
    /// # Errors
    /// How long to wait, when too many did.
    pub(super) fn wrong(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        self.wrong.count(&Subject::Address(network(address)), now)
    }

    /// A right key came, which has this name. Where too many wrong ones came, it is held back as they are, or the
    /// answers would say which guess is right; but not where it was right within the last hour.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn right(&self, address: IpAddr, name: &Arc<str>, now: Instant) -> Result<(), Duration> {
        let network = network(address);
        let mut right = self.right.lock();
        if let Some(last) = right.get_mut(&(network, Arc::clone(name)))
            && now.saturating_duration_since(*last) < TRUST
        {
            *last = now;
            return Ok(());
        }
        self.wrong.look(&Subject::Address(network), now)?;
        if right.len() >= REMEMBERED {
            right.retain(|_, last| now.saturating_duration_since(*last) < TRUST);
        }
        if right.len() < REMEMBERED {
            right.insert((network, Arc::clone(name)), now);
        }
        Ok(())
    }
}

/// Whom an address belongs to: of IPv6 a network of 64 bits, among whose addresses a client may choose.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let host = u128::from(u64::MAX);
            Ipv6Addr::from_bits(address.to_bits() & !host).into()
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn a_right_key_is_known_for_an_hour() {
        let guesses = Guesses::new(NonZeroU32::new(2).unwrap());
        let (address, now) = (IpAddr::from([10, 0, 0, 1]), Instant::now());
        let (known, unknown): (Arc<str>, Arc<str>) = ("known".into(), "unknown".into());
        guesses.right(address, &known, now).unwrap();
        guesses.wrong(address, now).unwrap();
        guesses.wrong(address, now).unwrap();
        assert!(guesses.wrong(address, now).is_err());
        assert!(guesses.right(address, &unknown, now).is_err());
        guesses.right(address, &known, now).unwrap();
        // Half a minute later one more may come, of either kind.
        let later = now + Duration::from_secs(31);
        guesses.right(address, &unknown, later).unwrap();
        guesses.wrong(address, later).unwrap();
        // Each use is the beginning of another hour.
        let mut moment = now;
        for _ in 0..3 {
            moment += TRUST - Duration::from_secs(1);
            let _ = guesses.wrong(address, moment);
            let _ = guesses.wrong(address, moment);
            let _ = guesses.wrong(address, moment);
            guesses.right(address, &known, moment).unwrap();
        }
        moment += TRUST + Duration::from_secs(1);
        while guesses.wrong(address, moment).is_ok() {}
        assert!(guesses.right(address, &known, moment).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(of("10.0.0.1"), "10.0.0.1");
    }
}
