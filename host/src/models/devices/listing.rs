//! What `ai-worker models list` says of devices.

use std::io::Write;

use indicatif::DecimalBytes;

use super::{
    status::{OnThisPlatform, status},
    table::Table,
};
use crate::models::{fetch_error::FetchError, manifest::ModelDirectory, report};

/// Prints a table of all devices: device, package, licence, size of the download, whether it is there, and what it is for.
///
/// # Errors
/// When the table contradicts itself or `out` cannot be written.
pub fn list(table: &Table, directory: &ModelDirectory, out: &mut dyn Write) -> Result<(), FetchError> {
    let mut rows = vec![["DEVICE", "PACKAGE", "LICENCE", "DOWNLOAD", "PRESENT", "FOR"].map(str::to_owned)];
    for status in status(table, directory)? {
        let present = match &status.state {
            OnThisPlatform::PartOfRuntime => "part of ONNX Runtime",
            OnThisPlatform::NotPackaged(_) => "not for this platform",
            OnThisPlatform::Absent => "no",
            OnThisPlatform::Incomplete(_) => "incomplete",
            OnThisPlatform::Present(_) => "yes",
        };
        let package = status
            .package
            .map_or_else(|| "-".to_owned(), |(name, version)| format!("{name} {version}"));
        let size = match status.download_bytes {
            0 => "-".to_owned(),
            bytes => DecimalBytes(bytes).to_string(),
        };
        let licences = match status.licences.as_slice() {
            [] => "-".to_owned(),
            licences => licences.join(", "),
        };
        rows.push([
            status.id,
            package,
            licences,
            size,
            present.to_owned(),
            status.hardware,
        ]);
    }
    writeln!(out)?;
    report::print(&rows, out)?;
    writeln!(
        out,
        "`ai-worker models pull --device DEVICE` fetches one; `ai-worker devices` says what this machine has."
    )?;
    Ok(())
}
