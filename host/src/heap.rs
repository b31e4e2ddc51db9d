//! How much memory the process keeps that it does not need.
//!
//! glibc's allocator takes large blocks from the system and gives them back when they are freed, but raises the size from
//! which it does so each time it happens, up to 32 MiB. The weights of networks are freed in all sizes below that, and
//! stay with the process, in an arena for each thread that loaded one. With a fixed size they go back. Within
//! a program only unsafe code can set it (`mallopt`), so it is set before the program starts.

/// The size in bytes from which blocks are taken from the system and given back: above what a photo's small parts need,
/// below a network's larger weights.
const THRESHOLD: &str = "524288";

/// The variable of the environment in which glibc looks for it.
const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";

/// Starts the program again, as the same process, with the allocator's threshold fixed; does nothing when it is fixed
/// already, when somebody chose one, and where the C library is another.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn fix_threshold() {
    if std::env::var_os(VARIABLE).is_none() {
        start_again(VARIABLE, THRESHOLD.as_ref());
    }
}

/// Starts the program again, as the same process, with a variable of the environment set. Only comes back when that cannot be
/// done.
#[cfg(target_os = "linux")]
pub(crate) fn start_again(variable: &str, value: &std::ffi::OsStr) {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    let Ok(program) = std::env::current_exe() else {
        // Without /proc there is no second start, and all that is lost is memory.
        return;
    };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // Only comes back when it fails; then the program goes on as it is.
    let _ = command.args(arguments).env(variable, value).exec();
}

/// Nothing: only glibc has such a threshold.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn fix_threshold() {}
