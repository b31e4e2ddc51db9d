//! The custom sections of a component: its bytes, read and changed without compiling them.

use std::ops::Range;

use wasm_encoder::ComponentSection as _;
use wasmparser::{BinaryReaderError, Parser, Payload};

/// The sections of the component itself, without those of the modules and components that lie in it.
pub(super) fn own_sections(component: &[u8]) -> impl Iterator<Item = Result<Payload<'_>, BinaryReaderError>> {
    let mut depth = 0_u32;
    Parser::new(0)
        .parse_all(component)
        .filter(move |payload| match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => {
                depth += 1;
                false
            }
            Ok(Payload::End(_)) => {
                depth = depth.saturating_sub(1);
                false
            }
            Ok(_) => depth == 0,
            Err(_) => true,
        })
}

/// A custom section of a component.
pub(super) struct Section<'a> {
    /// Where it lies, its header included.
    whole: Range<usize>,
    pub(super) contents: &'a [u8],
}

/// The component's own custom section of a name.
pub(super) fn custom<'a>(component: &'a [u8], name: &str) -> Option<Section<'a>> {
    own_sections(component)
        .map_while(Result::ok)
        .find_map(|payload| match payload {
            Payload::CustomSection(section) if section.name() == name => {
                let range = section.range();
                // Before the contents stand the section's number and its length, which is at most five bytes.
                let length_bytes = (1..=5).find(|bytes| range.len() >> (7 * bytes) == 0)?;
                Some(Section {
                    whole: range.start - length_bytes - 1..range.end,
                    contents: section.data(),
                })
            }
            _ => None,
        })
}

/// The component with this custom section, in place of the one of that name.
pub(super) fn with_custom(component: &[u8], name: &str, contents: &[u8]) -> Vec<u8> {
    let mut changed = match custom(component, name) {
        Some(Section { whole, .. }) => [&component[..whole.start], &component[whole.end..]].concat(),
        None => component.to_vec(),
    };
    wasm_encoder::CustomSection {
        name: name.into(),
        data: contents.into(),
    }
    .append_to_component(&mut changed);
    changed
}
