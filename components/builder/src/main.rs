//! Builds the default plugins to WebAssembly components and proves that the committed ones are what
//! the sources give. See `components/README.md`.

mod check;
mod compile;
mod debian;
mod inspect;
mod manifest;
mod toolchain;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use manifest::{Manifest, Record};

/// Anything that went wrong; the text says what to do. This is a command for developers: nobody
/// handles one failure differently from another.
type Failure = Box<dyn Error>;

/// The crates under `components/` that are plugins. Each fills the slot, that is exports the
/// interface of `wit/`, which has its name.
const COMPONENTS: [&str; 3] = ["cluster-policy", "context-mapper", "tagger"];

const USAGE: &str = "usage: cargo components <build | check>
  build  compile every component to components/<name>/<name>.wasm and record it in components/manifest.toml
  check  rebuild from clean and compare with the committed files";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build"] => build(),
        ["check"] => check::check(),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Failure> {
    let workspace = workspace()?;
    let target = target_directory(&workspace);
    let toolchain = toolchain::find(&workspace)?;
    let modules = compile::compile(&workspace, &target, &toolchain)?;
    let mut records = Vec::new();
    for (name, module) in COMPONENTS.into_iter().zip(&modules) {
        let component = inspect::componentise(name, module)?;
        let path = manifest::component_path(&workspace, name);
        write(&path, &component)?;
        println!("{name}: {} bytes in {}", component.len(), path.display());
        records.push(Record {
            name: name.to_owned(),
            bytes: component.len(),
            sha256: manifest::sha256(&component),
            sources: manifest::hash_sources(&workspace, name)?,
        });
    }
    let manifest = Manifest {
        toolchain: manifest::tools(&workspace, &toolchain)?,
        component: records,
    };
    manifest.write(&workspace)
}

/// The folder of the workspace which the current folder is in.
fn workspace() -> Result<PathBuf, Failure> {
    let current = env::current_dir()?;
    current
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file() && folder.join("components").is_dir())
        .map(Path::to_owned)
        .ok_or_else(|| "start this inside the workspace, with `cargo components`".into())
}

/// Where components are compiled: apart from the host's files, whose flags differ.
fn target_directory(workspace: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    workspace.join(target).join("components")
}

fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    fs::write(path, contents).map_err(|cause| format!("cannot write {}: {cause}", path.display()).into())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()).into())
}
