//! Whether the system has a library, without loading it: some do harm when they are loaded where their hardware is not.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::table::Requirement;

/// Whether one of a requirement's libraries lies in a folder where the loader looks for libraries.
pub(super) fn is_there(requirement: &Requirement) -> bool {
    is_in(requirement, &library_folders())
}

fn is_in(requirement: &Requirement, folders: &[PathBuf]) -> bool {
    requirement
        .libraries
        .iter()
        .any(|library| folders.iter().any(|folder| folder.join(library).exists()))
}

/// The folders in which this system's loader looks, as far as files say: those that the environment names, those of the
/// loader's configuration and those that it always has.
fn library_folders() -> Vec<PathBuf> {
    let variable = match env::consts::OS {
        "windows" => "PATH",
        "macos" => "DYLD_LIBRARY_PATH",
        _ => "LD_LIBRARY_PATH",
    };
    let mut folders: Vec<PathBuf> = env::var_os(variable)
        .map(|value| env::split_paths(&value).collect())
        .unwrap_or_default();
    if let Some(root) = env::var_os("SystemRoot") {
        folders.push(Path::new(&root).join("System32"));
    }
    if cfg!(unix) {
        folders.extend(configured(Path::new("/etc/ld.so.conf.d")));
        let multiarch = format!("{}-linux-gnu", env::consts::ARCH);
        for place in ["/lib", "/usr/lib", "/usr/local/lib"] {
            folders.push(Path::new(place).join(&multiarch));
            folders.push(PathBuf::from(place));
            folders.push(PathBuf::from(format!("{place}64")));
        }
    }
    folders
}

/// The folders that the files of the loader's configuration name.
fn configured(directory: &Path) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(directory) else {
        return Vec::new();
    };
    files
        .flatten()
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .flat_map(|text| {
            text.lines()
                .map(str::trim)
                .filter(|line| line.starts_with('/'))
                .map(PathBuf::from)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    fn requirement(libraries: &[&str]) -> Requirement {
        Requirement {
            id: "r".into(),
            what: "a library".into(),
            libraries: libraries.iter().map(|&name| name.to_owned()).collect(),
            optional: false,
            install: Vec::new(),
        }
    }

    #[test]
    fn one_of_several_names_is_enough() -> TestResult {
        let folder = tempfile::tempdir()?;
        let folders = [folder.path().join("absent"), folder.path().to_owned()];
        fs::write(folder.path().join("libb.so.1"), "")?;
        assert!(is_in(&requirement(&["liba.so.1", "libb.so.1"]), &folders));
        assert!(!is_in(&requirement(&["liba.so.1"]), &folders));
        Ok(())
    }

    #[test]
    fn reads_the_loaders_configuration() -> TestResult {
        let folder = tempfile::tempdir()?;
        fs::write(
            folder.path().join("a.conf"),
            "# where\n /opt/a/lib \ninclude x\n/opt/b\n",
        )?;
        assert_eq!(
            configured(folder.path()),
            [PathBuf::from("/opt/a/lib"), PathBuf::from("/opt/b")]
        );
        assert!(configured(&folder.path().join("absent")).is_empty());
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn finds_the_c_library_of_this_system() {
        assert!(is_there(&requirement(&["libc.so.6"])));
        assert!(!is_there(&requirement(&["libno-such-thing.so.1"])));
    }
}
