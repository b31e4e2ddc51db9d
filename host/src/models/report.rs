//! What `ai-worker models list` and `ai-worker models verify` say.

use std::{
    io::{self, Write},
    iter,
    path::Path,
};

use indicatif::DecimalBytes;

use super::{
    fetch_error::FetchError,
    manifest::{Manifest, ManifestError, Model, ModelDirectory, Set},
    presence::{Presence, sha256},
    wanted::{self, Wanted},
};

/// Prints a table of the models of every set, and of ONNX Runtime: set, model, role, licence, size as published,
/// and whether it is there; then what the sets are for, and what 8 bits were measured to change.
///
/// # Errors
/// When the manifest contradicts itself or `out` cannot be written.
pub fn list(manifest: &Manifest, directory: &ModelDirectory, out: &mut dyn Write) -> Result<(), FetchError> {
    let mut presence = Presence::read(&directory.0);
    let mut rows = vec![["SET", "MODEL", "ROLE", "LICENCE", "SIZE", "PRESENT"].map(str::to_owned)];
    let mut row = |set: &str, model: &str, role: &str, files: &[Wanted<'_>], absent: &str| {
        let mut licences: Vec<&str> = files.iter().map(|file| file.licence).collect();
        licences.dedup();
        let present = files.iter().all(|file| presence.has(file));
        rows.push([
            set.to_owned(),
            model.to_owned(),
            role.to_owned(),
            licences.join(", "),
            DecimalBytes(files.iter().map(|file| file.source_bytes).sum()).to_string(),
            (if present { "yes" } else { absent }).to_owned(),
        ]);
    };
    for set in &manifest.sets {
        for (name, absent) in iter::empty()
            .chain(set.models.iter().map(|name| (name, "no")))
            .chain(set.optional.iter().map(|name| (name, "no (optional)")))
        {
            let model = manifest.model(name)?;
            row(
                &set.name,
                name,
                model.role.name(),
                &files_of(manifest, model)?,
                absent,
            );
        }
    }
    if let Some(library) = wanted::runtime(manifest, std::env::consts::OS, std::env::consts::ARCH)? {
        let name = format!("onnxruntime {}", library.package.version);
        row("every", &name, "runtime", &[library], "no");
    }
    presence.save();
    print(&rows, out)?;
    for set in &manifest.sets {
        writeln!(out, "{}: {}", set.name, set.description)?;
    }
    for model in &manifest.models {
        if let Some(int8) = &model.int8 {
            let (role, measured) = (model.role.name(), &int8.measured);
            writeln!(
                out,
                "{} in 8 bits (PRECISION={role}=int8): {measured}",
                model.name
            )?;
        }
    }
    Ok(())
}

/// The network's file and its tokenizer.
fn files_of<'a>(manifest: &'a Manifest, model: &Model) -> Result<Vec<Wanted<'a>>, ManifestError> {
    iter::once(&model.file)
        .chain(&model.tokenizer)
        .map(|name| wanted::of_file(manifest, name))
        .collect()
}

/// Prints rows with their columns below each other.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn print<const N: usize>(rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    for row in rows {
        let line: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}

/// Hashes every file of a set and ONNX Runtime's library, whatever is known of them, and prints of each whether it
/// is right. The answer is whether the set can be used: an optional file may be absent, but not wrong.
///
/// # Errors
/// When the manifest contradicts itself or `out` cannot be written.
pub fn verify(
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
    out: &mut dyn Write,
) -> Result<bool, FetchError> {
    let library = wanted::runtime(manifest, std::env::consts::OS, std::env::consts::ARCH)?;
    let needed = wanted::required(manifest, set)?.len();
    let files = wanted::all(manifest, set)?.into_iter().enumerate();
    let files = files.map(|(index, file)| (file, index < needed));
    let mut presence = Presence::read(&directory.0);
    let mut right = true;
    for (file, needed) in library.map(|file| (file, true)).into_iter().chain(files) {
        let path = directory.path(file.name);
        match check(
            &file,
            &path,
            file.name,
            "run `ai-worker models pull` again",
            &mut presence,
            out,
        )? {
            Some(is_right) => right &= is_right,
            // In its place the published one runs.
            None if file.rewrite.is_some() => {
                writeln!(
                    out,
                    "absent   {} (faster form; `ai-worker models pull` makes it)",
                    file.name
                )?;
            }
            None if needed => {
                right = false;
                writeln!(out, "missing  {}: pull the set {}", file.name, set.name)?;
            }
            None => writeln!(out, "absent   {} (optional)", file.name)?,
        }
    }
    presence.save();
    Ok(right)
}

