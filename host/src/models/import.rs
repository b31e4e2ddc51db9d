//! Takes in a file that somebody brought by hand, for machines that reach neither registry nor hub.

use std::{
    borrow::Cow,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    fetch::{Access, Delivery},
    fetch_error::FetchError,
    manifest::{Manifest, ManifestError, Model, ModelDirectory, Role, Set},
    presence::Presence,
    wanted::{self, Wanted},
};

/// A file that was not taken in; the directory is as before.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Placing, converting or writing down failed, or a licence was not accepted.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The manifest contradicts itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The set has no network for the role.
    #[error("model set {set} has no {role}; its roles are {known}")]
    NoSuchRole {
        /// The set.
        set: String,
        /// What was asked for.
        role: String,
        /// What there is.
        known: String,
    },
    /// Nothing in the set goes by the file's name.
    #[error(
        "model set {set} has no file named {name}; rename the file to one of {known}, or give its role before the file"
    )]
    UnknownName {
        /// The set.
        set: String,
        /// The file's name.
        name: String,
        /// What would be known.
        known: String,
    },
    /// The file cannot be read, or not be copied.
    #[error("{} cannot be copied into the models directory; check its path, permissions and the free space", file.display())]
    Copy {
        /// The operator's file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is another file than the manifest or the lock file means.
    #[error("{} has SHA-256 {found} instead of {expected}; it is not the expected file", file.display())]
    Mismatch {
        /// The operator's file.
        file: PathBuf,
        /// What it should have.
        expected: String,
        /// What it has.
        found: String,
    },
    /// The network does not run.
    #[error("{name} was not imported: {reason}")]
    DoesNotRun {
        /// The file in the models directory.
        name: String,
        /// The cause.
        reason: String,
    },
}

/// A file, and what it is brought for.
#[derive(Clone, Copy, Debug)]
pub struct Brought<'a> {
    /// Where it lies.
    pub file: &'a Path,
    /// The role of the network that it is. None: it is whatever has its name: a network, a tokenizer, the ONNX Runtime
    /// library, or what one of them is made of.
    pub role: Option<&'a str>,
}

/// Runs a network once whose files lie in a directory. False when nothing is there to run it with.
pub type Trial<'a> = dyn FnMut(&Model, &ModelDirectory) -> Result<bool, Box<dyn Error + Send + Sync>> + 'a;

/// Copies a file into the directory under the name that the manifest has for it, converted where the manifest says so.
/// It must have the hash of the manifest or of the lock file; where neither knows one, the lock file holds on to the
/// file's own. A network also has to run (`trial`).
///
/// # Errors
/// When the file is for nothing in the set, is not the right one, or does not run; the directory is then as before.
pub fn import(
    manifest: &Manifest,
    set: &Set,
    brought: Brought<'_>,
    directory: &ModelDirectory,
    access: &mut Access<'_>,
    trial: &mut Trial<'_>,
    out: &mut dyn io::Write,
) -> Result<(), ImportError> {
    let candidates = find(manifest, set, brought)?;
    let file = brought.file;
    let copying = |source| ImportError::Copy {
        file: file.to_owned(),
        source,
    };
    // Before anything is made or locked.
    let original = fs::File::open(file).map_err(copying)?;
    let mut delivery = Delivery::begin(&directory.0, out)?;
    let (copy, found) = delivery.copy_in(original).map_err(copying)?;
    let name = name_of(file);
    let made: Vec<&Wanted<'_>> = candidates
        .iter()
        .filter(|wanted| is_source(wanted, &name, &found))
        .collect();
    if !made.is_empty() {
        delivery.obtain_consent_to_import(&made, access)?;
        for wanted in made {
            delivery.deliver(wanted, &copy, found.clone())?;
        }
        return make_rewritten(manifest, set, directory, &mut delivery, access);
    }
    let wanted =
        right_one(&candidates, &name, directory, &found).map_err(|expected| ImportError::Mismatch {
            file: file.to_owned(),
            expected,
            found: found.clone(),
        })?;
    delivery.obtain_consent_to_import(&[wanted], access)?;
    if let Some(model) = manifest.models.iter().find(|model| model.file == wanted.name) {
        let staged = ModelDirectory(delivery.staging().to_owned());
        fs::rename(&copy, staged.path(wanted.name)).map_err(copying)?;
        for beside in wanted::all(manifest, set)? {
            // What is not there, or cannot be linked, is missed by the trial.
            if beside.name != wanted.name {
                let _ = fs::hard_link(directory.path(beside.name), staged.path(beside.name));
            }
        }
        let ran = trial(model, &staged).map_err(|error| ImportError::DoesNotRun {
            name: wanted.name.to_owned(),
            reason: crate::report(error.as_ref()),
        })?;
        delivery.say(&if ran {
            format!("{} runs.", model.name)
        } else {
            format!(
                "{} was not tried, because ONNX Runtime or a file that it needs is not installed yet.",
                model.name
            )
        })?;
        delivery.place(wanted, &staged.path(wanted.name), found, "import")?;
    } else {
        delivery.place(wanted, &copy, found, "import")?;
    }
    make_rewritten(manifest, set, directory, &mut delivery, access)
}

