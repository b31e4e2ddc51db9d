//! What is stored as JSON: one type for every text, apart from the types that the modules work with.
//!
//! The texts stand in columns of SQLite, in payloads of Qdrant, on the lines of archives, and in the list of deletions. A
//! field of a module's type may be renamed, moved or added without a change of what is stored: the conversion here is what
//! the compiler asks for. Whoever changes a type here changes every store. A text that earlier workers wrote must be read,
//! so that a field that is added has a default. The texts in `golden/` hold all of this fast.
//!
//! Columns and payloads that are no JSON have their names beside their reading: in `embedded/schema.rs`, `embedded/rows.rs`,
//! `qdrant/layout.rs` and `qdrant/rows.rs`.

/// An enum of a module, and the enum that is stored for it with the text of each variant.
macro_rules! words {
    ($(#[$what:meta])* $visibility:vis $value:ident as $json:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$what])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $visibility enum $json {
            $(
                #[doc = concat!("`", $text, "`")]
                #[serde(rename = $text)]
                $variant,
            )+
        }

        impl crate::store::format::stored::Stored for $value {
            type Json = $json;

            fn to_stored(&self) -> $json {
                match self {
                    $(Self::$variant => $json::$variant,)+
                }
            }

            fn from_stored(json: $json) -> Result<Self, crate::store::error::Cause> {
                Ok(match json {
                    $($json::$variant => Self::$variant,)+
                })
            }
        }
    };
}

mod archive;
mod correction;
mod erasure;
mod event;
mod explanation;
mod face;
mod header;
mod photo;
mod redirect;
mod scene;
mod step;
mod stored;
mod values;

#[cfg(test)]
mod golden;

pub(super) use self::archive::{ClusterLine, Line, PhotoLine};
pub(super) use self::face::FaceJson;
pub(super) use self::header::Header;
pub(crate) use self::stored::as_stored;
pub use self::stored::{Stored, from_text, to_text};

/// The version of the texts, which the first line of an archive says. It is raised whenever an earlier worker could not read
/// them; then the embedded store's `VERSION` and Qdrant's `FORMAT` are raised, too, which keep such workers out.
///
/// - 1: of worker 0.1.0.
/// - 2: an archive has events, faces the moment at which they came, redirects the moment of their merge, and what was said
///   of two people stands before the redirects, too.
/// - 3: an archive has what is unsure and the history of corrections, and clusters have flags.
pub(super) const VERSION: u32 = 3;
