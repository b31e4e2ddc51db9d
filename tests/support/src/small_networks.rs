//! Small networks of the set `full`, with random weights, and what the reference implementations say with them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::WORKSPACE;
use crate::harness::missing;
use crate::prerequisites::{Prerequisites, prerequisites};

/// The folder below `work` that `models/reference/full.py` has filled, with the set's other files beside; made again when
/// one of its scripts has changed. `work` is what Cargo gives tests to write in, `CARGO_TARGET_TMPDIR`. A test that calls this
/// is ignored without a Python that has what the script needs, which `REFERENCE_PYTHON` names; see [`missing`].
#[must_use]
pub fn small_networks(work: &str) -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let found = prerequisites();
    let Some(python) = std::env::var_os("REFERENCE_PYTHON") else {
        missing("a Python is needed in REFERENCE_PYTHON; see models/reference/full-requirements.txt");
    };
    MADE.get_or_init(|| make(work, found, &python))
}

fn make(work: &str, found: &Prerequisites, python: &OsStr) -> PathBuf {
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
    directory
}
