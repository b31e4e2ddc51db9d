//! Changes as statements.

use rusqlite::{Connection, params};

use super::rows;
use super::{corrections, flag_tables, photo_table};
use crate::domain::{BoundingBox, FaceId};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::format::to_text;
use crate::store::record::StoredFace;

/// What a batch of changes does to the index of vectors.
#[derive(Default)]
pub(super) struct IndexChanges {
    pub(super) removed: Vec<u64>,
    pub(super) added: Vec<(u64, StoredFace)>,
    /// A face or a photo is gone for good, not only written anew.
    pub(super) erased: bool,
}

/// Makes one change.
pub(super) fn apply(
    connection: &Connection,
    change: Change,
    index: &mut IndexChanges,
) -> Result<(), StoreError> {
    match change {
        Change::PutFace(face) => {
            forget(connection, &face.face_id, index)?;
            let row = insert(connection, &face)?;
            index.added.push((row, face));
        }
        Change::RemoveFace(face) => {
            index.erased |= forget(connection, &face, index)?;
            let face = face.to_string();
            execute(connection, "DELETE FROM portrait WHERE face_id = ?1", [&face])?;
            execute(connection, "DELETE FROM explanation WHERE face_id = ?1", [&face])?;
        }
        Change::PutPortrait(face, jpeg) => execute(
            connection,
            "INSERT OR REPLACE INTO portrait (face_id, jpeg) VALUES (?1, ?2)",
            params![face.to_string(), jpeg],
        )?,
        Change::Explain(face, explanation) => execute(
            connection,
            "INSERT OR REPLACE INTO explanation (face_id, json) VALUES (?1, ?2)",
            params![face.to_string(), to_text(&explanation)?],
        )?,
        Change::RemoveExplanation(face) => execute(
            connection,
            "DELETE FROM explanation WHERE face_id = ?1",
            [face.to_string()],
        )?,
        Change::Assign {
            faces,
            cluster,
            corrected,
        } => {
            let cluster = cluster.to_string();
            for face in faces {
                execute(
                    connection,
                    "UPDATE face SET cluster_id = ?2, corrected = coalesce(?3, corrected) WHERE face_id = ?1",
                    params![face.to_string(), cluster, corrected],
                )?;
            }
        }
        Change::PutCluster {
            cluster,
            representative,
            flags,
        } => execute(
            connection,
            // Updated in its place, so that triggers see what it was.
            "INSERT INTO cluster (cluster_id, representative, hidden, provisional) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (cluster_id) DO UPDATE SET representative = ?2, hidden = ?3, provisional = ?4",
            params![
                cluster.to_string(),
                representative.to_string(),
                flags.hidden,
                flags.provisional,
            ],
        )?,
        Change::RemoveCluster(cluster) => execute(
            connection,
            "DELETE FROM cluster WHERE cluster_id = ?1",
            [cluster.to_string()],
        )?,
        Change::PutRedirect(redirect) => execute(
            connection,
            &format!(
                "INSERT OR REPLACE INTO redirect ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                rows::REDIRECT
            ),
            params![
                redirect.source.to_string(),
                redirect.target.to_string(),
                redirect.representative.map(|face| face.to_string()),
                to_text(&redirect.faces)?,
                to_text(&redirect.distinctions)?,
                rows::position(Some(redirect.moment)),
                redirect.automatic,
                redirect.flags.hidden,
                redirect.flags.provisional,
            ],
        )?,
        Change::RemoveRedirect(source) => execute(
            connection,
            "DELETE FROM redirect WHERE source = ?1",
            [source.to_string()],
        )?,
        Change::PutDistinction(one, other) => {
            for (one, other) in [(one, other), (other, one)] {
                execute(
                    connection,
                    "INSERT OR REPLACE INTO distinction (one, other) VALUES (?1, ?2)",
                    [one.to_string(), other.to_string()],
                )?;
            }
        }
        Change::RemoveDistinction(one, other) => execute(
            connection,
            "DELETE FROM distinction WHERE (one = ?1 AND other = ?2) OR (one = ?2 AND other = ?1)",
            [one.to_string(), other.to_string()],
        )?,
        Change::PutUnsure(one, other) => flag_tables::put_unsure(connection, &one, &other)?,
        Change::RemoveUnsure(one, other) => flag_tables::remove_unsure(connection, &one, &other)?,
        Change::PutPhoto(photo) => photo_table::replace(connection, &photo)?,
        Change::Describe(file, description) => photo_table::describe(connection, &file, &description)?,
        Change::RemovePhoto(file) => {
            for table in ["photo", "rejection", "answer"] {
                let statement = format!("DELETE FROM {table} WHERE file_id = ?1");
                let removed = connection.prepare_cached(&statement)?.execute([file.as_str()])?;
                index.erased |= removed > 0;
            }
        }
        Change::PutRejection(rejection) => {
            let BoundingBox { x1, y1, x2, y2 } = rejection.bounding_box;
            execute(
                connection,
                &format!(
                    "INSERT OR REPLACE INTO rejection ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    rows::REJECTION
                ),
                params![
                    rejection.face_id.to_string(),
                    rejection.file_id.as_str(),
                    x1,
                    y1,
                    x2,
                    y2
                ],
            )?;
        }
        Change::RemoveRejection(face) => execute(
            connection,
            "DELETE FROM rejection WHERE face_id = ?1",
            [face.to_string()],
        )?,
        Change::PutAnswer(answer) => execute(
            connection,
            &format!(
                "INSERT OR REPLACE INTO answer ({}) VALUES (?1, ?2, ?3, ?4, ?5)",
                rows::ANSWER
            ),
            params![
                answer.key,
                answer.request,
                answer.body,
                answer.file_id.map(String::from),
                rows::position(Some(answer.at)),
            ],
        )?,
        Change::RemoveAnswersOf(file) => execute(
            connection,
            "DELETE FROM answer WHERE file_id = ?1",
            [file.as_str()],
        )?,
        Change::RemoveAnswersBefore(at) => execute(
            connection,
            "DELETE FROM answer WHERE at < ?1",
            [rows::position(Some(at))],
        )?,
        Change::Log(event, at) => execute(
            connection,
            "INSERT INTO event (at, json) VALUES (?1, ?2)",
            params![rows::position(Some(at)), to_text(&event)?],
        )?,
        Change::PutLogged(logged) => execute(
            connection,
            &format!(
                "INSERT OR REPLACE INTO event ({}) VALUES (?1, ?2, ?3)",
                rows::EVENT
            ),
            params![
                rows::position(Some(logged.position)),
                rows::position(Some(logged.at)),
                to_text(&logged.event)?
            ],
        )?,
        Change::TrimLog(kept) => execute(
            connection,
            "DELETE FROM event WHERE position <= (SELECT max(position) FROM event) - ?1",
            [rows::position(Some(kept))],
        )?,
        Change::PutCorrection(correction) => {
            corrections::put(connection, &correction)?;
            index.erased |= correction.lost.is_some();
        }
        Change::RemoveCorrection(position) => {
            index.erased |= corrections::remove(connection, position)?;
        }
        Change::TrimCorrections(kept) => {
            corrections::trim(connection, kept)?;
        }
    }
    Ok(())
}

