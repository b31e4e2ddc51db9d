//! The harness of the tests that need more than the repository: models, photos, Python, a kernel that mounts.
//!
//! Rust's own harness knows two ends of a test, so that a test that finds its models missing can only pass or fail. The tests
//! fetch the models themselves, hence whether they are there is known neither to the compiler nor to a build script, but when
//! the first of them runs. This harness (libtest-mimic, with the arguments and the output of Rust's own) has a third end: a
//! test that calls [`missing`] is reported as ignored, with the reason, and fails under `CI=true`.
//!
//! A test program that uses it has `harness = false` in `host/Cargo.toml` and ends its `main.rs` with
//!
//! ```ignore
//! fn main() -> std::process::ExitCode {
//!     test_support::harness::main()
//! }
//! ```
//!
//! Its tests are marked with [`test_support::test`](crate::test). There the compiler drops a test that is marked with
//! `#[test]` or `#[tokio::test]`; `.ci/house --check` refuses one.

use std::fmt::Display;
use std::panic::{catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

pub use inventory;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// A test; made by [`test_support::test`](crate::test).
#[derive(Debug)]
pub struct Test {
    /// Its path, which begins with the program.
    pub path: &'static str,
    /// Why it is ignored unless it is asked for.
    pub ignored: Option<&'static str>,
    /// The test itself.
    pub run: fn(),
}

inventory::collect!(Test);

/// Whether this harness runs, and not a benchmark.
static RUNS: AtomicBool = AtomicBool::new(false);

/// Why a test cannot be run.
struct Missing(String);

/// Ends the test that calls it, which needs what is not here. To be called in the thread of the test.
///
/// # Panics
/// Always, without a message where [`main`] takes it for what it is: not under `CI=true`, and not in a benchmark.
#[track_caller]
pub fn missing(what: impl Display) -> ! {
    let is_ci = std::env::var_os("CI").is_some();
    assert!(RUNS.load(Ordering::Relaxed) && !is_ci, "{what}");
    resume_unwind(Box::new(Missing(what.to_string())))
}

/// As [`missing`], for what nobody can install: hardware, and what a kernel allows. It is ignored under `CI=true`, too.
///
/// # Panics
/// Always, without a message where [`main`] takes it for what it is: not in a benchmark.
#[track_caller]
pub fn not_on_this_machine(what: impl Display) -> ! {
    assert!(RUNS.load(Ordering::Relaxed), "{what}");
    resume_unwind(Box::new(Missing(what.to_string())))
}

/// Runs the tests of the program, as its arguments say.
#[must_use]
pub fn main() -> ExitCode {
    RUNS.store(true, Ordering::Relaxed);
    let arguments = Arguments::from_args();
    let asks_for_ignored = arguments.ignored || arguments.include_ignored;
    let mut tests: Vec<(&str, &Test)> = inventory::iter::<Test>
        .into_iter()
        .map(|test| {
            (
                test.path.split_once("::").map_or(test.path, |(_, name)| name),
                test,
            )
        })
        .collect();
    tests.sort_by_key(|(name, _)| *name);
    let trials = tests.into_iter().map(|(name, test)| match test.ignored {
        // So that the reason is said, too.
        Some(reason) if !asks_for_ignored => {
            Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
        }
        ignored => Trial::ignorable_test(name, || run(test)).with_ignored_flag(ignored.is_some()),
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run(test: &Test) -> Result<Completion, Failed> {
    match catch_unwind(test.run) {
        Ok(()) => Ok(Completion::Completed),
        Err(payload) => match payload.downcast::<Missing>() {
            Ok(missing) => Ok(Completion::ignored_with(missing.0)),
            Err(panic) => resume_unwind(panic),
        },
    }
}
