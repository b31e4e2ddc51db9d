//! The data of the default tagger and the default context mapper, apart from their code: the tables that a TOML file
//! stands for, the region of a component that holds them, and, with the feature `author`, the file's fields and checks.
//!
//! A component's tables can be replaced without a compiler, because nothing in its code depends on them: `ai-worker plugin
//! pack` writes others over them.

#[cfg(feature = "author")]
pub mod author;
mod list;
pub mod phrases;
mod region;
pub mod vocabulary;

pub use list::List;
#[cfg(feature = "author")]
pub use list::Written;
#[cfg(feature = "author")]
pub use region::filled;
pub use region::{HEADER_BYTES, Header, Kind, MARKER, Region, Unreadable};
