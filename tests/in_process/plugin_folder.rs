//! `PLUGIN_DIR` as deployments treat it: replaced, renamed, away for a while, or reached by links that lead elsewhere later.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use test_support::{TestApp, eventually};

const STRICT: &str = "strict-cluster-policy";
const THRESHOLD: &str = "threshold-cluster-policy";
/// By when something must have been noticed.
const LIMIT: Duration = Duration::from_secs(60);

/// Puts a policy of the examples into a folder, which is made where there is none.
fn put(policy: &str, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let component = Path::new(test_support::guests::COMPONENTS)
        .join("examples")
        .join(policy)
        .join(policy)
        .with_extension("wasm");
    fs::copy(component, folder.join("cluster-policy.wasm")).unwrap();
}

async fn start(folder: &Path) -> TestApp {
    let folder = folder.to_str().unwrap();
    TestApp::start(&[("PLUGIN_DIR", folder), ("PLUGIN_SETTLE_MS", "100")]).await
}

/// The policy that decides now.
async fn active(app: &TestApp) -> String {
    let slots = app.get("/api/plugins").await.success();
    let mut slots = slots.as_array().unwrap().iter();
    let slot = slots.find(|slot| slot["slot"] == "cluster-policy").unwrap();
    slot["name"].as_str().unwrap().to_owned()
}

/// Waits until the policy decides.
async fn becomes(app: &TestApp, policy: &str, how: &str) {
    let what = format!("{how}: {policy} is noticed");
    eventually(LIMIT, &what, async || active(app).await == policy).await;
}

fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("plugins");
    (place, folder)
}

#[test_support::test]
async fn a_folder_that_is_replaced_is_still_watched() {
    let (place, folder) = place();
    put(THRESHOLD, &folder);
    let app = start(&folder).await;
    assert_eq!(active(&app).await, THRESHOLD);

    // Another folder takes its name, as with `mv new plugins`.
    let new = place.path().join("new");
    put(STRICT, &new);
    fs::rename(&folder, place.path().join("old")).unwrap();
    fs::rename(&new, &folder).unwrap();
    becomes(&app, STRICT, "a folder in place of another").await;

    // It is gone for a while.
    fs::remove_dir_all(&folder).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(active(&app).await, STRICT);
    put(THRESHOLD, &folder);
    becomes(&app, THRESHOLD, "a folder that was away").await;

    // And a file in it, without the folder's knowledge, as ever.
    put(STRICT, &folder);
    becomes(&app, STRICT, "a file that was written over").await;
}

#[test_support::test]
async fn links_that_lead_elsewhere_are_followed() {
    let (place, folder) = place();
    let release = |name: &str| place.path().join(name);
    put(THRESHOLD, &release("1"));
    put(STRICT, &release("2"));
    let repoint = |link: &Path, target: &Path| {
        let next = place.path().join("next");
        symlink(target, &next).unwrap();
        fs::rename(next, link).unwrap();
    };
    // The folder itself is a link, as of releases that are switched.
    repoint(&folder, &release("1"));
    let app = start(&folder).await;
    repoint(&folder, &release("2"));
    becomes(&app, STRICT, "a folder that is a link").await;
    drop(app);

    // Kubernetes: files are links through a folder that is a link, and only that changes.
    let mounted = place.path().join("mounted");
    fs::create_dir(&mounted).unwrap();
    symlink("..data/cluster-policy.wasm", mounted.join("cluster-policy.wasm")).unwrap();
    repoint(&mounted.join("..data"), &release("1"));
    let app = start(&mounted).await;
    assert_eq!(active(&app).await, THRESHOLD);
    repoint(&mounted.join("..data"), &release("2"));
    becomes(&app, STRICT, "a folder as Kubernetes mounts it").await;
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.0.lock().unwrap()).contains(words)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// On one thread, so that its log is the test's.
#[test_support::test]
async fn the_log_says_when_there_is_nothing_to_watch() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (_place, folder) = place();
    put(THRESHOLD, &folder);
    let app = start(&folder).await;
    fs::remove_dir_all(&folder).unwrap();
    let waits = async |words: &str| {
        let what = format!("the log says that {words}");
        eventually(LIMIT, &what, async || log.says(words)).await;
    };
    waits("the plugin directory is missing").await;
    fs::create_dir(&folder).unwrap();
    waits("the plugin directory is back").await;
    assert_eq!(active(&app).await, THRESHOLD);
}
