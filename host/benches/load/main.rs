//! The worker under load and faults: what it gets done, how it refuses, what it keeps.
//!
//! ```text
//! cargo bench --bench load -- overload [seconds=300] [times=10]      more requests than it can do, by a clock
//! cargo bench --bench load -- row [photos=10000] [warm-up=1000]      photos of 0 to 32 faces in a row: its memory
//! cargo bench --bench load -- outages [times=20]                     its store killed and restarted under load
//! cargo bench --bench load -- stops [times=50]                       SIGTERM under load
//! cargo bench --bench load -- leavers [times=200]                    SIGTERM while callers hang up and networks are loaded
//! cargo bench --bench load -- hostile [seconds=300] [connections=5000] [files=1024]
//!                                                                    connections that wait, and guesses of keys
//! cargo bench --bench load -- short                                  a little of each
//! ```
//!
//! Each drives the built worker over HTTP, with the default models and settings, and fails when a promise is broken.
//! Callers, the server of the photos and the stand-in for Qdrant are one process that shares the machine's cores with
//! the worker; `overload` says how much of them it took. Needs Linux, whose `/proc` says what a process uses. A debug
//! build fails for wrong answers and lost photos, but not for times.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may panic")]

mod callers;
mod collage;
mod faults;
mod hostile;
mod overload;
mod row;
mod usage;

use std::collections::BTreeMap;
use std::time::Duration;

/// What is given as `name=number`.
struct Options(BTreeMap<String, u32>);

impl Options {
    fn read(arguments: &[String]) -> Self {
        let option = |argument: &String| {
            let (name, number) = argument.split_once('=')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        Self(
            arguments
                .iter()
                .map(|argument| option(argument).unwrap_or_else(|| panic!("{argument} is no NAME=NUMBER")))
                .collect(),
        )
    }

    fn take(&mut self, name: &str, default: u32) -> u32 {
        self.0.remove(name).unwrap_or(default)
    }

    /// Nothing may be left, lest a mistake in a name go unnoticed.
    fn end(self) {
        assert!(self.0.is_empty(), "not known: {:?}", self.0.into_keys());
    }
}

/// Of times that are sorted.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (program, options) = arguments.split_first().unzip();
    let mut options = Options::read(options.unwrap_or_default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    match program.map_or("", String::as_str) {
        "overload" => {
            let seconds = options.take("seconds", 300);
            let times = options.take("times", 10);
            options.end();
            runtime.block_on(overload::run(Duration::from_secs(seconds.into()), times));
        }
        "row" => {
            let photos = options.take("photos", 10_000);
            let warm_up = options.take("warm-up", 1_000);
            options.end();
            runtime.block_on(row::run(photos, warm_up));
        }
        "outages" => {
            let times = options.take("times", 20);
            options.end();
            runtime.block_on(faults::outages(times));
        }
        "stops" => {
            let times = options.take("times", 50);
            options.end();
            runtime.block_on(faults::stops(times));
        }
        "leavers" => {
            let times = options.take("times", 200);
            options.end();
            runtime.block_on(faults::leavers(times));
        }
        "hostile" => {
            let seconds = options.take("seconds", 300);
            let connections = options.take("connections", 5_000);
            let files = options.take("files", 1_024);
            options.end();
            let duration = Duration::from_secs(seconds.into());
            runtime.block_on(hostile::run(duration, connections as usize, files));
        }
        "short" => {
            options.end();
            runtime.block_on(async {
                overload::run(Duration::from_secs(6), 10).await;
                row::run(5, 2).await;
                faults::outages(1).await;
                faults::stops(2).await;
                faults::leavers(2).await;
                hostile::run(Duration::from_secs(5), 1_500, 400).await;
            });
        }
        other => panic!("{other:?} is none of overload, row, outages, stops, leavers, hostile and short"),
    }
}
