//! What a graph says about itself, read when it is first loaded.

use ort::session::Session;
use ort::value::{Outlet, ValueType};

use super::graphs::Signature;
use super::session::Bounds;

/// What a graph says about itself.
pub(super) struct Known {
    /// What guests may give to it and get.
    pub(super) signature: Signature,
    /// Whether its only input is an image whose height and width are open.
    pub(super) open_sides: bool,
    /// What a cosine is multiplied by before a softmax.
    pub(super) logit_scale: Option<f32>,
    /// The characters that its classes stand for.
    pub(super) characters: Vec<String>,
}

impl Known {
    /// What the graph of a session says, for inputs within these bounds.
    pub(super) fn of(session: &Session, bounds: Bounds) -> Self {
        Self {
            signature: Signature::of(session.inputs(), session.outputs(), bounds),
            open_sides: open_sides(session.inputs()),
            logit_scale: logit_scale(session),
            characters: characters(session),
        }
    }
}

/// What a graph's metadata calls the factor of a cosine before a softmax.
const LOGIT_SCALE: &str = "logit_scale";

/// The factor, when the graph says a finite one.
fn logit_scale(session: &Session) -> Option<f32> {
    let text = session.metadata().ok()?.custom(LOGIT_SCALE)?;
    text.parse().ok().filter(|scale: &f32| scale.is_finite())
}

/// What a graph's metadata calls the characters that its classes stand for, one a line.
const CHARACTERS: &str = "character";

/// The characters, when the graph says them.
fn characters(session: &Session) -> Vec<String> {
    let text = session
        .metadata()
        .ok()
        .and_then(|metadata| metadata.custom(CHARACTERS));
    text.map_or_else(Vec::new, |text| text.lines().map(str::to_owned).collect())
}

/// Whether the only input is an image whose height and width are open.
fn open_sides(inputs: &[Outlet]) -> bool {
    let [input] = inputs else { return false };
    match input.dtype() {
        ValueType::Tensor { shape, .. } => {
            matches!(shape[..], [_, _, height, width] if height < 0 && width < 0)
        }
        _ => false,
    }
}
