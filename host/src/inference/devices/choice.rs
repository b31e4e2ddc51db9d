//! Which device each network runs on: what was asked for, or the fastest that passed its trial.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::attempts::{Attempt, Laboratory, Refusal};
use super::kept::Kept;
use super::machine::Machine;
use super::place::{Place, is_built_in};
use super::providers::Provider;
use super::report::{DeviceReport, DeviceTrial, NetworkReport, RejectedDevice};
use super::setting::{CardIndex, Device, DevicePreference, DeviceSetting};
use super::trial::{Cause, Launcher, TrialNetwork};
use crate::inference::InferenceError;
use crate::models::devices::Status;

/// What is to be placed, and with what.
pub struct Search<'a> {
    /// `DEVICE`.
    pub setting: &'a DeviceSetting,
    /// ONNX Runtime's library.
    pub runtime: &'a Path,
    /// Every network with the hash of its graph, or what else tells one state of it from another.
    pub networks: Vec<(TrialNetwork, String)>,
    /// The providers that could run networks, and whether they are installed.
    pub status: Vec<Status>,
    /// The folder in which packages of devices are, and where results are kept.
    pub folder: PathBuf,
    /// The program that does a trial.
    pub launcher: Launcher,
    /// Inferences at the same time.
    pub sessions: usize,
    /// Threads of one.
    pub threads: usize,
    /// Whether trials are made anew, whatever is kept.
    pub again: bool,
}

/// Where networks run.
#[derive(Clone, Debug)]
pub struct Placement {
    everywhere: Place,
    networks: BTreeMap<String, Placed>,
    runtime: Option<PathBuf>,
    search_path: Option<PathBuf>,
    report: DeviceReport,
}

/// Where one network runs, and how many images of it pay in an inference.
#[derive(Clone, Debug)]
pub(in crate::inference) struct Placed {
    pub(in crate::inference) place: Place,
    pub(in crate::inference) batch: usize,
}

impl Placement {
    /// Everything on the processor.
    #[must_use]
    pub fn processor() -> Self {
        let machine = Machine::look();
        Self {
            everywhere: Place::Processor,
            networks: BTreeMap::new(),
            runtime: None,
            search_path: None,
            report: DeviceReport {
                selected: Device::Cpu,
                rejected: Vec::new(),
                name: machine.processor.name.clone(),
                failed: Vec::new(),
                machine,
                providers: Vec::new(),
                trials: Vec::new(),
            },
        }
    }

    /// What is said of it.
    #[must_use]
    pub fn report(&self) -> &DeviceReport {
        &self.report
    }

    /// The ONNX Runtime that must be loaded in place of the one that is here.
    #[must_use]
    pub fn runtime(&self) -> Option<&Path> {
        self.runtime.as_deref()
    }

    /// A folder in which the system's loader must look from the start of the process on.
    #[must_use]
    pub fn search_path(&self) -> Option<&PathBuf> {
        self.search_path.as_ref()
    }

    /// Where a network runs.
    pub(in crate::inference) fn of(&self, network: &str) -> Placed {
        self.networks.get(network).cloned().unwrap_or_else(|| Placed {
            place: self.everywhere.clone(),
            batch: 1,
        })
    }
}

/// The networks of one preference.
struct Group<'n> {
    preference: DevicePreference,
    networks: Vec<&'n str>,
}

/// What was chosen for a group; none for the processor.
type Chosen = Option<Attempt>;

