//! What is done to an ONNX graph (`onnx.proto` of ONNX 1.20 names the fields).

use std::{collections::HashSet, mem};

use super::wire::{Damaged, Message, Value};

/// Field numbers of `GraphProto`.
const NODE: u32 = 1;
const INITIALIZER: u32 = 5;
const INPUT: u32 = 11;
const OUTPUT: u32 = 12;
const VALUE_INFO: u32 = 13;

/// Field numbers of `NodeProto`.
mod node {
    pub(super) const INPUT: u32 = 1;
    pub(super) const OUTPUT: u32 = 2;
    pub(super) const OPERATOR: u32 = 4;
    pub(super) const ATTRIBUTE: u32 = 5;
    pub(super) const DOMAIN: u32 = 7;
}

/// Field numbers of `AttributeProto`, and its types that are used here.
mod attribute {
    pub(super) const NAME: u32 = 1;
    pub(super) const NUMBER: u32 = 3;
    pub(super) const NUMBERS: u32 = 8;
    pub(super) const KIND: u32 = 20;
    pub(super) const IS_NUMBER: u64 = 2;
    pub(super) const IS_NUMBERS: u64 = 7;
}

/// Field numbers of `TensorProto`, and the type of its values that is used here.
mod tensor {
    pub(super) const DIMENSIONS: u32 = 1;
    pub(super) const KIND: u32 = 2;
    pub(super) const FLOATS: u32 = 4;
    pub(super) const NAME: u32 = 8;
    pub(super) const RAW: u32 = 9;
    pub(super) const IS_FLOAT: u64 = 1;
}

/// Field numbers of `ValueInfoProto`, and of the messages inside of it.
mod value {
    pub(super) const NAME: u32 = 1;
    pub(super) const KIND: u32 = 2;
    pub(super) const TENSOR: u32 = 1;
    pub(super) const SHAPE: u32 = 2;
    pub(super) const DIMENSION: u32 = 1;
    pub(super) const VARIABLE: u32 = 2;
}

