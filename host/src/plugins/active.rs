//! The active plugins: loading, swapping and rolling back, each change on disk before it is published.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::component::PluginIdentity;
use super::data::PluginData;
use super::error::PluginError;
use super::failures::{Failures, LastFailure};
use super::graphs::Graphs;
use super::ledger::{Installed, Ledger, Previous};
use super::loader::{Loader, Preparation};
use super::set::{Candidate, PluginSet};
use super::settings::{OnFailure, PluginSettings};
use super::shadow::{Shadow, ShadowReport, Shadows};
use super::slot::Slot;
use super::statistics::CallReport;
use super::trial::{Terms, Trial, TrialReport};
use crate::activity::Activity;
use crate::audit::{AuditEvent, AuditLog, Who};
use crate::digest::digest;
use crate::domain::Evidence;

/// A change of a slot, or its state if nothing changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The slot.
    pub slot: Slot,
    /// Whether the slot changed; false if the plugin was already active.
    pub changed: bool,
    /// The plugin that is active now.
    pub active: PluginIdentity,
    /// The plugin that was active before.
    pub previous: PluginIdentity,
    /// The result of the trial on stored scenes. Null if there was no trial: after a rollback, if the plugin was
    /// already active, and if `trial=off` or `PLUGIN_TRIAL_SCENES=0` turned it off.
    pub trial: Option<TrialReport>,
}

/// One plugin slot.
#[derive(Clone, Debug)]
pub struct SlotReport {
    /// The slot.
    pub slot: Slot,
    /// The active plugin.
    pub identity: PluginIdentity,
    /// When it was put into its slot, as RFC 3339; null for a built-in plugin that was never replaced.
    pub since: Option<String>,
    /// What happens to a photo when the plugin fails.
    pub on_failure: OnFailure,
    /// The statistics of its calls since the worker loaded it.
    pub calls: CallReport,
    /// The latest failed call of this slot since the worker started; only for administrators, and only if there was
    /// one. The plugin that failed may be a previous one.
    pub last_failure: Option<LastFailure>,
    /// The digest of the plugin that a rollback would restore; null if there is no previous plugin.
    pub previous_digest: Option<String>,
    /// The data that it contains besides its code, such as a packed vocabulary; null for most plugins.
    pub data: Option<PluginData>,
    /// Tags of its vocabulary that need evidence which the model set cannot give, as far as the plugin declares what
    /// each tag needs; only for a tagger.
    pub tags_out_of_reach: Vec<String>,
    /// The candidate that runs beside it (shadow).
    pub shadow: Option<ShadowReport>,
}

/// Holds the active plugins and everything needed to replace them.
pub struct Plugins {
    pub(super) loader: Loader,
    pub(super) shadows: Shadows,
    pub(super) failures: Failures,
    /// Who is told that a plugin failed and the answer does without it.
    pub(super) activity: OnceLock<Arc<Activity>>,
    active: ArcSwap<PluginSet>,
    changing: Mutex<Changing>,
    /// One candidate is tried at a time, so that trials take one core from photos and no more.
    trying: tokio::sync::Mutex<()>,
}

/// What only one change at a time may touch.
struct Changing {
    ledger: Ledger,
    /// The plugin before the active one, still compiled, so that a rollback is instant.
    kept: HashMap<Slot, Candidate>,
}

impl Plugins {
    /// Fills each slot with what was put there last, be it `<slot>.wasm` in the plugin directory or a swap, and else
    /// with the built-in plugin. `state` is the directory where changes are written down, and `audit` is told of them;
    /// `preparation` is done once for every plugin.
    ///
    /// Blocks for as long as compilation takes; call it from a blocking thread of a tokio runtime.
    ///
    /// # Errors
    /// When a component cannot be read, trusted, compiled, linked, instantiated or called, or `state` cannot be used.
    pub fn load(
        settings: PluginSettings,
        state: &Path,
        audit: Arc<AuditLog>,
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
        let mut ledger = Ledger::open(state, settings.history, audit)?;
        let loader = Loader::new(settings, graphs, preparation)?;
        loader.engine.set_starting(true);
        let set = PluginSet::fill(|slot| loader.fill(&mut ledger, slot))?;
        loader.engine.set_starting(false);
        for slot in Slot::ALL {
            let candidate = set.get(slot);
            let PluginIdentity {
                name,
                version,
                digest,
                origin,
            } = candidate.identity();
            tracing::info!(%slot, name, version, digest, origin, "plugin loaded");
        }
        Ok(Self {
            loader,
            shadows: Shadows::default(),
            failures: Failures::default(),
            activity: OnceLock::new(),
            active: ArcSwap::from_pointee(set),
            changing: Mutex::new(Changing {
                ledger,
                kept: HashMap::new(),
            }),
            trying: tokio::sync::Mutex::default(),
        })
    }

