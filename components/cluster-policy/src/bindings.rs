//! What `wit-bindgen` makes of `wit/cluster-policy.wit`, and the component's exports.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw memory")]

wit_bindgen::generate!({
    path: "../../wit",
    world: "cluster-policy-plugin",
    additional_derives: [PartialEq],
});

export!(ClusterPolicy with_types_in self);

use crate::ClusterPolicy;
