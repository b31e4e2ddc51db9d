//! Wheels of a table that is made up, brought by hand; and, on request, real ones out of the registry.

use std::{
    env::consts::{ARCH, OS},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    listing::list,
    pull::{import, pull, verify},
    status::{OnThisPlatform, present, status},
    table::Table,
};
use crate::{
    digest::hexadecimal,
    models::{FetchError, HubSettings, fetch::Access, import::ImportError, manifest::ModelDirectory},
};

type TestResult = Result<(), Box<dyn std::error::Error>>;

const WHEEL: &str = "a_device-1.0-py3-none-any.whl";
const LIBRARY: &str = "not really a library";
const HELPER: &str = "nor is this";

fn hash(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A wheel with two files, in a folder, and a table that has it for this platform, under a licence.
fn made_up(folder: &Path, licence: &str) -> Result<(PathBuf, Table), Box<dyn std::error::Error>> {
    let wheel = folder.join(WHEEL);
    let mut zip = zip::ZipWriter::new(fs::File::create(&wheel)?);
    for (name, content) in [("a/liba.so", LIBRARY), ("a/libb.so.1.2", HELPER)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())?;
        zip.write_all(content.as_bytes())?;
    }
    zip.finish()?;
    let text = format!(
        r#"
        [[provider]]
        id = "made-up"
        hardware = "nothing"
        registers_as = "made-up"
        provider = "MadeUpExecutionProvider"

        [[requirement]]
        id = "driver"
        what = "a driver"
        libraries = ["libno-such-driver.so.1"]
        install = [{{ on = "Debian", by = "apt install no-such-driver" }}]

        [[package]]
        id = "p"
        name = "a-device"
        version = "1.0"
        kind = "wheel"
        platform = "any"
        bytes = {}
        sha256 = "{}"

        [[build]]
        provider = "made-up"
        os = "{OS}"
        arch = "{ARCH}"
        library = "liba.so"
        preload = ["libb.so.1"]
        needs = ["driver"]

        [[build.file]]
        package = "p"
        path = "a/liba.so"
        sha256 = "{}"
        bytes = {}
        licence = "{licence}"

        [[build.file]]
        package = "p"
        path = "a/libb.so.1.2"
        name = "libb.so.1"
        sha256 = "{}"
        bytes = {}
        licence = "{licence}"
        "#,
        fs::metadata(&wheel)?.len(),
        hash(fs::read(&wheel)?),
        hash(LIBRARY),
        LIBRARY.len(),
        hash(HELPER),
        HELPER.len(),
    );
    Ok((wheel, toml::from_str(&text)?))
}

/// Brings a file by hand; whoever is asked about licences answers with `accept`.
fn bring(table: &Table, file: &Path, directory: &ModelDirectory, accept: bool) -> Result<bool, ImportError> {
    let mut access = Access {
        hub: HubSettings::default(),
        consent: &mut |_| Ok(accept),
        comparison: &mut |_, _, _| Ok(true),
    };
    import(table, file, directory, &mut access, &mut io::sink())
}

fn state(table: &Table, directory: &ModelDirectory) -> Result<OnThisPlatform, Box<dyn std::error::Error>> {
    Ok(status(table, directory)?.remove(0).state)
}

#[test]
fn a_wheel_that_was_brought_is_taken_apart() -> TestResult {
    let (brought, models) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let directory = ModelDirectory(models.path().to_owned());
    let (wheel, table) = made_up(brought.path(), "MIT")?;
    assert_eq!(state(&table, &directory)?, OnThisPlatform::Absent);
    assert!(bring(&table, &wheel, &directory, false)?);

    let found = present(&table, &directory)?;
    assert_eq!(found.len(), 1);
    assert_eq!(fs::read_to_string(&found[0].library)?, LIBRARY);
    assert_eq!(fs::read_to_string(&found[0].preload[0])?, HELPER);
    assert_eq!(
        (found[0].package.as_str(), found[0].version.as_str()),
        ("a-device", "1.0")
    );
    let needs = status(&table, &directory)?.remove(0).needs;
    assert!(!needs[0].found && needs[0].install[0].by.contains("no-such-driver"));

    let mut out = Vec::new();
    assert!(verify(&table, &directory, &mut out)?);
    list(&table, &directory, &mut out)?;
    let text = String::from_utf8(out)?;
    assert!(text.contains("right    made-up/liba.so"), "{text}");
    let row =
        |line: &&str| line.starts_with("made-up") && line.contains("a-device 1.0") && line.contains("yes");
    assert!(text.lines().any(|line| row(&line)), "{text}");
    Ok(())
}

