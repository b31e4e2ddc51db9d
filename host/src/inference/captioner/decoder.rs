//! BLIP's text decoder with its cache of keys and values.

use std::borrow::Cow;

use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Tensor, TensorRef, ValueType};

use super::search::NextToken;

/// Names of the graph's inputs and outputs (see `models/export/export.py`).
const TOKENS: &str = "token_ids";
const SEQUENCES: &str = "sequences";
const PAST: &str = "past_";
const PRESENT: &str = "present_";
const LOGITS: &str = "logits";

/// A run of the decoder over one photo.
pub(super) struct Decoder<'a> {
    session: &'a mut Session,
    /// What the cross-attentions see, by the names of the inputs; they stay the same.
    cross: &'a [(String, DynValue)],
    /// What the self-attentions have seen, by the names of the inputs.
    past: Vec<(String, DynValue)>,
}

impl<'a> Decoder<'a> {
    /// With an empty cache of the shape that the graph declares: one row of no tokens.
    pub(super) fn new(session: &'a mut Session, cross: &'a [(String, DynValue)]) -> Result<Self, ort::Error> {
        let empty = |shape: &[i64]| -> Result<DynValue, ort::Error> {
            let [_, heads, _, width] = shape else {
                return Err(ort::Error::new("a past of the decoder has not four dimensions"));
            };
            Ok(Tensor::from_array(([1, *heads, 0, *width], Vec::<f32>::new()))?.into_dyn())
        };
        let mut past = Vec::new();
        for input in session.inputs() {
            if let (true, ValueType::Tensor { shape, .. }) = (input.name().starts_with(PAST), input.dtype()) {
                past.push((input.name().to_owned(), empty(shape)?));
            }
        }
        Ok(Self { session, cross, past })
    }
}

impl NextToken for Decoder<'_> {
    type Error = ort::Error;

    fn next(&mut self, tokens: &[i64], sequences: &[i64]) -> Result<Vec<Vec<f32>>, ort::Error> {
        let rows = tokens.len();
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = ort::inputs![
            TOKENS => TensorRef::from_array_view(([rows, 1], tokens))?,
            SEQUENCES => TensorRef::from_array_view(([rows], sequences))?,
        ];
        for (name, value) in self.cross.iter().chain(&self.past) {
            inputs.push((name.as_str().into(), value.into()));
        }
        let mut outputs = self.session.run(inputs)?;
        let logits = outputs
            .get(LOGITS)
            .ok_or_else(|| ort::Error::new("the decoder has no output logits"))?
            .try_extract_tensor::<f32>()?
            .1;
        let vocabulary = (logits.len() / rows.max(1)).max(1);
        let logits = logits.chunks_exact(vocabulary).map(<[f32]>::to_vec).collect();
        let present = |(name, _): &(String, DynValue)| {
            let present = name.replacen(PAST, PRESENT, 1);
            let value = outputs
                .remove(&present)
                .ok_or_else(|| ort::Error::new(format!("the decoder has no output {present}")))?;
            Ok((name.clone(), value))
        };
        let past = self.past.iter().map(present).collect::<Result<_, ort::Error>>()?;
        drop(outputs);
        self.past = past;
        Ok(logits)
    }
}
