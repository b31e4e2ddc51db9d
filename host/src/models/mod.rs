//! Which networks exist, where their files come from and where they lie on disk.

pub mod manifest;
