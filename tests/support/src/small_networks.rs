//! Small networks of the set `full`, with random weights, and what the reference implementations say with them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::WORKSPACE;
use crate::prerequisites::prerequisites;

/// The folder below `work` that `models/reference/full.py` has filled, with the set's other files beside; made again when
/// one of its scripts has changed. `work` is what Cargo gives tests to write in, `CARGO_TARGET_TMPDIR`. None (or a panic under `CI=true`) without a Python that has what the script needs, which
/// `REFERENCE_PYTHON` names.
#[must_use]
pub fn small_networks(work: &str) -> Option<&'static Path> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    MADE.get_or_init(|| make(work)).as_deref()
}

fn make(work: &str) -> Option<PathBuf> {
    let found = prerequisites()?;
    let Some(python) = std::env::var_os("REFERENCE_PYTHON") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "REFERENCE_PYTHON is needed; see models/reference/full-requirements.txt"
        );
        eprintln!("skipped: REFERENCE_PYTHON is not set (models/reference/full-requirements.txt)");
        return None;
    };
    let models = Path::new(WORKSPACE).join("models");
    let script = models.join("reference/full.py");
    let directory = Path::new(work).join("full");
    let changed = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let scripts = [&script, &models.join("export/export.py")].map(|path| changed(path));
    // Written last.
    if changed(&directory.join("full.json")) < scripts.into_iter().max().flatten() {
        let status = Command::new(python)
            .arg(&script)
            .args([&found.samples, &directory])
            .status()
            .unwrap();
        assert!(status.success(), "{} failed", script.display());
    }
    for file in ["efficientnet-lite2.onnx", "minilm-tokenizer.json"] {
        std::fs::copy(found.models.join(file), directory.join(file)).unwrap();
    }
    Some(directory)
}
