//! The built-in table keeps its promises.

use std::{collections::HashSet, path::Path};

use super::{
    files,
    table::{Table, TableError},
};
use crate::{
    digest::is_sha256,
    models::manifest::{Manifest, PackageKind},
};

type TestResult = Result<(), Box<dyn std::error::Error>>;

fn assert_unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for name in names {
        assert!(seen.insert(name), "{what} {name} is defined twice");
    }
}

#[test]
fn names_are_unique() -> TestResult {
    let table = Table::built_in()?;
    assert_unique(
        "provider",
        table.providers.iter().map(|provider| provider.id.as_str()),
    );
    assert_unique(
        "package",
        table.packages.iter().map(|package| package.id.as_str()),
    );
    assert_unique(
        "requirement",
        table.requirements.iter().map(|other| other.id.as_str()),
    );
    let builds: Vec<String> = table
        .builds
        .iter()
        .map(|build| format!("{} {} {}", build.provider, build.os, build.arch))
        .collect();
    assert_unique("build", builds.iter().map(String::as_str));
    Ok(())
}

#[test]
fn every_reference_resolves_and_every_entry_is_used() -> TestResult {
    let table = Table::built_in()?;
    let (mut packages, mut requirements) = (HashSet::new(), HashSet::new());
    for build in &table.builds {
        let provider = table.provider(&build.provider)?;
        let names: HashSet<&str> = build.files.iter().map(|file| file.name()).collect();
        let what = format!("{} for {} {}", build.provider, build.os, build.arch);
        assert_eq!(names.len(), build.files.len(), "{what}");
        assert!(names.contains(build.library.as_str()), "{what}");
        for name in &build.preload {
            assert!(names.contains(name.as_str()), "{what}: {name}");
        }
        assert!(table.carrier(build).is_ok(), "{what}");
        assert_eq!(
            provider.registers_as.is_none(),
            provider.replaces_runtime,
            "{what}"
        );
        for file in files::wanted(&table, build)? {
            packages.insert(file.package.id.as_str());
            assert!(file.source_sha256.is_some_and(is_sha256), "{}", file.name);
            assert!(file.source_bytes > 0, "{}", file.name);
            let plain = Path::new(file.name)
                .file_name()
                .is_some_and(|last| last == file.name);
            assert!(plain && !file.name.starts_with('.'), "{}", file.name);
        }
        for id in &build.needs {
            table.requirement(id)?;
            requirements.insert(id.as_str());
        }
    }
    assert_eq!(packages.len(), table.packages.len());
    assert_eq!(requirements.len(), table.requirements.len());
    for package in &table.packages {
        let id = &package.id;
        assert_eq!(package.kind, PackageKind::Wheel, "{id}");
        assert!(package.platform.is_some(), "{id}");
        assert!(package.bytes.is_some_and(|bytes| bytes > 0), "{id}");
        assert!(package.sha256.as_deref().is_some_and(is_sha256), "{id}");
    }
    Ok(())
}

#[test]
fn every_platform_has_a_runtime_of_ours() -> TestResult {
    let (table, manifest) = (Table::built_in()?, Manifest::built_in()?);
    for build in &table.builds {
        let ours = |runtime: &&crate::models::manifest::Runtime| {
            runtime.os == build.os && runtime.arch == build.arch
        };
        assert!(
            manifest.runtimes.iter().find(ours).is_some(),
            "{}",
            build.provider
        );
    }
    Ok(())
}

#[test]
fn no_plugin_is_registered_as_virtual() -> TestResult {
    for provider in Table::built_in()?.providers {
        let name = provider.registers_as.unwrap_or_default();
        assert!(!name.ends_with(".virtual"), "{name}");
    }
    Ok(())
}

#[test]
fn another_platform_and_an_unknown_name_are_told_with_what_there_is() -> TestResult {
    let table = Table::built_in()?;
    let openvino = table.provider("openvino")?;
    let told = match table.to_fetch(openvino, "linux", "riscv64") {
        Err(error) => error.to_string(),
        Ok(build) => return Err(format!("there is {build:?}").into()),
    };
    assert!(
        told.contains("linux riscv64") && told.contains("linux x86_64"),
        "{told}"
    );
    let told = match table.provider("cuda13") {
        Err(error) => error.to_string(),
        Ok(provider) => return Err(format!("there is {provider:?}").into()),
    };
    assert!(told.contains("cuda13") && told.contains("openvino"), "{told}");
    let coreml = table.provider("coreml")?;
    assert!(matches!(
        table.to_fetch(coreml, "macos", "aarch64"),
        Err(TableError::PartOfRuntime(_))
    ));
    Ok(())
}
