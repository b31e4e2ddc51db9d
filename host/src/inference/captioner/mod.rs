//! BLIP (Li et al. 2022): one English sentence about a photo.

mod decoder;
mod search;

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use ort::value::DynValue;
use tokenizers::Tokenizer;

use super::InferenceError;
use super::image_network::ImageNetwork;
use super::session::Network;
use decoder::Decoder;
use search::Rules;

/// What BLIP's decoder begins every text with (`[DEC]`), and what ends it (`[SEP]`).
const START: i64 = 30_522;
const END: i64 = 102;

/// How captions are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaptionSettings {
    /// Sentences that are followed at the same time, at least 1; 1 takes the likeliest token each time.
    pub beams: usize,
    /// The fewest tokens before the end, the start counted.
    pub min_length: usize,
    /// The most tokens, start and end counted; at least 2 and at most the 512 that the network was made for.
    pub max_length: usize,
    /// What the scores of tokens that a caption has already are divided by, or multiplied where they are negative;
    /// 1 changes nothing.
    pub repetition_penalty: f32,
}

impl Default for CaptionSettings {
    /// What BLIP's authors evaluate captions with (`configs/caption_coco.yaml`).
    fn default() -> Self {
        Self {
            beams: 3,
            min_length: 5,
            max_length: 20,
            repetition_penalty: 1.0,
        }
    }
}

/// A caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// In lower case, without a full stop.
    pub text: String,
    /// Its tokens' numbers, start and end included.
    pub tokens: Vec<i64>,
    /// The mean of the logarithms of its tokens' probabilities, at most 0 unless there is a penalty.
    pub log_probability: f32,
}

/// The two networks and the vocabulary.
pub(super) struct Captioner {
    vision: ImageNetwork,
    decoder: Arc<Network>,
    tokenizer: Tokenizer,
}

impl Captioner {
    pub(super) fn load(
        vision: ImageNetwork,
        decoder: Arc<Network>,
        tokenizer: &Path,
    ) -> Result<Self, InferenceError> {
        let tokenizer = Tokenizer::from_file(tokenizer).map_err(|source| InferenceError::Tokenizer {
            file: tokenizer.to_owned(),
            source,
        })?;
        Ok(Self {
            vision,
            decoder,
            tokenizer,
        })
    }

    /// Width and height of its image in pixels.
    pub(super) fn size(&self) -> u32 {
        self.vision.input.size
    }

    /// The likeliest sentence about a photo.
    pub(super) fn caption(
        &self,
        image: &RgbImage,
        settings: &CaptionSettings,
    ) -> Result<Caption, InferenceError> {
        let rules = Rules {
            start: START,
            end: END,
            beams: settings.beams,
            min_length: settings.min_length,
            max_length: settings.max_length,
            repetition_penalty: settings.repetition_penalty,
        };
        let cross = self.look(image)?;
        // One session for the whole sentence: its cache lies in that session's memory.
        let found = self
            .decoder
            .run(|session| search::sentence(&mut Decoder::new(session, &cross)?, &rules))?;
        if !found.log_probability.is_finite() {
            return Err(self.decoder.unexpected("a probability that is not finite"));
        }
        let words: Vec<u32> = found.tokens[1..]
            .iter()
            .filter_map(|token| u32::try_from(*token).ok())
            .collect();
        let text = self.tokenizer.decode(&words, true).map_err(|error| {
            self.decoder
                .unexpected(format!("tokens it cannot spell: {error}"))
        })?;
        Ok(Caption {
            text,
            tokens: found.tokens,
            log_probability: found.log_probability,
        })
    }

    /// What the decoder's cross-attentions see of a photo, by the names of its inputs.
    fn look(&self, image: &RgbImage) -> Result<Vec<(String, DynValue)>, InferenceError> {
        self.vision.run(image, |outputs| {
            let names: Vec<String> = outputs.keys().map(ToOwned::to_owned).collect();
            Ok(names
                .into_iter()
                .filter_map(|name| outputs.remove(&name).map(|value| (name, value)))
                .collect())
        })
    }
}
