//! The places that plugins fill: one row of a table each.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Gives the table of slots to another macro. A row is: what the slot decides; its variant, which is also the name of the type
/// of its plugins in [`set`](super::set), a [`SlotPlugin`](super::slot_plugin::SlotPlugin); its name, by which the component
/// is found that fills the slot when nobody brings another one; the field that it has where there is one for each slot, and
/// what that says.
///
/// A further slot takes a row here, a file with its type, and what the compiler names then; the text of [`UnknownSlot`] it does
/// not. Its interface is named in [`bindings`](super::bindings).
macro_rules! slots {
    ($table:ident) => {
        $table! {
            /// Which tags a photo gets.
            Tagger "tagger" tagger "In the tagger slot.";
            /// The Indonesian phrase.
            ContextMapper "context-mapper" context_mapper "In the context mapper slot.";
            /// To which person a face belongs.
            ClusterPolicy "cluster-policy" cluster_policy "In the cluster policy slot.";
        }
    };
}
pub(super) use slots;

macro_rules! declare {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        /// What a plugin can decide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Slot {
            $($(#[$about])* $slot,)+
        }

        impl Slot {
            /// Every slot.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$slot),+];

            /// Its name, which is also the name of the interface that its plugins export.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$slot => $name,)+
                }
            }

            /// The component that fills the slot when nobody brings another one.
            #[must_use]
            pub fn built_in(self) -> &'static [u8] {
                match self {
                    $(Self::$slot => include_bytes!(concat!("../../../components/", $name, "/", $name, ".wasm")),)+
                }
            }
        }
    };
}
slots!(declare);

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