fn execute(
    connection: &Connection,
    statement: &str,
    parameters: impl rusqlite::Params,
) -> Result<(), StoreError> {
    connection.prepare_cached(statement)?.execute(parameters)?;
    Ok(())
}

/// Removes a face's row; gives whether it was there.
fn forget(connection: &Connection, face: &FaceId, index: &mut IndexChanges) -> Result<bool, StoreError> {
    let removed = rows::one(
        connection,
        "DELETE FROM face WHERE face_id = ?1 RETURNING row",
        [face.to_string()],
        |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()),
    )?;
    if let Some(row) = removed {
        index.added.retain(|(added, _)| *added != row);
        index.removed.push(row);
    }
    Ok(removed.is_some())
}

fn insert(connection: &Connection, face: &StoredFace) -> Result<u64, StoreError> {
    let BoundingBox { x1, y1, x2, y2 } = face.bounding_box;
    execute(
        connection,
        "INSERT INTO face (face_id, file_id, cluster_id, embedding, x1, y1, x2, y2, confidence, quality, corrected, \
                           joined) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            face.face_id.to_string(),
            face.file_id.as_str(),
            face.cluster_id.to_string(),
            face.embedding.to_bytes(),
            x1,
            y1,
            x2,
            y2,
            face.confidence,
            face.quality,
            face.corrected,
            rows::position(Some(face.joined)),
        ],
    )?;
    Ok(connection.last_insert_rowid().unsigned_abs())
}
