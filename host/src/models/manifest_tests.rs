//! The built-in manifest keeps its promises.

use std::{collections::HashSet, path::Path};

use super::{
    manifest::{Manifest, ManifestError, ModelDirectory, PackageKind, Role},
    wanted,
};

type TestResult = Result<(), Box<dyn std::error::Error>>;

fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a name can only mean a file right inside the directory, and none of those that the worker keeps there.
fn is_plain_name(name: &str) -> bool {
    let last = Path::new(name).file_name();
    !name.starts_with('.') && last.is_some_and(|last| last == name)
}

fn assert_unique<'a>(what: &str, names: impl Iterator<Item = &'a String>) {
    let mut seen = HashSet::new();
    for name in names {
        assert!(seen.insert(name), "{what} {name} is defined twice");
    }
}

#[test]
fn names_are_unique() -> Result<(), ManifestError> {
    let manifest = Manifest::built_in()?;
    assert_unique("package", manifest.packages.iter().map(|package| &package.id));
    assert_unique("file", manifest.files.iter().map(|file| &file.name));
    assert_unique("model", manifest.models.iter().map(|model| &model.name));
    assert_unique("set", manifest.sets.iter().map(|set| &set.name));
    assert_unique("sample", manifest.samples.iter().map(|sample| &sample.name));
    let platforms: HashSet<_> = manifest
        .runtimes
        .iter()
        .map(|runtime| (&runtime.os, &runtime.arch))
        .collect();
    assert_eq!(platforms.len(), manifest.runtimes.len());
    Ok(())
}

#[test]
fn every_reference_resolves_and_every_entry_is_used() -> Result<(), ManifestError> {
    let manifest = Manifest::built_in()?;
    let (mut files, mut packages, mut models) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut wanted = Vec::new();
    for set in &manifest.sets {
        models.extend(set.models.iter().chain(&set.optional));
        wanted.extend(wanted::all(&manifest, set)?);
    }
    // What is made of another file comes with it.
    files.extend(
        wanted
            .iter()
            .filter(|file| file.made_of.is_none())
            .map(|file| file.name),
    );
    for runtime in &manifest.runtimes {
        wanted.extend(wanted::runtime(&manifest, &runtime.os, &runtime.arch)?);
    }
    wanted.extend(wanted::samples(&manifest, false)?);
    packages.extend(wanted.iter().map(|file| &file.package.id));
    assert_eq!(models.len(), manifest.models.len());
    assert_eq!(files.len(), manifest.files.len());
    assert_eq!(packages.len(), manifest.packages.len());
    for file in &wanted {
        assert!(file.source_sha256.is_none_or(is_sha256), "{}", file.name);
        assert!(file.sha256().is_none_or(is_sha256), "{}", file.name);
        let of_hub = file.package.kind == PackageKind::Hub;
        let made = file.made_of.is_some();
        assert!(file.source_sha256.is_some() || of_hub || made, "{}", file.name);
        assert!(file.sha256().is_some() || of_hub, "{}", file.name);
        assert!(file.source_bytes > 0, "{}", file.name);
        assert_eq!(file.package.bytes.is_none(), of_hub, "{}", file.name);
        assert!(file.package.bytes != Some(0), "{}", file.name);
        assert!(is_plain_name(file.name), "{}", file.name);
        assert!(!file.licence.is_empty(), "{}", file.name);
    }
    Ok(())
}

#[test]
fn sets_have_one_model_for_each_role() -> Result<(), ManifestError> {
    let manifest = Manifest::built_in()?;
    for set in &manifest.sets {
        let mut roles = HashSet::new();
        for name in set.models.iter().chain(&set.optional) {
            assert!(roles.insert(manifest.model(name)?.role), "{}: {name}", set.name);
        }
        for role in [Role::FaceDetector, Role::FaceEmbedder, Role::LabelClassifier] {
            assert!(
                manifest.model_for(set, role)?.is_some(),
                "{}: {}",
                set.name,
                role.name()
            );
        }
    }
    Ok(())
}

