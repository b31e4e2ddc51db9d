//! The audit log forgets ids that answer no more, whoever deleted what they named, and what is older than it is kept for.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::App;
use crate::audit::AuditLog;
use crate::backup;
use crate::config::{Directories, RetentionSettings};
use crate::domain::{ClusterId, FaceId};
use crate::people::{People, PeopleError};
use crate::reembedding;
use crate::store::{ErasureList, Event};

/// How often it is looked whether somebody was deleted, by this worker or by another one of the store.
const LOOK: Duration = Duration::from_secs(2);
/// How often every id is looked up, whatever is known of deletions.
const ALL: Duration = Duration::from_hours(24);
/// How many changes are read at a time.
const PAGE: usize = 1_000;

/// Ids that answer no more.
#[derive(Default)]
struct Gone {
    clusters: HashSet<ClusterId>,
    faces: HashSet<FaceId>,
}

/// What is kept for a while, and for how long.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) settings: RetentionSettings,
    pub(super) directories: Directories,
    pub(super) erasures: Arc<ErasureList>,
}

/// What keeps it from forgetting for now.
#[derive(Debug, thiserror::Error)]
enum ForgettingError {
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error("the audit log cannot be read or written")]
    Audit(#[from] io::Error),
    #[error("the task was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Follows what happens to people, until the worker is gone, and drops what was kept for long enough: entries, and
/// deletions that no backup needs any more.
pub(super) async fn run(kept: Kept, app: Weak<App>) {
    let mut seen = None;
    let mut all_at = Instant::now();
    let mut is_told = false;
    loop {
        let Some((people, audit)) = app
            .upgrade()
            .map(|app| (Arc::clone(&app.people), Arc::clone(&app.audit)))
        else {
            return;
        };
        if Instant::now() >= all_at {
            all_at = Instant::now() + ALL;
            seen = None;
            expire(kept.clone(), Arc::clone(&audit)).await;
        }
        let outcome = match seen {
            // The store is not asked for nothing.
            _ if !audit.has_ids() => Ok(None),
            Some(after) => follow(&people, &audit, after).await,
            None => look_up(&people, &audit).await.map(Some),
        };
        match outcome {
            Ok(latest) => (seen, is_told) = (latest, false),
            // The store may be away for long, which others say often enough.
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(
                    error = crate::report(&error),
                    "ids of deleted people could not be removed from the audit log yet; trying again later"
                );
            }
            Err(_) => {}
        }
        drop((people, audit));
        tokio::time::sleep(LOOK).await;
    }
}

