//! Debian's Rust compiler, for machines where rustup can fetch nothing but apt can.
//!
//! Debian packages a current compiler for its browsers (`rustc-web`) and the sources of its standard
//! library, from which cargo compiles the library for WebAssembly. The packages are unpacked into a
//! folder of the target directory; nothing is installed. Which version there is changes as the
//! distribution rolls forward, so it is asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::toolchain::output;

/// The oldest compiler that understands the workspace (`rust-version` in `Cargo.toml`): 1.95.
const OLDEST: (u32, u32) = (1, 95);

/// An unpacked compiler.
pub(crate) struct Compiler {
    /// The program.
    pub(crate) rustc: PathBuf,
    /// The sources of the standard library: behind the symbolic link that cargo follows, and the real folder.
    pub(crate) library_sources: Vec<PathBuf>,
}

/// Unpacks the newest compiler that apt knows below the workspace's `target`, unless it is already there.
///
/// It lies there even when cargo's target directory is another one: cargo mixes the path of the standard
/// library's sources, seen from the workspace, into symbol names, and their order shows in the bytes.
pub(crate) fn unpack(workspace: &Path) -> Result<Compiler, Failure> {
    let target = workspace.join("target/components");
    let version = match newest() {
        Ok(version) => version,
        Err(_) => {
            // The package lists may be absent or old. Without the right to update them, say what is missing.
            let updated = output(Command::new("apt-get").arg("update"));
            newest().map_err(|cause| match updated {
                Ok(_) => cause,
                Err(update) => format!("{cause}; {update}").into(),
            })?
        }
    };
    let folder = target.join(format!("debian-rust-{version}"));
    if !folder.is_dir() {
        println!(
            "unpacking Debian's rustc-web {version} (140 MB to fetch) into {}",
            folder.display()
        );
        let partial = target.join(format!("debian-rust-{version}.partial-{}", std::process::id()));
        fs::create_dir_all(&partial)?;
        fetch(&version, &partial)?;
        // In one step, so that an interrupted attempt is never taken for a compiler.
        fs::rename(&partial, &folder)?;
    }
    let link = folder.join("usr/lib/rustlib/src/rust");
    Ok(Compiler {
        rustc: folder.join("rustc"),
        library_sources: vec![fs::canonicalize(&link)?, link],
    })
}

/// The version of the `rustc-web` package that apt would install, when it is new enough.
fn newest() -> Result<String, Failure> {
    let shown = output(Command::new("apt-cache").args(["show", "--no-all-versions", "rustc-web"]))?;
    let version = shown
        .lines()
        .find_map(|line| line.strip_prefix("Version: "))
        .ok_or("apt knows no package rustc-web")?;
    let mut numbers = version.split(['.', '+']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= OLDEST => Ok(version.to_owned()),
        _ => Err(format!(
            "Debian's rustc-web is {version}, older than {}.{}",
            OLDEST.0, OLDEST.1
        )
        .into()),
    }
}

/// Downloads the packages of one version and unpacks them into `folder`.
fn fetch(version: &str, folder: &Path) -> Result<(), Failure> {
    let library = dependency("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = dependency(&library, "libllvm")?;
    let mut download = Command::new("apt-get");
    download.arg("download").current_dir(folder);
    for package in ["rustc-web", "libstd-rust-web-dev", "rust-web-src", &library] {
        download.arg(format!("{package}={version}"));
    }
    output(download.arg(llvm))?;
    for entry in fs::read_dir(folder)? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            output(Command::new("dpkg").arg("-x").arg(&package).arg(folder))?;
            fs::remove_file(&package)?;
        }
    }
    drop_compiler_sources(folder)?;
    write_launcher(folder)
}

/// The one dependency of a package whose name starts with `prefix`.
fn dependency(package: &str, prefix: &str) -> Result<String, Failure> {
    let shown = output(Command::new("apt-cache").args(["depends", package]))?;
    shown
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with(prefix))
        .map(str::to_owned)
        .ok_or_else(|| format!("Debian's package {package} does not depend on {prefix}").into())
}

/// The source package is mostly the compiler itself (700 MB); only the library is needed.
fn drop_compiler_sources(folder: &Path) -> Result<(), Failure> {
    let sources = fs::canonicalize(folder.join("usr/lib/rustlib/src/rust"))?;
    for part in ["compiler", "src", "debian"] {
        let part = sources.join(part);
        if part.is_dir() {
            fs::remove_dir_all(part)?;
        }
    }
    Ok(())
}

/// Writes `rustc`, a script that starts the compiler with the libraries beside it.
fn write_launcher(folder: &Path) -> Result<(), Failure> {
    let launcher = folder.join("rustc");
    // Debian keeps libraries in a folder named after the machine, such as `x86_64-linux-gnu`.
    fs::write(
        &launcher,
        "#!/bin/sh\n\
         here=$(dirname \"$0\")\n\
         for libraries in \"$here\"/usr/lib/*-linux-gnu; do\n\
         \x20   export LD_LIBRARY_PATH=\"$libraries\"\n\
         done\n\
         exec \"$here/usr/bin/rustc\" \"$@\"\n",
    )?;
    output(Command::new("chmod").arg("+x").arg(&launcher))?;
    Ok(())
}
