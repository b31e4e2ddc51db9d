//! Trials of devices: those that are kept, and those that are made now.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::compiled;
use super::kept::{Basis, Failure, Kept, Outcome};
use super::machine::{Accelerator, Machine, vulkan_drivers};
use super::place::Place;
use super::providers::{Provider, Way};
use super::setting::{CardIndex, Device};
use super::trial::{Cause, Ended, Launcher, Line, Offered, Request, TrialNetwork};

/// Why nothing could be tried on a provider.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) cause: Cause,
    pub(super) reason: String,
}

/// One device of a provider, and what came of its trial.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) device: Device,
    pub(super) index: usize,
    pub(super) place: Place,
    /// Whether the result was kept from before.
    pub(super) kept: bool,
    pub(super) outcome: Outcome,
}

impl Attempt {
    /// What keeps it from running these networks.
    pub(super) fn problem(&self, networks: &[&str]) -> Option<Refusal> {
        let mut failures = self.outcome.failures.iter();
        let failure = failures.find(|failure| {
            let network = failure.network.as_deref();
            network.is_none_or(|network| networks.contains(&network))
        });
        if let Some(Failure {
            network,
            cause,
            reason,
        }) = failure
        {
            let network = network.as_ref().map(|network| format!("{network}: "));
            return Some(Refusal {
                cause: *cause,
                reason: format!("{}{reason}", network.unwrap_or_default()),
            });
        }
        let passed = |name: &&&str| self.outcome.networks.iter().all(|trial| trial.network != ***name);
        networks.iter().find(passed).map(|network| Refusal {
            cause: Cause::NotTried,
            reason: format!("{network} was not tried"),
        })
    }

    /// Milliseconds for one image of each of these networks, as many in an inference as pay.
    pub(super) fn milliseconds(&self, networks: &[&str]) -> f64 {
        let trials = self.outcome.networks.iter();
        let ours = trials.filter(|trial| networks.contains(&trial.network.as_str()));
        ours.map(|trial| trial.best_batch().1).sum()
    }

    /// The same on the processor, one in an inference.
    pub(super) fn on_processor(&self, networks: &[&str]) -> f64 {
        let trials = self.outcome.networks.iter();
        let ours = trials.filter(|trial| networks.contains(&trial.network.as_str()));
        ours.map(|trial| trial.on_processor).sum()
    }
}

/// What trials are made with.
pub(super) struct Laboratory<'a> {
    pub(super) runtime: &'a Path,
    /// Every network with the hash of its graph.
    pub(super) networks: &'a [(TrialNetwork, String)],
    pub(super) sessions: usize,
    pub(super) threads: usize,
    pub(super) launcher: &'a Launcher,
    pub(super) machine: &'a Machine,
    pub(super) kept: Kept,
    /// Whether what is kept counts.
    pub(super) again: bool,
    /// Whether something can be written where it is kept.
    pub(super) is_writable: bool,
    /// What the processor answers, in files; made when it is first needed.
    pub(super) baseline: Option<Result<TempDir, Refusal>>,
}

