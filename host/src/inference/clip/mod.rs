//! CLIP (Radford et al. 2021): photos and prompts as vectors of one space, in which a photo is near what describes it.

mod cleaning;
mod tokenizer;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use image::RgbImage;
use ort::value::TensorRef;

use super::InferenceError;
use super::session::{ImageNetwork, Network};
use crate::domain::Embedding;
use tokenizer::ClipTokenizer;

/// What the graph's metadata calls the factor of a cosine before a softmax.
const LOGIT_SCALE: &str = "logit_scale";

/// The image tower.
pub(super) struct ImageEncoder {
    image: ImageNetwork,
    /// Known once it has run; none when the graph does not say it.
    logit_scale: OnceLock<Option<f32>>,
}

impl ImageEncoder {
    pub(super) fn new(image: ImageNetwork) -> Self {
        Self {
            image,
            logit_scale: OnceLock::new(),
        }
    }

    /// What a cosine is multiplied by before a softmax over prompts; none before it has run, and when the graph does
    /// not say it.
    pub(super) fn logit_scale(&self) -> Option<f32> {
        self.logit_scale.get().copied().flatten()
    }

    /// Whether a network is this one.
    pub(super) fn is(&self, network: &Arc<Network>) -> bool {
        Arc::ptr_eq(&self.image.network, network)
    }

    /// Width and height of its image in pixels.
    pub(super) fn size(&self) -> u32 {
        self.image.input.size
    }

    /// The vector of a photo's middle.
    pub(super) fn encode(&self, crop: &RgbImage) -> Result<Embedding, InferenceError> {
        let values = self.image.run(crop, |outputs| {
            Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
        })?;
        if self.logit_scale.get().is_none() {
            let scale = self
                .image
                .network
                .run(|session| Ok(session.metadata()?.custom(LOGIT_SCALE)))?
                .and_then(|scale| scale.parse().ok())
                .filter(|scale: &f32| scale.is_finite());
            self.logit_scale.get_or_init(|| scale);
        }
        unit(&self.image.network, values)
    }
}

/// The text tower and its tokenizer.
pub(super) struct PromptEncoder {
    network: Arc<Network>,
    tokenizer: ClipTokenizer,
}

impl PromptEncoder {
    pub(super) fn load(network: Arc<Network>, tokenizer: &Path) -> Result<Self, InferenceError> {
        let tokenizer = ClipTokenizer::from_file(tokenizer).map_err(|source| InferenceError::Tokenizer {
            file: tokenizer.to_owned(),
            source,
        })?;
        Ok(Self { network, tokenizer })
    }

    /// Its name in the manifest.
    pub(super) fn model(&self) -> &str {
        &self.network.name
    }

    /// The numbers of a prompt's tokens, at most 77.
    pub(super) fn tokens(&self, prompt: &str) -> Result<Vec<i64>, InferenceError> {
        self.tokenizer.encode(prompt).map_err(|error| {
            self.network
                .unexpected(format!("a prompt it cannot read: {error}"))
        })
    }

    /// The vector of a prompt.
    pub(super) fn encode(&self, prompt: &str) -> Result<Embedding, InferenceError> {
        // A token sees only those before it, so that a prompt needs no padding to the full length.
        let ids = self.tokens(prompt)?;
        let values = self.network.run(|session| {
            let input = TensorRef::from_array_view(([1_usize, ids.len()], ids.as_slice()))?;
            let outputs = session.run(ort::inputs![input])?;
            Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
        })?;
        unit(&self.network, values)
    }
}

fn unit(network: &Network, values: Vec<f32>) -> Result<Embedding, InferenceError> {
    Embedding::normalised(values).map_err(|error| network.unexpected(error.to_string()))
}