/// What takes the place of a node, and the weights of that.
struct Replacement {
    nodes: [Message<'static>; 4],
    weights: [Message<'static>; 2],
}

/// The graph of a model.
pub(super) struct Graph<'a>(Message<'a>);

impl<'a> Graph<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        Message::read(bytes).map(Self)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        self.0.write()
    }

    /// The weights, and which tensors they are.
    fn weights(&self) -> Result<Vec<Message<'_>>, Damaged> {
        self.0.all(INITIALIZER).map(Message::read).collect()
    }

    /// Leaves as inputs what is no weight.
    pub(super) fn drop_weights_from_inputs(&mut self) -> Result<(), Damaged> {
        let weights = self.weights()?;
        let names: HashSet<&str> = weights.iter().map(|weight| weight.text(tensor::NAME)).collect();
        let mut kept = Vec::with_capacity(self.0.0.len());
        for (field, held) in &self.0.0 {
            let is_weight = match held {
                Value::Bytes(bytes) if *field == INPUT => {
                    names.contains(Message::read(bytes)?.text(value::NAME))
                }
                _ => false,
            };
            kept.push(!is_weight);
        }
        let mut kept = kept.into_iter();
        self.0.0.retain(|_| kept.next().unwrap_or(true));
        Ok(())
    }

    /// Puts `x + (1 - slope) * relu(-x)` in the place of every PReLU whose slopes are weights, one a channel.
    pub(super) fn replace_prelu(&mut self) -> Result<(), Damaged> {
        let mut replaced = Vec::new();
        let mut weights = Vec::new();
        for (index, (field, held)) in self.0.0.iter().enumerate() {
            if let (NODE, Value::Bytes(bytes)) = (*field, held) {
                let node = Message::read(bytes)?;
                if let Some(replacement) = self.prelu(&node)? {
                    replaced.push((index, replacement.nodes));
                    weights.extend(replacement.weights);
                }
            }
        }
        let mut replaced = replaced.into_iter().peekable();
        for (index, field) in mem::take(&mut self.0.0).into_iter().enumerate() {
            match replaced.next_if(|(place, _)| *place == index) {
                Some((_, nodes)) => nodes.iter().for_each(|node| self.0.push(NODE, node.write())),
                None => self.0.0.push(field),
            }
        }
        weights
            .iter()
            .for_each(|weight| self.0.push(INITIALIZER, weight.write()));
        Ok(())
    }

    /// What takes the place of a node; none when it stays.
    fn prelu(&self, prelu: &Message<'_>) -> Result<Option<Replacement>, Damaged> {
        let domain = prelu.text(node::DOMAIN);
        if prelu.text(node::OPERATOR) != "PRelu" || !(domain.is_empty() || domain == "ai.onnx") {
            return Ok(None);
        }
        let inputs: Vec<String> = names(prelu, node::INPUT);
        let ([x, slope], [y]) = (&inputs[..], &names(prelu, node::OUTPUT)[..]) else {
            return Err(Damaged);
        };
        let weights = self.weights()?;
        let Some(slopes) = weights.iter().find(|weight| weight.text(tensor::NAME) == slope) else {
            return Ok(None);
        };
        let Some(slopes) = a_value_a_channel(slopes)? else {
            return Ok(None);
        };
        let part = |what: &str| format!("{y}.{what}");
        let (turned, negative, bent) = (part("turned"), part("negative"), part("bent"));
        let (minus, rest) = (part("minus"), part("rest"));
        let channels = slopes.len();
        let weight = |name: &str, values: Vec<f32>| weight(name, &[channels as u64, 1, 1, 1], &values);
        let scale = |input: &str, weight: &str, output: &str| {
            operator("Conv", &[input, weight], output)
                .with(node::ATTRIBUTE, whole_numbers("kernel_shape", &[1, 1]).write())
                .with(node::ATTRIBUTE, whole_number("group", channels as u64).write())
        };
        let nodes = [
            scale(x, &minus, &turned),
            operator("Relu", &[&turned], &negative),
            scale(&negative, &rest, &bent),
            operator("Add", &[&bent, x], y),
        ];
        let weights = [
            weight(&minus, vec![-1.0; channels]),
            weight(&rest, slopes.iter().map(|slope| 1.0 - slope).collect()),
        ];
        Ok(Some(Replacement { nodes, weights }))
    }

    /// Leaves the height and the width of the images open, and with them how many rows the outputs have. Enlarging to a
    /// stated size becomes doubling, which is what detectors do between their grids; where it is not, the answers differ.
    pub(super) fn open_sides(&mut self) -> Result<(), Damaged> {
        const TWICE: &str = "twice";
        let mut doubles = false;
        // What is known of shapes between the layers is no longer so.
        self.0.0.retain(|(field, _)| *field != VALUE_INFO);
        for (field, held) in &mut self.0.0 {
            let Value::Bytes(bytes) = held else { continue };
            match *field {
                INPUT => *bytes = open(bytes, &[(2, "height"), (3, "width")])?.into(),
                OUTPUT => {
                    let name = Message::read(bytes)?.text(value::NAME).to_owned();
                    *bytes = open(bytes, &[(1, &format!("rows of {name}"))])?.into();
                }
                NODE => {
                    let mut node = Message::read(bytes)?;
                    let inputs = names(&node, node::INPUT);
                    if node.text(node::OPERATOR) == "Resize" && inputs.len() == 4 {
                        node.0.retain(|(field, _)| *field != node::INPUT);
                        for name in [&inputs[0], &inputs[1], TWICE] {
                            node.push(node::INPUT, name.as_bytes());
                        }
                        *bytes = node.write().into();
                        doubles = true;
                    }
                }
                _ => {}
            }
        }
        if doubles {
            let twice = weight(TWICE, &[4], &[1.0, 1.0, 2.0, 2.0]);
            self.0.push(INITIALIZER, twice.write());
        }
        Ok(())
    }
}