impl Laboratory<'_> {
    /// Tries the devices of a provider with the networks of these names: all of them, or the one with this index.
    pub(super) fn attempts(
        &mut self,
        provider: &Provider,
        index: CardIndex,
        names: &[&str],
    ) -> Result<Vec<Attempt>, Refusal> {
        let offered: Vec<Option<Offered>> = match &provider.way {
            Way::None { cause, reason } => {
                return Err(Refusal {
                    cause: *cause,
                    reason: reason.clone(),
                });
            }
            Way::Package(present) if !present.replaces_runtime => {
                self.offered(provider)?.into_iter().map(Some).collect()
            }
            // Nobody lists what the runtime has built in.
            Way::BuiltIn | Way::Package(_) => vec![None; index.unwrap_or(0) + 1],
        };
        if offered.is_empty() {
            return Err(Refusal {
                cause: Cause::NothingOffered,
                reason: format!(
                    "its library was loaded, but found no device on this machine; it supports {}{}",
                    provider.report.hardware,
                    provider.missing()
                ),
            });
        }
        let Some(index) = index else {
            let offered = offered.iter().enumerate();
            return Ok(offered
                .map(|(index, offered)| self.attempt(provider, index, offered.as_ref(), names))
                .collect());
        };
        let one = offered.get(index).ok_or_else(|| Refusal {
            cause: Cause::NothingOffered,
            reason: format!(
                "it has {} device(s), so the highest index is {}",
                offered.len(),
                offered.len() - 1
            ),
        })?;
        Ok(vec![self.attempt(provider, index, one.as_ref(), names)])
    }

    /// The devices that a provider's library offers.
    fn offered(&mut self, provider: &Provider) -> Result<Vec<Offered>, Refusal> {
        let drivers = self.drivers(provider);
        let key = self.basis(provider, &Place::Processor, None, &drivers, &[]).key();
        if let Some(offered) = self.kept.devices(&key).filter(|_| !self.again) {
            return Ok(offered);
        }
        let request = Request {
            networks: Vec::new(),
            ..self.request(provider, provider.place(0, None), Path::new(""))
        };
        let (lines, ended) = self.launcher.run(&request, provider.search_path());
        let offered = lines.iter().find_map(|line| match line {
            Line::Devices(offered) => Some(Ok(offered.clone())),
            Line::Impossible { cause, reason } => Some(Err(Refusal {
                cause: *cause,
                reason: format!("{reason}{}", provider.missing()),
            })),
            _ => None,
        });
        let offered = offered.unwrap_or_else(|| {
            let (cause, reason) = self.unfinished(&ended, None);
            Err(Refusal { cause, reason })
        })?;
        self.kept.put_devices(&key, provider.device, offered.clone());
        Ok(offered)
    }

    /// The trial of one device.
    fn attempt(
        &mut self,
        provider: &Provider,
        index: usize,
        offered: Option<&Offered>,
        names: &[&str],
    ) -> Attempt {
        let drivers = self.drivers(provider);
        let plain = provider.place(index, None);
        let all = self.networks;
        let networks: Vec<&(TrialNetwork, String)> = all
            .iter()
            .filter(|(network, _)| names.contains(&network.name.as_str()))
            .collect();
        let hashes: Vec<(String, String)> = networks
            .iter()
            .map(|(network, hash)| (network.name.clone(), hash.clone()))
            .collect();
        let key = self.basis(provider, &plain, offered, &drivers, &hashes).key();
        let folder = self.kept.graphs(&key);
        let limit = self.launcher.limit.as_secs();
        let kept = self.kept.trial(&key, limit).filter(|_| !self.again);
        let is_kept = kept.is_some();
        let graphs = self.is_writable.then_some(folder);
        // What is there with nothing that is kept is somebody else's.
        let prepared = graphs.filter(
            |folder| match provider.place(index, Some(folder.clone())).cache() {
                None => false,
                Some(folder) if is_kept => compiled::check(folder).is_ok(),
                Some(folder) => compiled::empty(folder).is_ok(),
            },
        );
        let place = provider.place(index, prepared);
        let outcome = kept.unwrap_or_else(|| {
            let name = name(self.machine, provider, index, offered);
            let networks = networks.iter().map(|(network, _)| network.clone()).collect();
            let (outcome, keep) = self.try_out(provider, &place, name, networks);
            if let Some(limit) = keep {
                self.kept.put_trial(&key, provider.device, limit, outcome.clone());
            }
            if let Some(folder) = place.cache() {
                // Otherwise it is emptied at the next start, which is all that is lost.
                let _ = compiled::seal(folder);
            }
            outcome
        });
        Attempt {
            device: provider.device,
            index,
            place,
            kept: is_kept,
            outcome,
        }
    }

    /// Makes a trial; the result, and whether it is worth keeping: with the limit, where it took too long.
    fn try_out(
        &mut self,
        provider: &Provider,
        place: &Place,
        name: String,
        networks: Vec<TrialNetwork>,
    ) -> (Outcome, Option<Option<u64>>) {
        let mut outcome = Outcome {
            name,
            networks: Vec::new(),
            failures: Vec::new(),
        };
        tracing::info!(
            device = %provider.device,
            name = outcome.name,
            networks = networks.len(),
            "trying a device, once; this may take a while"
        );
        let references = match self.baseline() {
            Ok(folder) => folder.path().to_owned(),
            Err(Refusal { cause, reason }) => {
                outcome.failures.push(Failure {
                    network: None,
                    cause: *cause,
                    reason: reason.clone(),
                });
                return (outcome, None);
            }
        };
        let request = Request {
            networks,
            ..self.request(provider, place.clone(), &references)
        };
        let (lines, ended) = self.launcher.run(&request, provider.search_path());
        let unfinished = read(lines, &mut outcome);
        if ended != Ended::Done {
            let (cause, reason) = self.unfinished(&ended, unfinished.as_deref());
            outcome.failures.push(Failure {
                network: None,
                cause,
                reason,
            });
        }
        let keep = match ended {
            Ended::Done | Ended::Died(_) => Some(None),
            Ended::TimedOut => Some(Some(self.launcher.limit.as_secs())),
            Ended::NotStarted(_) => None,
        };
        (outcome, keep)
    }

    /// Has the processor run every network, for what others are held against.
    fn baseline(&mut self) -> Result<&TempDir, &Refusal> {
        let made = self.baseline.take();
        let made = made.unwrap_or_else(|| self.ask_processor());
        self.baseline.insert(made).as_ref()
    }

    fn ask_processor(&self) -> Result<TempDir, Refusal> {
        let not_tried = |reason: String| Refusal {
            cause: Cause::NotTried,
            reason,
        };
        let folder = tempfile::tempdir()
            .map_err(|error| not_tried(format!("a trial cannot write its files: {error}")))?;
        let request = Request {
            runtime: self.runtime.to_owned(),
            place: Place::Processor,
            networks: self.networks.iter().map(|(network, _)| network.clone()).collect(),
            references: folder.path().to_owned(),
            checks_processor: false,
            sessions: self.sessions,
            threads: self.threads,
        };
        let mut outcome = Outcome {
            name: String::new(),
            networks: Vec::new(),
            failures: Vec::new(),
        };
        let (lines, ended) = self.launcher.run(&request, None);
        let unfinished = read(lines, &mut outcome);
        if let Some(Failure { network, reason, .. }) = outcome.failures.first() {
            let network = network.as_deref().unwrap_or("nothing");
            return Err(not_tried(format!("on the processor, {network} fails: {reason}")));
        }
        if ended != Ended::Done {
            let (_, reason) = self.unfinished(&ended, unfinished.as_deref());
            return Err(not_tried(format!("on the processor, {reason}")));
        }
        Ok(folder)
    }

    fn request(&self, provider: &Provider, place: Place, references: &Path) -> Request {
        Request {
            runtime: provider
                .runtime()
                .map_or_else(|| self.runtime.to_owned(), PathBuf::clone),
            place,
            networks: Vec::new(),
            references: references.to_owned(),
            checks_processor: provider.runtime().is_some(),
            sessions: self.sessions,
            threads: self.threads,
        }
    }

    /// Why a trial did not come to its end, and where it was then.
    fn unfinished(&self, ended: &Ended, network: Option<&str>) -> (Cause, String) {
        let during = network.map_or_else(
            || "when its library was loaded".to_owned(),
            |network| format!("while {network} was tried"),
        );
        match ended {
            Ended::TimedOut => (
                Cause::TimedOut,
                format!(
                    "its trial took longer than {} s and was stopped {during}; raise DEVICE_TRIAL_SECONDS to give it \
                     more time",
                    self.launcher.limit.as_secs()
                ),
            ),
            Ended::Died(words) => (
                Cause::Died,
                format!("the process that ran its trial died {during}: {words}"),
            ),
            Ended::NotStarted(reason) => (
                Cause::NotTried,
                format!("its trial could not be started: {reason}"),
            ),
            Ended::Done => (Cause::NotTried, "its trial ended without a result".to_owned()),
        }
    }

    fn drivers(&self, provider: &Provider) -> String {
        let mut drivers = self.machine.drivers();
        if provider.device == Device::WebGpu {
            drivers.push_str(&vulkan_drivers());
        }
        drivers
    }

    fn basis(
        &self,
        provider: &Provider,
        place: &Place,
        offered: Option<&Offered>,
        drivers: &str,
        networks: &[(String, String)],
    ) -> Basis {
        let runtime = provider.runtime().map_or(self.runtime, PathBuf::as_path);
        Basis {
            worker: env!("CARGO_PKG_VERSION").to_owned(),
            package: provider.basis(),
            // A structure of texts and numbers has a JSON form.
            place: serde_json::to_string(place).unwrap_or_default(),
            offered: offered.cloned(),
            drivers: drivers.to_owned(),
            processor: (self.machine.processor.name.clone(), self.machine.processor.cores),
            runtime: state_of(runtime),
            networks: networks.to_vec(),
            sessions: (self.sessions, self.threads),
        }
    }
}

