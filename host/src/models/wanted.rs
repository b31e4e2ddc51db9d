//! Lists of files that should lie in a directory, made from the manifest.

use std::path::Path;

use super::{
    hub::Source,
    lock_file::LockFile,
    manifest::{Conversion, Manifest, ManifestError, Model, Package, PackageKind, Runtime, Set},
    precision::Precision,
    rewrite::Rewritten,
};

/// One file that should lie in a directory, with everything that is needed to get it there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Its name in the directory.
    pub(super) name: &'a str,
    /// The package that carries it.
    pub(super) package: &'a Package,
    /// Where it lies in the package.
    pub(super) path: &'a str,
    /// SHA-256 in hexadecimal, as the package carries it, where the manifest knows it.
    pub(super) source_sha256: Option<&'a str>,
    /// Size in bytes, as the package carries it.
    pub(super) source_bytes: u64,
    /// Its licence.
    pub(super) licence: &'a str,
    /// What the licence's name does not say.
    pub(super) licence_note: Option<&'a str>,
    /// How the package's file, or the directory's, becomes this one.
    pub(super) convert: Option<&'a Conversion>,
    /// The file of the directory that it is made of, where it is not made of the package's own.
    pub(super) made_of: Option<&'a str>,
    /// The network whose graph it is, rewritten, and how.
    pub(super) rewrite: Option<(&'a Model, &'a Rewritten)>,
}

impl<'a> Wanted<'a> {
    /// SHA-256 in hexadecimal of the file in the directory: after the conversion, where there is one. None where the
    /// manifest does not know it, so that the lock file decides.
    pub(super) fn sha256(&self) -> Option<&'a str> {
        match (self.rewrite, self.convert) {
            (Some((_, rewritten)), _) => Some(&rewritten.sha256),
            (None, Some(conversion)) => conversion.sha256.as_deref(),
            (None, None) => self.source_sha256,
        }
    }

    /// Whether a file of this name may be it, or what it is made of: it has its name in the directory, or in the package.
    /// What it is made of in the directory has a name of its own.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let published = Path::new(self.path).file_name();
        self.name == name || (self.made_of.is_none() && published.is_some_and(|published| published == name))
    }

    /// Whether a file of this name is what it is made of, and not the file itself.
    pub(super) fn is_source(&self, name: &str) -> bool {
        self.convert.is_some() && self.name != name && self.is_called(name)
    }

    /// The file of a hub that it is, or is made of. What is not made is held to the lock file, too.
    pub(super) fn source<'s>(&'s self, lock: &'s LockFile) -> Source<'s> {
        let locked = lock.sha256(self.name).filter(|_| self.convert.is_none());
        Source {
            repository: &self.package.name,
            revision: &self.package.version,
            path: self.path,
            sha256: self.source_sha256.or(locked),
            bytes: self.source_bytes,
        }
    }

    /// Where it comes from, for people.
    pub(super) fn origin(&self) -> String {
        let Package {
            name, version, kind, ..
        } = self.package;
        let joint = if *kind == PackageKind::Hub { "@" } else { " " };
        let source = match self.made_of {
            Some(file) => file.to_owned(),
            None => format!("{name}{joint}{version}, {}", self.path),
        };
        let made = self.convert.map_or_else(String::new, |conversion| {
            let arguments: String = conversion
                .arguments
                .iter()
                .map(|text| format!(" {text}"))
                .collect();
            format!(", by {}{arguments}", conversion.script)
        });
        let made = if self.rewrite.is_some() {
            ", rewritten".to_owned()
        } else {
            made
        };
        format!("{source}{made}")
    }

    /// Size in bytes of the file in the directory; unknown for what is made.
    pub(super) fn bytes(&self) -> Option<u64> {
        let as_published = self.convert.is_none() && self.rewrite.is_none();
        as_published.then_some(self.source_bytes)
    }
}

/// The files of some models of a set, each once.
///
/// # Errors
/// When the manifest refers to something that it does not define.
fn of_models<'a>(
    manifest: &'a Manifest,
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<Wanted<'a>>, ManifestError> {
    let mut wanted: Vec<Wanted<'a>> = Vec::new();
    for name in names {
        let model = manifest.model(name)?;
        for file in [Some(&model.file), model.tokenizer.as_ref()]
            .into_iter()
            .flatten()
        {
            if wanted.iter().any(|other| other.name == file) {
                continue;
            }
            wanted.push(of_file(manifest, file)?);
        }
        if let (Some(int8), Precision::Int8) = (&model.int8, model.precision)
            && wanted.iter().all(|other| other.name != int8.file)
        {
            wanted.push(Wanted {
                name: &int8.file,
                source_sha256: None,
                convert: Some(&int8.convert),
                made_of: Some(&model.file),
                ..of_file(manifest, &model.file)?
            });
        }
        if let Some(rewritten) = &model.rewritten
            && rewritten.file == model.graph()
            && wanted.iter().all(|other| other.name != rewritten.file)
        {
            wanted.push(Wanted {
                name: &rewritten.file,
                source_sha256: None,
                convert: None,
                made_of: Some(&model.file),
                rewrite: Some((model, rewritten)),
                ..of_file(manifest, &model.file)?
            });
        }
    }
    Ok(wanted)
}