    /// The active plugins of this moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<PluginSet> {
        self.active.load_full()
    }

    /// Has failures told that no caller is told of. The first one who is named is told.
    pub fn tell(&self, activity: Arc<Activity>) {
        self.activity.get_or_init(|| activity);
    }

    /// `PLUGIN_FILE_BYTES`.
    #[must_use]
    pub fn component_bytes(&self) -> u64 {
        self.loader.settings.limits.component_bytes
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
        self.loader.candidate(slot, component, signature, origin)
    }

    /// Puts a component into its slot. Requests that are being answered keep the plugin they began with. Blocks.
    ///
    /// # Errors
    /// When the component cannot fill the slot or fails its trial, the change cannot be written down, or nobody waits for
    /// it any more; then the old one keeps serving.
    pub fn swap<'a>(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
        terms: impl Into<Terms<'a>>,
    ) -> Result<Change, PluginError> {
        self.install(slot, component, signature, origin, &terms.into(), false)
    }

    /// Puts `<slot>.wasm` of the plugin directory into its slot, unless it has been there before. Blocks.
    ///
    /// # Errors
    /// As [`Self::swap`].
    pub(super) fn swap_from_file(
        &self,
        slot: Slot,
        path: &Path,
        trial: Option<&dyn Trial>,
    ) -> Result<Option<Change>, PluginError> {
        let origin = path.display().to_string();
        let (component, signature) = self.loader.read(slot, path).inspect_err(|error| {
            let reason = crate::report(error);
            tracing::warn!(
                %slot, origin, reason,
                "a plugin file could not be read; the active plugin stays in use"
            );
        })?;
        if self.lock().ledger.seen_in_directory(slot) == Some(digest(&component).as_str()) {
            return Ok(None);
        }
        let nobody = Who::default();
        let terms = Terms {
            trial,
            ..Terms::from(&nobody)
        };
        self.install(slot, &component, signature.as_deref(), &origin, &terms, true)
            .map(Some)
    }

    fn install(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
        terms: &Terms<'_>,
        from_directory: bool,
    ) -> Result<Change, PluginError> {
        // Compiling is slow, as a trial is, and touches nothing.
        let candidate = self
            .candidate(slot, component, signature, origin)
            .inspect_err(|error| self.refused(slot, component, origin, terms.who, error))?;
        let active = candidate.identity().clone();
        let mut trial = None;
        let (mut changing, before) = loop {
            let changing = self.lock();
            let before = self.snapshot().get(slot);
            if terms.abandoned.is_cancelled() {
                changing
                    .ledger
                    .record(AuditEvent::SwapAbandoned, slot, &active, terms.who, "");
                return Err(PluginError::Abandoned(slot));
            }
            let previous = before.identity();
            if previous.digest == active.digest {
                return Ok(Change {
                    slot,
                    changed: false,
                    active: previous.clone(),
                    previous: previous.clone(),
                    trial,
                });
            }
            let Some(trying) = terms.trial.filter(|_| trial.is_none()) else {
                break (changing, before);
            };
            // Photos and other changes do not wait for a trial, so all is looked at again after it.
            drop(changing);
            let report = self
                .try_out(&candidate, trying, &terms.abandoned)
                .inspect_err(|error| self.refused(slot, component, origin, terms.who, error))?;
            trial = Some(report);
        };
        let installed = Installed::now(active.clone());
        changing
            .ledger
            .install(slot, installed, component, signature, from_directory)?;
        // Cases and trials are not what it did for photos.
        candidate.statistics().restart();
        self.publish(candidate);
        let previous = before.identity().clone();
        changing.kept.insert(slot, before);
        let tried = trial.as_ref().map(TrialReport::to_string);
        changing.ledger.record(
            AuditEvent::Swapped,
            slot,
            &active,
            terms.who,
            tried.as_deref().unwrap_or(terms.remark),
        );
        Ok(Change {
            slot,
            changed: true,
            active,
            previous,
            trial,
        })
    }

    /// Waits for its turn, then tries a candidate. Blocks.
    fn try_out(
        &self,
        candidate: &Candidate,
        trial: &dyn Trial,
        abandoned: &CancellationToken,
    ) -> Result<TrialReport, PluginError> {
        Handle::current().block_on(async {
            let _turn = tokio::select! {
                turn = self.trying.lock() => turn,
                () = abandoned.cancelled() => return Ok(TrialReport::default()),
            };
            trial.run(candidate, &self.snapshot(), abandoned).await
        })
    }

    /// Puts the plugin before the active one back. Blocks when it must be compiled again.
    ///
    /// # Errors
    /// When there is none, or it cannot be loaded or written down; then the active one keeps serving.
    pub fn roll_back(&self, slot: Slot, who: &Who) -> Result<Change, PluginError> {
        self.roll_back_locked(&mut self.lock(), slot, AuditEvent::RolledBack, who, "")
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
        let nobody = Who::default();
        match self.roll_back_locked(&mut changing, slot, AuditEvent::CircuitBroken, &nobody, reason) {
            Ok(change) => tracing::error!(
                %slot, failing = change.previous.digest, active = change.active.digest, reason,
                "circuit breaker: the plugin kept failing, so the previous plugin was restored"
            ),
            Err(error) => tracing::error!(
                %slot, failing = failing.identity().digest, reason, error = crate::report(&error),
                "the plugin keeps failing, and the previous plugin cannot be restored"
            ),
        }
    }

    fn roll_back_locked(
        &self,
        changing: &mut Changing,
        slot: Slot,
        event: AuditEvent,
        who: &Who,
        reason: &str,
    ) -> Result<Change, PluginError> {
        let earlier = self.earlier(changing, slot)?;
        changing.ledger.roll_back(slot)?;
        let previous = self.snapshot().get(slot).identity().clone();
        let active = earlier.identity().clone();
        earlier.statistics().forgive();
        self.publish(earlier);
        changing.kept.remove(&slot);
        changing.ledger.record(event, slot, &active, who, reason);
        Ok(Change {
            slot,
            changed: true,
            active,
            previous,
            trial: None,
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
            Previous::BuiltIn => {
                kept(&digest(slot.built_in())).map_or_else(|| self.loader.built_in(slot), Ok)
            }
            Previous::Installed(earlier) => kept(&earlier.identity.digest).map_or_else(
                || self.loader.installed(&changing.ledger, slot, &earlier.identity),
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

    /// Copies what is written down about the slots, and the components, into a folder; no change comes in between.
    /// Blocks.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub fn back_up(&self, to: &Path) -> io::Result<()> {
        self.lock().ledger.copy(to)
    }

    /// Every slot with its plugin and how that has been doing; with what plugins wrote when they failed, which may be what
    /// they saw in a photo, only for administrators.
    #[must_use]
    pub fn report(&self, available: Evidence, for_administrator: bool) -> Vec<SlotReport> {
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
                    on_failure: self.loader.settings.on_failure(slot),
                    calls: plugin.statistics().report(),
                    last_failure: self.failures.get(slot).filter(|_| for_administrator),
                    previous_digest: match changing.ledger.previous(slot) {
                        Previous::None => None,
                        Previous::BuiltIn => Some(digest(slot.built_in())),
                        Previous::Installed(earlier) => Some(earlier.identity.digest),
                    },
                    data: plugin.data().cloned(),
                    tags_out_of_reach: plugin.tags_out_of_reach(available),
                    shadow: self.shadow(slot),
                }
            })
            .collect()
    }

    fn publish(&self, candidate: Candidate) {
        self.active.store(Arc::new(self.snapshot().with(candidate)));
    }

    fn lock(&self) -> MutexGuard<'_, Changing> {
        // The ledger and the published set are changed by single assignments, so a panic leaves both whole.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, slot: Slot, component: &[u8], origin: &str, who: &Who, error: &PluginError) {
        let reason = error.logged();
        tracing::warn!(%slot, origin, reason, "a plugin was refused; the active plugin stays in use");
        let identity = PluginIdentity {
            name: String::new(),
            version: String::new(),
            digest: digest(component),
            origin: origin.to_owned(),
        };
        self.lock()
            .ledger
            .record(AuditEvent::Refused, slot, &identity, who, &error.audited());
    }
}
