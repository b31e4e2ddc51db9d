//! What comes with each slot.

pub use crate::domain::{Slot, UnknownSlot};

use crate::domain::slots;

macro_rules! declare {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        impl Slot {
            /// The component that fills the slot when nobody brings another one.
            #[must_use]
            pub fn built_in(self) -> &'static [u8] {
                match self {
                    $(Self::$slot => include_bytes!(concat!("../../../components/", $name, "/", $name, ".wasm")),)+
                }
            }

            /// The file of the WIT package that has the interface of its plugins: the path and the text.
            pub(super) fn interface(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$slot => (
                        concat!($name, ".wit"),
                        include_str!(concat!("../../../wit/", $name, ".wit")),
                    ),)+
                }
            }
        }
    };
}
slots!(declare);
