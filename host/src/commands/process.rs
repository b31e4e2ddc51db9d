//! `ai-worker process`: local photos through the same pipeline, without HTTP.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::json;

use super::{Outcome, progress_bar};
use crate::app::App;
use crate::commands::output::say;
use crate::config::Config;
use crate::domain::FileId;
use crate::http::ProcessAnswer;

/// File names that are taken from a directory; files named on the command line are taken as they are.
/// One for each format that the decoder knows, and RAW, which has a photo inside.
const EXTENSIONS: [&str; 18] = [
    "jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "hif", "avif", "jxl",
    "dng", "nef", "cr2", "arw",
];

/// Prints one JSON line for each photo, in order; a photo that fails gets a line with `error`.
pub(super) async fn run(config: Config, paths: Vec<PathBuf>) -> Outcome {
    let photos = tokio::task::spawn_blocking(move || collect(&paths)).await??;
    if photos.is_empty() {
        return Err("no photos were found at the given paths".into());
    }
    let app = App::start(&config).await?;
    let progress = progress_bar(photos.len() as u64);
    let mut answers = futures_util::stream::iter(photos)
        .map(|photo| describe(Arc::clone(&app), photo))
        .buffered(config.load.concurrent_photos);
    let mut failed = 0;
    while let Some((line, is_error)) = answers.next().await {
        failed += usize::from(is_error);
        progress.suspend(|| say!("{line}"));
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The answer for one photo, and whether it is an error.
async fn describe(app: Arc<App>, photo: PathBuf) -> (serde_json::Value, bool) {
    let name = photo.to_string_lossy().into_owned();
    let description = async {
        let file_id = FileId::new(name.as_str()).map_err(|error| error.to_string())?;
        let path = photo.clone();
        let bytes = tokio::task::spawn_blocking(move || std::fs::read(path))
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| format!("the file cannot be read: {error}"))?;
        // As many photos as there are places come at a time, so that none is refused.
        let place = app.admissions.photo().await;
        let place = place.map_err(|refusal| refusal.to_string())?;
        let description = app
            .pipeline
            .process_bytes(place, &file_id, Bytes::from(bytes))
            .await
            .map_err(|error| crate::report(&error))?;
        serde_json::to_value(ProcessAnswer::new(&file_id, description, Some(app.model_set())))
            .map_err(|error| error.to_string())
    };
    match description.await {
        Ok(answer) => (answer, false),
        Err(error) => (json!({ "file_id": name, "error": error }), true),
    }
}

/// Every named file and every photo below every named directory, sorted within a directory.
fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut photos = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            walk(path, &mut found).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            found.sort();
            photos.append(&mut found);
        } else if path.exists() {
            photos.push(path.clone());
        } else {
            return Err(format!("{} does not exist", path.display()));
        }
    }
    Ok(photos)
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        // Links are not followed, so that a link to a parent cannot make this endless.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&path, found)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|extension| {
                EXTENSIONS
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
            })
        {
            found.push(path);
        }
    }
    Ok(())
}
