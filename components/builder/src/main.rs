//! Builds the components.

fn main() {}
