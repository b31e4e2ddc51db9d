//! Loaded plugins, one for each slot.

use std::sync::Arc;

use super::complaint::complaint;
use super::component::{CompiledPlugin, PluginIdentity};
use super::data::PluginData;
use super::engine::PluginEngine;
use super::error::PluginError;
use super::slot::Slot;
use super::slot_plugin::{Recorder, SlotPlugin};
use super::statistics::Statistics;
use super::usage::CallUsage;
use crate::domain::{BySlot, Evidence, slots};

/// The plugins in the slots, for `/health` and for answers.
pub type PluginIdentities = BySlot<PluginIdentity>;

/// The plugin of one slot, where there is one for each.
pub trait InSlot: Sized + 'static {
    /// The slot.
    const SLOT: Slot;

    /// A candidate for the slot; none when it is one for another.
    fn of(candidate: &Candidate) -> Option<&Arc<Self>>;

    /// The one of these plugins.
    fn active(set: &PluginSet) -> &Self;
}

macro_rules! declare {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        /// A plugin that was compiled, linked, instantiated and called once, and so could fill its slot.
        #[derive(Clone)]
        pub enum Candidate {
            $(#[doc = $place] $slot(Arc<super::$field::$slot>),)+
        }

        impl Candidate {
            fn of(slot: Slot, compiled: CompiledPlugin) -> Result<Self, PluginError> {
                Ok(match slot {
                    $(Slot::$slot => Self::$slot(Arc::new(SlotPlugin::new(compiled)?)),)+
                })
            }

            /// The slot it fills.
            #[must_use]
            pub fn slot(&self) -> Slot {
                match self {
                    $(Self::$slot(_) => Slot::$slot,)+
                }
            }

            pub(super) fn plugin(&self) -> &dyn SlotPlugin {
                match self {
                    $(Self::$slot(plugin) => &**plugin,)+
                }
            }
        }

        $(impl InSlot for super::$field::$slot {
            const SLOT: Slot = Slot::$slot;

            fn of(candidate: &Candidate) -> Option<&Arc<Self>> {
                match candidate {
                    Candidate::$slot(plugin) => Some(plugin),
                    _ => None,
                }
            }

            fn active(set: &PluginSet) -> &Self {
                &set.$field
            }
        })+

        /// The plugins of one moment. A request takes one snapshot, so that no answer mixes versions.
        #[derive(Clone)]
        pub struct PluginSet {
            $(#[doc = $place] pub $field: Arc<super::$field::$slot>,)+
        }

        impl PluginSet {
            /// Fills every slot.
            pub(super) fn fill(
                mut fill: impl FnMut(Slot) -> Result<Candidate, PluginError>,
            ) -> Result<Self, PluginError> {
                // Whoever fills a slot gives what it was asked for.
                let other = || PluginError::engine(wasmtime::Error::msg("a slot was filled with another's plugin"));
                Ok(Self {
                    $($field: match fill(Slot::$slot)? {
                        Candidate::$slot(plugin) => plugin,
                        _ => return Err(other()),
                    },)+
                })
            }

            /// The plugin in a slot.
            #[must_use]
            pub fn get(&self, slot: Slot) -> Candidate {
                match slot {
                    $(Slot::$slot => Candidate::$slot(Arc::clone(&self.$field)),)+
                }
            }

            /// The same plugins but for one.
            #[must_use]
            pub(super) fn with(&self, candidate: Candidate) -> Self {
                let mut set = self.clone();
                match candidate {
                    $(Candidate::$slot(plugin) => set.$field = plugin,)+
                }
                set
            }
        }
    };
}
slots!(declare);

impl PluginSet {
    /// Who they are.
    #[must_use]
    pub fn identities(&self) -> PluginIdentities {
        BySlot::new(|slot| self.get(slot).identity().clone())
    }

    /// What they want to know about a photo.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let wanted = Slot::ALL.map(|slot| self.get(slot).evidence());
        wanted.into_iter().fold(Evidence::default(), Evidence::union)
    }
}

impl Candidate {
    pub(super) fn load(
        engine: &Arc<PluginEngine>,
        slot: Slot,
        bytes: &[u8],
        origin: String,
    ) -> Result<Self, PluginError> {
        let compiled = CompiledPlugin::new(engine, slot, bytes, origin.clone())?;
        Self::of(slot, compiled).map_err(|error| {
            // That an interface is not there, or has other types, shows in its first call.
            let may_not_fit = matches!(error, PluginError::Load { .. } | PluginError::Trapped { .. });
            match complaint(slot, bytes).filter(|_| may_not_fit) {
                Some(reason) => PluginError::Load { slot, origin, reason },
                None => error,
            }
        })
    }

    /// It as a plugin of this type; none when it fills another slot.
    #[must_use]
    pub fn get<Plugin: InSlot>(&self) -> Option<&Arc<Plugin>> {
        Plugin::of(self)
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &PluginIdentity {
        self.plugin().identity()
    }

    /// Which data it carries apart from its code; none for most plugins.
    #[must_use]
    pub fn data(&self) -> Option<&PluginData> {
        self.plugin().data()
    }

    /// What it wants to know about a photo; nothing for a cluster policy.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.plugin().evidence()
    }

    /// Tags that nothing can give when only this evidence is to be had; none but of a tagger.
    #[must_use]
    pub fn tags_out_of_reach(&self, available: Evidence) -> Vec<String> {
        self.plugin().tags_out_of_reach(available)
    }

    /// How a photo becomes a golden case for it.
    ///
    /// # Errors
    /// When a photo is no question to it; the text says why.
    pub(crate) fn recorder(&self) -> Result<Recorder, &'static str> {
        self.plugin().recorder()
    }

    /// What its latest call used; of calls at the same time, that of the one which ended last.
    #[must_use]
    pub fn usage(&self) -> CallUsage {
        self.statistics().usage()
    }

    /// What its latest call wrote, when it was loaded by a [`Workbench`](super::Workbench), whether the call failed or not;
    /// see [`PluginError::output`]. Empty in a worker.
    #[must_use]
    pub fn written(&self) -> String {
        self.plugin().compiled().written()
    }

    pub(super) fn statistics(&self) -> &Statistics {
        &self.plugin().compiled().statistics
    }
}
