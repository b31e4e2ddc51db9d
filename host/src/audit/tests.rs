//! The file by itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use super::*;
use crate::domain::{ClusterId, FaceId};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

/// What versions before this one wrote.
const OLD: &str = concat!(
    r#"{"at":"2025-01-02T03:04:05.6Z","event":"swapped","slot":"tagger","digest":"ab","origin":"uploaded"}"#,
    "\n",
    r#"{"at":"2025-01-02T03:04:06Z","event":"refused","slot":"tagger","digest":"cd","origin":"uploaded","reason":"no"}"#,
    "\n"
);

fn merged(clusters: impl IntoIterator<Item = ClusterId>) -> AuditEntry {
    AuditEntry::new(AuditEvent::Merged, &Who::default()).about(clusters)
}

fn positions(log: &AuditLog, after: u64, limit: usize) -> Vec<u64> {
    let page = log.page(after, limit).unwrap();
    page.entries.iter().map(|entry| entry.position).collect()
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("audit.jsonl")).unwrap()
}

#[test]
fn entries_of_earlier_versions_stay_and_have_positions() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit.jsonl"), OLD).unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    log.write(merged([])).unwrap();
    let page = AuditLog::open(folder.path()).unwrap().page(0, 9).unwrap();
    assert_eq!(page.latest, 3);
    let events: Vec<_> = page
        .entries
        .iter()
        .map(|entry| (entry.position, entry.event))
        .collect();
    let expected = [
        (1, AuditEvent::Swapped),
        (2, AuditEvent::Refused),
        (3, AuditEvent::Merged),
    ];
    assert_eq!(events, expected);
    assert_eq!(page.entries[1].reason.as_deref(), Some("no"));
    assert!(text(folder.path()).starts_with(OLD));
}

#[test]
fn pages_follow_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    assert_eq!(log.page(0, 9).unwrap().latest, 0);
    for _ in 0..5 {
        log.write(merged([])).unwrap();
    }
    assert_eq!(positions(&log, 0, 2), [1, 2]);
    assert_eq!(positions(&log, 2, 2), [3, 4]);
    assert_eq!(positions(&log, 4, 2), [5]);
    assert_eq!(positions(&log, 5, 2), [0; 0]);
    assert_eq!(positions(&log, u64::MAX, 2), [0; 0]);
}

#[test]
fn what_a_crash_cut_off_is_dropped_and_the_next_entry_has_a_line_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit.jsonl"), format!("{OLD}{{\"at\":\"20")).unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    log.write(merged([])).unwrap();
    assert_eq!(positions(&log, 0, 9), [1, 2, 3]);
}

#[test]
fn whoever_only_reads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    assert_eq!(AuditLog::read(&none).unwrap(), []);
    assert!(!none.exists());
    let written = format!("{OLD}{{\"at\":\"20");
    fs::write(folder.path().join("audit.jsonl"), &written).unwrap();
    let entries = AuditLog::read(folder.path()).unwrap();
    // A worker may be at that line.
    assert_eq!(text(folder.path()), written);
    let log = AuditLog::open(folder.path()).unwrap();
    assert_eq!(entries, log.page(0, 9).unwrap().entries);
    assert_eq!(entries.len(), 2);
}

#[test]
fn an_entry_that_cannot_be_read_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit.jsonl"), format!("nonsense\n{OLD}")).unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    let page = log.page(0, 9).unwrap();
    assert_eq!(page.entries[0].event, AuditEvent::Unreadable);
    assert_eq!(page.entries[2].position, 3);
}

#[test]
fn ids_are_forgotten_wherever_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    let (gone, stays, face) = (ClusterId::random(), ClusterId::random(), FaceId::random());
    log.write(merged([gone, stays])).unwrap();
    log.write(merged([stays])).unwrap();
    log.write(merged([stays]).with_faces([face])).unwrap();
    let before = text(folder.path());
    log.forget(&HashSet::from([ClusterId::random()]), &HashSet::new())
        .unwrap();
    assert_eq!(text(folder.path()), before);
    log.forget(&HashSet::from([gone]), &HashSet::from([face]))
        .unwrap();
    let after = text(folder.path());
    assert!(
        !after.contains(&gone.to_string()) && !after.contains(&face.to_string()),
        "{after}"
    );
    // Also for whoever opens it now.
    for log in [&log, &AuditLog::open(folder.path()).unwrap()] {
        let entries = log.page(0, 9).unwrap().entries;
        let erased: Vec<_> = entries.iter().map(|entry| entry.erased).collect();
        assert_eq!(erased, [true, false, true]);
        assert!(entries.iter().all(|entry| entry.cluster_ids == [stays]));
        assert_eq!(log.ids(), (HashSet::from([stays]), HashSet::new()));
        assert!(log.has_ids());
    }
    log.forget(&HashSet::from([stays]), &HashSet::new()).unwrap();
    assert!(!log.has_ids() && !AuditLog::open(folder.path()).unwrap().has_ids());
}

#[test]
fn the_file_is_left_alone_when_whoever_is_gone_is_in_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let (gone, face) = (ClusterId::random(), FaceId::random());
    let log = AuditLog::open(folder.path()).unwrap();
    log.write(merged([gone]).with_faces([face])).unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    log.write(merged([ClusterId::random()])).unwrap();
    // Reading it would fail.
    fs::remove_file(folder.path().join("audit.jsonl")).unwrap();
    log.forget(
        &HashSet::from([ClusterId::random()]),
        &HashSet::from([FaceId::random()]),
    )
    .unwrap();
    log.forget(&HashSet::from([gone]), &HashSet::new()).unwrap_err();
    log.forget(&HashSet::new(), &HashSet::from([face])).unwrap_err();
    assert_eq!(log.ids().0.len(), 2);
}

#[test]
fn old_entries_go_and_positions_stay() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit.jsonl"), OLD).unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    log.write(merged([])).unwrap();
    let day = Duration::from_secs(86_400);
    log.expire(day).unwrap();
    for log in [&log, &AuditLog::open(folder.path()).unwrap()] {
        let page = log.page(0, 9).unwrap();
        let events: Vec<_> = page
            .entries
            .iter()
            .map(|entry| (entry.position, entry.event))
            .collect();
        assert_eq!(events, [(2, AuditEvent::EntriesExpired), (3, AuditEvent::Merged)]);
    }
    let before = text(folder.path());
    log.expire(day).unwrap();
    assert_eq!(text(folder.path()), before);
    log.write(merged([])).unwrap();
    assert_eq!(positions(&log, 2, 9), [3, 4]);
}
