//! What was put into the slots, kept on disk: the components, and which of them are active. What happened is told to the
//! audit log, which lies beside them.
//!
//! ```text
//! active.json                   the plugins of each slot, oldest first; the last one is active
//! tagger/<digest>.wasm          a component, and its signature beside it when it had one
//! ```

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::component::PluginIdentity;
use super::error::PluginError;
use super::slot::Slot;
use super::trust::signature_path;
use crate::audit::{AuditEntry, AuditEvent, AuditLog, Who};
use crate::files::{copy_folder, create_private_folder, remove_if_there, write_whole};
use crate::moment::rfc3339;

/// A plugin that is or was active.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Installed {
    #[serde(flatten)]
    pub(super) identity: PluginIdentity,
    /// When it was put into its slot, as RFC 3339.
    pub(super) since: String,
}

impl Installed {
    pub(super) fn now(identity: PluginIdentity) -> Self {
        Self {
            identity,
            since: rfc3339(OffsetDateTime::now_utc()),
        }
    }
}

/// One slot's past.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct SlotHistory {
    /// Oldest first; the last one is active. Below the oldest lies the built-in plugin, which is not written down.
    installed: Vec<Installed>,
    /// The digest that was last seen in the plugin directory. A file that has not changed since is no news, so that a
    /// plugin which was uploaded over it stays active after a restart.
    directory: Option<String>,
}

/// What lies below the active plugin of a slot.
pub(super) enum Previous {
    /// Nothing: the built-in plugin is active.
    None,
    /// The built-in plugin.
    BuiltIn,
    /// A plugin that was installed before.
    Installed(Installed),
}

/// The slots' past on disk.
pub(super) struct Ledger {
    directory: PathBuf,
    /// How many plugins are kept of each slot.
    kept: usize,
    slots: HashMap<Slot, SlotHistory>,
    audit: Arc<AuditLog>,
}

