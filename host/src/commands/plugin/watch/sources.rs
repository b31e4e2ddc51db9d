//! The sources of a project, looked at again and again: file systems that tell of changes do so in many ways, and a
//! project is small.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::digest::digest;

/// Folders that hold what is fetched or built.
const NOT_SOURCES: [&str; 5] = ["__pycache__", "build", "dist", "node_modules", "target"];
/// Larger files are no sources.
const MAX_BYTES: u64 = 16 << 20;
/// The most files that are watched: a project has tens of them, a home folder that was named by mistake many more.
const MAX_FILES: usize = 10_000;

/// Every source as it is at one moment, by its path within the project.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources(BTreeMap<PathBuf, Source>);

#[derive(Clone, Debug)]
struct Source {
    modified: SystemTime,
    bytes: u64,
    /// A file that is written again as it was has not changed.
    digest: String,
}

impl Sources {
    /// What is there now. Of a file that looks as it did before, the contents are not read again. Blocks.
    pub(super) fn read(directory: &Path, before: &Self) -> io::Result<Self> {
        let mut sources = Self::default();
        sources.read_folder(directory, Path::new(""), before)?;
        Ok(sources)
    }

    fn read_folder(&mut self, directory: &Path, folder: &Path, before: &Self) -> io::Result<()> {
        let entries = match std::fs::read_dir(directory.join(folder)) {
            // It is gone since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder != Path::new("") => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            let (name, kind) = (name.to_string_lossy(), entry.file_type()?);
            if !may_be_source(&name, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                self.read_folder(directory, &path, before)?;
            } else if let Some(source) = Source::read(&entry.path(), before.0.get(&path)) {
                self.0.insert(path, source);
                if self.0.len() > MAX_FILES {
                    return Err(io::Error::other(format!(
                        "it contains more than {MAX_FILES} files; give the folder of one plugin"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The files that are new, changed or gone since then.
    pub(super) fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let differs = |path: &&PathBuf| {
            let digest = |sources: &Self| sources.0.get(*path).map(|source| source.digest.clone());
            digest(self) != digest(before)
        };
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        self.0.keys().chain(gone).filter(differs).cloned().collect()
    }

    /// Takes over files that came since.
    pub(super) fn add_new(&mut self, later: Self) {
        for (path, source) in later.0 {
            self.0.entry(path).or_insert(source);
        }
    }
}

impl Source {
    /// None when it is gone again, or no file that can be read: links to folders are not followed, so that a circle of
    /// them ends.
    fn read(path: &Path, before: Option<&Self>) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let (modified, bytes) = (metadata.modified().ok()?, metadata.len());
        if !metadata.is_file() || bytes > MAX_BYTES {
            return None;
        }
        let known = before.filter(|before| before.modified == modified && before.bytes == bytes);
        let digest = match known {
            Some(known) => known.digest.clone(),
            None => digest(&std::fs::read(path).ok()?),
        };
        Some(Self {
            modified,
            bytes,
            digest,
        })
    }
}

/// Whether a file or folder of this name may hold what somebody writes: no hidden one, no copy that an editor keeps,
/// nothing that was fetched or built.
fn may_be_source(name: &str, is_folder: bool) -> bool {
    let is_made = if is_folder {
        NOT_SOURCES.contains(&name)
    } else {
        name.ends_with('~') || name.ends_with(".wasm")
    };
    !(is_made || name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn paths(changed: &[PathBuf]) -> Vec<&str> {
        changed.iter().map(|path| path.to_str().unwrap()).collect()
    }

    #[test]
    fn a_change_is_other_contents_in_what_somebody_writes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for (name, text) in [("src/lib.rs", "one"), ("cases/first.json", "{}"), ("old", "")] {
            write(name, text);
        }
        let first = Sources::read(folder.path(), &Sources::default()).unwrap();
        assert_eq!(
            paths(&first.changed_since(&Sources::default())),
            ["cases/first.json", "old", "src/lib.rs"]
        );
        for built in [
            "target/a",
            "node_modules/b/c",
            ".venv/d",
            "plugin.wasm",
            "src/lib.rs~",
            "build/plugin.ts",
            "__pycache__/e",
        ] {
            write(built, "built");
        }
        // Saved as it was.
        write("cases/first.json", "{}");
        let second = Sources::read(folder.path(), &first).unwrap();
        assert!(second.changed_since(&first).is_empty());

        write("src/lib.rs", "two and more");
        write("src/new.rs", "");
        std::fs::remove_file(folder.path().join("old")).unwrap();
        let third = Sources::read(folder.path(), &second).unwrap();
        assert_eq!(
            paths(&third.changed_since(&second)),
            ["src/lib.rs", "src/new.rs", "old"]
        );
        let mut known = second;
        known.add_new(third.clone());
        assert_eq!(paths(&third.changed_since(&known)), ["src/lib.rs", "old"]);
    }

    #[test]
    fn a_home_folder_is_not_watched_by_mistake() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..=MAX_FILES {
            std::fs::write(folder.path().join(number.to_string()), "").unwrap();
        }
        let refused = Sources::read(folder.path(), &Sources::default()).unwrap_err();
        assert!(
            refused.to_string().contains("give the folder of one plugin"),
            "{refused}"
        );
    }
}
