//! `ai-worker models import`: files that somebody brought by hand, by their names and for a role. They are real networks.

use std::fs;
use std::process::Output;

use ai_worker::plugins::digest;
use tempfile::TempDir;

use crate::models::{DETECTOR, GENDER, Site, assert_success, failure};
use test_support::worker::command;

/// A site without a network, and what somebody has brought there.
struct Stick {
    site: Site,
    files: TempDir,
}

impl Stick {
    /// The manifest knows the hash of the detector, and not that of the gender network.
    fn new() -> Self {
        let site = Site::new(false);
        let files = tempfile::tempdir().unwrap();
        Self { site, files }
    }

    /// The path of a file with this name and content.
    fn with(&self, name: &str, content: &[u8]) -> String {
        let path = self.files.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn import(&self, arguments: &[&str]) -> Output {
        let arguments = [&["import", "--accept-license"], arguments].concat();
        self.site.run("http://127.0.0.1:9", &arguments)
    }

    fn lock_file(&self) -> String {
        fs::read_to_string(self.site.directory().join("models.lock")).unwrap()
    }
}

#[test_support::test]
fn a_file_is_taken_in_by_its_name() {
    let stick = Stick::new();
    let output = stick.import(&[&stick.with(DETECTOR, &stick.site.detector)]);
    assert_success(&output);
    assert!(stick.site.has(DETECTOR, &stick.site.detector));
    // The manifest knows its hash.
    assert!(!stick.lock_file().contains(&digest(&stick.site.detector)));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("To be imported into") && !said.contains("download"),
        "{said}"
    );
    assert!(said.contains("detector runs."), "{said}");
    assert_eq!(
        said.matches(&format!("{DETECTOR} is in place.")).count(),
        1,
        "{said}"
    );
}

#[test_support::test]
fn a_file_of_any_name_is_taken_in_for_a_role() {
    let stick = Stick::new();
    assert_success(&stick.import(&["gender", &stick.with("mine.onnx", &stick.site.gender)]));
    assert!(stick.site.has(GENDER, &stick.site.gender));
    // Nobody knew its hash.
    let lock = stick.lock_file();
    assert!(
        lock.contains(&digest(&stick.site.gender)) && lock.contains("import"),
        "{lock}"
    );
    assert_success(&stick.import(&["face-detector", &stick.with("other.onnx", &stick.site.detector)]));
    // Nothing is missing, so nobody is asked.
    assert_success(&stick.site.run("http://127.0.0.1:9", &["pull"]));
}

#[test_support::test]
fn a_wrong_file_is_refused_and_changes_nothing() {
    let stick = Stick::new();
    let (detector, gender) = (&stick.site.detector, &stick.site.gender);
    let said = failure(&stick.import(&[&stick.with("unknown.onnx", gender)]));
    assert!(said.contains(GENDER), "{said}");
    let said = failure(&stick.import(&["painter", &stick.with("unknown.onnx", gender)]));
    assert!(said.contains("face-detector, gender"), "{said}");
    let said = failure(&stick.import(&["gender", "/nowhere/at/all.onnx"]));
    assert!(said.contains("/nowhere/at/all.onnx"), "{said}");
    // The hash of this one is known.
    let said = failure(&stick.import(&["face-detector", &stick.with("other.onnx", gender)]));
    assert!(said.contains(&digest(detector)), "{said}");
    assert_eq!(stick.site.names(), [""; 0]);
    // Nobody knows the hash, so that the network itself has to answer for the file.
    let said = failure(&stick.import(&[&stick.with(GENDER, b"no network")]));
    assert!(said.contains("was not imported"), "{said}");
    let said = failure(&stick.import(&["gender", &stick.with("other.onnx", detector)]));
    assert!(said.contains("was not imported"), "{said}");
    assert_eq!(
        stick.site.names(),
        ["models.lock"],
        "accepting licences is all that happened"
    );
    assert!(!stick.lock_file().contains("sha256"));
}

#[test_support::test]
fn a_damaged_checkpoint_is_not_taken_for_the_network_that_is_made_of_it() {
    let files = tempfile::tempdir().unwrap();
    for (set, name, hash) in [
        (
            "full",
            "open_clip_model.safetensors",
            "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6",
        ),
        (
            "open",
            "efficientnet-lite2-9656183e.pth",
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        ),
    ] {
        let file = files.path().join(name);
        fs::write(&file, "damaged on its way").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut import = command(&[("MODEL_SET", set)]);
        import
            .env("MODELS_DIR", directory.path())
            .args(["models", "import", "--accept-license"]);
        let said = failure(&import.arg(&file).output().unwrap());
        assert!(said.contains(hash) && said.contains(name), "{said}");
        let left: Vec<_> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, [".lock"], "{name}");
    }
}

#[cfg(unix)]
#[test_support::test]
fn a_file_that_may_only_be_read_becomes_one_of_the_directorys_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let stick = Stick::new();
    let file = stick.with(GENDER, &stick.site.gender);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    assert_success(&stick.import(&[&file]));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode();
    let directory = stick.site.directory();
    assert_eq!(
        mode(&directory.join(GENDER)),
        mode(&directory.join("models.lock")),
        "whoever may read the models may read this one"
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o400);
}
