//! English sentences to vectors: a BERT-like encoder, mean-pooled over its tokens (Reimers and Gurevych 2019).

use std::path::Path;
use std::sync::Arc;

use ort::value::TensorRef;
use tokenizers::{Tokenizer, TruncationParams};

use super::InferenceError;
use super::session::Network;
use crate::domain::Embedding;

/// The most tokens that are looked at; what the published model was trained for.
const MAX_TOKENS: usize = 256;

/// A tokenizer and its encoder.
pub(super) struct TextEncoder {
    network: Arc<Network>,
    tokenizer: Tokenizer,
}

impl TextEncoder {
    pub(super) fn load(network: Arc<Network>, tokenizer: &Path) -> Result<Self, InferenceError> {
        let invalid = |source| InferenceError::Tokenizer {
            file: tokenizer.to_owned(),
            source,
        };
        let mut tokenizer = Tokenizer::from_file(tokenizer).map_err(invalid)?;
        let truncation = TruncationParams {
            max_length: MAX_TOKENS,
            ..TruncationParams::default()
        };
        tokenizer.with_truncation(Some(truncation)).map_err(invalid)?;
        tokenizer.with_padding(None);
        Ok(Self { network, tokenizer })
    }

    /// Its name in the manifest.
    pub(super) fn model(&self) -> &str {
        &self.network.name
    }

    /// The vector of a text, of length 1.
    pub(super) fn encode(&self, text: &str) -> Result<Embedding, InferenceError> {
        let encoding = self
            .tokenizer
            .encode(text, true)
            .map_err(|error| self.network.unexpected(format!("a text it cannot read: {error}")))?;
        let wide = |values: &[u32]| values.iter().map(|value| i64::from(*value)).collect::<Vec<i64>>();
        let ids = wide(encoding.get_ids());
        let mask = wide(encoding.get_attention_mask());
        let types = wide(encoding.get_type_ids());
        let shape = [1_usize, ids.len()];
        let pooled = self.network.run(|session| {
            let outputs = session.run(ort::inputs![
                "input_ids" => TensorRef::from_array_view((shape, ids.as_slice()))?,
                "attention_mask" => TensorRef::from_array_view((shape, mask.as_slice()))?,
                "token_type_ids" => TensorRef::from_array_view((shape, types.as_slice()))?,
            ])?;
            let states = outputs[0].try_extract_tensor::<f32>()?.1;
            let width = states.len() / ids.len();
            // Without padding every token counts.
            let mut sum = vec![0.0; width];
            for state in states.chunks_exact(width) {
                for (total, value) in sum.iter_mut().zip(state) {
                    *total += value;
                }
            }
            Ok(sum)
        })?;
        self.network.unit(pooled)
    }
}