#[test]
fn models_say_what_their_role_needs() -> Result<(), ManifestError> {
    let manifest = Manifest::built_in()?;
    for model in &manifest.models {
        let reads_text = matches!(
            model.role,
            Role::TextEncoder | Role::PromptEncoder | Role::CaptionDecoder
        );
        assert_eq!(model.tokenizer.is_some(), reads_text, "{}", model.name);
        assert_eq!(model.input.is_none(), reads_text, "{}", model.name);
        assert_eq!(
            model.embedding.is_some(),
            model.role == Role::FaceEmbedder,
            "{}",
            model.name
        );
        if let Some(input) = model.input {
            assert!(
                input.size > 0 && input.std.iter().all(|std| *std > 0.0),
                "{}",
                model.name
            );
        }
        if let Some(embedding) = model.embedding {
            assert!(
                embedding.dimension > 0 && (0.0..1.0).contains(&embedding.threshold),
                "{}",
                model.name
            );
        }
        let name = serde_json::to_value(model.role).ok();
        assert_eq!(
            name.as_ref().and_then(|name| name.as_str()),
            Some(model.role.name())
        );
    }
    Ok(())
}

#[test]
fn a_network_whose_architecture_is_for_another_role_is_refused_when_the_manifest_is_read() -> TestResult {
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/manifest.toml");
    let text = std::fs::read_to_string(built_in)?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(&file, &text)?;
    Manifest::read(file.path())?;

    // An embedder that would be run as one and give two numbers.
    std::fs::write(&file, text.replacen("\"arcface\"", "\"gender-binary\"", 1))?;
    let refused = Manifest::read(file.path());
    assert!(
        matches!(
            &refused,
            Err(ManifestError::OtherRole {
                role: Role::FaceEmbedder,
                of_architecture: Role::Gender,
                ..
            })
        ),
        "{refused:?}"
    );
    let said = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(
        said.contains("the role face-embedder, but its architecture is for the role gender"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_repository_is_pinned_to_a_commit() -> Result<(), ManifestError> {
    for package in Manifest::built_in()?.packages {
        if package.kind == PackageKind::Hub {
            let commit = &package.version;
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit, "{}: {commit}", package.id);
        }
    }
    Ok(())
}

#[test]
fn only_wheels_have_a_platform() -> Result<(), ManifestError> {
    for package in Manifest::built_in()?.packages {
        assert!(
            package.platform.is_none() || package.kind == PackageKind::Wheel,
            "{}",
            package.id
        );
    }
    Ok(())
}

#[test]
fn an_empty_directory_lacks_every_file() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let manifest = Manifest::built_in()?;
    let set = manifest.set("open")?;
    let models = ModelDirectory(directory.path().to_owned());
    let missing = super::missing_files(&manifest, set, &models)?;
    assert_eq!(missing.len(), set.models.len());
    assert!(super::runtime_library(&manifest, &models).is_none());
    assert!(
        std::fs::read_dir(directory.path())?.next().is_none(),
        "looking leaves nothing behind"
    );
    Ok(())
}

#[test]
fn plain_names_stay_in_the_directory() {
    for name in ["", ".", "..", ".verified", "a/b", "/a", "../a", "a/"] {
        assert!(!is_plain_name(name), "{name:?}");
    }
    assert!(is_plain_name("a-1.onnx"));
}

#[test]
fn a_rewritten_graph_runs_in_the_place_of_the_published_one_but_for_eight_bits()
-> Result<(), Box<dyn std::error::Error>> {
    let manifest = Manifest::built_in()?;
    assert!(
        manifest
            .model("sface-2021dec")?
            .graph()
            .ends_with(".rewritten.onnx")
    );
    let coarse = manifest.clone().with_precision(&"int8".parse()?);
    assert_eq!(coarse.model("scrfd-2.5g")?.graph(), "scrfd_2.5g_kps.int8.onnx");
    let names = |manifest: &Manifest| {
        let files = wanted::all(manifest, manifest.set("research")?)?;
        Ok::<_, ManifestError>(files.iter().map(|file| file.name.to_owned()).collect::<Vec<_>>())
    };
    let rewritten = "scrfd_2.5g_kps.rewritten.onnx".to_owned();
    assert!(names(&manifest)?.contains(&rewritten));
    assert!(!names(&coarse)?.contains(&rewritten), "nothing would run it");
    let published = manifest.as_published();
    assert!(published.models.iter().all(|model| model.graph() == model.file));
    assert!(!names(&published)?.contains(&rewritten));
    Ok(())
}
