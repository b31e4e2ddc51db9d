//! Workers of the set `full` on networks that nobody publishes: made for a test, or for measuring.

use std::path::Path;

use ai_worker::plugins::digest;

use crate::prerequisites::prerequisites;
use crate::worker::Worker;

/// The built-in manifest, but with the hashes and sizes of what lies in a directory.
#[must_use]
pub fn manifest_of(directory: &Path) -> String {
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/manifest.toml");
    let mut manifest: toml::Table = std::fs::read_to_string(built_in).unwrap().parse().unwrap();
    for file in manifest["file"].as_array_mut().unwrap() {
        let file = file.as_table_mut().unwrap();
        let Ok(bytes) = std::fs::read(directory.join(file["name"].as_str().unwrap())) else {
            continue;
        };
        file.remove("convert");
        file.insert("sha256".to_owned(), digest(&bytes).into());
        file.insert("bytes".to_owned(), i64::try_from(bytes.len()).unwrap().into());
    }
    toml::to_string(&manifest).unwrap()
}

/// A worker of the set `full` on the networks of a directory.
pub async fn start(directory: &Path, settings: &[(&str, &str)]) -> Worker {
    let library = prerequisites().runtime_library();
    let data = tempfile::tempdir().unwrap();
    let manifest = data.path().join("manifest.toml");
    std::fs::write(&manifest, manifest_of(directory)).unwrap();
    let mut all = vec![
        ("MODEL_SET", "full"),
        ("MODEL_MANIFEST", manifest.to_str().unwrap()),
        ("MODELS_DIR", directory.to_str().unwrap()),
        ("ORT_DYLIB_PATH", library.to_str().unwrap()),
    ];
    all.extend_from_slice(settings);
    Worker::start_in(data, &all).await
}