/// Forgets what was deleted after a position; gives where to go on, or none when that is not kept any more.
async fn follow(
    people: &People,
    audit: &Arc<AuditLog>,
    mut after: u64,
) -> Result<Option<u64>, ForgettingError> {
    loop {
        let page = match people.events(Some(after), PAGE).await {
            Ok(page) => page,
            Err(PeopleError::ChangesGone { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut gone = Gone::default();
        for logged in page.events {
            match logged.event {
                Event::Deleted { from } => {
                    gone.clusters.insert(from);
                }
                Event::Face { face, to: None, .. } => {
                    gone.faces.insert(face);
                }
                _ => {}
            }
        }
        forget(audit, gone).await?;
        after = page.next;
        if after >= page.latest {
            return Ok(Some(after));
        }
    }
}

/// Forgets every id that answers no more; gives the position of the last change that was there before.
async fn look_up(people: &People, audit: &Arc<AuditLog>) -> Result<u64, ForgettingError> {
    let latest = people.events(None, 1).await?.latest;
    let (clusters, faces) = audit.ids();
    let mut gone = Gone::default();
    for cluster in clusters {
        match people.cluster(&cluster).await {
            Err(PeopleError::UnknownCluster(_)) => {
                gone.clusters.insert(cluster);
            }
            outcome => {
                outcome?;
            }
        }
    }
    for face in faces {
        match people.face(&face).await {
            Err(PeopleError::UnknownFace(_)) => {
                gone.faces.insert(face);
            }
            outcome => {
                outcome?;
            }
        }
    }
    forget(audit, gone).await?;
    Ok(latest)
}

/// Drops entries, backups and what was found for another embedder that are too old, and deletions that no backup needs any
/// more.
///
/// One failure keeps nothing else, but for the list of deletions: it must not be shorter than a backup that is still there
/// needs it.
async fn expire(kept: Kept, audit: Arc<AuditLog>) {
    let Kept {
        settings,
        directories,
        erasures,
    } = kept;
    if let Some(kept) = settings.audit {
        let what = "entries of audit.jsonl that are older than AUDIT_KEEP_DAYS";
        drop_old(what, move || audit.expire(kept)).await;
    }
    let data = directories.data.clone();
    let what = "vectors and pictures in DATA_DIR/reembedding that are older than BACKUP_KEEP_DAYS";
    drop_old(what, move || reembedding::expire(&data, settings.backups)).await;
    let what = "backups, or deletions in erasures.jsonl, that are older than BACKUP_KEEP_DAYS";
    drop_old(what, move || {
        backup::expire(&directories.backups, &directories.data, settings.backups)?;
        // A backup is as old as this at most when it is looked at the next time.
        erasures.expire(settings.backups + ALL)
    })
    .await;
}

/// Does what blocks; the log says what may still be there when that fails.
async fn drop_old(what: &str, work: impl FnOnce() -> io::Result<()> + Send + 'static) {
    let done = tokio::task::spawn_blocking(work).await;
    if let Err(error) = done.unwrap_or_else(|error| Err(error.into())) {
        tracing::warn!(%error, "deleting {what} failed; they may still exist");
    }
}

async fn forget(audit: &Arc<AuditLog>, gone: Gone) -> Result<(), ForgettingError> {
    if gone.clusters.is_empty() && gone.faces.is_empty() {
        return Ok(());
    }
    let audit = Arc::clone(audit);
    Ok(tokio::task::spawn_blocking(move || audit.forget(&gone.clusters, &gone.faces)).await??)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::audit::{AuditEntry, AuditEvent, Who};

    const DAY: Duration = Duration::from_hours(24);

    /// What is kept for a day in a folder, with a deletion that is as old as time.
    fn kept(folder: &Path) -> Kept {
        let list = folder.join("erasures.jsonl");
        fs::write(
            &list,
            r#"{"at":1,"revision":7,"photo":{"sha256":"ab"}}"#.to_owned() + "\n",
        )
        .unwrap();
        Kept {
            settings: RetentionSettings {
                audit: Some(DAY),
                backups: DAY,
            },
            directories: Directories {
                data: folder.to_owned(),
                backups: folder.join("backups"),
                models: folder.join("models"),
            },
            erasures: Arc::new(ErasureList::at(list)),
        }
    }

    fn log(folder: &Path) -> Arc<AuditLog> {
        let log = AuditLog::open(&folder.join("plugins")).unwrap();
        log.write(AuditEntry::new(AuditEvent::Merged, &Who::default()))
            .unwrap();
        Arc::new(log)
    }

    #[tokio::test]
    async fn an_audit_log_that_cannot_be_read_keeps_no_backups_and_deletions() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, log) = (kept(folder.path()), log(folder.path()));
        fs::remove_dir_all(folder.path().join("plugins")).unwrap();
        log.expire(DAY).unwrap_err();
        expire(kept.clone(), log).await;
        assert_eq!(kept.erasures.read().unwrap(), []);
    }

    #[tokio::test]
    async fn what_was_found_for_another_embedder_goes_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, log) = (kept(folder.path()), log(folder.path()));
        fs::write(&kept.directories.backups, "").unwrap();
        let found = folder.path().join("reembedding/vectors.jsonl");
        fs::create_dir(found.parent().unwrap()).unwrap();
        let file = fs::File::create(&found).unwrap();
        file.set_modified(std::time::SystemTime::now() - DAY * 2).unwrap();
        expire(kept, log).await;
        assert!(!found.exists());
    }

    #[tokio::test]
    async fn the_list_of_deletions_outlives_backups_that_cannot_be_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, log) = (kept(folder.path()), log(folder.path()));
        // No folder of backups.
        fs::write(&kept.directories.backups, "").unwrap();
        expire(kept.clone(), Arc::clone(&log)).await;
        assert_eq!(kept.erasures.read().unwrap().len(), 1);
        fs::remove_file(&kept.directories.backups).unwrap();
        expire(kept.clone(), log).await;
        assert_eq!(kept.erasures.read().unwrap(), []);
    }
}
