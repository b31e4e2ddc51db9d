//! A photo as people look at it.

use bytes::Bytes;

use super::admission::Place;
use super::error::PipelineError;
use super::stages::{Pipeline, blocking};
use crate::photo::{self, Look};

/// JPEG quality of a photo that is shown, 1 to 100.
const QUALITY: u8 = 88;

impl Pipeline {
    /// A photo file as a JPEG without metadata: upright, in sRGB, with at most so many pixels along its longer side.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub async fn show(&self, place: &Place, bytes: Bytes, longest: u32) -> Result<Vec<u8>, PipelineError> {
        let look = Look {
            longer: longest,
            shorter: 1,
        };
        let photo = self.decode(place, bytes, look).await?;
        blocking(move || {
            let shown = photo::fit(photo.overview().pixels(), longest)?;
            Ok(photo::encode_jpeg(&shown, QUALITY)?)
        })
        .await
    }
}
