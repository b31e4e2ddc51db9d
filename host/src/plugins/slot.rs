//! The three places that plugins fill.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a plugin can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Which tags a photo gets.
    Tagger,
    /// The Indonesian phrase.
    ContextMapper,
    /// To which person a face belongs.
    ClusterPolicy,
}

impl Slot {
    /// Every slot.
    pub const ALL: [Self; 3] = [Self::Tagger, Self::ContextMapper, Self::ClusterPolicy];

    /// Its name, which is also the name of the interface that its plugins export.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tagger => "tagger",
            Self::ContextMapper => "context-mapper",
            Self::ClusterPolicy => "cluster-policy",
        }
    }

    /// The component that fills the slot when nobody brings another one.
    #[must_use]
    pub fn built_in(self) -> &'static [u8] {
        match self {
            Self::Tagger => include_bytes!("../../../components/tagger/tagger.wasm"),
            Self::ContextMapper => include_bytes!("../../../components/context-mapper/context-mapper.wasm"),
            Self::ClusterPolicy => include_bytes!("../../../components/cluster-policy/cluster-policy.wasm"),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// There is no slot of this name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no slot {0:?}; the slots are tagger, context-mapper and cluster-policy")]
pub struct UnknownSlot(pub String);

impl FromStr for Slot {
    type Err = UnknownSlot;

    fn from_str(text: &str) -> Result<Self, UnknownSlot> {
        Self::ALL
            .into_iter()
            .find(|slot| slot.name() == text)
            .ok_or_else(|| UnknownSlot(text.chars().take(64).collect()))
    }
}
