//! From bytes to a plugin that could fill a slot: where components come from, and what they must pass.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cases;
use super::component::PluginIdentity;
use super::engine::PluginEngine;
use super::error::PluginError;
use super::graphs::{GraphPermission, Graphs};
use super::ledger::{Installed, Ledger};
use super::set::Candidate;
use super::settings::PluginSettings;
use super::slot::Slot;
use super::trust::signature_path;
use crate::audit::{AuditEvent, Who};
use crate::digest::digest;
use crate::files::{ReadError, read_bounded};

/// The largest signature file, in bytes; minisign writes some 300.
const MAX_SIGNATURE_BYTES: u64 = 1 << 14;
/// Where the built-in plugins come from.
const BUILT_IN: &str = "built-in";

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

/// Makes candidates of components.
pub(super) struct Loader {
    pub(super) settings: PluginSettings,
    pub(super) engine: Arc<PluginEngine>,
    preparation: Box<dyn Preparation>,
}

impl Loader {
    pub(super) fn new(
        settings: PluginSettings,
        graphs: &Graphs,
        preparation: Box<dyn Preparation>,
    ) -> Result<Self, PluginError> {
        let graphs = permitted(&settings.graphs, graphs);
        Ok(Self {
            engine: Arc::new(PluginEngine::new(settings.limits.clone(), graphs)?),
            settings,
            preparation,
        })
    }

    /// A component that was in no slot yet: what it brings is tried, too.
    pub(super) fn candidate(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
    ) -> Result<Candidate, PluginError> {
        let candidate = self.load(slot, component, signature, origin)?;
        cases::run_embedded(&candidate, component)?;
        self.prepare(&candidate)?;
        Ok(candidate)
    }

    /// What belongs into a slot at start: a file that is new in the plugin directory, else what was active last, else
    /// the built-in plugin.
    pub(super) fn fill(&self, ledger: &mut Ledger, slot: Slot) -> Result<Candidate, PluginError> {
        let file = self
            .settings
            .directory
            .as_ref()
            .map(|directory| component_path(directory, slot));
        if let Some(file) = file.filter(|file| file.exists()) {
            let (component, signature) = self.read(slot, &file)?;
            if ledger.seen_in_directory(slot) != Some(digest(&component).as_str()) {
                let origin = file.display().to_string();
                let candidate = self.candidate(slot, &component, signature.as_deref(), &origin)?;
                let installed = Installed::now(candidate.identity().clone());
                ledger.install(slot, installed, &component, signature.as_deref(), true)?;
                ledger.record(
                    AuditEvent::Swapped,
                    slot,
                    candidate.identity(),
                    &Who::default(),
                    "found at start",
                );
                return Ok(candidate);
            }
        }
        match ledger.active(slot) {
            Some(active) => self.installed(ledger, slot, &active.identity),
            None => self.built_in(slot),
        }
    }

    pub(super) fn built_in(&self, slot: Slot) -> Result<Candidate, PluginError> {
        let candidate = self.load(slot, slot.built_in(), None, BUILT_IN)?;
        self.prepare(&candidate)?;
        Ok(candidate)
    }

    /// A plugin that was installed before.
    pub(super) fn installed(
        &self,
        ledger: &Ledger,
        slot: Slot,
        plugin: &PluginIdentity,
    ) -> Result<Candidate, PluginError> {
        let refused = |reason: String| PluginError::Load {
            slot,
            origin: format!("the plugin state ({})", plugin.digest),
            reason: format!("{reason}; {}", ledger.remedy(slot, &plugin.digest)),
        };
        let (component, signature) = ledger
            .component(slot, &plugin.digest)
            .map_err(|error| refused(format!("it cannot be read: {error}")))?;
        if digest(&component) != plugin.digest {
            return Err(refused("its bytes are not those that were installed".to_owned()));
        }
        let candidate = self.load(slot, &component, signature.as_deref(), &plugin.origin)?;
        self.prepare(&candidate)?;
        Ok(candidate)
    }

    fn load(
        &self,
        slot: Slot,
        component: &[u8],
        signature: Option<&str>,
        origin: &str,
    ) -> Result<Candidate, PluginError> {
        self.settings
            .trust
            .check(slot, component, &digest(component), signature)
            .map_err(|reason| PluginError::Load {
                slot,
                origin: origin.to_owned(),
                reason,
            })?;
        Candidate::load(&self.engine, slot, component, origin.to_owned())
    }

    fn prepare(&self, candidate: &Candidate) -> Result<(), PluginError> {
        self.preparation
            .prepare(candidate)
            .map_err(|source| PluginError::Preparation {
                slot: candidate.slot(),
                source,
            })
    }

    /// Reads a component file of at most `PLUGIN_FILE_BYTES`, and its signature when there is one.
    pub(super) fn read(&self, slot: Slot, path: &Path) -> Result<(Vec<u8>, Option<String>), PluginError> {
        let refused = |reason: String| PluginError::Load {
            slot,
            origin: path.display().to_string(),
            reason,
        };
        let limit = self.settings.limits.component_bytes;
        let component = read_bounded(path, limit).map_err(|error| match error {
            ReadError::TooLarge { .. } => refused(format!("{error} and PLUGIN_FILE_BYTES allows {limit}")),
            ReadError::NotRegular | ReadError::Io(_) => refused(error.to_string()),
        })?;
        let signature = match read_bounded(&signature_path(path), MAX_SIGNATURE_BYTES) {
            Ok(signature) => Some(String::from_utf8_lossy(&signature).into_owned()),
            Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(refused(format!("its signature cannot be used: {error}"))),
        };
        Ok((component, signature))
    }
}

/// Where the plugin directory holds a slot's component.
pub(super) fn component_path(directory: &Path, slot: Slot) -> PathBuf {
    directory.join(format!("{slot}.wasm"))
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
