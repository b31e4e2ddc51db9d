//! The audit log forgets ids that answer no more, whoever deleted what they named, and what is older than it is kept for.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::App;
use crate::audit::AuditLog;
use crate::config::RetentionSettings;
use crate::domain::{ClusterId, FaceId};
use crate::faces::{ErasureList, Event, FacesError, People};

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

/// What keeps it from forgetting for now.
#[derive(Debug, thiserror::Error)]
enum ForgettingError {
    #[error(transparent)]
    People(#[from] FacesError),
    #[error("the audit log cannot be read or written")]
    Audit(#[from] std::io::Error),
    #[error("the task was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Follows what happens to people, until the worker is gone, and drops what was kept for long enough: entries, and
/// deletions that no backup needs any more.
pub(super) async fn run(kept: RetentionSettings, erasures: Arc<ErasureList>, app: Weak<App>) {
    let mut seen = None;
    let mut all_at = Instant::now();
    let mut is_told = false;
    while let Some((people, audit)) = app
        .upgrade()
        .map(|app| (Arc::clone(&app.people), Arc::clone(&app.audit)))
    {
        if Instant::now() >= all_at {
            seen = None;
        }
        let outcome = match seen {
            Some(after) => follow(&people, &audit, after).await,
            None => {
                let looked_up = look_up(&people, &audit, kept.audit).await;
                if looked_up.is_ok() {
                    all_at = Instant::now() + ALL;
                    expire(&erasures, kept.backups).await;
                }
                looked_up.map(Some)
            }
        };
        match outcome {
            Ok(latest) => (seen, is_told) = (latest, false),
            // The store may be away for long, which others say often enough.
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(
                    error = crate::report(&error),
                    "the audit log keeps ids of whom was deleted for now"
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
            Err(FacesError::ChangesGone { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut gone = Gone::default();
        for logged in page.events {
            match logged.event {
                Event::Deleted { from } => drop(gone.clusters.insert(from)),
                Event::Face { face, to: None, .. } => drop(gone.faces.insert(face)),
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

/// Forgets every id that answers no more, and entries that are too old; gives the position of the last change that was
/// there before.
async fn look_up(
    people: &People,
    audit: &Arc<AuditLog>,
    kept: Option<Duration>,
) -> Result<u64, ForgettingError> {
    let latest = people.events(None, 1).await?.latest;
    let log = Arc::clone(audit);
    let (clusters, faces) = tokio::task::spawn_blocking(move || {
        if let Some(kept) = kept {
            log.expire(kept)?;
        }
        log.ids()
    })
    .await??;
    let mut gone = Gone::default();
    for cluster in clusters {
        match people.cluster(&cluster).await {
            Err(FacesError::UnknownCluster(_)) => drop(gone.clusters.insert(cluster)),
            outcome => drop(outcome?),
        }
    }
    for face in faces {
        match people.face(&face).await {
            Err(FacesError::UnknownFace(_)) => drop(gone.faces.insert(face)),
            outcome => drop(outcome?),
        }
    }
    forget(audit, gone).await?;
    Ok(latest)
}

/// What cannot be dropped stays, which does no harm.
async fn expire(erasures: &Arc<ErasureList>, kept: Duration) {
    let erasures = Arc::clone(erasures);
    let expired = tokio::task::spawn_blocking(move || erasures.expire(kept + ALL)).await;
    if let Ok(Err(error)) = expired {
        tracing::warn!(%error, "the list of deletions keeps what is older than BACKUP_KEEP_DAYS");
    }
}

async fn forget(audit: &Arc<AuditLog>, gone: Gone) -> Result<(), ForgettingError> {
    if gone.clusters.is_empty() && gone.faces.is_empty() {
        return Ok(());
    }
    let audit = Arc::clone(audit);
    Ok(tokio::task::spawn_blocking(move || audit.forget(&gone.clusters, &gone.faces)).await??)
}
