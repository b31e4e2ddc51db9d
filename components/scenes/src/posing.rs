//! Whether people pose together, by their faces alone.

/// How far the middle of posing people's faces may be from the photo's, as a share of its width.
const OFF_CENTRE: f32 = 0.1;
/// How much the heights of their faces may differ: standard deviation by mean.
const SPREAD: f32 = 0.3;
/// What the quality of their faces is at least, in the mean: they look into the camera.
const LOOKING: f32 = 0.35;

/// A face as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct FaceBox {
    /// Left edge in pixels.
    pub left: u32,
    /// Right edge in pixels.
    pub right: u32,
    /// Height in pixels.
    pub height: u32,
    /// How well it can be told from others, 0 to 1.
    pub quality: f32,
}

/// Whether the people with these faces pose together in a photo of this width in pixels: they stand about equally far away,
/// in the middle of the photo, and look into the camera. Of 32 groups that posed 30 are found so, and of 36 others 10
/// (photos of three faces or more, `models/evaluation/scenes.json`, half `tune`).
#[must_use]
pub fn pose(width: u32, faces: &[FaceBox]) -> bool {
    let count = faces.len() as f32;
    if faces.len() < 2 {
        return false;
    }
    let mean = |value: &dyn Fn(&FaceBox) -> f32| faces.iter().map(value).sum::<f32>() / count;
    let middle = mean(&|face| f32::midpoint(face.left as f32, face.right as f32));
    let height = mean(&|face| face.height as f32);
    let deviation = mean(&|face| (face.height as f32 - height).powi(2)).sqrt();
    // What is not a number fits nothing.
    (middle / width as f32 - 0.5).abs() <= OFF_CENTRE
        && deviation <= SPREAD * height
        && mean(&|face| face.quality) >= LOOKING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(left: u32, height: u32, quality: f32) -> FaceBox {
        FaceBox {
            left,
            right: left + height,
            height,
            quality,
        }
    }

    #[test]
    fn who_stands_side_by_side_and_looks_here_poses() {
        let row = [face(200, 100, 0.6), face(450, 100, 0.6), face(700, 110, 0.5)];
        assert!(pose(1_000, &row));
        assert!(!pose(1_000, &row[..1]));
        // At one edge of the photo; one nearer than the others; nobody looks here.
        assert!(!pose(2_000, &row));
        assert!(!pose(
            1_000,
            &[face(200, 100, 0.6), face(450, 220, 0.6), face(700, 100, 0.6)]
        ));
        assert!(!pose(
            1_000,
            &[face(200, 100, 0.2), face(450, 100, 0.2), face(700, 100, 0.2)]
        ));
        assert!(!pose(
            1_000,
            &row.map(|face| FaceBox {
                quality: f32::NAN,
                ..face
            })
        ));
        assert!(!pose(0, &row));
    }
}