/// Hashes a file, whatever is known of it, and prints whether it is right: `shown` is what it is called, `again` what to do
/// when it is another one. None, and nothing is printed, when it is not there.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn check(
    file: &Wanted<'_>,
    path: &Path,
    shown: &str,
    again: &str,
    presence: &mut Presence<'_>,
    out: &mut dyn Write,
) -> io::Result<Option<bool>> {
    let expected = presence.expected(file).map(str::to_owned);
    match sha256(path) {
        Ok(hash) if Some(&hash) == expected.as_ref() => {
            writeln!(out, "right    {shown}")?;
            Ok(Some(true))
        }
        Ok(hash) => {
            // Otherwise a pull would believe the record and leave the file as it is.
            presence.forget(file.name);
            let should = expected.map_or_else(
                || "its expected hash is not known".to_owned(),
                |expected| format!("should be {expected}"),
            );
            writeln!(out, "wrong    {shown}: SHA-256 is {hash} and {should}; {again}")?;
            Ok(Some(false))
        }
        Err(error) if path.exists() => {
            writeln!(out, "wrong    {shown}: it cannot be read: {error}")?;
            Ok(Some(false))
        }
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn lists_every_set_and_what_is_absent() -> TestResult {
        let directory = tempfile::tempdir()?;
        let manifest = Manifest::built_in()?;
        let mut out = Vec::new();
        list(&manifest, &ModelDirectory(directory.path().to_owned()), &mut out)?;
        let text = String::from_utf8(out)?;
        assert!(
            text.lines().any(|line| line.starts_with("open")
                && line.contains("yunet-2023mar")
                && line.contains("face-detector")
                && line.contains("MIT")
                && line.ends_with("no")),
            "{text}"
        );
        assert!(text.contains("no (optional)") && !text.contains("yes"), "{text}");
        Ok(())
    }

    #[test]
    fn verify_names_a_file_that_two_models_need_once() -> TestResult {
        let directory = tempfile::tempdir()?;
        let manifest = Manifest::built_in()?;
        let mut out = Vec::new();
        let models = ModelDirectory(directory.path().to_owned());
        assert!(!verify(&manifest, manifest.set("full")?, &models, &mut out)?);
        let text = String::from_utf8(out)?;
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("minilm-tokenizer.json"))
            .collect();
        assert_eq!(lines, ["missing  minilm-tokenizer.json: pull the set full"]);
        Ok(())
    }

    #[test]
    fn verify_tells_wrong_from_missing() -> TestResult {
        let directory = tempfile::tempdir()?;
        let manifest = Manifest::built_in()?;
        std::fs::write(directory.path().join("gender-v1.onnx"), "not a network")?;
        let mut out = Vec::new();
        let models = ModelDirectory(directory.path().to_owned());
        assert!(!verify(&manifest, manifest.set("open")?, &models, &mut out)?);
        let text = String::from_utf8(out)?;
        assert!(text.contains("wrong    gender-v1.onnx"), "{text}");
        assert!(text.contains("missing  age-v1.onnx"), "{text}");
        assert!(text.contains("absent   minilm-int8.onnx"), "{text}");
        Ok(())
    }
}