/// The file with this name.
///
/// # Errors
/// When the manifest does not define it or its package.
pub(super) fn of_file<'a>(manifest: &'a Manifest, name: &str) -> Result<Wanted<'a>, ManifestError> {
    let file = manifest.file(name)?;
    Ok(Wanted {
        name: &file.name,
        package: manifest.package(&file.package)?,
        path: &file.path,
        source_sha256: file.sha256.as_deref(),
        source_bytes: file.bytes,
        licence: &file.licence,
        licence_note: file.licence_note.as_deref(),
        convert: file.convert.as_ref(),
        made_of: None,
        rewrite: None,
    })
}

/// The files without which a set does not work, and the rewritten graphs, without which it works more slowly.
///
/// # Errors
/// When the manifest refers to something that it does not define.
pub(super) fn required<'a>(manifest: &'a Manifest, set: &'a Set) -> Result<Vec<Wanted<'a>>, ManifestError> {
    of_models(manifest, set.models.iter())
}

/// The files of a set, each once: those of [`required`], in their order, and then those that it can do without.
///
/// # Errors
/// When the manifest refers to something that it does not define.
pub(super) fn all<'a>(manifest: &'a Manifest, set: &'a Set) -> Result<Vec<Wanted<'a>>, ManifestError> {
    of_models(manifest, set.models.iter().chain(&set.optional))
}

/// ONNX Runtime's library for a platform, named as in [`std::env::consts`]; none where nobody packages it.
///
/// # Errors
/// When the manifest does not define its package.
pub(super) fn runtime<'a>(
    manifest: &'a Manifest,
    os: &str,
    arch: &str,
) -> Result<Option<Wanted<'a>>, ManifestError> {
    let matches = |runtime: &&Runtime| runtime.os == os && runtime.arch == arch;
    let Some(Runtime { file, .. }) = manifest.runtimes.iter().find(matches) else {
        return Ok(None);
    };
    Ok(Some(Wanted {
        name: &file.name,
        package: manifest.package(&file.package)?,
        path: &file.path,
        source_sha256: Some(&file.sha256),
        source_bytes: file.bytes,
        licence: &file.licence,
        licence_note: None,
        convert: None,
        made_of: None,
        rewrite: None,
    }))
}

/// The sample photos.
///
/// # Errors
/// When the manifest does not define a package.
pub(super) fn samples(manifest: &Manifest, demo_only: bool) -> Result<Vec<Wanted<'_>>, ManifestError> {
    manifest
        .samples
        .iter()
        .filter(|sample| sample.demo || !demo_only)
        .map(|sample| {
            Ok(Wanted {
                name: &sample.name,
                package: manifest.package(&sample.package)?,
                path: &sample.path,
                source_sha256: Some(&sample.sha256),
                source_bytes: sample.bytes,
                licence: &sample.licence,
                licence_note: None,
                convert: None,
                made_of: None,
                rewrite: None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_two_models_need_is_wanted_once() -> Result<(), ManifestError> {
        let manifest = Manifest::built_in()?;
        let names =
            |files: Vec<Wanted<'_>>| files.iter().map(|file| file.name.to_owned()).collect::<Vec<_>>();
        for set in &manifest.sets {
            let (required, all) = (names(required(&manifest, set)?), names(all(&manifest, set)?));
            assert!(all.starts_with(&required), "{all:?}");
            for name in &all {
                assert_eq!(all.iter().filter(|other| *other == name).count(), 1, "{name}");
            }
            // Needed by the captioner and, of the optional models, by the text encoder.
            let tokenizer = "minilm-tokenizer.json".to_owned();
            assert!(all.contains(&tokenizer));
            assert_eq!(required.contains(&tokenizer), set.name == "full");
        }
        Ok(())
    }

    #[test]
    fn what_a_file_is_made_of_is_told_from_the_file() -> Result<(), ManifestError> {
        let manifest = Manifest::built_in()?;
        let classifier = of_file(&manifest, "efficientnet-lite2.onnx")?;
        let checkpoint = "efficientnet-lite2-9656183e.pth";
        assert!(classifier.is_called(classifier.name) && classifier.is_called(checkpoint));
        assert!(classifier.is_source(checkpoint) && !classifier.is_source(classifier.name));
        // Renamed, but not converted.
        let detector = of_file(&manifest, "scrfd_2.5g_kps.onnx")?;
        assert!(detector.is_called("scrfd.onnx") && !detector.is_source("scrfd.onnx"));
        // Made of that one where it lies, so that nobody brings it under the publisher's name.
        let int8 = Wanted {
            name: "scrfd_2.5g_kps.int8.onnx",
            made_of: Some(detector.name),
            convert: classifier.convert,
            ..detector
        };
        assert!(int8.is_called(int8.name) && !int8.is_called("scrfd.onnx"));
        assert!(!int8.is_source(int8.name) && !int8.is_source("scrfd.onnx"));
        Ok(())
    }
}
