//! A plugin's project: how it is built and what comes of it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::super::Failure;

/// A folder with a plugin's sources.
#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) directory: PathBuf,
    /// The command that was named on the command line.
    named: Option<String>,
}

impl Project {
    /// # Errors
    /// When nothing says how the project is built.
    pub(super) fn open(directory: &Path, named: Option<&String>) -> Result<Self, Failure> {
        let project = Self {
            directory: directory.to_owned(),
            named: named.cloned(),
        };
        project.build().map(|_| project)
    }

    /// The command that builds it, for a shell: the named one, `build.sh`, or the script `build` of `package.json`. Packages
    /// are installed when they never were, or `package.json` has changed since.
    pub(super) fn build(&self) -> Result<String, Failure> {
        if let Some(named) = &self.named {
            return Ok(named.clone());
        }
        let modified = |file: &str| modified(&self.directory.join(file));
        if modified("build.sh").is_some() {
            return Ok("./build.sh".to_owned());
        }
        if let Some(packages) = modified("package.json") {
            // npm writes this file whenever it installs.
            let installed = modified("node_modules/.package-lock.json");
            let install = if installed.is_some_and(|installed| installed >= packages) {
                ""
            } else {
                "npm install --no-audit --no-fund && "
            };
            return Ok(format!("{install}npm run build"));
        }
        Err(format!(
            "{} has no build.sh and no package.json; add one, as `ai-worker plugin new` does, or give the command with \
             --build",
            self.directory.display()
        )
        .into())
    }

    /// The component: of the `.wasm` files in the folder itself, the one that was written last.
    pub(super) fn component(&self) -> Result<PathBuf, Failure> {
        let unreadable = |error| format!("{} cannot be read: {error}", self.directory.display());
        let files = std::fs::read_dir(&self.directory).map_err(unreadable)?;
        let components = files.filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_component = path.extension().is_some_and(|extension| extension == "wasm");
            Some((modified(&path)?, path)).filter(|_| is_component)
        });
        match components.max() {
            Some((_, path)) => Ok(path),
            None => Err(format!("the build left no .wasm file in {}", self.directory.display()).into()),
        }
    }

    /// The folder of golden cases.
    pub(super) fn cases(&self) -> PathBuf {
        self.directory.join("cases")
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    let metadata = std::fs::metadata(path).ok()?;
    metadata.is_file().then(|| metadata.modified().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_project_is_built_is_seen_by_its_files() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let write = |name: &str| std::fs::write(folder.path().join(name), "");
        let refused = Project::open(folder.path(), None)
            .map(|_| ())
            .map_err(|error| error.to_string());
        assert!(refused.is_err_and(|error| error.contains("has no build.sh and no package.json")));
        let named = Project::open(folder.path(), Some(&"make".to_owned()))?;
        assert_eq!(named.build()?, "make");

        write("package.json")?;
        let project = Project::open(folder.path(), None)?;
        assert_eq!(
            project.build()?,
            "npm install --no-audit --no-fund && npm run build"
        );
        std::fs::create_dir(folder.path().join("node_modules"))?;
        write("node_modules/.package-lock.json")?;
        assert_eq!(project.build()?, "npm run build");
        write("build.sh")?;
        assert_eq!(project.build()?, "./build.sh");
        Ok(())
    }

    #[test]
    fn the_component_is_what_was_built_last() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let project = Project::open(folder.path(), Some(&"true".to_owned()))?;
        assert!(
            project
                .component()
                .is_err_and(|error| error.to_string().contains("left no .wasm file"))
        );
        for (name, seconds) in [
            ("old.wasm", 1),
            ("new.wasm", 3),
            ("packed.wasm", 2),
            ("newer.txt", 4),
        ] {
            let file = std::fs::File::create(folder.path().join(name))?;
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds))?;
        }
        assert_eq!(project.component()?, folder.path().join("new.wasm"));
        Ok(())
    }
}