impl Search<'_> {
    /// Chooses, and tries what is not known yet: blocks for as long as that takes, at most the launcher's limit for each
    /// device and for the processor.
    ///
    /// # Errors
    /// When a device that is asked for by name cannot be taken.
    pub fn choose(self) -> Result<Placement, InferenceError> {
        self.run().0
    }

    /// As [`choose`](Self::choose), and what is said of it also where nothing can be chosen.
    pub fn run(self) -> (Result<Placement, InferenceError>, DeviceReport) {
        let processor = Placement::processor();
        let mut report = processor.report.clone();
        if self.setting.is_processor_only() {
            return (Ok(processor), report);
        }
        let groups = self.groups();
        let providers = self.providers();
        report.providers = providers.iter().map(|provider| provider.report.clone()).collect();
        let tried = self.try_all(&providers, &groups, &report.machine);
        report.trials = reports(&tried, &groups);
        let chosen: Result<Vec<Chosen>, String> = groups.iter().map(|group| choose(group, &tried)).collect();
        if self.setting.default() == DevicePreference::Auto {
            let best = chosen.as_ref().ok();
            report.rejected = rejected(&groups, &tried, best.map_or(&[][..], Vec::as_slice));
        }
        for RejectedDevice { device, reason, .. } in &report.rejected {
            tracing::info!(%device, reason, "device not used");
        }
        let placement = chosen
            .and_then(|chosen| self.place(&groups, &chosen, &providers, report.clone()))
            .map_err(InferenceError::NoDevice);
        let report = placement
            .as_ref()
            .map_or(report, |placement| placement.report.clone());
        (placement, report)
    }

    /// The preferences that there are, the one for all roles first, and the networks of each.
    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = vec![Group {
            preference: self.setting.default(),
            networks: Vec::new(),
        }];
        for (network, _) in &self.networks {
            let preference = self.setting.of(network.role);
            match groups.iter_mut().find(|group| group.preference == preference) {
                Some(group) => group.networks.push(&network.name),
                None => groups.push(Group {
                    preference,
                    networks: vec![network.name.as_str()],
                }),
            }
        }
        groups.retain(|group| !group.networks.is_empty());
        groups
    }

    /// What could run networks, in the order in which they are looked at.
    fn providers(&self) -> Vec<Provider> {
        let built_in = |device| is_built_in(device, self.runtime);
        let mut providers: Vec<Provider> = self
            .status
            .iter()
            .filter_map(|status| Provider::of(status.clone(), built_in))
            .collect();
        let place = |device: Device| Device::ACCELERATORS.iter().position(|one| *one == device);
        providers.sort_by_key(|provider| place(provider.device));
        providers
    }

    /// Tries each provider that some group may run on, with the networks of those groups.
    fn try_all(&self, providers: &[Provider], groups: &[Group<'_>], machine: &Machine) -> Vec<Tried> {
        let mut laboratory = Laboratory {
            runtime: self.runtime,
            networks: &self.networks,
            sessions: self.sessions,
            threads: self.threads,
            launcher: &self.launcher,
            machine,
            kept: Kept::read(&self.folder),
            again: self.again,
            is_writable: providers.iter().any(Provider::is_usable) && is_writable(&self.folder),
            baseline: None,
        };
        let mut tried = Vec::new();
        for provider in providers {
            let ours = groups.iter().filter(|group| match group.preference {
                DevicePreference::Auto => true,
                DevicePreference::Only(device, _) => device == provider.device,
            });
            let ours: Vec<&Group<'_>> = ours.collect();
            let networks: Vec<&str> = ours.iter().flat_map(|group| group.networks.clone()).collect();
            if networks.is_empty() {
                continue;
            }
            // One index for all groups is tried alone; otherwise every device is.
            let mut indices: Vec<CardIndex> = ours.iter().map(|group| group.index()).collect();
            indices.dedup();
            let index = match indices[..] {
                [index] => index,
                _ => None,
            };
            tried.push(Tried {
                device: provider.device,
                attempts: laboratory.attempts(provider, index, &networks),
            });
        }
        if let Err(error) = laboratory.kept.save() {
            tracing::warn!(
                folder = %self.folder.display(),
                %error,
                "the measurements of devices cannot be stored, so every start measures them again; check MODELS_DIR"
            );
        }
        tried
    }

    fn place(
        &self,
        groups: &[Group<'_>],
        chosen: &[Chosen],
        providers: &[Provider],
        mut report: DeviceReport,
    ) -> Result<Placement, String> {
        let mut placement = Placement {
            everywhere: Place::Processor,
            networks: BTreeMap::new(),
            runtime: None,
            search_path: None,
            report: report.clone(),
        };
        let mut beside_runtime = None;
        for (group, attempt) in groups.iter().zip(chosen) {
            let is_default = group.preference == self.setting.default();
            let Some(attempt) = attempt else {
                continue;
            };
            let provider = providers
                .iter()
                .find(|provider| provider.device == attempt.device);
            match provider.and_then(Provider::runtime) {
                Some(runtime) => placement.runtime = Some(runtime.clone()),
                None => beside_runtime = Some(attempt.device),
            }
            if let Some(folder) = provider.and_then(Provider::search_path) {
                placement.search_path = Some(folder.clone());
            }
            if is_default {
                report.selected = attempt.device;
                report.name = attempt.outcome.name.clone();
            }
            for network in &group.networks {
                let trial = attempt
                    .outcome
                    .networks
                    .iter()
                    .find(|trial| trial.network == **network);
                let placed = Placed {
                    place: attempt.place.clone(),
                    batch: trial.map_or(1, |trial| trial.best_batch().0),
                };
                placement.networks.insert((*network).to_owned(), placed);
            }
        }
        if let (Some(_), Some(other)) = (&placement.runtime, beside_runtime) {
            return Err(format!(
                "cuda brings its own ONNX Runtime, with which {other} was not tried; use one of the two, and cpu for \
                 the other roles"
            ));
        }
        tracing::info!(device = %report.selected, name = report.name, "device selected");
        placement.report = report;
        Ok(placement)
    }
}

impl Group<'_> {
    fn index(&self) -> CardIndex {
        match self.preference {
            DevicePreference::Auto => None,
            DevicePreference::Only(_, index) => index,
        }
    }
}

