//! What `wit-bindgen` makes of `wit/tagger.wit`, and the component's exports.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw memory")]

wit_bindgen::generate!({
    path: "../../wit",
    world: "tagger-plugin",
    additional_derives: [PartialEq],
});

export!(Tagger with_types_in self);

use crate::Tagger;
