//! What was measured, kept beside the models, so that a start need not measure again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::setting::Device;
use super::trial::{Cause, NetworkTrial, Offered};
use crate::digest::digest;
use crate::files::{remove_folder_if_there, write_whole_readable};

/// The file's name in the folder of devices.
const FILE: &str = "kept.json";
/// The folder of compiled graphs in the folder of devices.
const CACHE: &str = "cache";
/// How many results are kept: for a few model sets, of a few devices each.
const MOST: usize = 32;

/// What a result depends on; whatever changes of it, the result is another one.
#[derive(Clone, Serialize)]
pub(super) struct Basis {
    /// The version of this program, whose trial may be another one in another version.
    pub(super) worker: String,
    /// The package's name, version and the hash of its files.
    pub(super) package: String,
    /// How sessions are built.
    pub(super) place: String,
    /// What the library says of the device.
    pub(super) offered: Option<Offered>,
    /// Cards and NPUs with their drivers.
    pub(super) drivers: String,
    /// The processor and its cores, which the device is compared with.
    pub(super) processor: (String, usize),
    /// ONNX Runtime's library.
    pub(super) runtime: String,
    /// The networks with the hashes of their graphs.
    pub(super) networks: Vec<(String, String)>,
    /// Inferences at the same time, and threads of one.
    pub(super) sessions: (usize, usize),
}

impl Basis {
    /// A name for all of it.
    pub(super) fn key(&self) -> String {
        // A structure of texts and numbers has a JSON form.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut key = digest(&text);
        key.truncate(32);
        key
    }
}

/// What came of the trial of one device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Outcome {
    /// Its name.
    pub(super) name: String,
    /// The networks that passed.
    pub(super) networks: Vec<NetworkTrial>,
    /// Those that did not pass, or what kept the trial from its end.
    pub(super) failures: Vec<Failure>,
}

/// What did not pass.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    /// The network; none where it is not about one.
    pub(super) network: Option<String>,
    /// What kind of failure it is.
    pub(super) cause: Cause,
    /// In words.
    pub(super) reason: String,
}

/// All that is kept.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Contents {
    /// The latest last.
    #[serde(default)]
    devices: Vec<Entry<Vec<Offered>>>,
    /// The latest last.
    #[serde(default)]
    trials: Vec<Entry<Outcome>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Entry<T> {
    key: String,
    device: Device,
    /// The limit of a trial that took too long, in seconds: with a higher one it is worth another.
    #[serde(default)]
    limit: Option<u64>,
    value: T,
}

/// What is kept, and where.
pub(super) struct Kept {
    folder: PathBuf,
    contents: Contents,
    changed: bool,
}

impl Kept {
    /// Reads what is kept in the folder of devices; what is missing or unreadable counts as nothing.
    pub(super) fn read(folder: &Path) -> Self {
        let contents = fs::read(folder.join(FILE)).ok();
        Self {
            folder: folder.to_owned(),
            contents: contents
                .and_then(|json| serde_json::from_slice(&json).ok())
                .unwrap_or_default(),
            changed: false,
        }
    }

    /// The devices that a library offered.
    pub(super) fn devices(&self, key: &str) -> Option<Vec<Offered>> {
        let entry = self.contents.devices.iter().find(|entry| entry.key == key);
        entry.map(|entry| entry.value.clone())
    }

    /// What came of a trial; one that took too long counts only for limits up to the one that it had.
    pub(super) fn trial(&self, key: &str, limit: u64) -> Option<Outcome> {
        let entry = self.contents.trials.iter().find(|entry| entry.key == key)?;
        let counts = entry.limit.is_none_or(|had| limit <= had);
        counts.then(|| entry.value.clone())
    }

    /// Keeps what a library offers.
    pub(super) fn put_devices(&mut self, key: &str, device: Device, offered: Vec<Offered>) {
        put(&mut self.contents.devices, key, device, None, offered);
        self.changed = true;
    }

    /// Keeps what came of a trial. `limit` is that of one that took too long.
    pub(super) fn put_trial(&mut self, key: &str, device: Device, limit: Option<u64>, result: Outcome) {
        let dropped = put(&mut self.contents.trials, key, device, limit, result);
        self.changed = true;
        for key in dropped {
            // What stays is of no use, and takes room only.
            let _ = remove_folder_if_there(&self.graphs(&key));
        }
    }

