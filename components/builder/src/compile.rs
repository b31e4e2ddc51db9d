//! Compiles the plugin crates to WebAssembly modules, the same bytes wherever the folders lie.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::toolchain::{TARGET, Toolchain};
use crate::{COMPONENTS, Component, Failure, read};

/// The core modules of components, in their order, compiled below the folder `target`.
pub(crate) fn compile(
    workspace: &Path,
    target: &Path,
    toolchain: &Toolchain,
    components: &[Component],
) -> Result<Vec<Vec<u8>>, Failure> {
    fs::create_dir_all(target)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--locked", "--profile", "guest", "--target", TARGET])
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace, target, toolchain)?)
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC", &toolchain.rustc)
        // A wrapper such as a compiler cache is not part of what the manifest records.
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    // Always all: with fewer, cargo gives shared dependencies other features, and with them the rest other bytes.
    for component in &COMPONENTS {
        command.args(["--package", component.name]);
    }
    if let Some(linker) = &toolchain.build_std_with {
        command
            .arg("-Zbuild-std=std,panic_abort")
            // Allows -Z with a released compiler.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    let status = command
        .status()
        .map_err(|cause| format!("cannot run cargo: {cause}"))?;
    if !status.success() {
        return Err("the components do not compile; see above".into());
    }
    let folder = target.join(TARGET).join("guest");
    components
        .iter()
        .map(|component| {
            read(
                &folder
                    .join(component.name.replace('-', "_"))
                    .with_extension("wasm"),
            )
        })
        .collect()
}

/// Compiler flags, separated as `CARGO_ENCODED_RUSTFLAGS` wants them.
///
/// Panic messages hold the path of the source file; each folder of this machine gets a fixed name.
/// Of several prefixes that match, the compiler takes the last.
fn flags(workspace: &Path, target: &Path, toolchain: &Toolchain) -> Result<String, Failure> {
    let mut folders = vec![
        (workspace.to_owned(), "/ai-worker".to_owned()),
        (target.to_owned(), "/target".to_owned()),
    ];
    // One folder a registry, named after the server packages came from. They exist already, since this
    // program was built from packages, too; where packages are vendored there are none.
    for registry in fs::read_dir(cargo_home()?.join("registry/src"))
        .into_iter()
        .flatten()
    {
        folders.push((registry?.path(), "/cargo".to_owned()));
    }
    // The name which compiled standard libraries use for their sources.
    let library = format!("/rustc/{}", toolchain.commit());
    for folder in &toolchain.library_sources {
        folders.push((folder.clone(), library.clone()));
        // Cargo names what lies in the workspace from there.
        if let Ok(inside) = folder.strip_prefix(workspace) {
            folders.push((inside.to_owned(), library.clone()));
        }
    }
    let flags: Vec<String> = folders
        .iter()
        .map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()))
        .collect();
    Ok(flags.join("\x1f"))
}

/// Where cargo keeps the sources of packages.
fn cargo_home() -> Result<PathBuf, Failure> {
    if let Some(folder) = env::var_os("CARGO_HOME") {
        return Ok(folder.into());
    }
    let home = env::home_dir().ok_or("set CARGO_HOME: there is no home folder")?;
    Ok(home.join(".cargo"))
}
