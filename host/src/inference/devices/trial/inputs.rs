//! What networks are tried on: inputs of the shapes that photos give them, the same at every trial.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use ort::session::Session;
use ort::value::{DynValue, Outlet, Tensor, TensorElementType, ValueType};

use super::TrialNetwork;
use crate::inference::pattern;
use crate::inference::tensor::image_tensor;
use crate::models::manifest::{ImageInput, Role};

/// All inputs of one run, by their names.
pub(super) type Inputs = Vec<(String, DynValue)>;

/// How wide a line of text is, for each unit of its height: some thirty characters.
const LINE: u32 = 10;
/// Tokens of a text.
const TOKENS: usize = 12;
/// Captions that are followed at the same time (`CAPTION_BEAMS`), and how many tokens each has so far.
const BEAMS: usize = 3;
const SO_FAR: usize = 4;
/// The tokens at the two ends of a text: those of BERT's vocabulary and of CLIP's.
const BERT_ENDS: [i64; 2] = [101, 102];
const CLIP_ENDS: [i64; 2] = [49_406, 49_407];

/// The runs that a network is tried with: of those whose images differ in size, two of different shapes.
///
/// # Errors
/// When nothing is known of an input.
pub(super) fn cases(session: &Session, network: &TrialNetwork) -> Result<Vec<Inputs>, ort::Error> {
    let shapes = shapes(session.inputs(), network);
    (0..)
        .zip(shapes)
        .map(|(seed, shape)| one(session, network, shape, seed))
        .collect()
}

/// The same image so many times, for networks that take several.
pub(super) fn repeated(
    session: &Session,
    network: &TrialNetwork,
    count: usize,
) -> Result<Inputs, ort::Error> {
    let (Some(input), [outlet]) = (&network.input, session.inputs()) else {
        return Err(ort::Error::new("only networks that look at images take several"));
    };
    let values = image_tensor(&pattern::image(input.size, input.size, 0), input);
    let side = i64::from(input.size);
    let values = values.repeat(count);
    let images = Tensor::from_array((vec![count as i64, 3, side, side], values))?;
    Ok(vec![(outlet.name().to_owned(), images.into_dyn())])
}

/// Width and height of the images; one of no pixels for networks that look at none.
fn shapes(inputs: &[Outlet], network: &TrialNetwork) -> Vec<(u32, u32)> {
    let Some(ImageInput { size, .. }) = network.input else {
        return vec![(0, 0)];
    };
    let open = inputs
        .first()
        .map_or((false, false), |input| match input.dtype() {
            ValueType::Tensor { shape, .. } => match shape[..] {
                [_, _, height, width] => (width < 0, height < 0),
                _ => (false, false),
            },
            _ => (false, false),
        });
    match open {
        (true, true) => {
            let part = |quarters: u32| (size * quarters / 4).next_multiple_of(pattern::COARSEST_CELL);
            vec![(part(4), part(3)), (part(2), part(2))]
        }
        (true, false) => vec![(size * LINE, size)],
        _ => vec![(size, size)],
    }
}

fn one(
    session: &Session,
    network: &TrialNetwork,
    shape: (u32, u32),
    seed: u32,
) -> Result<Inputs, ort::Error> {
    let inputs = session.inputs().iter();
    inputs
        .map(|input| Ok((input.name().to_owned(), value(input, network, shape, seed)?)))
        .collect()
}

fn value(
    input: &Outlet,
    network: &TrialNetwork,
    (width, height): (u32, u32),
    seed: u32,
) -> Result<DynValue, ort::Error> {
    let ValueType::Tensor { ty, shape, .. } = input.dtype() else {
        return Err(ort::Error::new(format!(
            "its input {} is no tensor",
            input.name()
        )));
    };
    match (ty, network.input) {
        (TensorElementType::Float32, Some(format)) => {
            let values = image_tensor(&pattern::image(width, height, seed), &format);
            let shape = vec![1, 3, i64::from(height), i64::from(width)];
            Ok(Tensor::from_array((shape, values))?.into_dyn())
        }
        (TensorElementType::Int64, None) => {
            let (shape, values) = integers(input.name(), network.role);
            Ok(Tensor::from_array((shape, values))?.into_dyn())
        }
        (TensorElementType::Float32, None) => {
            let shape = filled(shape);
            let count = shape.iter().product::<i64>();
            let values = numbers(input.name(), usize::try_from(count).map_err(ort::Error::wrap)?);
            Ok(Tensor::from_array((shape, values))?.into_dyn())
        }
        _ => Err(ort::Error::new(format!(
            "nothing is known of its input {}, which has {ty} values",
            input.name()
        ))),
    }
}

/// Tokens and what goes with them.
fn integers(name: &str, role: Role) -> (Vec<i64>, Vec<i64>) {
    let beams = BEAMS as i64;
    match (role, name) {
        (Role::CaptionDecoder, "sequences") => (vec![beams], (0..beams).collect()),
        (Role::CaptionDecoder, _) => (vec![beams, 1], (0..beams).map(|beam| 1_000 + 7 * beam).collect()),
        (_, "attention_mask") => (vec![1, TOKENS as i64], vec![1; TOKENS]),
        (_, "token_type_ids") => (vec![1, TOKENS as i64], vec![0; TOKENS]),
        (role, _) => {
            let [start, end] = if role == Role::PromptEncoder {
                CLIP_ENDS
            } else {
                BERT_ENDS
            };
            let words = (0..TOKENS as i64 - 2).map(|word| 2_000 + 37 * word);
            let tokens = std::iter::once(start).chain(words).chain([end]);
            (vec![1, TOKENS as i64], tokens.collect())
        }
    }
}

/// A shape whose open dimensions are those of captions that are being written: rows of sequences, and tokens so far.
fn filled(shape: &[i64]) -> Vec<i64> {
    let open = |(place, size): (usize, &i64)| match (*size, place) {
        (size, _) if size >= 0 => size,
        (_, 0) => BEAMS as i64,
        _ => SO_FAR as i64,
    };
    shape.iter().enumerate().map(open).collect()
}

/// Numbers between -1 and 1, the same for the same name.
fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    // Marsaglia's xorshift of 64 bits; it never leaves 0.
    let mut state = hasher.finish() | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // `as` is right: the upper 24 bits fit.
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}
