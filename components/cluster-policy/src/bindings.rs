//! What `wit-bindgen` makes of `wit/cluster-policy.wit`, and the component's exports.
#![cfg_attr(
    target_arch = "wasm32",
    expect(unsafe_code, reason = "generated: the canonical ABI is raw memory")
)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "reviewing-cluster-policy-plugin",
    additional_derives: [PartialEq],
    generate_all,
});

// Elsewhere the crate is compiled for its tests only, and linkers refuse the exports' names.
#[cfg(target_arch = "wasm32")]
export!(ClusterPolicy with_types_in self);

#[cfg(target_arch = "wasm32")]
use crate::ClusterPolicy;
