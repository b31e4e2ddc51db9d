//! What a component decides by and carries apart from its code: a tagger's vocabulary, or a context mapper's phrases. It lies
//! in a region of the component's memory (see the crate `plugin-data`), so that it can be replaced without a compiler, and as the text
//! that its author wrote in a section of the component.

use std::ops::Range;

use plugin_data::author::{self, Mistake, Source};
use plugin_data::{HEADER_BYTES, Header, Kind, MARKER, Unreadable, filled};
use serde::Serialize;
use wasmparser::{BinaryReaderError, Data, DataKind, Operator, Parser, Payload};

use super::custom_sections::{custom, with_custom};
use super::slot::Slot;
use crate::digest::hexadecimal;

/// The data that a component contains besides its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginData {
    /// `vocabulary` or `phrases`.
    pub kind: &'static str,
    /// SHA-256, in hexadecimal, of the text from which the data was made.
    pub digest: String,
    /// Whether the data is that of the built-in plugin.
    pub built_in: bool,
}

/// Why a component's data cannot be read or replaced.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Its code holds its data, or it has none.
    #[error(
        "it has no data that can be read or replaced; the built-in tagger and context mapper have such data since \
         version 2.2.0, and so do components packed from them"
    )]
    None,
    /// There are two places for data.
    #[error("it has {0} places for data, but a plugin must have exactly one")]
    Several(usize),
    /// The place for data is not as this program knows it.
    #[error("it cannot be used: {0}")]
    Unreadable(Unreadable),
    /// It is no component.
    #[error("it is not a valid component: {0}")]
    Invalid(#[from] BinaryReaderError),
    /// It has another kind of data.
    #[error("its data are of the kind {has}, not {wanted}")]
    OtherKind {
        /// What there is.
        has: Kind,
        /// What was to be put there.
        wanted: Kind,
    },
    /// The data do not fit.
    #[error("its tables take {needs} bytes, {} more than the {room} that the component has room for", needs - room)]
    TooLarge {
        /// What they take, in bytes.
        needs: usize,
        /// What there is room for, in bytes.
        room: usize,
    },
    /// The data could not work as written.
    #[error(transparent)]
    Mistake(#[from] Mistake),
    /// The component was changed by something that left its text or its tables alone.
    #[error("its data text does not match the tables in the component")]
    OtherText,
}

/// The kind of data that the default plugin of a slot has; none when that has no data apart from its code.
#[must_use]
pub fn kind_for(slot: Slot) -> Option<Kind> {
    let (header, _) = region(slot.built_in()).ok()?;
    Some(header.kind)
}

/// Which data a component carries; none when it has none that can be read here.
pub(super) fn describe(slot: Slot, component: &[u8]) -> Option<PluginData> {
    let (header, _) = region(component).ok()?;
    let built_in = region(slot.built_in()).is_ok_and(|(own, _)| own.digest == header.digest);
    Some(PluginData {
        kind: header.kind.name(),
        digest: hexadecimal(&header.digest),
        built_in,
    })
}

/// The text that a component's data were made from, as its author wrote it.
///
/// # Errors
/// When it carries none.
pub fn text(component: &[u8]) -> Result<&str, DataError> {
    let (header, _) = region(component)?;
    let section = custom(component, author::SECTION).ok_or(DataError::None)?;
    let text = std::str::from_utf8(section.contents).map_err(|_| DataError::OtherText)?;
    if author::digest(text) == header.digest {
        Ok(text)
    } else {
        Err(DataError::OtherText)
    }
}

/// A component with other data.
#[derive(Debug)]
pub struct Packed {
    /// The whole component.
    pub component: Vec<u8>,
    /// What the data hold, for people: "134 tags with 301 prompts".
    pub summary: String,
    /// What they take, in bytes.
    pub used: usize,
    /// What there is room for, in bytes.
    pub room: usize,
}

/// The component with these data in the place of its own. It calls itself by `version`, or by its own where there is none.
///
/// # Errors
/// When the data could not work as written or do not fit, or the component has no place for them.
pub fn replace(component: &[u8], source: &Source<'_>, version: Option<&str>) -> Result<Packed, DataError> {
    let (header, range) = region(component)?;
    if header.kind != source.kind() {
        return Err(DataError::OtherKind {
            has: header.kind,
            wanted: source.kind(),
        });
    }
    let tables = source.tables(version)?;
    let used = tables.bytes.len();
    let filled = filled(header.kind, header.size, source.digest(), &tables.bytes)
        .map_err(|room| DataError::TooLarge { needs: used, room })?;
    let mut packed = component.to_vec();
    packed[range].copy_from_slice(&filled);
    Ok(Packed {
        component: with_custom(&packed, author::SECTION, source.text().as_bytes()),
        summary: tables.summary,
        used,
        room: header.size - HEADER_BYTES,
    })
}

/// What the one region of a component says, and where the region lies.
fn region(component: &[u8]) -> Result<(Header, Range<usize>), DataError> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::DataSection(section) = payload? {
            for data in section {
                let data = data?;
                let start = data.range.end - data.data.len();
                found.extend(markers(&data).map(|at| (start + at, &data.data[at..])));
            }
        }
    }
    let [(start, bytes)] = found[..] else {
        return Err(match found.len() {
            0 => DataError::None,
            several => DataError::Several(several),
        });
    };
    let header = Header::read(bytes).map_err(DataError::Unreadable)?;
    Ok((header, start..start + header.size))
}

