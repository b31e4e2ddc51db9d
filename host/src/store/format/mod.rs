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

        impl crate::store::format::Stored for $value {
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
mod photo;
mod redirect;
mod scene;
mod step;
mod values;

#[cfg(test)]
mod golden;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

pub(super) use self::archive::{ClusterLine, Header, Line, PhotoLine};
pub(super) use self::face::FaceJson;
use super::error::{Cause, StoreError};

/// The version of the texts, which the first line of an archive says. It is raised whenever an earlier worker could not read
/// them; then the embedded store's `VERSION` and Qdrant's `FORMAT` are raised, too, which keep such workers out.
///
/// - 1: of worker 0.1.0.
/// - 2: an archive has events, faces the moment at which they came, redirects the moment of their merge, and what was said
///   of two people stands before the redirects, too.
/// - 3: an archive has what is unsure and the history of corrections, and clusters have flags.
pub(super) const VERSION: u32 = 3;

/// A value that is stored as JSON.
pub trait Stored: Sized {
    /// What stands in the store.
    type Json: Serialize + DeserializeOwned;

    /// The value as it is stored.
    fn to_stored(&self) -> Self::Json;

    /// The value as it was stored.
    ///
    /// # Errors
    /// When what was stored is no such value.
    fn from_stored(json: Self::Json) -> Result<Self, Cause>;
}

impl<T: Stored> Stored for Vec<T> {
    type Json = Vec<T::Json>;

    fn to_stored(&self) -> Self::Json {
        self.iter().map(T::to_stored).collect()
    }

    fn from_stored(json: Self::Json) -> Result<Self, Cause> {
        json.into_iter().map(T::from_stored).collect()
    }
}

impl<T: Stored> Stored for Option<T> {
    type Json = Option<T::Json>;

    fn to_stored(&self) -> Self::Json {
        self.as_ref().map(T::to_stored)
    }

    fn from_stored(json: Self::Json) -> Result<Self, Cause> {
        json.map(T::from_stored).transpose()
    }
}

impl<T: Stored> Stored for Box<T> {
    type Json = Box<T::Json>;

    fn to_stored(&self) -> Self::Json {
        Box::new(T::to_stored(self))
    }

    fn from_stored(json: Self::Json) -> Result<Self, Cause> {
        T::from_stored(*json).map(Box::new)
    }
}

/// The text of a value.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn to_text(value: &impl Stored) -> Result<String, StoreError> {
    serde_json::to_string(&value.to_stored())
        .map_err(|error| StoreError::Damaged(format!("a value that cannot be written as JSON: {error}")))
}

/// The value of a text.
///
/// # Errors
/// When the text is none of such a value.
pub fn from_text<T: Stored>(text: &str) -> Result<T, StoreError> {
    let json = serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))?;
    T::from_stored(json).map_err(|cause| StoreError::Damaged(cause.to_string()))
}

/// Serializes a value as it is stored, for what shows people what is stored of them.
///
/// # Errors
/// When the serializer fails.
pub(crate) fn as_stored<T: Stored, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_stored().serialize(serializer)
}