/// The texts of a field.
fn names(message: &Message<'_>, field: u32) -> Vec<String> {
    let names = message.all(field);
    names
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect()
}

/// The values of a tensor of shape `[n, 1, 1]` or `[1, n, 1, 1]` that holds floating-point numbers in its own file.
fn a_value_a_channel(weight: &Message<'_>) -> Result<Option<Vec<f32>>, Damaged> {
    let dimensions = weight.numbers(tensor::DIMENSIONS)?;
    let ([channels, 1, 1] | [1, channels, 1, 1]) = dimensions[..] else {
        return Ok(None);
    };
    if channels == 1 || weight.numbers(tensor::KIND)? != [tensor::IS_FLOAT] {
        return Ok(None);
    }
    let bytes: Vec<u8> = [tensor::RAW, tensor::FLOATS]
        .iter()
        .flat_map(|field| weight.all(*field))
        .flatten()
        .copied()
        .collect();
    let (values, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() || values.len() as u64 != channels {
        return Ok(None);
    }
    Ok(Some(
        values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
    ))
}

/// A declared input or output with some of its dimensions open: their indices and names.
fn open(declared: &[u8], dimensions: &[(usize, &str)]) -> Result<Vec<u8>, Damaged> {
    let shape = |bytes: &[u8]| {
        let mut shape = Message::read(bytes)?;
        for (index, name) in dimensions {
            let mut all = shape.0.iter_mut().filter(|(field, _)| *field == value::DIMENSION);
            if let Some((_, dimension)) = all.nth(*index) {
                let open = Message::default().with(value::VARIABLE, name.as_bytes());
                *dimension = Value::Bytes(open.write().into());
            }
        }
        Ok(shape.write())
    };
    let tensor = |bytes: &[u8]| inside(bytes, value::SHAPE, shape);
    let kind = |bytes: &[u8]| inside(bytes, value::TENSOR, tensor);
    inside(declared, value::KIND, kind)
}

/// A message with another one inside of it changed.
fn inside(
    message: &[u8],
    field: u32,
    change: impl Fn(&[u8]) -> Result<Vec<u8>, Damaged>,
) -> Result<Vec<u8>, Damaged> {
    let mut message = Message::read(message)?;
    for (number, held) in &mut message.0 {
        if let (true, Value::Bytes(bytes)) = (*number == field, held) {
            *bytes = change(bytes)?.into();
        }
    }
    Ok(message.write())
}

fn operator(name: &str, inputs: &[&str], output: &str) -> Message<'static> {
    let mut node = Message::default();
    for input in inputs {
        node.push(node::INPUT, input.as_bytes());
    }
    node.with(node::OUTPUT, output.as_bytes())
        .with(node::OPERATOR, name.as_bytes())
}

fn whole_number(name: &str, value: u64) -> Message<'static> {
    Message::default()
        .with(attribute::NAME, name.as_bytes())
        .with_number(attribute::NUMBER, value)
        .with_number(attribute::KIND, attribute::IS_NUMBER)
}

fn whole_numbers(name: &str, values: &[u64]) -> Message<'static> {
    let mut attribute = Message::default().with(attribute::NAME, name.as_bytes());
    for value in values {
        attribute.push_number(attribute::NUMBERS, *value);
    }
    attribute.with_number(attribute::KIND, attribute::IS_NUMBERS)
}

fn weight(name: &str, dimensions: &[u64], values: &[f32]) -> Message<'static> {
    let mut weight = Message::default();
    for dimension in dimensions {
        weight.push_number(tensor::DIMENSIONS, *dimension);
    }
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    weight
        .with_number(tensor::KIND, tensor::IS_FLOAT)
        .with(tensor::NAME, name.as_bytes())
        .with(tensor::RAW, raw)
}
