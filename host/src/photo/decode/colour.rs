//! From a picture's own colours to sRGB, which the networks have learnt.

use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// The largest difference, of 255, that nobody needs to have corrected.
const UNNOTICED: u8 = 1;

/// Converts a picture from the colour space of an ICC profile. One that is no RGB profile, that cannot be read, or that
/// changes nothing leaves the picture as it is.
pub(super) fn to_srgb(picture: &mut RgbImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    if profile.color_space == DataColorSpace::Rgb {
        convert(picture, &profile);
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
    convert(picture, &profile);
}

fn convert(picture: &mut RgbImage, profile: &ColorProfile) {
    let to = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(Layout::Rgb, &to, Layout::Rgb, TransformOptions::default());
    let Ok(transform) = transform else { return };
    if changes_nothing(&*transform) {
        return;
    }
    let row_bytes = 3 * picture.width() as usize;
    let mut before = Vec::with_capacity(row_bytes);
    // Row by row, so that no second picture is needed.
    for row in picture.chunks_exact_mut(row_bytes) {
        before.clear();
        before.extend_from_slice(row);
        if transform.transform(&before, row).is_err() {
            return;
        }
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
