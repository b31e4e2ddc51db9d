//! CLIP (Radford et al. 2021): photos and prompts as vectors of one space, in which a photo is near what describes it.

mod cleaning;
mod tokenizer;

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use ort::value::TensorRef;

use super::InferenceError;
use super::image_network::ImageNetwork;
use super::session::Network;
use crate::domain::Embedding;
use tokenizer::ClipTokenizer;

/// The vector of a photo's middle, by the image tower.
pub(super) fn encode_image(tower: &ImageNetwork, crop: &RgbImage) -> Result<Embedding, InferenceError> {
    tower.network.unit(tower.vector(crop)?)
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
        self.network.unit(values)
    }
}
