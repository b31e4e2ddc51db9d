//! The active plugins: loading, swapping and rolling back, each change on disk before it is published.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Serialize;

use super::cases;
use super::component::{PluginIdentity, digest};
use super::engine::{PluginEngine, PluginLimits};
use super::graphs::{GraphPermission, Graphs};
use super::ledger::{Event, Installed, Ledger, Previous};
use super::set::{Candidate, PluginSet};
use super::shadow::{Shadow, ShadowReport, Shadows};
use super::statistics::CallReport;
use super::trust::{Trust, signature_path};
use super::{PluginError, Slot};

/// Where the built-in plugins come from.
const BUILT_IN: &str = "built-in";

/// What becomes of a photo whose plugin fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The photo fails with 502 and nothing of it is stored.
    #[default]
    Fail,
    /// The answer does without: no tags, the neutral phrase, or the plain threshold rule; and says so.
    Degrade,
}

/// How plugins are loaded, run and replaced.
#[derive(Clone, Debug)]
pub struct PluginSettings {
    /// `PLUGIN_DIR`: components that replace the built-in ones, when there are any.
    pub directory: Option<PathBuf>,
    /// `PLUGIN_SETTLE_MS`: how long a file there must be left alone before it is loaded.
    pub settle: Duration,
    /// What one call may use.
    pub limits: PluginLimits,
    /// What a component must be to be loaded.
    pub trust: Trust,
    /// `PLUGIN_GRAPHS`: which slots may run which of the host's networks.
    pub graphs: Vec<GraphPermission>,
    /// `PLUGIN_DEGRADE`: slots whose failure does not fail the photo.
    pub degrade: Vec<Slot>,
    /// `PLUGIN_BREAKER_FAILURES`: failures in a row after which the plugin before is put back; 0 turns this off.
    pub breaker_failures: u32,
    /// `PLUGIN_HISTORY`: how many plugins are kept of each slot for rolling back.
    pub history: usize,
}

