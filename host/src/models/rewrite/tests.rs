//! A small graph before and after.

use super::*;

type TestResult = Result<(), Box<dyn std::error::Error>>;

fn text(field: u32, text: &str) -> Message<'static> {
    Message::default().with(field, text.as_bytes())
}

fn joined(parts: &[Message<'static>]) -> Message<'static> {
    Message(parts.iter().flat_map(|part| part.0.clone()).collect())
}

/// A tensor of an element type 1 (32-bit floating point) with its values in `float_data`, or raw.
fn weight(name: &str, dimensions: &[u64], values: &[f32], raw: bool) -> Message<'static> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut weight = text(8, name).with_number(2, 1);
    dimensions
        .iter()
        .for_each(|dimension| weight.push_number(1, *dimension));
    weight.with(if raw { 9 } else { 4 }, bytes)
}

/// A declared tensor of 32-bit floating point.
fn outlet(name: &str, dimensions: &[u64]) -> Vec<u8> {
    let mut shape = Message::default();
    for dimension in dimensions {
        shape.push(1, Message::default().with_number(1, *dimension).write());
    }
    let tensor = Message::default().with_number(1, 1).with(2, shape.write());
    let kind = Message::default().with(1, tensor.write());
    text(1, name).with(2, kind.write()).write()
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Vec<u8> {
    let inputs: Vec<_> = inputs.iter().map(|name| text(1, name)).collect();
    joined(&[joined(&inputs), text(2, output), text(4, operator)]).write()
}

/// `PRelu(x)` for an image of 8 x 8 and these slopes of its channels, of a format in which weights had to be inputs.
pub(crate) fn published(slopes: [f32; 3]) -> Vec<u8> {
    prelu(weight("slopes", &[3, 1, 1], &slopes, true), &[3, 1, 1])
}

fn prelu(slopes: Message<'static>, dimensions: &[u64]) -> Vec<u8> {
    let graph = Message::default()
        .with(1, node("PRelu", &["x", "slopes"], "y"))
        .with(2, *b"small")
        .with(5, slopes.write())
        .with(11, outlet("x", &[1, 3, 8, 8]))
        .with(11, outlet("slopes", dimensions))
        .with(12, outlet("y", &[1, 3, 8, 8]))
        .with(13, outlet("x", &[1, 3, 8, 8]));
    let opset = Message::default().with_number(2, 11);
    Message::default()
        .with_number(1, 3)
        .with(2, *b"an exporter")
        .with(7, graph.write())
        .with(8, opset.write())
        .with(99, *b"what nobody knows")
        .write()
}

const SLOPES: [f32; 3] = [0.25, -0.5, 1.5];

fn graph(bytes: &[u8]) -> Result<Message<'_>, Damaged> {
    let model = Message::read(bytes)?;
    let graph = model.all(7).next().ok_or(Damaged)?.to_vec();
    let Message(fields) = Message::read(&graph)?;
    let owned = fields.into_iter().map(|(field, value)| {
        let value = match value {
            Value::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
            Value::Number(value) => Value::Number(value),
            Value::Fixed64(value) => Value::Fixed64(value),
            Value::Fixed32(value) => Value::Fixed32(value),
        };
        (field, value)
    });
    Ok(Message(owned.collect()))
}

fn operators(graph: &Message<'_>) -> Result<Vec<String>, Damaged> {
    graph
        .all(1)
        .map(|node| Ok(Message::read(node)?.text(4).to_owned()))
        .collect()
}

#[test]
fn a_prelu_becomes_what_has_kernels_in_the_blocked_layout() -> TestResult {
    for (dimensions, raw) in [(&[3, 1, 1][..], true), (&[1, 3, 1, 1], true), (&[3, 1, 1], false)] {
        let bytes = rewrite_bytes(
            &prelu(weight("slopes", dimensions, &SLOPES, raw), dimensions),
            false,
        )?;
        let made = graph(&bytes)?;
        assert_eq!(operators(&made)?, ["Conv", "Relu", "Conv", "Add"]);
        let weights: Vec<(String, Vec<u8>)> = made
            .all(5)
            .map(|bytes| {
                let weight = Message::read(bytes)?;
                Ok((
                    weight.text(8).to_owned(),
                    weight.all(9).flatten().copied().collect(),
                ))
            })
            .collect::<Result<_, Damaged>>()?;
        let values = |values: [f32; 3]| values.map(f32::to_le_bytes).concat();
        assert_eq!(weights[1], ("y.minus".to_owned(), values([-1.0; 3])));
        assert_eq!(weights[2], ("y.rest".to_owned(), values([0.75, 1.5, -0.5])));
    }
    Ok(())
}

#[test]
fn weights_are_no_inputs_and_everything_else_stays() -> TestResult {
    let bytes = rewrite_bytes(&published(SLOPES), false)?;
    let model = Message::read(&bytes)?;
    assert_eq!(
        model.numbers(1)?,
        [4],
        "the first format in which weights need not be inputs"
    );
    assert_eq!(
        (model.text(2), model.text(99)),
        ("an exporter", "what nobody knows")
    );
    let graph = graph(&bytes)?;
    let inputs: Vec<String> = graph
        .all(11)
        .map(|input| Ok(Message::read(input)?.text(1).to_owned()))
        .collect::<Result<_, Damaged>>()?;
    assert_eq!(inputs, ["x"]);
    assert_eq!(graph.all(11).next(), Some(&outlet("x", &[1, 3, 8, 8])[..]));
    assert_eq!(graph.all(13).count(), 1);
    Ok(())
}

#[test]
fn a_prelu_whose_slopes_are_no_channels_own_stays() -> TestResult {
    for (dimensions, values) in [
        (&[1, 1, 1][..], &[0.5][..]),
        (&[3, 8, 8], &[0.5; 192]),
        // Fewer values than it should have, as when they lie in another file.
        (&[3, 1, 1], &[]),
    ] {
        let bytes = rewrite_bytes(
            &prelu(weight("slopes", dimensions, values, true), dimensions),
            false,
        )?;
        assert_eq!(operators(&graph(&bytes)?)?, ["PRelu"], "{dimensions:?}");
    }
    // Slopes that are no weights.
    let bytes = rewrite_bytes(
        &prelu(weight("other", &[3, 1, 1], &SLOPES, true), &[3, 1, 1]),
        false,
    )?;
    assert_eq!(operators(&graph(&bytes)?)?, ["PRelu"]);
    Ok(())
}

#[test]
fn open_sides_leave_height_width_and_rows_open() -> TestResult {
    let mut published = Message::default()
        .with(1, node("Resize", &["x", "none", "none", "sizes"], "y"))
        .with(11, outlet("x", &[1, 3, 64, 64]))
        .with(12, outlet("y", &[1, 64, 4]))
        .with(13, outlet("x", &[1, 3, 64, 64]));
    published = Message::default().with_number(1, 8).with(7, published.write());
    let bytes = rewrite_bytes(&published.write(), true)?;
    let made = graph(&bytes)?;
    let dimensions = |declared: &[u8]| {
        let inside = |bytes: &[u8], field| {
            Message::read(bytes)?
                .all(field)
                .next()
                .map(<[u8]>::to_vec)
                .ok_or(Damaged)
        };
        let shape = inside(&inside(&inside(declared, 2)?, 1)?, 2)?;
        let shape = Message::read(&shape)?;
        let dimension = |bytes| {
            let dimension = Message::read(bytes)?;
            let number = dimension.numbers(1)?;
            Ok(number
                .first()
                .map_or_else(|| dimension.text(2).to_owned(), u64::to_string))
        };
        shape
            .all(1)
            .map(dimension)
            .collect::<Result<Vec<String>, Damaged>>()
    };
    let declared = |field| made.all(field).next().ok_or(Damaged);
    assert_eq!(dimensions(declared(11)?)?, ["1", "3", "height", "width"]);
    assert_eq!(dimensions(declared(12)?)?, ["1", "rows of y", "4"]);
    assert_eq!(made.all(13).count(), 0, "stated shapes are no longer true");
    let resize = Message::read(declared(1)?)?;
    let inputs: Vec<_> = resize.all(1).collect();
    assert_eq!(inputs, [&b"x"[..], b"none", b"twice"]);
    assert_eq!(Message::read(declared(5)?)?.text(8), "twice");
    Ok(())
}

#[test]
fn what_is_no_graph_is_refused() {
    let whole = published(SLOPES);
    for bytes in [&b""[..], b"no graph", &whole[..whole.len() / 2]] {
        assert_eq!(rewrite_bytes(bytes, true), Err(Damaged));
    }
}