    /// The folder of compiled graphs that goes with a key.
    pub(super) fn graphs(&self, key: &str) -> PathBuf {
        self.folder.join(CACHE).join(key)
    }

    /// Writes it down, where something has changed.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn save(&mut self) -> std::io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        let json = serde_json::to_vec_pretty(&self.contents)?;
        write_whole_readable(&self.folder.join(FILE), &json)?;
        self.changed = false;
        Ok(())
    }
}

/// Puts a value at the end, in place of the one with the same key; the keys that made room.
fn put<T>(
    entries: &mut Vec<Entry<T>>,
    key: &str,
    device: Device,
    limit: Option<u64>,
    value: T,
) -> Vec<String> {
    entries.retain(|entry| entry.key != key);
    entries.push(Entry {
        key: key.to_owned(),
        device,
        limit,
        value,
    });
    let excess = entries.len().saturating_sub(MOST);
    entries.drain(..excess).map(|entry| entry.key).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    fn result(name: &str) -> Outcome {
        Outcome {
            name: name.to_owned(),
            networks: Vec::new(),
            failures: Vec::new(),
        }
    }

    #[test]
    fn what_is_kept_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::read(&folder.path().join("devices"));
        assert_eq!(kept.trial("a", 60), None);
        kept.put_trial("a", Device::WebGpu, None, result("card"));
        kept.put_devices("l", Device::WebGpu, Vec::new());
        kept.save().unwrap();
        let kept = Kept::read(&folder.path().join("devices"));
        assert_eq!(kept.trial("a", 60), Some(result("card")));
        assert_eq!(kept.trial("b", 60), None);
        assert_eq!(kept.devices("l"), Some(Vec::new()));
        // What somebody else wrote there counts as nothing.
        fs::write(folder.path().join("devices").join(FILE), "{\"trials\": 1}").unwrap();
        assert_eq!(Kept::read(&folder.path().join("devices")).trial("a", 60), None);
    }

    #[test]
    fn a_trial_that_took_too_long_is_repeated_with_more_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::read(folder.path());
        kept.put_trial("a", Device::WebGpu, Some(60), result("card"));
        assert!(kept.trial("a", 60).is_some() && kept.trial("a", 30).is_some());
        assert_eq!(kept.trial("a", 61), None);
    }

    #[test]
    fn old_results_go_with_their_graphs() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::read(folder.path());
        for number in 0..=MOST {
            let key = number.to_string();
            fs::create_dir_all(kept.graphs(&key)).unwrap();
            kept.put_trial(&key, Device::WebGpu, None, result("card"));
        }
        assert!(!kept.graphs("0").exists() && kept.graphs("1").exists());
        assert_eq!(kept.trial("0", 60), None);
        assert!(kept.trial("1", 60).is_some());
    }

    #[test]
    fn whatever_changes_makes_another_key() {
        let basis = Basis {
            worker: "1".to_owned(),
            package: "onnxruntime-ep-webgpu 0.4.0 ff".to_owned(),
            place: "{}".to_owned(),
            offered: Some(Offered {
                kind: "gpu".to_owned(),
                vendor: "Intel".to_owned(),
                id: 7,
            }),
            drivers: "i915 6.12".to_owned(),
            processor: ("Intel".to_owned(), 4),
            runtime: "1.32.0".to_owned(),
            networks: vec![("yunet".to_owned(), "aa".to_owned())],
            sessions: (4, 1),
        };
        let key = basis.key();
        assert_eq!(key, basis.clone().key());
        assert_eq!(key.len(), 32);
        let changes: [fn(&mut Basis); 10] = [
            |basis| basis.worker.push('1'),
            |basis| basis.package.push('f'),
            |basis| basis.place.push('1'),
            |basis| basis.offered = None,
            |basis| basis.drivers.push('1'),
            |basis| basis.processor.1 = 8,
            |basis| basis.runtime.push('1'),
            |basis| basis.networks[0].1.push('a'),
            |basis| basis.networks.clear(),
            |basis| basis.sessions.1 = 2,
        ];
        for change in changes {
            let mut changed = basis.clone();
            change(&mut changed);
            assert_ne!(changed.key(), key);
        }
    }
}