impl Ledger {
    /// Reads what is there; an absent directory is an empty past.
    pub(super) fn open(directory: &Path, kept: usize, audit: Arc<AuditLog>) -> Result<Self, PluginError> {
        let slots = read_slots(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            kept: kept.max(1),
            slots,
            audit,
        })
    }

    /// The active plugin of a slot; none when it is the built-in one.
    pub(super) fn active(&self, slot: Slot) -> Option<&Installed> {
        self.slots.get(&slot)?.installed.last()
    }

    /// The plugin that a rollback would make active.
    pub(super) fn previous(&self, slot: Slot) -> Previous {
        let installed = self
            .slots
            .get(&slot)
            .map_or(&[][..], |history| &history.installed);
        match installed {
            [] => Previous::None,
            [_] => Previous::BuiltIn,
            [.., previous, _] => Previous::Installed(previous.clone()),
        }
    }

    /// The digest that was last seen in the plugin directory.
    pub(super) fn seen_in_directory(&self, slot: Slot) -> Option<&str> {
        self.slots.get(&slot)?.directory.as_deref()
    }

    /// What to do when a plugin that was installed is not there as it was.
    pub(super) fn remedy(&self, slot: Slot, digest: &str) -> String {
        format!(
            "restore {} from a backup, or move {} away: every slot then starts with its built-in plugin",
            self.path(slot, digest).display(),
            self.directory.join("active.json").display()
        )
    }

    /// The bytes of a plugin that was installed, and its signature.
    pub(super) fn component(&self, slot: Slot, digest: &str) -> io::Result<(Vec<u8>, Option<String>)> {
        let path = self.path(slot, digest);
        let bytes = fs::read(&path)?;
        match fs::read_to_string(signature_path(&path)) {
            Ok(signature) => Ok((bytes, Some(signature))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((bytes, None)),
            Err(error) => Err(error),
        }
    }

    /// Writes a plugin down as active. On an error everything is as before.
    pub(super) fn install(
        &mut self,
        slot: Slot,
        installed: Installed,
        component: &[u8],
        signature: Option<&str>,
        from_directory: bool,
    ) -> Result<(), PluginError> {
        self.write_installed(slot, installed, component, signature, from_directory)
            .map_err(|source| PluginError::state(&self.directory, source))
    }

    fn write_installed(
        &mut self,
        slot: Slot,
        installed: Installed,
        component: &[u8],
        signature: Option<&str>,
        from_directory: bool,
    ) -> io::Result<()> {
        let path = self.path(slot, &installed.identity.digest);
        if let Some(signature) = signature {
            write_whole(&signature_path(&path), signature.as_bytes())?;
        }
        write_whole(&path, component)?;
        let mut history = self.slots.get(&slot).cloned().unwrap_or_default();
        if from_directory {
            history.directory = Some(installed.identity.digest.clone());
        }
        let already_active = history
            .installed
            .last()
            .is_some_and(|active| active.identity.digest == installed.identity.digest);
        if !already_active {
            history.installed.push(installed);
        }
        let surplus = history.installed.len().saturating_sub(self.kept);
        let dropped: Vec<Installed> = history.installed.drain(..surplus).collect();
        self.replace(slot, history)?;
        for old in dropped {
            self.remove_unless_named(slot, &old.identity.digest);
        }
        Ok(())
    }

    /// Makes the plugin before the active one active again. On an error everything is as before.
    pub(super) fn roll_back(&mut self, slot: Slot) -> Result<(), PluginError> {
        let mut history = self.slots.get(&slot).cloned().unwrap_or_default();
        let gone = history.installed.pop();
        if let Some(active) = history.installed.last_mut() {
            active.since = rfc3339(OffsetDateTime::now_utc());
        }
        self.replace(slot, history)
            .map_err(|source| PluginError::state(&self.directory, source))?;
        if let Some(gone) = gone {
            self.remove_unless_named(slot, &gone.identity.digest);
        }
        Ok(())
    }

    /// Logs what happened, and appends it to the audit log. The change itself is on disk by then, so a full disk does
    /// not undo it.
    pub(super) fn record(
        &self,
        event: AuditEvent,
        slot: Slot,
        plugin: &PluginIdentity,
        who: &Who,
        reason: &str,
    ) {
        let PluginIdentity {
            name,
            version,
            digest,
            origin,
        } = plugin;
        tracing::info!(%slot, ?event, name, version, digest, origin, "plugin change");
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.audit.record(AuditEntry {
            slot: Some(slot.name().to_owned()),
            digest: told(digest),
            origin: told(origin),
            reason: told(reason),
            ..AuditEntry::new(event, who)
        });
    }

    /// Copies all of it into a folder.
    pub(super) fn copy(&self, to: &Path) -> io::Result<()> {
        back_up(&self.directory, to)
    }

    fn path(&self, slot: Slot, digest: &str) -> PathBuf {
        self.directory.join(slot.name()).join(format!("{digest}.wasm"))
    }

    fn replace(&mut self, slot: Slot, history: SlotHistory) -> io::Result<()> {
        let before = self.slots.insert(slot, history);
        let text = serde_json::to_vec_pretty(&self.slots)?;
        let written = write_whole(&self.directory.join("active.json"), &text);
        if written.is_err() {
            match before {
                Some(before) => self.slots.insert(slot, before),
                None => self.slots.remove(&slot),
            };
        }
        written
    }

    /// A file that stays behind costs disk and nothing else.
    fn remove_unless_named(&self, slot: Slot, digest: &str) {
        let named = self.slots.get(&slot).is_some_and(|history| {
            history
                .installed
                .iter()
                .any(|kept| kept.identity.digest == digest)
        });
        if named {
            return;
        }
        let path = self.path(slot, digest);
        for path in [signature_path(&path), path] {
            if let Err(error) = remove_if_there(&path) {
                tracing::warn!(path = %path.display(), %error, "an old plugin could not be removed");
            }
        }
    }
}

/// Copies what a worker has written down about its plugins, and the components, into a folder; no worker may change it
/// meanwhile. Blocks.
///
/// # Errors
/// When something cannot be read or written.
pub fn back_up(state: &Path, to: &Path) -> io::Result<()> {
    if state.exists() {
        copy_folder(state, to)
    } else {
        create_private_folder(to)
    }
}

fn read_slots(directory: &Path) -> Result<HashMap<Slot, SlotHistory>, PluginError> {
    let path = directory.join("active.json");
    let read = fs::create_dir_all(directory).and_then(|()| fs::read(&path));
    match read {
        Ok(text) => serde_json::from_slice(&text).map_err(|source| PluginError::Damaged { path, source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(PluginError::state(directory, error)),
    }
}
