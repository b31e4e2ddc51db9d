//! How a value becomes what is stored, and comes back.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use crate::store::error::{Cause, StoreError};

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
