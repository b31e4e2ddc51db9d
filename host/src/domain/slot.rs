//! The slots: what plugins decide, one row of a table each.

use std::fmt;
use std::ops::{Index, IndexMut};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Gives the table of slots to another macro. A row is: what the slot decides; its variant of [`Slot`], which is also the name
/// of the type of its plugins; its name; the name of its module below `plugins`, which is also that of its field where there is
/// one for each slot; and what is said of such a field.
///
/// By its name the interface of the slot is found, the component that fills the slot when nobody brings another one, and the
/// templates of its plugins.
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
pub(crate) use slots;

macro_rules! declare {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        /// What a plugin can decide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Slot {
            $($(#[$about])* $slot,)+
        }

        impl Slot {
            /// Every slot, in the order of the table.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$slot),+];

            /// Its name, which is also the name of the interface that its plugins export.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$slot => $name,)+
                }
            }

            /// The name of its field where there is one for each slot.
            #[must_use]
            pub(crate) fn field(self) -> &'static str {
                match self {
                    $(Self::$slot => stringify!($field),)+
                }
            }
        }
    };
}
slots!(declare);

impl Slot {
    /// All slots in words, each as `name` has it: "one, another and a third".
    pub(crate) fn listed(name: impl Fn(Self) -> String) -> String {
        let [others @ .., last] = Self::ALL.map(name);
        format!("{} and {last}", others.join(", "))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// There is no slot of this name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no slot {0:?}; the slots are {slots}", slots = Slot::listed(|slot| slot.to_string()))]
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

/// A value for each slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySlot<T>([T; Slot::ALL.len()]);

impl<T> BySlot<T> {
    /// Asks for the value of each slot, in the order of [`Slot::ALL`].
    pub fn new(value: impl FnMut(Slot) -> T) -> Self {
        Self(Slot::ALL.map(value))
    }

    /// Every slot with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        Slot::ALL.into_iter().zip(&self.0)
    }

    /// What `other` makes of each value.
    pub fn map<U>(self, other: impl FnMut(T) -> U) -> BySlot<U> {
        BySlot(self.0.map(other))
    }

    /// The values in the order of [`Slot::ALL`].
    pub fn into_values(self) -> [T; Slot::ALL.len()] {
        self.0
    }
}

impl<T> Index<Slot> for BySlot<T> {
    type Output = T;

    fn index(&self, slot: Slot) -> &T {
        &self.0[slot as usize]
    }
}

impl<T> IndexMut<Slot> for BySlot<T> {
    fn index_mut(&mut self, slot: Slot) -> &mut T {
        &mut self.0[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_slot_is_told_which_there_are() {
        let error = "painter".parse::<Slot>().map_err(|error| error.to_string());
        let text = "there is no slot \"painter\"; the slots are tagger, context-mapper and cluster-policy";
        assert_eq!(error, Err(text.to_owned()));
    }

    #[test]
    fn the_value_of_a_slot_is_found_by_it() {
        let mut names = BySlot::new(|slot| slot.name().to_owned());
        for (slot, name) in names.iter() {
            assert_eq!(slot.name(), name);
            assert_eq!(&names[slot], name);
        }
        names[Slot::ContextMapper].push('!');
        let lengths = names.map(|name| name.len()).into_values();
        let expected = Slot::ALL.map(|slot| slot.name().len() + usize::from(slot == Slot::ContextMapper));
        assert_eq!(lengths, expected);
    }
}
