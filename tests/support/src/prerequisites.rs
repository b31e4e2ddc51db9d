//! Real models and real photos, which most tests need.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ai_worker::models::manifest::{Manifest, Model, ModelDirectory};
use ai_worker::{inference, models, report};

use crate::WORKSPACE;
use crate::harness::missing;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Models and photos that every test needs.
pub struct Prerequisites {
    /// The folder of models, with those of the sets `open` and `research` in it.
    pub models: PathBuf,
    /// The folder of sample photos.
    pub samples: PathBuf,
}

impl Prerequisites {
    /// ONNX Runtime's library: the one that the environment names, or the one that was fetched.
    #[must_use]
    pub fn runtime_library(&self) -> PathBuf {
        let fetched = || {
            let directory = ModelDirectory(self.models.clone());
            models::runtime_library(&Manifest::built_in().unwrap(), &directory).unwrap()
        };
        std::env::var_os("ORT_DYLIB_PATH").map_or_else(fetched, PathBuf::from)
    }
}

/// Fetches models and photos once. A test that calls this is ignored where they cannot be had; see [`missing`].
pub fn prerequisites() -> &'static Prerequisites {
    available_prerequisites()
        .as_ref()
        .unwrap_or_else(|error| missing(format_args!("models and photos are needed: {error}")))
}

/// As [`prerequisites`], for what does without them; else why they cannot be had.
pub fn available_prerequisites() -> &'static Result<Prerequisites, String> {
    static FOUND: OnceLock<Result<Prerequisites, String>> = OnceLock::new();
    FOUND.get_or_init(fetch)
}

fn fetch() -> Result<Prerequisites, String> {
    let data = Path::new(WORKSPACE).join("data");
    let place = |variable: &str, name: &str| {
        std::env::var_os(variable).map_or_else(|| data.join(name), PathBuf::from)
    };
    let (models, samples) = (place("MODELS_DIR", "models"), place("SAMPLES_DIR", "samples"));
    let manifest = Manifest::built_in().map_err(|error| error.to_string())?;
    let mut out = std::io::sink();
    let directory = ModelDirectory(models.clone());
    let fetched = || models::runtime_library(&manifest, &directory);
    let mut comparison = |model: &Model, published: &Path, rewritten: &Path| -> Result<bool, Failure> {
        let named = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
        let library = named.or_else(fetched).ok_or("there is no ONNX Runtime")?;
        inference::compare(&library, model, published, rewritten)?;
        Ok(true)
    };
    let mut access = models::Access {
        hub: models::HubSettings::default(),
        consent: &mut |_| Ok(true),
        comparison: &mut comparison,
    };
    for set in ["open", "research"] {
        let set = manifest.set(set).map_err(|error| error.to_string())?;
        models::pull(&manifest, set, true, &directory, &mut access, &mut out)
            .map_err(|error| report(&error))?;
    }
    models::pull_samples(&manifest, false, &samples, &mut access, &mut out)
        .map_err(|error| report(&error))?;
    Ok(Prerequisites { models, samples })
}
