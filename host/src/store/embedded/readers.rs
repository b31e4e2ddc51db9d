//! Connections that only read: they see what was committed last, wait neither for a commit nor for one another, and read
//! the rows of one search together, because these lie all over the file.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

use rusqlite::Connection;

use crate::store::error::StoreError;

/// How many there are. A disk answers some requests at a time as fast as one.
const CONNECTIONS: usize = 4;

/// How many rows are worth a thread.
const ROWS_OF_A_THREAD: usize = 8;

pub(super) struct Readers {
    connections: Vec<Mutex<Connection>>,
    /// Whose turn it is to be waited for.
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        let open = |_| {
            let connection = Connection::open(database)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(Mutex::new(connection))
        };
        Ok(Self {
            connections: (0..CONNECTIONS).map(open).collect::<Result<_, StoreError>>()?,
            next: AtomicUsize::new(0),
        })
    }

    /// One that is free, or else one that will be.
    pub(super) fn one(&self) -> MutexGuard<'_, Connection> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(free) => return free,
                // A panic while reading leaves nothing half done.
                Err(TryLockError::Poisoned(error)) => return error.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[next]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads something for each of several keys, in their order, a part of them on each connection.
    pub(super) fn each<Key: Sync, T: Send>(
        &self,
        keys: &[Key],
        read: impl Fn(&Connection, &Key) -> Result<T, StoreError> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let part = keys.len().div_ceil(self.connections.len()).max(ROWS_OF_A_THREAD);
        let read_part = |keys: &[Key]| -> Result<Vec<T>, StoreError> {
            let connection = self.one();
            keys.iter().map(|key| read(&connection, key)).collect()
        };
        thread::scope(|scope| {
            let (mine, others) = keys.split_at(part.min(keys.len()));
            let threads = others.chunks(part).map(|keys| {
                thread::Builder::new()
                    .spawn_scoped(scope, || read_part(keys))
                    .map_err(StoreError::Thread)
            });
            let threads: Vec<_> = threads.collect::<Result<_, _>>()?;
            let mut found = read_part(mine)?;
            for thread in threads {
                match thread.join() {
                    Ok(part) => found.extend(part?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::HashSet;

    use super::*;

    fn readers(directory: &Path) -> Readers {
        let database = directory.join("numbers");
        let writer = Connection::open(&database).unwrap();
        writer
            .execute_batch(
                "CREATE TABLE number (n INTEGER PRIMARY KEY, square INTEGER);
                 WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count LIMIT 100)
                 INSERT INTO number SELECT n, n * n FROM count;",
            )
            .unwrap();
        Readers::open(&database).unwrap()
    }

    fn square(connection: &Connection, number: &i64) -> Result<i64, StoreError> {
        let query = "SELECT square FROM number WHERE n = ?1";
        Ok(connection
            .prepare_cached(query)?
            .query_row([number], |row| row.get(0))?)
    }

    #[test]
    fn what_is_read_together_comes_in_the_order_of_its_keys() {
        let directory = tempfile::tempdir().unwrap();
        let readers = readers(directory.path());
        for count in [0, 1, 7, 8, 9, 31, 33, 100] {
            let keys: Vec<i64> = (1..=count).rev().collect();
            let squares: Vec<i64> = keys.iter().map(|key| key * key).collect();
            assert_eq!(readers.each(&keys, square).unwrap(), squares);
        }
        // The last one is on another thread.
        let keys: Vec<i64> = (2..=101).collect();
        assert!(readers.each(&keys, square).is_err());
    }

    #[test]
    fn many_keys_are_read_on_several_threads() {
        let directory = tempfile::tempdir().unwrap();
        let readers = readers(directory.path());
        let threads = readers
            .each(&[(); 100], |_, ()| Ok(thread::current().id()))
            .unwrap();
        assert_eq!(threads.iter().collect::<HashSet<_>>().len(), CONNECTIONS);
    }

    #[test]
    fn whoever_finds_no_free_connection_waits_for_one() {
        let directory = tempfile::tempdir().unwrap();
        let readers = readers(directory.path());
        let mut held: Vec<_> = (0..CONNECTIONS).map(|_| readers.one()).collect();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| square(&readers.one(), &5).unwrap());
            held.clear();
            assert_eq!(waiting.join().unwrap(), 25);
        });
    }
}
