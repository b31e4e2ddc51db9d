//! Reading a component's bytes without compiling them.

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
