//! Whether a device answers what the processor does.

use crate::models::manifest::Role;

/// How far vectors may point apart: 1 less their cosine. The numbers that were recorded elsewhere are held to the same
/// (`tests/reference`), and people are told apart by cosines that differ by tenths.
const VECTORS: f32 = 1e-3;

/// How far any other value may be from the processor's, for each unit of the largest value of its output. Another order of
/// summation makes 1e-6 of it, TF32 and 16 bits some 1e-3; a kernel that is wrong makes tenths. Scores and
/// probabilities are at most 1, and the thresholds that they are held against have two digits.
const VALUES: f32 = 1e-2;

/// Outputs that are smaller than this everywhere, such as the scores of an image that shows nothing, decide nothing, and
/// their rounding decides nothing either: differences are measured against this at least.
const SMALLEST: f32 = 0.05;

/// How the outputs of a network are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// By the angle between the whole outputs.
    Angle,
    /// Value by value.
    Values,
}

impl Measure {
    /// That of a role.
    pub(super) fn of(role: Role) -> Self {
        match role {
            Role::FaceEmbedder | Role::TextEncoder | Role::ImageEncoder | Role::PromptEncoder => Self::Angle,
            Role::FaceDetector
            | Role::Age
            | Role::Gender
            | Role::AgeGender
            | Role::LabelClassifier
            | Role::CaptionEncoder
            | Role::CaptionDecoder
            | Role::ObjectDetector
            | Role::TextDetector
            | Role::TextRecognizer => Self::Values,
        }
    }

    fn tolerance(self) -> f32 {
        match self {
            Self::Angle => VECTORS,
            Self::Values => VALUES,
        }
    }

    /// How far two outputs are apart.
    ///
    /// # Errors
    /// When that is farther than it may be, or they cannot be compared; the text says what is different.
    pub(super) fn apart(self, name: &str, expected: &[f32], found: &[f32]) -> Result<f32, String> {
        if expected.len() != found.len() {
            return Err(format!(
                "{} values of {name} instead of {}",
                found.len(),
                expected.len()
            ));
        }
        if let Some(value) = found.iter().find(|value| !value.is_finite()) {
            return Err(format!("{name} has the value {value}"));
        }
        let apart = match self {
            Self::Angle => angle(expected, found),
            Self::Values => farthest(expected, found),
        };
        let tolerance = self.tolerance();
        if apart <= tolerance {
            return Ok(apart);
        }
        Err(match self {
            Self::Angle => format!(
                "{name} has a cosine of {} to the processor's; at least {} is needed",
                1.0 - apart,
                1.0 - tolerance
            ),
            Self::Values => format!(
                "{name} differs from the processor's by {:.2} % of its largest value; at most {} % is allowed",
                apart * 100.0,
                tolerance * 100.0
            ),
        })
    }
}

/// 1 less the cosine.
fn angle(one: &[f32], other: &[f32]) -> f32 {
    let product = |one: &[f32], other: &[f32]| -> f64 {
        let products = one.iter().zip(other);
        products
            .map(|(one, other)| f64::from(*one) * f64::from(*other))
            .sum()
    };
    let lengths = (product(one, one) * product(other, other)).sqrt();
    if lengths == 0.0 {
        // Two vectors of nothing are the same; one alone has no direction to compare.
        return if one == other { 0.0 } else { f32::INFINITY };
    }
    (1.0 - product(one, other) / lengths).max(0.0) as f32
}

/// The largest difference, for each unit of the largest expected value.
fn farthest(expected: &[f32], found: &[f32]) -> f32 {
    let largest = expected
        .iter()
        .fold(SMALLEST, |largest, value| largest.max(value.abs()));
    let apart = expected.iter().zip(found).map(|(one, other)| (one - other).abs());
    apart.fold(0.0, f32::max) / largest
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn rounding_is_no_difference_and_a_wrong_value_is() {
        let expected = [0.1, -2.0, 0.5];
        let apart = |found: [f32; 3]| Measure::Values.apart("scores", &expected, &found);
        assert!(apart([0.1001, -2.0, 0.5]).unwrap() < 1e-3);
        let text = apart([0.2, -2.0, 0.5]).unwrap_err();
        assert!(text.contains("scores") && text.contains("5.00 %"), "{text}");
        assert!(apart([0.1, f32::NAN, 0.5]).unwrap_err().contains("NaN"));
        let short = Measure::Values.apart("scores", &expected, &[0.1]).unwrap_err();
        assert!(short.contains("1 values of scores instead of 3"), "{short}");
    }

    #[test]
    fn vectors_are_compared_by_where_they_point() {
        let apart = |found: [f32; 2]| Measure::Angle.apart("vector", &[3.0, 4.0], &found);
        // Whatever their length.
        assert!(apart([6.0, 8.0]).unwrap() < 1e-6);
        assert!(apart([3.0, 4.01]).is_ok());
        assert!(apart([4.0, 3.0]).unwrap_err().contains("cosine of 0.96"));
        assert!(apart([0.0, 0.0]).is_err());
        assert_eq!(Measure::Angle.apart("vector", &[0.0], &[0.0]), Ok(0.0));
    }

    #[test]
    fn what_is_nothing_may_differ_by_nothing_much() {
        assert!(
            Measure::Values
                .apart("scores", &[0.0, 1e-9], &[1e-8, 0.0])
                .is_ok()
        );
        assert!(Measure::Values.apart("scores", &[0.0], &[0.01]).is_err());
    }
}
