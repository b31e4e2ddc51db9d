//! Takes in a file that somebody brought by hand, for machines that reach neither registry nor hub.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    fetch::{Access, Delivery, synced_hash},
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
    #[error("nothing in model set {set} is called {name}; rename it to one of {known}, or name its role")]
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
    #[error("{} has SHA-256 {found} and not {expected}; it is not the file that was checked", file.display())]
    Mismatch {
        /// The operator's file.
        file: PathBuf,
        /// What it should have.
        expected: String,
        /// What it has.
        found: String,
    },
    /// The network does not run.
    #[error("{name} was not taken in: {reason}")]
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
    fs::File::open(file).map_err(copying)?;
    let mut delivery = Delivery::begin(&directory.0, out)?;
    let copy = delivery.staging().join("brought");
    fs::copy(file, &copy).map_err(copying)?;
    let found = synced_hash(&copy).map_err(copying)?;
    let made: Vec<&Wanted<'_>> = candidates
        .iter()
        .filter(|wanted| wanted.convert.is_some() && wanted.source_sha256 == Some(found.as_str()))
        .collect();
    if !made.is_empty() {
        delivery.obtain_consent(&made, access)?;
        for wanted in made {
            delivery.deliver(wanted, &copy, found.clone())?;
        }
        return Ok(());
    }
    let wanted = right_one(&candidates, directory, &found).map_err(|expected| ImportError::Mismatch {
        file: file.to_owned(),
        expected,
        found: found.clone(),
    })?;
    delivery.obtain_consent(&[wanted], access)?;
    if let Some(model) = manifest.models.iter().find(|model| model.file == wanted.name) {
        let staged = ModelDirectory(delivery.staging().to_owned());
        fs::rename(&copy, staged.path(wanted.name)).map_err(copying)?;
        for beside in wanted::required(manifest, set)?
            .iter()
            .chain(&wanted::optional(manifest, set)?)
        {
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
                "{} was not tried: ONNX Runtime, or what it runs with, is not here yet.",
                model.name
            )
        })?;
        delivery.place(wanted, &staged.path(wanted.name), found, "import")?;
    } else {
        delivery.place(wanted, &copy, found, "import")?;
    }
    delivery.say(&format!("{} is in place.", wanted.name))?;
    Ok(())
}

/// Which of some entries a file with this hash is: the one that must have it, or one of which nobody knows what it must
/// have. The error is what it should have had.
fn right_one<'c, 'a>(
    candidates: &'c [Wanted<'a>],
    directory: &ModelDirectory,
    found: &str,
) -> Result<&'c Wanted<'a>, String> {
    let presence = Presence::read(&directory.0);
    let mut expected = String::new();
    let mut unknown = None;
    for wanted in candidates {
        match presence.expected(wanted) {
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
    let mut known = wanted::required(manifest, set)?;
    known.extend(wanted::optional(manifest, set)?);
    known.extend(wanted::runtime(
        manifest,
        std::env::consts::OS,
        std::env::consts::ARCH,
    )?);
    let name = brought.file.file_name().unwrap_or_default().to_string_lossy();
    let is_called = |wanted: &&Wanted<'_>| {
        let published = Path::new(wanted.path).file_name();
        wanted.name == name || published.is_some_and(|published| published.to_string_lossy() == name)
    };
    let candidates: Vec<Wanted<'_>> = known.iter().filter(is_called).copied().collect();
    if candidates.is_empty() {
        return Err(ImportError::UnknownName {
            set: set.name.clone(),
            name: name.clone().into_owned(),
            known: names(known.iter().map(|wanted| wanted.name)),
        });
    }
    Ok(candidates)
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
