//! Where networks run: what the machine has, what of it passes a trial, and what is chosen.
//!
//! [`machine`] lists the hardware; [`providers`] says what could run networks on it, from the table of packages; [`trial`]
//! runs every network on a device, in a process of its own; [`attempts`] makes trials or takes what is [`kept`];
//! [`choice`] decides. A session is then built at its [`place`]. [`compiled`] looks after compiled graphs on disk,
//! [`report`] is what is said of it all.

mod attempts;
mod choice;
pub(super) mod compiled;
pub(super) mod failures;
mod kept;
mod machine;
mod place;
mod providers;
mod report;
mod setting;
mod trial;

pub use choice::{Placement, Search};
pub use machine::{Accelerator, Machine, Processor};
pub use place::{BuiltIn, CompiledGraphs, Place, PlugIn};
pub use report::{
    DeviceReport, DeviceTrial, FailedDevice, MissingRequirement, NetworkReport, ProviderReport,
    ProviderState, RejectedDevice,
};
pub use setting::{CardIndex, Device, DevicePreference, DeviceSetting, Fallback};
pub use trial::{
    Cause, Ended, Launcher, Line, NetworkTrial, Offered, Request, SEARCH_PATH, TrialNetwork,
    run as try_devices, with_search_path,
};