/// What came of one provider.
struct Tried {
    device: Device,
    attempts: Result<Vec<Attempt>, Refusal>,
}

impl Tried {
    fn attempts(&self) -> &[Attempt] {
        self.attempts.as_deref().unwrap_or_default()
    }
}

/// The device for a group: the one that was asked for, or the fastest that passed, if it is faster than the processor.
///
/// # Errors
/// When the one that was asked for cannot be taken; the text says why.
fn choose(group: &Group<'_>, tried: &[Tried]) -> Result<Chosen, String> {
    let networks = &group.networks;
    let time = |attempt: &&Attempt| attempt.milliseconds(networks);
    let fastest = |attempts: Vec<&Attempt>| {
        let passed = attempts
            .into_iter()
            .filter(|attempt| attempt.problem(networks).is_none());
        passed
            .min_by(|one, other| time(one).total_cmp(&time(other)))
            .cloned()
    };
    match group.preference {
        DevicePreference::Auto => {
            let all = tried.iter().flat_map(Tried::attempts).collect();
            let best = fastest(all);
            Ok(best.filter(|best| best.milliseconds(networks) < best.on_processor(networks)))
        }
        DevicePreference::Only(Device::Cpu, _) => Ok(None),
        DevicePreference::Only(device, index) => {
            let tried = tried.iter().find(|tried| tried.device == device);
            let tried = tried.ok_or_else(|| format!("{device}: this version knows no package for it"))?;
            let meant = tried
                .attempts()
                .iter()
                .filter(|attempt| index.is_none_or(|index| index == attempt.index));
            let meant: Vec<&Attempt> = meant.collect();
            if let Some(chosen) = fastest(meant.clone()) {
                return Ok(Some(chosen));
            }
            Err(match &tried.attempts {
                Err(refusal) => format!("{device}: {}", refusal.reason),
                Ok(_) if meant.is_empty() => format!("{device}: there is no device with this index"),
                Ok(_) => reasons(&meant, networks),
            })
        }
    }
}

/// Why none of these devices can be taken.
fn reasons(attempts: &[&Attempt], networks: &[&str]) -> String {
    let reasons = attempts.iter().filter_map(|attempt| {
        let problem = attempt.problem(networks)?;
        let name = &attempt.outcome.name;
        Some(format!(
            "{}:{} ({name}): {}",
            attempt.device, attempt.index, problem.reason
        ))
    });
    reasons.collect::<Vec<_>>().join("; ")
}

