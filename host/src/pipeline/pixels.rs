//! The decoded photo as plugins may see it.

use std::sync::Arc;

use super::memory::DecodedPhoto;
use crate::domain::{Evidence, Rect};
use crate::inference;
use crate::photo;
use crate::plugins::{Pixels, View};

/// The photo for plugins, when one of them wants it.
pub(super) fn pixels(photo: &Arc<DecodedPhoto>, wanted: Evidence) -> Option<Arc<dyn Pixels>> {
    if wanted.pixels {
        Some(Arc::new(PhotoPixels(Arc::clone(photo))))
    } else {
        None
    }
}

/// The decoded photo as plugins may see it.
struct PhotoPixels(Arc<DecodedPhoto>);

impl Pixels for PhotoPixels {
    fn tensor(&self, view: &View) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        let View { fraction, input } = view;
        let (width, height) = self.0.dimensions();
        let whole = Rect {
            x1: 0.0,
            y1: 0.0,
            x2: width as f32,
            y2: height as f32,
        };
        // Pixels of the photo for each of the square.
        let scale = width.min(height) as f32 * fraction / input.size as f32;
        let closer = self.0.closer(&whole, scale)?;
        let part = closer.as_ref().unwrap_or_else(|| self.0.overview());
        let crop = photo::centre_crop(part.pixels(), *fraction, input.size)?;
        Ok(inference::image_tensor(&crop, input))
    }
}
