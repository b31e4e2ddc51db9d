//! What `wit-bindgen` makes of `wit/context-mapper.wit`, and the component's exports.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw memory")]

wit_bindgen::generate!({
    path: "../../wit",
    world: "context-mapper-plugin",
    additional_derives: [PartialEq],
});

export!(ContextMapper with_types_in self);

use crate::ContextMapper;