/// Takes what a trial said into a result; the network that had begun and was not finished.
fn read(lines: Vec<Line>, outcome: &mut Outcome) -> Option<String> {
    let mut begun = None;
    for line in lines {
        match line {
            Line::Begins(network) => begun = Some(network),
            Line::Runs(trial) => {
                begun = None;
                outcome.networks.push(trial);
            }
            Line::Fails {
                network,
                cause,
                reason,
            } => {
                begun = None;
                outcome.failures.push(Failure {
                    network: Some(network),
                    cause,
                    reason,
                });
            }
            Line::Impossible { cause, reason } => outcome.failures.push(Failure {
                network: None,
                cause,
                reason,
            }),
            Line::Devices(_) | Line::Done => {}
        }
    }
    begun
}

/// What tells one state of a library from another, without reading all of it.
fn state_of(library: &Path) -> String {
    let metadata = std::fs::metadata(library).ok();
    let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!(
        "{} {} {}",
        library.display(),
        metadata.map_or(0, |metadata| metadata.len()),
        modified.map_or(0, |modified| modified.as_nanos())
    )
}

/// What a device is called: as the system does where it knows it, otherwise as the library does.
fn name(machine: &Machine, provider: &Provider, index: usize, offered: Option<&Offered>) -> String {
    let Some(offered) = offered else {
        let is_for = |card: &&Accelerator| provider.device != Device::Cuda || card.is_nvidia();
        let mut cards = machine.cards.iter().filter(is_for);
        return cards.nth(index).map_or_else(
            || format!("{} {index}", provider.device),
            |card| card.name.clone(),
        );
    };
    let mut known = machine.cards.iter().chain(&machine.npus);
    let known = known.find(|one| {
        let model = one.id.as_deref().and_then(|id| Some(id.split_once(':')?.1));
        model.is_some_and(|model| u32::from_str_radix(model, 16) == Ok(offered.id))
    });
    match known {
        Some(one) if offered.kind != "cpu" => one.name.clone(),
        _ if offered.kind == "cpu" && provider.device == Device::WebGpu => {
            "a software renderer instead of a graphics card".to_owned()
        }
        _ if offered.kind == "cpu" => machine.processor.name.clone(),
        _ => format!("{} {}", offered.vendor, offered.kind).trim().to_owned(),
    }
}