/// Work that a plugin causes once, before it is put into its slot.
pub trait Preparation: Send + Sync {
    /// Does what photos would have to wait for. Blocks.
    ///
    /// # Errors
    /// When it cannot be done; then the plugin is refused.
    fn prepare(&self, candidate: &Candidate) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// Nothing is to be done.
impl Preparation for () {
    fn prepare(&self, _: &Candidate) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

/// A change of a slot, or what it already was.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The slot.
    pub slot: Slot,
    /// False when the plugin was active already.
    pub changed: bool,
    /// The plugin that is active now.
    pub active: PluginIdentity,
    /// The plugin that was active before.
    pub previous: PluginIdentity,
}

/// One slot, for whoever looks after plugins.
#[derive(Clone, Debug, Serialize)]
pub struct SlotReport {
    /// The slot.
    pub slot: Slot,
    /// The active plugin.
    #[serde(flatten)]
    pub identity: PluginIdentity,
    /// When it was put into its slot, as RFC 3339; none for a built-in one that was never replaced.
    pub since: Option<String>,
    /// What becomes of a photo when it fails.
    pub on_failure: OnFailure,
    /// How it has been doing since the worker loaded it.
    #[serde(flatten)]
    pub calls: CallReport,
    /// The digest a rollback would return to; none when there is nothing before.
    pub previous_digest: Option<String>,
    /// The candidate that runs beside it.
    pub shadow: Option<ShadowReport>,
}

/// Holds the active plugins and everything needed to replace them.
pub struct Plugins {
    pub(super) settings: PluginSettings,
    pub(super) shadows: Shadows,
    engine: Arc<PluginEngine>,
    preparation: Box<dyn Preparation>,
    active: ArcSwap<PluginSet>,
    changing: Mutex<Changing>,
}

/// What only one change at a time may touch.
struct Changing {
    ledger: Ledger,
    /// The plugin before the active one, still compiled, so that a rollback is instant.
    kept: HashMap<Slot, Candidate>,
}

impl Plugins {
    /// Fills each slot with what was put there last, be it `<slot>.wasm` in the plugin directory or a swap, and else
    /// with the built-in plugin. `state` is the directory where changes are written down; `preparation` is done once for
    /// every plugin.
    ///
    /// Blocks for as long as compilation takes; call it from a blocking thread of a tokio runtime.
    ///
    /// # Errors
    /// When a component cannot be read, trusted, compiled, linked, instantiated or called, or `state` cannot be used.
    pub fn load(
        settings: PluginSettings,
        state: &Path,
        graphs: &Graphs,
        preparation: Box<dyn Preparation>,
    ) -> Result<Self, PluginError> {
        if let Some(directory) = settings
            .directory
            .as_ref()
            .filter(|directory| !directory.is_dir())
        {
            return Err(PluginError::NoDirectory(directory.clone()));
        }
        let engine = Arc::new(PluginEngine::new(
            settings.limits.clone(),
            permitted(&settings.graphs, graphs),
        )?);
        let mut ledger =
            Ledger::open(state, settings.history).map_err(|source| PluginError::state(state, source))?;
        let mut fill = |slot: Slot| fill(&engine, &settings, &mut ledger, slot);
        let candidates = [
            fill(Slot::Tagger)?,
            fill(Slot::ContextMapper)?,
            fill(Slot::ClusterPolicy)?,
        ];
        let set = match candidates {
            [
                Candidate::Tagger(tagger),
                Candidate::ContextMapper(context_mapper),
                Candidate::ClusterPolicy(cluster_policy),
            ] => PluginSet {
                tagger,
                context_mapper,
                cluster_policy,
            },
            // `Candidate::load` gives what it was asked for.
            _ => {
                return Err(PluginError::engine(wasmtime::Error::msg(
                    "a slot was filled with another's plugin",
                )));
            }
        };
        for slot in Slot::ALL {
            let candidate = set.get(slot);
            prepare(&*preparation, &candidate)?;
            let PluginIdentity {
                name,
                version,
                digest,
                origin,
            } = candidate.identity();
            tracing::info!(%slot, name, version, digest, origin, "plugin loaded");
        }
        Ok(Self {
            settings,
            shadows: Shadows::default(),
            engine,
            preparation,
            active: ArcSwap::from_pointee(set),
            changing: Mutex::new(Changing {
                ledger,
                kept: HashMap::new(),
            }),
        })
    }

    /// The active plugins of this moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<PluginSet> {
        self.active.load_full()
    }

    /// `PLUGIN_FILE_BYTES`.
    #[must_use]
    pub fn component_bytes(&self) -> u64 {
        self.settings.limits.component_bytes
    }

    /// Compiles, links, instantiates and calls a component once, and runs the golden cases it brings. Blocks.
    ///
    /// # Errors
    /// When it could not fill the slot; the text is for its author.
    pub fn candidate(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
    ) -> Result<Candidate, PluginError> {
        let candidate = load(
            &self.engine,
            &self.settings.trust,
            slot,
            component,
            signature,
            origin,
        )?;
        cases::run_embedded(&candidate, component)?;
        prepare(&*self.preparation, &candidate)?;
        Ok(candidate)
    }

    /// Puts a component into its slot. Requests that are being answered keep the plugin they began with. Blocks.
    ///
    /// # Errors
    /// When the component cannot fill the slot, or the change cannot be written down; then the old one keeps serving.
    pub fn swap(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
    ) -> Result<Change, PluginError> {
        self.install(slot, component, signature, origin, false)
    }

    /// Puts `<slot>.wasm` of the plugin directory into its slot, unless it has been there before. Blocks.
    ///
    /// # Errors
    /// As [`Self::swap`].
    pub(super) fn swap_from_file(&self, slot: Slot, path: &Path) -> Result<Option<Change>, PluginError> {
        let (component, signature) = read_component(slot, path, self.settings.limits.component_bytes)?;
        if self.lock().ledger.seen_in_directory(slot) == Some(digest(&component).as_str()) {
            return Ok(None);
        }
        let origin = path.display().to_string();
        self.install(slot, &component, signature.as_deref(), &origin, true)
            .map(Some)
    }

