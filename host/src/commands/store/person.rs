//! `ai-worker store export --person`: everything that is held of one person, for whoever asks to see it.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::app;
use crate::audit::{AuditEntry, AuditLog};
use crate::commands::Outcome;
use crate::commands::output::say;
use crate::config::Config;
use crate::domain::{ClusterId, FaceId};
use crate::files::write_whole;
use crate::people::{People, PersonExport};

/// `person.json`.
#[derive(Serialize)]
struct Held {
    #[serde(flatten)]
    person: PersonExport,
    /// Corrections of the person in this worker's audit log.
    audit: Vec<AuditEntry>,
}

/// Writes `person.json` and the pictures into a new folder.
pub(super) async fn export(config: &Config, people: &People, person: &str, folder: &Path) -> Outcome {
    let person = people.person(&ClusterId::parse(person)?).await?;
    if folder.exists() {
        return Err(format!("{} already exists; give a new folder", folder.display()).into());
    }
    let pictures = folder.join("pictures");
    let mut count = 0;
    for face in &person.faces {
        if let Some(picture) = &face.picture {
            write_whole(&pictures.join(format!("{}.jpg", face.face_id)), picture)?;
            count += 1;
        }
    }
    let held = Held {
        audit: told_of(config, &person)?,
        person,
    };
    write_whole(&folder.join("person.json"), &serde_json::to_vec_pretty(&held)?)?;
    say!(
        "{} faces in {} photos, {count} pictures, {} changes and {} entries of the audit log: {}",
        held.person.faces.len(),
        held.person.photos.len(),
        held.person.changes.len(),
        held.audit.len(),
        folder.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The entries of the audit log that name the person.
fn told_of(config: &Config, person: &PersonExport) -> std::io::Result<Vec<AuditEntry>> {
    let former = person.merges.iter().map(|merge| merge.source);
    let clusters: HashSet<ClusterId> = former.chain([person.cluster_id]).collect();
    let faces: HashSet<FaceId> = person.faces.iter().map(|face| face.face_id).collect();
    // A worker may be writing it.
    let mut entries = AuditLog::read(&app::plugin_state(config))?;
    entries.retain(|entry| {
        entry.cluster_ids.iter().any(|cluster| clusters.contains(cluster))
            || entry.face_ids.iter().any(|face| faces.contains(face))
    });
    Ok(entries)
}
