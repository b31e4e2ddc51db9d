//! Rate limits: how often a caller may call, by the generic cell rate algorithm (ITU-T I.371), a leaky bucket that needs
//! one moment of each caller and no timer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everybody with this key.
    Key(Arc<str>),
    /// Everybody at this address; where no key is asked for.
    Address(IpAddr),
}

/// Subjects after which those that could send a whole burst again are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts the requests of each subject.
pub(super) struct Limiter {
    /// Between two requests that come evenly.
    interval: Duration,
    /// How much sooner than evenly the last one of a burst may come.
    tolerance: Duration,
    /// When the next request of a subject is due, were they to come evenly.
    due: Mutex<HashMap<Subject, Instant>>,
}

impl Limiter {
    /// So many a minute, of which so many at once.
    pub(super) fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.get();
        Self {
            interval,
            tolerance: interval * (burst.get() - 1),
            due: Mutex::default(),
        }
    }

    /// Counts a request at this moment.
    ///
    /// # Errors
    /// How long to wait, when it is not counted because there were too many.
    pub(super) fn count(&self, subject: &Subject, now: Instant) -> Result<(), Duration> {
        let mut due = self.due.lock();
        if due.len() >= REMEMBERED {
            due.retain(|_, moment| *moment > now);
        }
        let moment = self.next(&due, subject, now)?;
        due.insert(subject.clone(), moment + self.interval);
        Ok(())
    }

    /// As [`Self::count`], but counts nothing.
    ///
    /// # Errors
    /// As for [`Self::count`].
    pub(super) fn look(&self, subject: &Subject, now: Instant) -> Result<(), Duration> {
        self.next(&self.due.lock(), subject, now).map(drop)
    }

    /// When the next request is due, were they to come evenly.
    fn next(
        &self,
        due: &HashMap<Subject, Instant>,
        subject: &Subject,
        now: Instant,
    ) -> Result<Instant, Duration> {
        let moment = due.get(subject).copied().unwrap_or(now).max(now);
        let early = moment.duration_since(now);
        if early > self.tolerance {
            return Err(early - self.tolerance);
        }
        Ok(moment)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// One in ten seconds, two at once.
    fn limiter() -> Limiter {
        Limiter::new(NonZeroU32::new(6).unwrap(), NonZeroU32::new(2).unwrap())
    }

    #[test]
    fn each_subject_has_its_own_count() {
        let (limiter, now) = (limiter(), Instant::now());
        for subject in [Subject::Key("one".into()), Subject::Address([10, 0, 0, 1].into())] {
            assert_eq!(limiter.count(&subject, now), Ok(()));
            assert_eq!(limiter.count(&subject, now), Ok(()));
            assert_eq!(limiter.count(&subject, now), Err(10 * SECOND));
            // What was refused is not counted.
            assert_eq!(limiter.count(&subject, now + 4 * SECOND), Err(6 * SECOND));
            assert_eq!(limiter.count(&subject, now + 10 * SECOND), Ok(()));
            assert_eq!(limiter.count(&subject, now + 11 * SECOND), Err(9 * SECOND));
            // After a pause there is one burst, however long the pause was.
            let later = now + 3_600 * SECOND;
            assert_eq!(limiter.count(&subject, later), Ok(()));
            assert_eq!(limiter.count(&subject, later), Ok(()));
            assert!(limiter.count(&subject, later).is_err());
        }
    }

    #[test]
    fn whoever_has_been_quiet_is_forgotten() {
        let (limiter, now) = (limiter(), Instant::now());
        for number in 0..u32::try_from(REMEMBERED).unwrap() {
            let subject = Subject::Address(std::net::Ipv4Addr::from(number).into());
            limiter.count(&subject, now).unwrap();
        }
        let last = Subject::Key("last".into());
        limiter.count(&last, now + 60 * SECOND).unwrap();
        assert_eq!(limiter.due.lock().len(), 1);
    }
}