#[test]
fn a_damaged_library_is_seen_and_a_single_one_puts_it_right() -> TestResult {
    let (brought, models) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let directory = ModelDirectory(models.path().to_owned());
    let (wheel, table) = made_up(brought.path(), "MIT")?;
    assert!(bring(&table, &wheel, &directory, false)?);
    let library = present(&table, &directory)?.remove(0).library;
    fs::write(&library, &LIBRARY[..8])?;
    assert_eq!(
        state(&table, &directory)?,
        OnThisPlatform::Incomplete(vec!["liba.so".into()])
    );
    let mut out = Vec::new();
    assert!(!verify(&table, &directory, &mut out)?);
    let text = String::from_utf8(out)?;
    assert!(
        text.contains("wrong    made-up/liba.so") && text.contains("--device made-up"),
        "{text}"
    );

    let single = brought.path().join("liba.so");
    fs::write(&single, LIBRARY)?;
    assert!(bring(&table, &single, &directory, false)?);
    assert!(matches!(state(&table, &directory)?, OnThisPlatform::Present(_)));
    Ok(())
}

#[test]
fn what_is_not_in_the_table_is_not_taken() -> TestResult {
    let (brought, models) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let directory = ModelDirectory(models.path().to_owned());
    let (wheel, table) = made_up(brought.path(), "MIT")?;
    // Another content under the name of the wheel, and of a library.
    for name in ["a_device-1.1-py3-none-any.whl", "liba.so"] {
        let other = brought.path().join(name);
        fs::write(&other, "something else")?;
        let outcome = bring(&table, &other, &directory, true);
        assert!(
            matches!(outcome, Err(ImportError::Mismatch { .. })),
            "{name}: {outcome:?}"
        );
    }
    // Nothing to do with a device, by name.
    let other = brought.path().join("gender-v1.onnx");
    fs::copy(&wheel, &other)?;
    assert!(!bring(&table, &other, &directory, true)?);
    assert_eq!(state(&table, &directory)?, OnThisPlatform::Absent);
    assert!(fs::read_dir(&directory.0)?.next().is_none());
    Ok(())
}

#[test]
fn terms_that_are_not_open_source_must_be_accepted() -> TestResult {
    let (brought, models) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let directory = ModelDirectory(models.path().to_owned());
    let (wheel, table) = made_up(brought.path(), "LicenseRef-Terms")?;
    let outcome = bring(&table, &wheel, &directory, false);
    assert!(
        matches!(&outcome, Err(ImportError::Fetch(FetchError::NotAccepted(licence))) if licence == "LicenseRef-Terms"),
        "{outcome:?}"
    );
    assert_eq!(state(&table, &directory)?, OnThisPlatform::Absent);
    assert!(bring(&table, &wheel, &directory, true)?);
    assert!(matches!(state(&table, &directory)?, OnThisPlatform::Present(_)));
    Ok(())
}

/// A real pull, for whoever wants to see it: `PULL_TO=/some/where PULL_DEVICES=webgpu,openvino cargo test -- --ignored`.
#[test]
#[ignore = "downloads some 60 MB for the two, and more for others, from a package registry"]
fn pulls_real_packages() -> TestResult {
    let directory = ModelDirectory(PathBuf::from(std::env::var("PULL_TO")?));
    let table = Table::built_in()?;
    for id in std::env::var("PULL_DEVICES")?.split(',') {
        let mut access = Access {
            hub: HubSettings::default(),
            consent: &mut |_| Ok(true),
            comparison: &mut |_, _, _| Ok(true),
        };
        let began = std::time::Instant::now();
        let pulled = pull(&table, id, &directory, &mut access, &mut io::stdout())?;
        println!("{id}: {pulled:?} in {:.1} s", began.elapsed().as_secs_f64());
        assert!(pulled.downloaded_bytes > 0, "{id} was there already");
        assert!(
            present(&table, &directory)?
                .iter()
                .any(|present| present.id == id),
            "{id}"
        );
        let again = pull(&table, id, &directory, &mut access, &mut io::sink())?;
        assert_eq!(again.downloaded_bytes, 0);
    }
    assert!(verify(&table, &directory, &mut io::stdout())?);
    Ok(list(&table, &directory, &mut io::stdout())?)
}