/// Where regions begin in a data segment.
fn markers<'a>(data: &Data<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let bytes = data.data;
    let address = match &data.kind {
        DataKind::Active { offset_expr, .. } => match offset_expr.get_operators_reader().read() {
            // An address has no sign.
            Ok(Operator::I32Const { value }) => Some(value.cast_unsigned() as usize),
            _ => None,
        },
        DataKind::Passive => None,
    };
    // A region's address is a multiple of its header's size; where an address is not known, every place is looked at.
    let (first, step) = address.map_or((0, 1), |address| {
        (address.next_multiple_of(HEADER_BYTES) - address, HEADER_BYTES)
    });
    (first..bytes.len())
        .step_by(step)
        .filter(move |at| bytes[*at..].starts_with(&MARKER))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::fmt::Write as _;

    use super::*;

    /// A module with so many regions, each of 128 bytes and at a multiple of so many bytes of its memory.
    fn module(count: usize, apart: usize) -> Vec<u8> {
        let region = filled(Kind::Phrases, 128, author::digest("text"), b"tables").unwrap();
        let escaped = region.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "\\{byte:02x}");
            text
        });
        let segments: String = (1..=count)
            .map(|number| format!("(data (i32.const {}) \"{escaped}\")", number * apart))
            .collect();
        wat::parse_str(format!("(module (memory 1) {segments})")).unwrap()
    }

    #[test]
    fn there_is_one_place_for_data() {
        let (header, range) = region(&module(1, 192)).unwrap();
        assert_eq!((header.kind, header.size, range.len()), (Kind::Phrases, 128, 128));
        assert!(matches!(region(&module(2, 192)), Err(DataError::Several(2))));
        // What only looks like a marker lies elsewhere.
        assert!(matches!(region(&module(1, 100)), Err(DataError::None)));
        assert!(matches!(region(b"no component"), Err(DataError::Invalid(_))));
        let mut cut_off = module(1, 192);
        let range = region(&cut_off).unwrap().1;
        cut_off[range.start + 24] = 129;
        assert!(matches!(
            region(&cut_off),
            Err(DataError::Unreadable(Unreadable::Size))
        ));
    }

    #[test]
    fn the_default_components_have_data_and_others_have_none() {
        for (slot, kind) in [
            (Slot::Tagger, Kind::Vocabulary),
            (Slot::ContextMapper, Kind::Phrases),
        ] {
            assert_eq!(kind_for(slot), Some(kind));
            let found = describe(slot, slot.built_in()).unwrap();
            assert_eq!(found.kind, kind.name());
            let text = text(slot.built_in()).unwrap();
            assert_eq!(found.digest, super::super::digest(text.as_bytes()));
            assert!(found.built_in);
        }
        let policy = Slot::ClusterPolicy;
        assert_eq!(describe(policy, policy.built_in()), None);
        assert_eq!(kind_for(policy), None);
        assert!(matches!(text(policy.built_in()), Err(DataError::None)));
    }

    #[test]
    fn text_that_is_not_that_of_the_tables_is_not_passed_off_as_it() {
        let other = with_custom(Slot::Tagger.built_in(), author::SECTION, b"# other");
        assert!(matches!(text(&other), Err(DataError::OtherText)));
    }

    #[test]
    fn data_of_another_kind_are_refused() {
        let phrases = text(Slot::ContextMapper.built_in()).unwrap();
        let source = Source::read(Kind::Phrases, phrases).unwrap();
        let error = replace(Slot::Tagger.built_in(), &source, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "its data are of the kind vocabulary, not phrases"
        );
    }
}
