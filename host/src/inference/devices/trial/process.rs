//! The process of a trial, as seen by who starts it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Line, Request};

/// How many of the last lines on standard error are kept: a library says there why it ends the process.
const LAST_WORDS: usize = 3;
/// A line of more bytes is none of a trial.
const LONGEST_LINE: u64 = 1 << 20;
/// How long a process that has said everything may take to end.
const END: Duration = Duration::from_secs(5);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(10);

/// The program that does a trial.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// What it is told, so that it reads a [`Request`].
    pub arguments: Vec<OsString>,
    /// How long a trial may take.
    pub limit: Duration,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It said all that it had to say.
    Done,
    /// The process ended before, in these words.
    Died(String),
    /// It took too long and was killed.
    TimedOut,
    /// It could not be started.
    NotStarted(String),
}

/// The variable of the environment in which Linux's loader finds folders, when a process starts.
pub const SEARCH_PATH: &str = "LD_LIBRARY_PATH";

/// What that variable is to hold so that a folder is looked in, too; none when it is looked in already.
#[must_use]
pub fn with_search_path(folder: &Path) -> Option<OsString> {
    let now = std::env::var_os(SEARCH_PATH).unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&now)
        .filter(|one| *one != Path::new(""))
        .collect();
    if folders.iter().any(|one| one == folder) {
        return None;
    }
    folders.push(folder.to_owned());
    std::env::join_paths(folders).ok()
}

/// A process that is killed when nobody waits for it any more.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Launcher {
    /// Does a trial in a process of its own: what it said, and how it ended. Blocks for as long as it takes, at most
    /// `limit`. `search_path` is a folder in which the system's loader is to look for libraries, too.
    #[must_use]
    pub fn run(&self, request: &Request, search_path: Option<&PathBuf>) -> (Vec<Line>, Ended) {
        let mut lines = Vec::new();
        let ended = self
            .converse(request, search_path, &mut lines)
            .unwrap_or_else(|error| Ended::NotStarted(format!("{}: {error}", self.program.display())));
        (lines, ended)
    }

    fn converse(
        &self,
        request: &Request,
        search_path: Option<&PathBuf>,
        lines: &mut Vec<Line>,
    ) -> io::Result<Ended> {
        let end = Instant::now() + self.limit;
        let mut command = Command::new(&self.program);
        if let Some(folders) = search_path.and_then(|folder| with_search_path(folder)) {
            command.env(SEARCH_PATH, folders);
        }
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let child = &mut process.0;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("it has no standard input and output"));
        };
        let said = read_lines(stdout);
        let complained = read_lines(stderr);
        // A process that dies at once does not read it, which is told below.
        let _ = stdin.write_all(&serde_json::to_vec(request)?);
        drop(stdin);
        loop {
            match said.recv_timeout(end.saturating_duration_since(Instant::now())) {
                // A library may print there, too.
                Ok(text) => match serde_json::from_str(&text) {
                    Ok(Line::Done) => break,
                    Ok(line) => lines.push(line),
                    Err(_) => {}
                },
                Err(RecvTimeoutError::Timeout) => return Ok(Ended::TimedOut),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = wait(&mut process.0, END)?;
                    if matches!(lines.last(), Some(Line::Impossible { .. })) {
                        return Ok(Ended::Done);
                    }
                    return Ok(Ended::Died(last_words(status, &complained)));
                }
            }
        }
        // A library may fail at the very end, when nothing depends on it any more.
        wait(&mut process.0, END)?;
        Ok(Ended::Done)
    }
}

/// The lines that a process writes, as they come.
fn read_lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut line = Vec::new();
            match pipe.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(1..) => {
                    let text = String::from_utf8_lossy(&line).trim().to_owned();
                    if sender.send(text).is_err() {
                        break;
                    }
                }
                _ => break,
            }
        }
    });
    receiver
}

/// How it ended; none when it did not within this time.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if Instant::now() >= end => return Ok(None),
            None => thread::sleep(LOOK),
        }
    }
}

/// How it died, and what it said last.
fn last_words(status: Option<ExitStatus>, complained: &Receiver<String>) -> String {
    let how = status.map_or_else(|| "it did not end".to_owned(), |status| status.to_string());
    let mut last = VecDeque::new();
    while let Ok(line) = complained.recv_timeout(LOOK) {
        if !line.is_empty() {
            last.push_back(crate::plain(&line));
        }
        if last.len() > LAST_WORDS {
            last.pop_front();
        }
    }
    if last.is_empty() {
        how
    } else {
        format!("{how}; its last output: {}", Vec::from(last).join(" | "))
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::panic, reason = "a test may panic")]

    use super::*;
    use crate::inference::devices::place::Place;
    use crate::inference::devices::trial::Cause;

    /// A shell as a trial's process, which is a fake: no network is run.
    fn fake(script: &str, limit: Duration) -> (Vec<Line>, Ended) {
        let launcher = Launcher {
            program: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".into(), script.into()],
            limit,
        };
        launcher.run(
            &Request {
                runtime: PathBuf::from("runtime"),
                place: Place::Processor,
                networks: Vec::new(),
                references: PathBuf::new(),
                checks_processor: false,
                sessions: 1,
                threads: 1,
            },
            None,
        )
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_was_said_counts_however_the_process_ends() {
        let begins = Line::Begins("a".to_owned());
        let all = r#"cat >/dev/null; echo noise; echo '{"begins":"a"}'; echo '"done"'; kill -SEGV $$"#;
        assert_eq!(fake(all, LONG), (vec![begins.clone()], Ended::Done));
        let half = r#"cat >/dev/null; echo '{"begins":"a"}'; echo 'no driver' >&2; kill -BUS $$"#;
        let (lines, ended) = fake(half, LONG);
        assert_eq!(lines, [begins]);
        let Ended::Died(words) = ended else {
            panic!("{ended:?}")
        };
        assert!(words.contains("SIGBUS") && words.contains("no driver"), "{words}");
    }

    #[test]
    fn one_that_cannot_do_it_says_why() {
        let script =
            r#"cat >/dev/null; echo '{"impossible":{"cause":"library_refused","reason":"no file"}}'"#;
        let expected = Line::Impossible {
            cause: Cause::LibraryRefused,
            reason: "no file".to_owned(),
        };
        assert_eq!(fake(script, LONG), (vec![expected], Ended::Done));
    }

    #[test]
    fn one_that_hangs_is_killed() {
        let began = Instant::now();
        let hangs = r#"cat >/dev/null; echo '{"begins":"a"}'; exec sleep 600"#;
        let (lines, ended) = fake(hangs, Duration::from_millis(500));
        assert_eq!((lines.len(), ended), (1, Ended::TimedOut));
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let launcher = Launcher {
            program: PathBuf::from("/nowhere/ai-worker"),
            arguments: Vec::new(),
            limit: LONG,
        };
        let request = Request {
            runtime: PathBuf::new(),
            place: Place::Processor,
            networks: Vec::new(),
            references: PathBuf::new(),
            checks_processor: false,
            sessions: 1,
            threads: 1,
        };
        let (_, Ended::NotStarted(reason)) = launcher.run(&request, None) else {
            panic!("it started")
        };
        assert!(reason.contains("/nowhere/ai-worker"), "{reason}");
    }
}