    fn install(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
        from_directory: bool,
    ) -> Result<Change, PluginError> {
        // Compiling is the slow part and touches nothing.
        let candidate = self
            .candidate(slot, component, signature, origin)
            .inspect_err(|error| self.refused(slot, component, origin, error))?;
        let mut changing = self.lock();
        let before = self.snapshot().get(slot);
        let previous = before.identity().clone();
        if previous.digest == candidate.identity().digest {
            return Ok(Change {
                slot,
                changed: false,
                active: previous.clone(),
                previous,
            });
        }
        let active = candidate.identity().clone();
        let installed = Installed::now(active.clone());
        changing
            .ledger
            .install(slot, installed, component, signature, from_directory)
            .map_err(|source| PluginError::state(Path::new("the plugin state"), source))?;
        self.publish(candidate);
        changing.kept.insert(slot, before);
        record(&changing.ledger, Event::Swapped, slot, &active, "");
        Ok(Change {
            slot,
            changed: true,
            active,
            previous,
        })
    }

    /// Puts the plugin before the active one back. Blocks when it must be compiled again.
    ///
    /// # Errors
    /// When there is none, or it cannot be loaded or written down; then the active one keeps serving.
    pub fn roll_back(&self, slot: Slot) -> Result<Change, PluginError> {
        self.roll_back_locked(&mut self.lock(), slot, Event::RolledBack, "")
    }

    /// Puts the plugin before back, unless somebody else has replaced the failing one already.
    pub(super) fn break_circuit(&self, failing: &Candidate, reason: &str) {
        let slot = failing.slot();
        let mut changing = self.lock();
        if self.snapshot().get(slot).identity().digest != failing.identity().digest {
            return;
        }
        // Whatever comes of it: the next attempt is due after as many failures again.
        failing.statistics().forgive();
        match self.roll_back_locked(&mut changing, slot, Event::CircuitBroken, reason) {
            Ok(change) => tracing::error!(
                %slot, failing = change.previous.digest, active = change.active.digest, reason,
                "the plugin kept failing; the one before it was put back"
            ),
            Err(error) => tracing::error!(
                %slot, failing = failing.identity().digest, reason, error = crate::report(&error),
                "the plugin keeps failing and the one before it cannot be put back"
            ),
        }
    }

    fn roll_back_locked(
        &self,
        changing: &mut Changing,
        slot: Slot,
        event: Event,
        reason: &str,
    ) -> Result<Change, PluginError> {
        let earlier = self.earlier(changing, slot)?;
        changing
            .ledger
            .roll_back(slot)
            .map_err(|source| PluginError::state(Path::new("the plugin state"), source))?;
        let previous = self.snapshot().get(slot).identity().clone();
        let active = earlier.identity().clone();
        earlier.statistics().forgive();
        self.publish(earlier);
        changing.kept.remove(&slot);
        record(&changing.ledger, event, slot, &active, reason);
        Ok(Change {
            slot,
            changed: true,
            active,
            previous,
        })
    }

    /// The plugin before the active one, compiled again unless it is still in memory.
    fn earlier(&self, changing: &Changing, slot: Slot) -> Result<Candidate, PluginError> {
        let kept = |digest: &str| {
            let kept = changing.kept.get(&slot)?;
            (kept.identity().digest == digest).then(|| kept.clone())
        };
        match changing.ledger.previous(slot) {
            Previous::None => Err(PluginError::NothingBefore(slot)),
            Previous::BuiltIn => kept(&digest(slot.built_in()))
                .map_or_else(|| built_in(&self.engine, &self.settings, slot), Ok),
            Previous::Installed(earlier) => kept(&earlier.identity.digest).map_or_else(
                || from_ledger(&self.engine, &self.settings, &changing.ledger, slot, &earlier),
                Ok,
            ),
        }
    }

