//! A build: a command of a shell, which ends with everything it started when nobody waits for it any more.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::super::super::Failure;
use super::SHOWN_LINES;

/// How much of what a build says is kept.
const KEPT_BYTES: usize = 64 << 10;
/// How often a build is asked whether it has ended.
const POLL: Duration = Duration::from_millis(20);
/// How long the rest of its output is waited for, which something it left running may hold back for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How a build ended.
pub(super) struct Built {
    pub(super) status: ExitStatus,
    /// The last lines that it said, on standard output and error.
    pub(super) tail: Vec<String>,
}

/// Runs a command in a folder.
pub(super) async fn run(command: &str, directory: &Path) -> Result<Built, Failure> {
    let (reader, writer) = io::pipe()?;
    let mut group = Group::start(shell(command, directory, writer)?)
        .map_err(|error| format!("`{command}` cannot be run: {error}"))?;
    let said = Arc::new(Mutex::new(VecDeque::new()));
    let kept = Arc::clone(&said);
    let reading = std::thread::Builder::new()
        .name("build-output".to_owned())
        .spawn(move || keep_end(reader, &kept))?;
    let status = loop {
        if let Some(status) = group.ended()? {
            break status;
        }
        tokio::time::sleep(POLL).await;
    };
    let ended = std::time::Instant::now();
    while !reading.is_finished() && ended.elapsed() < LAST_WORDS {
        tokio::time::sleep(POLL).await;
    }
    let said = said
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .make_contiguous()
        .to_vec();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let shown = lines.len().saturating_sub(SHOWN_LINES);
    Ok(Built {
        status,
        tail: lines[shown..].iter().map(|line| (*line).to_owned()).collect(),
    })
}

/// The command, whose standard output and error go into one pipe, in their order.
fn shell(command: &str, directory: &Path, output: io::PipeWriter) -> io::Result<Command> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(directory)
        // Builds run what packages bring, which has no business with a worker's keys.
        .env_remove("ADMIN_KEY")
        .env_remove("API_KEY")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    if std::env::var_os("AI_WORKER").is_none() {
        shell.env("AI_WORKER", std::env::current_exe()?);
    }
    Ok(shell)
}

/// Keeps the end of what is read.
fn keep_end(mut reader: PipeReader, kept: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&buffer[..count]);
        let surplus = kept.len().saturating_sub(KEPT_BYTES);
        kept.drain(..surplus);
    }
}

/// A process and all that it starts: a group of their own, so that Ctrl-C on a terminal reaches them only through here.
struct Group {
    leader: Child,
    has_ended: bool,
}

impl Group {
    fn start(mut command: Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(Self {
            leader: command.spawn()?,
            has_ended: false,
        })
    }

    fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.leader.try_wait()?;
        self.has_ended = status.is_some();
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        // Neither can fail but for processes that have ended.
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(&self.leader),
            rustix::process::Signal::KILL,
        );
        #[cfg(not(unix))]
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn the_end_of_what_a_build_says_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let command = "seq 1 20000; echo wrong >&2; pwd; exit 3";
        let built = run(command, folder.path()).await.unwrap();
        assert_eq!(built.status.code(), Some(3));
        assert_eq!(built.tail.len(), SHOWN_LINES);
        let [.., before, wrong, place] = &built.tail[..] else {
            unreachable!()
        };
        assert_eq!((before.as_str(), wrong.as_str()), ("20000", "wrong"));
        assert_eq!(Path::new(place), folder.path().canonicalize().unwrap());
    }

    #[tokio::test]
    async fn what_a_build_leaves_running_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let built = run("sleep 600 & echo $! >pid; echo done", folder.path())
            .await
            .unwrap();
        assert!(built.status.success());
        assert_eq!(built.tail, ["done"]);
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn a_build_finds_this_program() {
        let folder = tempfile::tempdir().unwrap();
        let built = run("test -x \"$AI_WORKER\"", folder.path()).await.unwrap();
        assert!(built.status.success(), "{:?}", built.tail);
    }
}