/// Why each provider was not taken for the networks that are to run on the fastest device.
fn rejected(groups: &[Group<'_>], tried: &[Tried], chosen: &[Chosen]) -> Vec<RejectedDevice> {
    let nobody = None;
    let automatic = groups.iter().zip(chosen.iter().chain(std::iter::repeat(&nobody)));
    let mut automatic = automatic.filter(|(group, _)| group.preference == DevicePreference::Auto);
    let Some((group, best)) = automatic.next() else {
        return Vec::new();
    };
    let networks = &group.networks;
    let mut rejected = Vec::new();
    for tried in tried {
        let device = tried.device;
        let (cause, reason) = match &tried.attempts {
            Err(Refusal { cause, reason }) => (*cause, reason.clone()),
            Ok(_) if best.as_ref().is_some_and(|best| best.device == device) => continue,
            Ok(attempts) => {
                let all = attempts
                    .iter()
                    .map(|attempt| why_not(attempt, best.as_ref(), networks));
                let all: Vec<Refusal> = all.collect();
                let Some(first) = all.first() else { continue };
                let reasons: Vec<&str> = all.iter().map(|refusal| refusal.reason.as_str()).collect();
                (first.cause, reasons.join("; "))
            }
        };
        rejected.push(RejectedDevice {
            device,
            reason,
            cause,
        });
    }
    rejected
}

/// Why a device that was tried is not the one.
fn why_not(attempt: &Attempt, best: Option<&Attempt>, networks: &[&str]) -> Refusal {
    let name = &attempt.outcome.name;
    if let Some(Refusal { cause, reason }) = attempt.problem(networks) {
        return Refusal {
            cause,
            reason: format!("{name}: {reason}"),
        };
    }
    let (own, processor) = (attempt.milliseconds(networks), attempt.on_processor(networks));
    match best {
        Some(best) if own < processor => Refusal {
            cause: Cause::NotFastest,
            reason: format!(
                "{name}: an image of every network takes {own:.1} ms; {} takes {:.1} ms",
                best.outcome.name,
                best.milliseconds(networks)
            ),
        },
        _ => Refusal {
            cause: Cause::Slower,
            reason: format!(
                "{name}: an image of every network takes {own:.1} ms; the processor takes {processor:.1} ms"
            ),
        },
    }
}

/// What is said of the devices that were tried.
fn reports(tried: &[Tried], groups: &[Group<'_>]) -> Vec<DeviceTrial> {
    let report = |attempt: &Attempt| {
        let ours = groups.iter().filter(|group| match group.preference {
            DevicePreference::Auto => true,
            DevicePreference::Only(device, index) => {
                device == attempt.device && index.is_none_or(|index| index == attempt.index)
            }
        });
        let networks: Vec<&str> = ours.flat_map(|group| group.networks.clone()).collect();
        DeviceTrial {
            device: attempt.device,
            index: attempt.index,
            name: attempt.outcome.name.clone(),
            kept: attempt.kept,
            passed: attempt.problem(&networks).is_none(),
            milliseconds: attempt.milliseconds(&networks),
            processor_milliseconds: attempt.on_processor(&networks),
            networks: networks
                .iter()
                .map(|network| of_network(attempt, network))
                .collect(),
        }
    };
    tried.iter().flat_map(Tried::attempts).map(report).collect()
}

fn of_network(attempt: &Attempt, network: &str) -> NetworkReport {
    let trial = attempt
        .outcome
        .networks
        .iter()
        .find(|trial| trial.network == network);
    let count = |is_ours: bool| -> usize {
        let nodes = trial.map_or(&[][..], |trial| &trial.nodes);
        let provider = attempt.place.provider();
        let counted = nodes.iter().filter(|(name, _)| (name == provider) == is_ours);
        counted.map(|(_, count)| count).sum()
    };
    let (batch, milliseconds) = trial.map_or((1, 0.0), |trial| trial.best_batch());
    NetworkReport {
        model: network.to_owned(),
        problem: attempt.problem(&[network]).map(|problem| problem.reason),
        nodes_on_device: count(true),
        nodes_on_processor: count(false),
        difference: trial.map_or(0.0, |trial| trial.difference),
        batch,
        milliseconds,
    }
}

/// Whether something can be put into a folder, which is made where it is not there.
fn is_writable(folder: &Path) -> bool {
    std::fs::create_dir_all(folder).is_ok() && tempfile::tempfile_in(folder).is_ok()
}

#[cfg(all(test, unix))]
mod tests;