    /// Runs a candidate beside the active plugin, without changing an answer. Blocks.
    ///
    /// # Errors
    /// When the component could not fill the slot.
    pub fn start_shadow(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
    ) -> Result<ShadowReport, PluginError> {
        let candidate = self.candidate(slot, component, signature, "shadow")?;
        let shadow = Arc::new(Shadow::new(candidate));
        let report = shadow.report();
        self.shadows.set(slot, Some(shadow));
        Ok(report)
    }

    /// What the shadow of a slot has shown so far; none when there is none.
    #[must_use]
    pub fn shadow(&self, slot: Slot) -> Option<ShadowReport> {
        self.shadows.get(slot).map(|shadow| shadow.report())
    }

    /// Ends the shadow of a slot; its last report, or none when there was none.
    pub fn end_shadow(&self, slot: Slot) -> Option<ShadowReport> {
        self.shadows.set(slot, None).map(|shadow| shadow.report())
    }

    /// Every slot with its plugin and how that has been doing.
    #[must_use]
    pub fn report(&self) -> Vec<SlotReport> {
        let changing = self.lock();
        let set = self.snapshot();
        Slot::ALL
            .into_iter()
            .map(|slot| {
                let plugin = set.get(slot);
                SlotReport {
                    slot,
                    identity: plugin.identity().clone(),
                    since: changing.ledger.active(slot).map(|active| active.since.clone()),
                    on_failure: self.on_failure(slot),
                    calls: plugin.statistics().report(),
                    previous_digest: match changing.ledger.previous(slot) {
                        Previous::None => None,
                        Previous::BuiltIn => Some(digest(slot.built_in())),
                        Previous::Installed(earlier) => Some(earlier.identity.digest),
                    },
                    shadow: self.shadow(slot),
                }
            })
            .collect()
    }

    pub(super) fn on_failure(&self, slot: Slot) -> OnFailure {
        if self.settings.degrade.contains(&slot) {
            OnFailure::Degrade
        } else {
            OnFailure::Fail
        }
    }

    fn publish(&self, candidate: Candidate) {
        self.active.store(Arc::new(self.snapshot().with(candidate)));
    }

    fn lock(&self) -> MutexGuard<'_, Changing> {
        // The ledger and the published set are changed by single assignments, so a panic leaves both whole.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, slot: Slot, component: &[u8], origin: &str, error: &PluginError) {
        let reason = crate::report(error);
        tracing::warn!(%slot, origin, reason, "a plugin was refused; the active one keeps serving");
        let identity = PluginIdentity {
            name: String::new(),
            version: String::new(),
            digest: digest(component),
            origin: origin.to_owned(),
        };
        record(&self.lock().ledger, Event::Refused, slot, &identity, &reason);
    }
}

fn prepare(preparation: &dyn Preparation, candidate: &Candidate) -> Result<(), PluginError> {
    preparation
        .prepare(candidate)
        .map_err(|source| PluginError::Preparation {
            slot: candidate.slot(),
            source,
        })
}

/// Writes a line of the audit log. The change itself is on disk by then, so a full disk does not undo it.
fn record(ledger: &Ledger, event: Event, slot: Slot, plugin: &PluginIdentity, reason: &str) {
    let PluginIdentity {
        name,
        version,
        digest,
        origin,
    } = plugin;
    tracing::info!(%slot, ?event, name, version, digest, origin, "plugin change");
    if let Err(error) = ledger.audit(event, slot, digest, origin, reason) {
        tracing::error!(%slot, ?event, digest, %error, "the audit log of plugins could not be written");
    }
}

/// What each slot may use of the graphs there are.
fn permitted(permissions: &[GraphPermission], graphs: &Graphs) -> HashMap<Slot, Graphs> {
    let mut permitted: HashMap<Slot, Graphs> = HashMap::new();
    for GraphPermission { slot, graph } in permissions {
        match graphs.get(graph) {
            Some(found) => {
                permitted
                    .entry(*slot)
                    .or_default()
                    .insert(graph.clone(), found.clone());
            }
            None => {
                tracing::warn!(%slot, graph, "PLUGIN_GRAPHS names a graph that this model set does not have")
            }
        }
    }
    permitted
}

