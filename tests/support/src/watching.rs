//! `ai-worker plugin watch` as somebody has it on a terminal beside the editor.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A watch that runs; killed when dropped.
pub struct Watching {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Watching {
    /// `command` is `ai-worker` with whatever it needs but its arguments.
    pub fn start(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
            .args(["plugin", "watch"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || said.map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// The next line that begins so; all before it must not speak of a failure, unless that is what is waited for.
    pub fn line(&mut self, beginning: &str) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("waited in vain for {beginning:?} after {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.starts_with(beginning) {
                return line;
            }
            assert!(!line.contains("FAILED"), "{:#?}", self.seen);
        }
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A project without a compiler: its build copies the component whose path is in the file `source`.
pub struct Project(tempfile::TempDir);

impl Project {
    /// A project whose plugin is this component.
    #[must_use]
    pub fn new(component: &Path) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let script = "#!/bin/sh\nset -eu\necho building\ncp \"$(cat source)\" plugin.wasm\n\
                      echo \"${ADMIN_KEY-no key}\" >.key\n";
        project.save("build.sh", script);
        std::fs::set_permissions(
            project.path().join("build.sh"),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        project.choose(component);
        project
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Edits the plugin, which is from now on this component.
    pub fn choose(&self, component: &Path) {
        self.save("source", component.to_str().unwrap());
    }

    /// Writes a file of this name into it; the path of the file.
    pub fn save(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}
