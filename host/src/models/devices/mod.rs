//! Libraries that let ONNX Runtime run networks on graphics cards and other accelerators.
//!
//! [`table`] is the data; [`files`] turns it into lists of files for the machinery that brings models, each provider's in
//! a folder of its own below [`root`]; [`pull`] has it bring them; [`status`] says what of that is on this machine, and
//! [`listing`] prints it.

mod files;
mod listing;
mod pull;
mod requirements;
mod status;
mod table;

#[cfg(test)]
mod pull_tests;
#[cfg(test)]
mod table_tests;

pub use files::root;
pub use listing::list;
pub use pull::{import, pull, verify};
pub use status::{Need, OnThisPlatform, Present, Status, present, status};
pub use table::{Build, Installation, LibraryFile, Provider, Requirement, Table, TableError};
