//! What tests of the worker share.
//!
//! A new test of the REST interface begins with [`TestApp::start`]: the whole worker behind its router, in this process,
//! with its own plugins and an embedded store in a folder of its own, on [`FakeNetworks`], which see the faces that
//! [`photo_of`] draws. It needs no models, no port and no second process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong here fails the test that uses it"
)]

mod app;
mod bytes;
mod forms;
pub mod guests;
pub mod harness;
pub mod measuring;
mod networks;
pub mod other_networks;
pub mod photo_server;
mod photos;
mod prerequisites;
pub mod proxy;
mod small_networks;
pub mod stand_in;
pub mod talkers;
mod waiting;
pub mod watching;
pub mod worker;

pub use app::{Answer, TestApp};
pub use bytes::files_with;
pub use forms::Form;
pub use networks::FakeNetworks;
pub use photos::{FakePhotos, Held, PERSONS, photo_of};
pub use prerequisites::{Prerequisites, available_prerequisites, prerequisites};
pub use small_networks::small_networks;
pub use test_attribute::test;
pub use waiting::{eventually, holds_within};

/// The workspace's folder.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