/// Makes the rewritten graphs whose published ones are there by now, and which can be compared by now.
fn make_rewritten(
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
    delivery: &mut Delivery<'_>,
    access: &mut Access<'_>,
) -> Result<(), ImportError> {
    let mut presence = Presence::read(&directory.0);
    for file in wanted::all(manifest, set)? {
        let Some(published) = file.made_of.filter(|_| file.rewrite.is_some()) else {
            continue;
        };
        if presence.has(&wanted::of_file(manifest, published)?) && !presence.has(&file) {
            delivery.make(&file, access)?;
        }
    }
    Ok(())
}

/// Whether a file with this name and hash is what an entry is made of: by its hash, or by its name where nobody knows
/// the hash.
fn is_source(wanted: &Wanted<'_>, name: &str, found: &str) -> bool {
    match wanted.source_sha256 {
        Some(hash) => wanted.convert.is_some() && hash == found,
        None => wanted.is_source(name),
    }
}

/// Which of some entries a file with this hash is: the one that must have it, or one of which nobody knows what it must
/// have. Never one that is made of files of this name: the file is a damaged one of those. The error is what it should
/// have had.
fn right_one<'c, 'a>(
    candidates: &'c [Wanted<'a>],
    name: &str,
    directory: &ModelDirectory,
    found: &str,
) -> Result<&'c Wanted<'a>, String> {
    let presence = Presence::read(&directory.0);
    let mut expected = String::new();
    let mut unknown = None;
    for wanted in candidates {
        let known = if wanted.is_source(name) {
            wanted.source_sha256
        } else {
            presence.expected(wanted)
        };
        match known {
            Some(hash) if hash == found => return Ok(wanted),
            Some(hash) => hash.clone_into(&mut expected),
            None => unknown = unknown.or(Some(wanted)),
        }
    }
    unknown.ok_or(expected)
}

/// The entries that a file may be for; at least one.
fn find<'a>(
    manifest: &'a Manifest,
    set: &'a Set,
    brought: Brought<'_>,
) -> Result<Vec<Wanted<'a>>, ImportError> {
    if let Some(role) = brought.role {
        let models = set
            .models
            .iter()
            .chain(&set.optional)
            .map(|name| manifest.model(name));
        let models = models.collect::<Result<Vec<_>, _>>()?;
        return match models.iter().find(|model| model.role.name() == role) {
            Some(model) => Ok(vec![wanted::of_file(manifest, &model.file)?]),
            None => Err(ImportError::NoSuchRole {
                set: set.name.clone(),
                role: role.to_owned(),
                known: names(models.iter().map(|model| Role::name(model.role))),
            }),
        };
    }
    let mut known = wanted::all(manifest, set)?;
    known.extend(wanted::runtime(
        manifest,
        std::env::consts::OS,
        std::env::consts::ARCH,
    )?);
    let name = name_of(brought.file);
    let candidates: Vec<Wanted<'_>> = known
        .iter()
        .filter(|wanted| wanted.is_called(&name))
        .copied()
        .collect();
    if candidates.is_empty() {
        return Err(ImportError::UnknownName {
            set: set.name.clone(),
            name: name.into_owned(),
            known: names(known.iter().map(|wanted| wanted.name)),
        });
    }
    Ok(candidates)
}

