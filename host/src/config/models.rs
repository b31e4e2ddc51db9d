//! Where models come from, and when they are in memory.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use crate::inference::Preload;
use crate::models::HubSettings;
use crate::models::manifest::{Manifest, ManifestError};
use crate::models::precision::Precisions;

/// Where models come from, and when they are in memory.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// `MODEL_MANIFEST`; none for the one that was compiled in.
    pub manifest: Option<PathBuf>,
    /// `HF_ENDPOINT` and `HF_TOKEN`.
    pub hub: HubSettings,
    /// `PRECISION`.
    pub precision: Precisions,
    /// `PRELOAD`.
    pub preload: Preload,
    /// `MODEL_IDLE_SECONDS`; none keeps models in memory.
    pub idle: Option<Duration>,
}

impl ModelSettings {
    /// The manifest in use, with the precisions that are asked for.
    ///
    /// # Errors
    /// When its file cannot be read or does not follow the schema.
    pub fn read_manifest(&self) -> Result<Manifest, ManifestError> {
        let manifest = match &self.manifest {
            Some(file) => Manifest::read(file)?,
            None => Manifest::built_in()?,
        };
        Ok(manifest.with_precision(&self.precision))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ModelSettings> {
    let endpoint = reader.value::<url::Url>("HF_ENDPOINT");
    if let Some(url) = &endpoint
        && !matches!(url.scheme(), "http" | "https")
    {
        reader.error("HF_ENDPOINT: write an address such as https://mirror.internal");
    }
    let precision = reader.value("PRECISION");
    let preload = reader.value("PRELOAD");
    let idle = reader.duration("MODEL_IDLE_SECONDS");
    Some(ModelSettings {
        manifest: reader.path("MODEL_MANIFEST"),
        hub: HubSettings {
            endpoint: endpoint?.into(),
            token: reader.text("HF_TOKEN"),
        },
        precision: precision?,
        preload: preload?,
        idle: Some(idle?).filter(|idle| !idle.is_zero()),
    })
}
