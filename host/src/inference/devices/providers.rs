//! What could run networks here: the table of providers, and what of it is on this machine.

use std::path::PathBuf;

use super::place::{BuiltIn, CompiledGraphs, Place, PlugIn};
use super::report::{MissingRequirement, ProviderReport, ProviderState};
use super::setting::Device;
use super::trial::Cause;
use crate::models::devices::{OnThisPlatform, Present, Status};

/// A provider, and how sessions are built on it where that is possible.
pub(super) struct Provider {
    pub(super) device: Device,
    pub(super) report: ProviderReport,
    pub(super) way: Way,
}

/// How sessions are built on a provider.
pub(super) enum Way {
    /// Not at all.
    None { cause: Cause, reason: String },
    /// By what the runtime that is here has built in.
    BuiltIn,
    /// By a package.
    Package(Box<Present>),
}

impl Provider {
    /// What the table says of a provider; none for one that this version has no name for. `is_built_in` says whether the
    /// runtime that is loaded has it.
    pub(super) fn of(status: Status, is_built_in: impl Fn(Device) -> bool) -> Option<Self> {
        let device: Device = status.id.parse().ok()?;
        let package = status
            .package
            .as_ref()
            .map(|(name, version)| format!("{name} {version}"));
        let pull = format!("ai-worker models pull --device {device}");
        let missing: Vec<MissingRequirement> = status
            .needs
            .iter()
            .filter(|need| !need.found)
            .map(|need| MissingRequirement {
                what: need.what.clone(),
                optional: need.optional,
                install: need
                    .install
                    .iter()
                    .map(|install| format!("{}: {}", install.on, install.by))
                    .collect(),
            })
            .collect();
        let (state, way) = match status.state {
            OnThisPlatform::Present(present) => (ProviderState::Present, Way::Package(present)),
            _ if is_built_in(device) => (ProviderState::PartOfRuntime, Way::BuiltIn),
            OnThisPlatform::PartOfRuntime => {
                let reason = format!("the installed ONNX Runtime has no {device}");
                let cause = Cause::NotInRuntime;
                (ProviderState::Absent, Way::None { cause, reason })
            }
            OnThisPlatform::NotPackaged(platforms) => {
                let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
                let others = platforms.join(", ");
                let reason = match &others[..] {
                    "" => format!("it is not available for {os}"),
                    _ => format!("it has no package for {os} on {arch}; it has packages for {others}"),
                };
                let cause = Cause::NotForThisSystem;
                (ProviderState::NotPackaged, Way::None { cause, reason })
            }
            OnThisPlatform::Absent => {
                let reason = format!("its package is not installed; run `{pull}`");
                let cause = Cause::PackageAbsent;
                (ProviderState::Absent, Way::None { cause, reason })
            }
            OnThisPlatform::Incomplete(files) => {
                let reason = format!(
                    "{} of its package missing or damaged: {}; run `{pull}` to download it again",
                    if files.len() == 1 {
                        "a file is"
                    } else {
                        "files are"
                    },
                    files.join(", ")
                );
                let cause = Cause::PackageDamaged;
                (ProviderState::Incomplete, Way::None { cause, reason })
            }
        };
        let is_to_be_had = matches!(state, ProviderState::Absent | ProviderState::Incomplete);
        Some(Self {
            device,
            report: ProviderReport {
                device,
                hardware: status.hardware,
                command: (is_to_be_had && package.is_some()).then_some(pull),
                package,
                state,
                download_bytes: status.download_bytes,
                missing,
            },
            way,
        })
    }

    /// Whether sessions can be built on it, as far as is known before that is tried.
    pub(super) fn is_usable(&self) -> bool {
        !matches!(self.way, Way::None { .. })
    }

    /// The ONNX Runtime that its package brings in the place of the one that is here.
    pub(super) fn runtime(&self) -> Option<&PathBuf> {
        match &self.way {
            Way::Package(present) if present.replaces_runtime => Some(&present.library),
            _ => None,
        }
    }

    /// What its package is, for what is kept.
    pub(super) fn basis(&self) -> String {
        match &self.way {
            Way::Package(present) => {
                format!("{} {} {}", present.package, present.version, present.sha256)
            }
            _ => self.device.to_string(),
        }
    }

    /// Where sessions are built on one of its devices, with a folder for compiled graphs where it takes one.
    pub(super) fn place(&self, index: usize, graphs: Option<PathBuf>) -> Place {
        match &self.way {
            Way::Package(present) if !present.replaces_runtime => {
                let graphs = graphs.filter(|_| present.caches());
                Place::PlugIn(PlugIn {
                    device: self.device,
                    registers_as: present.registers_as.clone().unwrap_or_default(),
                    library: present.library.clone(),
                    preload: present.preload.clone(),
                    provider: present.provider.clone(),
                    index,
                    options: present.session_options(None),
                    cache: graphs.map(|folder| CompiledGraphs {
                        options: present.session_options(Some(&folder)),
                        folder,
                    }),
                })
            }
            Way::Package(present) => Place::BuiltIn(BuiltIn {
                device: self.device,
                index,
                preload: present.preload.clone(),
                cache: None,
            }),
            Way::BuiltIn | Way::None { .. } => Place::BuiltIn(BuiltIn {
                device: self.device,
                index,
                preload: Vec::new(),
                cache: graphs.filter(|_| self.device == Device::CoreMl),
            }),
        }
    }

    /// The folder that must be among those that the system's loader searches when the process starts, where there is one.
    pub(super) fn search_path(&self) -> Option<&PathBuf> {
        match &self.way {
            Way::Package(present) if present.search_path => Some(&present.folder),
            _ => None,
        }
    }

    /// What the system lacks for it, in words; empty when nothing is known to be missing.
    pub(super) fn missing(&self) -> String {
        let missing = self.report.missing.iter().filter(|one| !one.optional);
        let missing: Vec<String> = missing
            .map(|one| format!("{} ({})", one.what, one.install.join("; ")))
            .collect();
        if missing.is_empty() {
            String::new()
        } else {
            format!("; it was not found on this system: {}", missing.join(", "))
        }
    }
}
