//! What is sent over REST: the parts of answers that modules know under names of their own, each with its conversion.
//!
//! A name and a word that stands here is part of the contract, and none of a module is: a module may rename its fields
//! without any answer changing. What belongs to one route stands beside its handler.

/// An enum that is sent for one of a module, and its conversion: the compiler asks for a variant that the module adds.
macro_rules! sent {
    ($(#[$what:meta])* $module:ident $(:: $inner:ident)+ as $sent:ident {
        $($(#[$meaning:meta])* $variant:ident),+ $(,)?
    }) => {
        $(#[$what])*
        pub(crate) enum $sent {
            $($(#[$meaning])* $variant,)+
        }

        impl From<$module $(:: $inner)+> for $sent {
            fn from(value: $module $(:: $inner)+) -> Self {
                use $module $(:: $inner)+ as Known;
                match value {
                    $(Known::$variant => Self::$variant,)+
                }
            }
        }
    };
}

mod activity;
mod audit;
mod devices;
mod health;
mod identifiers;
mod keys;
mod people;
mod photo;
mod plugins;
mod replay;
mod scene;
mod store;

pub(crate) use activity::{FailureReport, JobReport};
pub(crate) use audit::AuditEntry;
pub(crate) use devices::{Device, DeviceReport};
pub(crate) use health::Health;
pub(crate) use identifiers::{ClusterId, FaceId, FileId};
pub(crate) use keys::KeyRole;
pub(crate) use people::{CorrectionKind, Explanation};
pub(crate) use photo::{DescribedFace, StageTimings};
pub(crate) use plugins::{
    Change, PluginDigests, PluginIdentities, PluginIdentity, ShadowReport, Slot, SlotReport,
};
pub(crate) use replay::ReplayStatus;
pub(crate) use scene::{Evidence, Gender, Label, Scene, SceneObject, ScoredTag, TextLine};
pub(crate) use store::{BackupStatus, VerificationStatus};

/// Each of them as it is sent.
pub(super) fn each<T, Sent: From<T>>(all: Vec<T>) -> Vec<Sent> {
    all.into_iter().map(Sent::from).collect()
}

#[cfg(test)]
mod tests;
