//! Files that are made of others in the directory: graphs in 8 bits, and rewritten ones.

use std::{error::Error, path::Path};

use super::{
    fetch::{Access, Delivery, synced_hash},
    fetch_error::FetchError,
    manifest::Model,
    rewrite::{self, RewriteError, Rewritten},
    wanted::Wanted,
};

/// Runs a network as published and as rewritten: two files. False when nothing is there to run them with; an error when
/// they do not answer the same.
pub type Comparison<'a> = dyn FnMut(&Model, &Path, &Path) -> Result<bool, Box<dyn Error + Send + Sync>> + 'a;

impl Delivery<'_> {
    /// Makes a file of one that is in its place.
    ///
    /// # Errors
    /// When that fails, or does not give what the manifest says.
    pub(super) fn make(&mut self, file: &Wanted<'_>, access: &mut Access<'_>) -> Result<(), FetchError> {
        let source = self.directory.join(file.made_of.unwrap_or_default());
        match file.rewrite {
            None => self.deliver(file, &source, String::new()),
            Some((model, rewritten)) => self.rewrite(file, (model, rewritten), &source, access),
        }
    }

    /// Rewrites a published graph, and puts the result into its place when it has the hash of the manifest and answers
    /// what the published one does.
    fn rewrite(
        &mut self,
        file: &Wanted<'_>,
        (model, rewritten): (&Model, &Rewritten),
        source: &Path,
        access: &mut Access<'_>,
    ) -> Result<(), FetchError> {
        let failed = |source| FetchError::Rewrite {
            name: file.name.to_owned(),
            source,
        };
        let result = self.staging().join("rewritten.onnx");
        rewrite::rewrite(source, &result, rewritten).map_err(failed)?;
        let found = synced_hash(&result).map_err(|error| failed(error.into()))?;
        if found != rewritten.sha256 {
            return Err(FetchError::Converted {
                name: file.name.to_owned(),
                expected: rewritten.sha256.clone(),
                found,
            });
        }
        let same = (access.comparison)(model, source, &result)
            .map_err(|difference| failed(RewriteError::Differs(difference)))?;
        if same {
            return self.place(file, &result, found, &file.origin());
        }
        self.say(&format!(
            "{} was not made, because ONNX Runtime is not installed to compare it; the published graph is used, which \
             is slower.",
            file.name
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io};

    use super::*;
    use crate::models::{
        HubSettings,
        manifest::{Manifest, ModelDirectory},
        missing_files,
        presence::sha256,
        rewrite::tests::published,
        wanted, with_present_graphs,
    };

    type TestResult = Result<(), Box<dyn Error>>;

    const REWRITTEN: &str = "face_recognition_sface_2021dec.rewritten.onnx";

    /// The manifest with a small graph in the place of the embedder's, which lies in a directory, rewritten where asked.
    fn small(directory: &Path) -> Result<Manifest, Box<dyn Error>> {
        let mut manifest = Manifest::built_in()?;
        let model = manifest
            .models
            .iter_mut()
            .find(|model| model.name == "sface-2021dec");
        let rewritten = model
            .and_then(|model| model.rewritten.as_mut())
            .ok_or("no entry")?;
        let source = directory.join("face_recognition_sface_2021dec.onnx");
        fs::write(&source, published([0.5, 2.0, -1.0]))?;
        let work = tempfile::tempdir()?;
        let result = work.path().join("result.onnx");
        rewrite::rewrite(&source, &result, rewritten)?;
        rewritten.sha256 = sha256(&result)?;
        Ok(manifest)
    }

    /// Makes the embedder's rewritten graph. What is said, and the outcome.
    fn make(
        manifest: &Manifest,
        directory: &Path,
        comparison: &mut Comparison<'_>,
    ) -> Result<(String, Result<(), FetchError>), Box<dyn Error>> {
        let mut access = Access {
            hub: HubSettings::default(),
            consent: &mut |_| Ok(true),
            comparison,
        };
        let files = wanted::all(manifest, manifest.set("open")?)?;
        let file = files
            .iter()
            .find(|file| file.name == REWRITTEN)
            .ok_or("not wanted")?;
        let mut out = Vec::new();
        let outcome = Delivery::begin(directory, &mut out)?.make(file, &mut access);
        Ok((String::from_utf8(out)?, outcome))
    }

    #[test]
    fn a_graph_is_rewritten_when_it_answers_the_same() -> TestResult {
        let place = tempfile::tempdir()?;
        let directory = ModelDirectory(place.path().to_owned());
        let manifest = small(place.path())?;
        let graph = |manifest: &Manifest| {
            let present = with_present_graphs(manifest, manifest.set("open")?, &directory)?;
            Ok::<_, Box<dyn Error>>(present.model("sface-2021dec")?.graph().to_owned())
        };
        assert_eq!(
            graph(&manifest)?,
            "face_recognition_sface_2021dec.onnx",
            "runs as published"
        );
        let mut seen = Vec::new();
        let (said, outcome) = make(&manifest, place.path(), &mut |model, published, rewritten| {
            seen.push((model.name.clone(), fs::read(published)?, fs::read(rewritten)?));
            Ok(true)
        })?;
        outcome?;
        assert!(said.contains(&format!("{REWRITTEN} is in place.")), "{said}");
        let [(name, before, after)] = &seen[..] else {
            return Err("compared once".into());
        };
        assert_eq!(
            (name.as_str(), before),
            ("sface-2021dec", &published([0.5, 2.0, -1.0]))
        );
        assert_eq!(&fs::read(place.path().join(REWRITTEN))?, after);
        assert_eq!(graph(&manifest)?, REWRITTEN);
        // One of another version.
        fs::write(place.path().join(REWRITTEN), "of another version")?;
        assert_eq!(graph(&manifest)?, "face_recognition_sface_2021dec.onnx");
        Ok(())
    }

    #[test]
    fn a_graph_that_answers_otherwise_or_is_not_the_pinned_one_is_refused() -> TestResult {
        let place = tempfile::tempdir()?;
        let mut manifest = small(place.path())?;
        let (_, outcome) = make(&manifest, place.path(), &mut |_, _, _| {
            Err("a value is another".into())
        })?;
        let error = outcome.err().ok_or("it was taken")?;
        let said = crate::report(&error);
        assert!(
            said.contains(REWRITTEN) && said.contains("a value is another"),
            "{said}"
        );
        assert!(!place.path().join(REWRITTEN).exists());

        for model in &mut manifest.models {
            if let Some(rewritten) = &mut model.rewritten {
                rewritten.sha256 = "0".repeat(64);
            }
        }
        let (_, outcome) = make(&manifest, place.path(), &mut |_, _, _| Ok(true))?;
        assert!(
            matches!(outcome, Err(FetchError::Converted { .. })),
            "{outcome:?}"
        );
        assert!(!place.path().join(REWRITTEN).exists());
        Ok(())
    }

    #[test]
    fn without_onnx_runtime_nothing_is_rewritten_and_nothing_fails() -> TestResult {
        let place = tempfile::tempdir()?;
        let manifest = small(place.path())?;
        let (said, outcome) = make(&manifest, place.path(), &mut |_, _, _| Ok(false))?;
        outcome?;
        assert!(said.contains("was not made"), "{said}");
        assert!(!place.path().join(REWRITTEN).exists());
        Ok(())
    }

    #[test]
    fn a_directory_of_an_earlier_version_is_complete_without_rewritten_graphs() -> TestResult {
        let place = tempfile::tempdir()?;
        let manifest = small(place.path())?;
        let missing = missing_files(
            &manifest,
            manifest.set("open")?,
            &ModelDirectory(place.path().to_owned()),
        )?;
        assert!(
            missing.contains(&"face_recognition_sface_2021dec.onnx".to_owned()),
            "has another hash"
        );
        assert!(
            !missing.iter().any(|name| name.contains("rewritten")),
            "{missing:?}"
        );
        Ok(())
    }

    #[test]
    fn what_is_no_graph_is_an_error_and_not_a_panic() -> TestResult {
        let place = tempfile::tempdir()?;
        let manifest = small(place.path())?;
        fs::write(
            place.path().join("face_recognition_sface_2021dec.onnx"),
            "cut off",
        )?;
        let (_, outcome) = make(&manifest, place.path(), &mut |_, _, _| Ok(true))?;
        assert!(matches!(outcome, Err(FetchError::Rewrite { .. })), "{outcome:?}");
        let left: Vec<_> = fs::read_dir(place.path())?.collect::<io::Result<_>>()?;
        assert_eq!(left.len(), 2, "the published file and the lock");
        Ok(())
    }
}
