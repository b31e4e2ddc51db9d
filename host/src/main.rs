//! The `ai-worker` binary.

fn main() {}
