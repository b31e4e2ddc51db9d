//! Why networks could not be loaded or run.

use std::path::PathBuf;

use crate::models::manifest::{ManifestError, Role};

/// Why networks could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The ONNX Runtime library cannot be loaded.
    #[error("the ONNX Runtime library {} cannot be loaded; check ORT_DYLIB_PATH or pull the models again", library.display())]
    Runtime {
        /// The library.
        library: PathBuf,
        /// What the loader said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No device, or not the one that was asked for, works.
    #[error("the device that DEVICE asks for does not work ({0}); choose another one or auto")]
    NoDevice(String),
    /// A model file cannot be loaded.
    #[error("model {model} cannot be loaded from {}; run `ai-worker models verify`", file.display())]
    Load {
        /// Its name.
        model: String,
        /// Its file.
        file: PathBuf,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// A tokenizer file cannot be read.
    #[error("the tokenizer {} cannot be read; run `ai-worker models verify`", file.display())]
    Tokenizer {
        /// Its file.
        file: PathBuf,
        /// What the reader said.
        #[source]
        source: tokenizers::Error,
    },
    /// The process is about to end.
    #[error("the worker is shutting down and runs no more networks")]
    Stopped,
    /// The system gives no thread to watch idle networks.
    #[error("no thread could be started to watch idle models; raise the limit on threads")]
    Thread(#[source] std::io::Error),
    /// The manifest does not describe a usable set.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A set lacks a network that nothing can be done without.
    #[error("model set {set:?} has no {role:?}, or its entry is incomplete")]
    Incomplete {
        /// The set.
        set: String,
        /// What is missing.
        role: Role,
    },
    /// A network failed.
    #[error("model {model} failed")]
    Run {
        /// Its name.
        model: String,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// A network was given or gave something that does not fit.
    #[error("model {model} was given, or returned, invalid data: {what}")]
    Unexpected {
        /// Its name.
        model: String,
        /// What does not fit.
        what: String,
    },
}
