//! Finds a Rust compiler that can make WebAssembly modules.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, debian};

/// What components are compiled for: no operating system, so a component imports nothing.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler for [`TARGET`].
pub(crate) struct Toolchain {
    /// The compiler.
    pub(crate) rustc: PathBuf,
    /// What it says to `rustc -Vv`.
    pub(crate) version: String,
    /// Where the sources of its standard library lie, by every name the compiler may call them.
    pub(crate) library_sources: Vec<PathBuf>,
    /// Set when there is no compiled standard library for [`TARGET`], so that cargo must compile it:
    /// the linker to use, since such a compiler does not bring one either.
    pub(crate) build_std_with: Option<PathBuf>,
}

impl Toolchain {
    /// The commit the compiler was built from, which names its library's sources in messages.
    pub(crate) fn commit(&self) -> &str {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "))
            .unwrap_or("unknown")
    }
}

/// The workspace's own compiler when the target is installed for it, else Debian's.
pub(crate) fn find(workspace: &Path) -> Result<Toolchain, Failure> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = PathBuf::from(ask(workspace, &rustc, &["--print", "sysroot"])?);
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if library.is_dir() {
        return Ok(Toolchain {
            version: ask(workspace, &rustc, &["-Vv"])?,
            rustc: rustc.into(),
            library_sources: vec![sysroot.join("lib/rustlib/src/rust")],
            build_std_with: None,
        });
    }
    println!("{TARGET} is not installed (`rustup target add {TARGET}`); trying Debian's compiler");
    debian(workspace, &rustc, &sysroot).map_err(|cause| {
        format!(
            "{cause}\nComponents cannot be built here. Install the target with `rustup target add {TARGET}`, \
             or work with the committed components/*/*.wasm, which are complete."
        )
        .into()
    })
}

fn debian(workspace: &Path, host_rustc: &OsString, sysroot: &Path) -> Result<Toolchain, Failure> {
    // Debian's package has no linker for WebAssembly, but every rustup toolchain does.
    let host = ask(workspace, host_rustc, &["-Vv"])?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc -Vv names no host")?;
    let linker = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if !linker.is_file() {
        return Err(format!("there is no linker at {}", linker.display()).into());
    }
    let compiler = debian::unpack(workspace)?;
    Ok(Toolchain {
        version: ask(workspace, compiler.rustc.as_os_str(), &["-Vv"])?,
        rustc: compiler.rustc,
        library_sources: compiler.library_sources,
        build_std_with: Some(linker),
    })
}

/// What a compiler answers, without the line end.
fn ask(workspace: &Path, rustc: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(rustc);
    command.args(arguments).current_dir(workspace);
    Ok(output(&mut command)?.trim_end().to_owned())
}

/// Runs a command and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .map_err(|cause| format!("cannot run {shown}: {cause}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{shown} failed: {}", said.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
