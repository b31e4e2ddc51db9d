//! Lists of files that should lie in a provider's folder, made from the table.

use std::path::PathBuf;

use super::table::{Build, Provider, Table, TableError};
use crate::models::{manifest::ModelDirectory, wanted::Wanted};

/// The folder in the models directory in which each provider has one of its own, whether it is there or not.
#[must_use]
pub fn root(directory: &ModelDirectory) -> PathBuf {
    directory.path("devices")
}

/// The folder of a provider's files, whether it is there or not.
pub(super) fn folder(directory: &ModelDirectory, provider: &Provider) -> PathBuf {
    root(directory).join(&provider.id)
}

/// The files that should lie in a provider's folder.
///
/// # Errors
/// When the table does not define a package.
pub(in crate::models) fn wanted<'a>(
    table: &'a Table,
    build: &'a Build,
) -> Result<Vec<Wanted<'a>>, TableError> {
    build
        .files
        .iter()
        .map(|file| {
            Ok(Wanted {
                name: file.name(),
                package: table.package(&file.package)?,
                path: &file.path,
                source_sha256: Some(&file.sha256),
                source_bytes: file.bytes,
                licence: &file.licence,
                licence_note: file.licence_note.as_deref(),
                convert: None,
                made_of: None,
                rewrite: None,
            })
        })
        .collect()
}