/// What belongs into a slot at start: a file that is new in the plugin directory, else what was active last, else the
/// built-in plugin.
fn fill(
    engine: &Arc<PluginEngine>,
    settings: &PluginSettings,
    ledger: &mut Ledger,
    slot: Slot,
) -> Result<Candidate, PluginError> {
    let file = settings
        .directory
        .as_ref()
        .map(|directory| component_path(directory, slot))
        .filter(|file| file.exists());
    if let Some(file) = file {
        let (component, signature) = read_component(slot, &file, settings.limits.component_bytes)?;
        let found = digest(&component);
        if ledger.seen_in_directory(slot) != Some(found.as_str()) {
            let origin = file.display().to_string();
            let candidate = load(
                engine,
                &settings.trust,
                slot,
                &component,
                signature.as_deref(),
                &origin,
            )?;
            cases::run_embedded(&candidate, &component)?;
            let installed = Installed::now(candidate.identity().clone());
            ledger
                .install(slot, installed, &component, signature.as_deref(), true)
                .map_err(|source| PluginError::state(Path::new("the plugin state"), source))?;
            record(
                ledger,
                Event::Swapped,
                slot,
                candidate.identity(),
                "found at start",
            );
            return Ok(candidate);
        }
    }
    match ledger.active(slot).cloned() {
        Some(active) => from_ledger(engine, settings, ledger, slot, &active),
        None => built_in(engine, settings, slot),
    }
}

fn built_in(
    engine: &Arc<PluginEngine>,
    settings: &PluginSettings,
    slot: Slot,
) -> Result<Candidate, PluginError> {
    load(engine, &settings.trust, slot, slot.built_in(), None, BUILT_IN)
}

fn from_ledger(
    engine: &Arc<PluginEngine>,
    settings: &PluginSettings,
    ledger: &Ledger,
    slot: Slot,
    installed: &Installed,
) -> Result<Candidate, PluginError> {
    let PluginIdentity {
        digest: expected,
        origin,
        ..
    } = &installed.identity;
    let refused = |reason: String| PluginError::Load {
        slot,
        origin: format!("the plugin state ({expected})"),
        reason,
    };
    let (component, signature) = ledger
        .component(slot, expected)
        .map_err(|error| refused(format!("it cannot be read: {error}")))?;
    if digest(&component) != *expected {
        return Err(refused("its bytes are not those that were installed".to_owned()));
    }
    load(
        engine,
        &settings.trust,
        slot,
        &component,
        signature.as_deref(),
        origin,
    )
}

fn load(
    engine: &Arc<PluginEngine>,
    trust: &Trust,
    slot: Slot,
    component: &[u8],
    signature: Option<&str>,
    origin: &str,
) -> Result<Candidate, PluginError> {
    trust
        .check(slot, component, &digest(component), signature)
        .map_err(|reason| PluginError::Load {
            slot,
            origin: origin.to_owned(),
            reason,
        })?;
    Candidate::load(engine, slot, component, origin.to_owned())
}

/// Where the plugin directory holds a slot's component.
pub(super) fn component_path(directory: &Path, slot: Slot) -> PathBuf {
    directory.join(format!("{slot}.wasm"))
}

/// Reads a component file of at most `limit` bytes, and its signature when there is one.
fn read_component(slot: Slot, path: &Path, limit: u64) -> Result<(Vec<u8>, Option<String>), PluginError> {
    let refused = |reason: String| PluginError::Load {
        slot,
        origin: path.display().to_string(),
        reason,
    };
    let unreadable = |error: std::io::Error| refused(format!("it cannot be read: {error}"));
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > limit {
        return Err(refused(format!(
            "it has {size} bytes and PLUGIN_FILE_BYTES allows {limit}"
        )));
    }
    let component = fs::read(path).map_err(unreadable)?;
    let signature_file = signature_path(path);
    let signature = match fs::read_to_string(&signature_file) {
        Ok(signature) => Some(signature),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(refused(format!("its signature cannot be read: {error}"))),
    };
    Ok((component, signature))
}
