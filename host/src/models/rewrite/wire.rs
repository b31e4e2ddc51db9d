//! Protobuf messages as lists of fields, whatever they mean: what is not touched keeps its bytes, also fields that
//! nothing here knows.

use std::borrow::Cow;

/// A message that cannot be read: it ends too early, or is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is damaged, or no ONNX graph")]
pub struct Damaged;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Fixed64([u8; 8]),
    Bytes(Cow<'a, [u8]>),
    Fixed32([u8; 4]),
}

/// A message: its fields by their numbers, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message<'a>(pub(super) Vec<(u32, Value<'a>)>);

impl<'a> Message<'a> {
    /// Reads the outermost level; messages inside stay bytes.
    ///
    /// # Errors
    /// When the bytes are no message.
    pub(super) fn read(mut bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = number(&mut bytes)?;
            let value = match key & 7 {
                0 => Value::Number(number(&mut bytes)?),
                1 => Value::Fixed64(take(&mut bytes, 8)?.try_into().map_err(|_| Damaged)?),
                2 => {
                    let length = usize::try_from(number(&mut bytes)?).map_err(|_| Damaged)?;
                    Value::Bytes(Cow::Borrowed(take(&mut bytes, length)?))
                }
                5 => Value::Fixed32(take(&mut bytes, 4)?.try_into().map_err(|_| Damaged)?),
                _ => return Err(Damaged),
            };
            fields.push((u32::try_from(key >> 3).map_err(|_| Damaged)?, value));
        }
        Ok(Self(fields))
    }

    /// The message's bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (field, value) in &self.0 {
            let key = |kind: u64| u64::from(*field) << 3 | kind;
            match value {
                Value::Number(value) => {
                    put(&mut bytes, key(0));
                    put(&mut bytes, *value);
                }
                Value::Fixed64(value) => {
                    put(&mut bytes, key(1));
                    bytes.extend_from_slice(value);
                }
                Value::Bytes(value) => {
                    put(&mut bytes, key(2));
                    put(&mut bytes, value.len() as u64);
                    bytes.extend_from_slice(value);
                }
                Value::Fixed32(value) => {
                    put(&mut bytes, key(5));
                    bytes.extend_from_slice(value);
                }
            }
        }
        bytes
    }

    /// What every field of this number that has bytes holds.
    pub(super) fn all(&self, field: u32) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(move |(number, value)| match value {
            Value::Bytes(bytes) if *number == field => Some(&**bytes),
            _ => None,
        })
    }

    /// The text of a field; empty when there is none.
    pub(super) fn text(&self, field: u32) -> &str {
        let bytes = self.all(field).last().unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The whole numbers of a field, which may be packed; the last one counts where only one is meant.
    ///
    /// # Errors
    /// When packed numbers end too early.
    pub(super) fn numbers(&self, field: u32) -> Result<Vec<u64>, Damaged> {
        let mut numbers = Vec::new();
        for (_, value) in self.0.iter().filter(|(number, _)| *number == field) {
            match value {
                Value::Number(value) => numbers.push(*value),
                Value::Bytes(packed) => {
                    let mut packed: &[u8] = packed;
                    while !packed.is_empty() {
                        numbers.push(number(&mut packed)?);
                    }
                }
                Value::Fixed64(_) | Value::Fixed32(_) => return Err(Damaged),
            }
        }
        Ok(numbers)
    }

    /// Adds a field that holds bytes.
    pub(super) fn push(&mut self, field: u32, bytes: impl Into<Vec<u8>>) {
        self.0.push((field, Value::Bytes(Cow::Owned(bytes.into()))));
    }

    /// Adds a field that holds a whole number.
    pub(super) fn push_number(&mut self, field: u32, value: u64) {
        self.0.push((field, Value::Number(value)));
    }

    /// The same with a field that holds bytes.
    pub(super) fn with(mut self, field: u32, bytes: impl Into<Vec<u8>>) -> Self {
        self.push(field, bytes);
        self
    }

    /// The same with a field that holds a whole number.
    pub(super) fn with_number(mut self, field: u32, value: u64) -> Self {
        self.push_number(field, value);
        self
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Damaged> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
    *bytes = rest;
    Ok(taken)
}

/// A number of variable length: seven bits a byte, the lowest first, at most 64.
fn number(bytes: &mut &[u8]) -> Result<u64, Damaged> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Ok(value);
        }
    }
    Err(Damaged)
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        // `as` is right: the lower seven bits and the mark that more follow.
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_read_is_written_again() -> Result<(), Damaged> {
        let message = Message(vec![
            (1, Value::Number(u64::MAX)),
            (1, Value::Number(127)),
            (536_870_911, Value::Bytes(Cow::Borrowed(b"kept"))),
            (3, Value::Fixed32([1, 2, 3, 4])),
            (2, Value::Fixed64([8; 8])),
        ]);
        let bytes = message.write();
        assert_eq!(Message::read(&bytes)?, message);
        assert_eq!(message.numbers(1)?, [u64::MAX, 127]);
        Ok(())
    }

    #[test]
    fn packed_numbers_and_single_ones_are_the_same() -> Result<(), Damaged> {
        let packed = Message::default().with(1, [3, 172, 2]);
        let single = Message::default().with_number(1, 3).with_number(1, 300);
        assert_eq!(packed.numbers(1)?, single.numbers(1)?);
        assert_eq!(Message::default().with(1, [128]).numbers(1), Err(Damaged));
        Ok(())
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(message) = Message::read(&bytes) {
                let written = message.write();
                prop_assert_eq!(Message::read(&written), Ok(message));
            }
        }
    }
}