/// A file's name without its folder.
fn name_of(file: &Path) -> Cow<'_, str> {
    file.file_name().unwrap_or_default().to_string_lossy()
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::HubSettings;

    type TestResult = Result<(), Box<dyn Error>>;

    /// SHA-256 of OpenCLIP's checkpoint, of which two networks are made whose hashes nobody knows.
    const CHECKPOINT: &str = "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6";

    /// Brings a file with this name and content, which every trial finds to run. What is said, and the outcome.
    fn bring(
        set: &str,
        role: Option<&str>,
        file: &Path,
        directory: &ModelDirectory,
    ) -> Result<(String, Result<(), ImportError>), Box<dyn Error>> {
        let manifest = Manifest::built_in()?;
        let mut access = Access {
            hub: HubSettings::default(),
            consent: &mut |_| Ok(true),
            comparison: &mut |_, _, _| Ok(true),
        };
        let mut out = Vec::new();
        let outcome = import(
            &manifest,
            manifest.set(set)?,
            Brought { file, role },
            directory,
            &mut access,
            &mut |_, _| Ok(true),
            &mut out,
        );
        Ok((String::from_utf8(out)?, outcome))
    }

    fn names_in(directory: &ModelDirectory) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(&directory.0)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    #[test]
    fn a_damaged_checkpoint_is_not_taken_for_the_network_that_is_made_of_it() -> TestResult {
        let brought = tempfile::tempdir()?;
        for (set, role, name, hash) in [
            ("full", None, "open_clip_model.safetensors", CHECKPOINT),
            (
                "full",
                Some("image-encoder"),
                "open_clip_model.safetensors",
                CHECKPOINT,
            ),
            // The hash of this result is known, but is not what the file should have.
            (
                "open",
                None,
                "efficientnet-lite2-9656183e.pth",
                "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
            ),
        ] {
            let file = brought.path().join(name);
            fs::write(&file, "damaged")?;
            let place = tempfile::tempdir()?;
            let directory = ModelDirectory(place.path().to_owned());
            let (_, outcome) = bring(set, role, &file, &directory)?;
            assert!(
                matches!(&outcome, Err(ImportError::Mismatch { expected, .. }) if expected == hash),
                "{name} for {role:?}: {outcome:?}"
            );
            assert_eq!(names_in(&directory)?, [".lock"], "{name} for {role:?}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_may_only_be_read_becomes_one_of_the_directorys_own() -> TestResult {
        use std::os::unix::fs::PermissionsExt as _;
        let brought = tempfile::tempdir()?;
        let place = tempfile::tempdir()?;
        let directory = ModelDirectory(place.path().to_owned());
        let name = "clip-vit-b-32-visual.onnx";
        let file = brought.path().join(name);
        fs::write(&file, "no network, but the trial is a fake")?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400))?;
        let (said, outcome) = bring("full", None, &file, &directory)?;
        outcome?;
        let mode = |path: &Path| -> io::Result<u32> { Ok(fs::metadata(path)?.permissions().mode()) };
        let new = brought.path().join("new");
        fs::write(&new, "")?;
        assert_eq!(mode(&directory.path(name))?, mode(&new)?);
        assert_eq!(names_in(&directory)?, [".lock", ".verified", name, "models.lock"]);
        assert_eq!(said.matches("is in place.").count(), 1, "{said}");
        assert!(!said.contains("download"), "{said}");
        Ok(())
    }
}
