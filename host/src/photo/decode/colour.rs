//! From a picture's own colours to sRGB, which the networks have learnt.

use std::sync::Arc;

use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// The largest difference, of 255, that nobody needs to have corrected.
const UNNOTICED: u8 = 1;

/// The way from a picture's colours to sRGB.
pub(super) struct ToSrgb(Arc<dyn TransformExecutor<u8> + Send + Sync>);

impl ToSrgb {
    /// From the colour space of an ICC profile; none for one that is no RGB profile, that cannot be read, or that
    /// changes nothing.
    pub(super) fn new(profile: &[u8]) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        if profile.color_space != DataColorSpace::Rgb {
            return None;
        }
        Self::from_profile(&profile)
    }

    fn from_profile(profile: &ColorProfile) -> Option<Self> {
        let to = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let transform = profile
            .create_transform_8bit(Layout::Rgb, &to, Layout::Rgb, options)
            .ok()?;
        (!changes_nothing(&*transform)).then_some(Self(transform))
    }

    /// Converts a picture within its own buffer.
    pub(super) fn apply(&self, picture: &mut RgbImage) {
        let row_bytes = 3 * picture.width() as usize;
        let mut before = Vec::with_capacity(row_bytes);
        // Row by row, so that no second picture is needed.
        for row in picture.chunks_exact_mut(row_bytes) {
            before.clear();
            before.extend_from_slice(row);
            if self.0.transform(&before, row).is_err() {
                return;
            }
        }
    }
}

/// Converts a picture from the colour space of an ICC profile, where that is one of RGB.
pub(super) fn to_srgb(picture: &mut RgbImage, profile: &[u8]) {
    if let Some(colours) = ToSrgb::new(profile) {
        colours.apply(picture);
    }
}

/// Converts a picture from primaries, by their number in ITU-T H.273, with the transfer function of sRGB.
pub(super) fn from_primaries(picture: &mut RgbImage, primaries: u8) {
    use moxcms::{CicpProfile, MatrixCoefficients, TransferCharacteristics};
    let Ok(color_primaries) = primaries.try_into() else {
        return;
    };
    let mut profile = ColorProfile::new_srgb();
    // Unknown ones leave it as it is.
    profile.update_rgb_colorimetry_from_cicp(CicpProfile {
        color_primaries,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    if let Some(colours) = ToSrgb::from_profile(&profile) {
        colours.apply(picture);
    }
}

/// Whether colours from all over the space stay what they are; most profiles are sRGB's own.
fn changes_nothing(transform: &dyn TransformExecutor<u8>) -> bool {
    const STEPS: [u8; 5] = [0, 64, 128, 192, 255];
    let probe: Vec<u8> = STEPS
        .iter()
        .flat_map(|red| {
            STEPS
                .iter()
                .flat_map(move |green| STEPS.iter().map(move |blue| [*red, *green, *blue]))
        })
        .flatten()
        .collect();
    let mut after = vec![0; probe.len()];
    transform.transform(&probe, &mut after).is_ok()
        && probe
            .iter()
            .zip(&after)
            .all(|(before, after)| before.abs_diff(*after) <= UNNOTICED)
}
