//! Builds the default plugins and the examples to WebAssembly components and proves that the committed ones are what
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

/// A crate that is a plugin.
#[derive(Clone, Copy, Debug)]
struct Component {
    /// The crate's name.
    name: &'static str,
    /// Its folder in `components/`.
    folder: &'static str,
    /// The interface of `wit/` that it exports.
    slot: &'static str,
    /// What the names of interfaces whose functions it needs may start with.
    imports: &'static [&'static str],
}

impl Component {
    /// A plugin that the worker starts with. It is named after its slot and needs nothing of the host.
    const fn default_plugin(slot: &'static str) -> Self {
        Self {
            name: slot,
            folder: slot,
            slot,
            imports: &[],
        }
    }
}

/// Every plugin that is built here.
const COMPONENTS: [Component; 6] = [
    Component::default_plugin("cluster-policy"),
    Component::default_plugin("context-mapper"),
    Component::default_plugin("tagger"),
    Component {
        name: "label-classifier",
        folder: "examples/label-classifier",
        slot: "tagger",
        imports: &["ai-worker:plugin/", "wasi:nn/"],
    },
    Component {
        name: "strict-cluster-policy",
        folder: "examples/strict-cluster-policy",
        slot: "cluster-policy",
        imports: &[],
    },
    Component {
        name: "threshold-cluster-policy",
        folder: "examples/threshold-cluster-policy",
        slot: "cluster-policy",
        imports: &[],
    },
];

const USAGE: &str = "usage: cargo components <build | check>
  build  compile every component to <name>.wasm beside its sources and record it in components/manifest.toml
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
    for (component, module) in COMPONENTS.iter().zip(&modules) {
        let bytes = inspect::componentise(component, module)?;
        let path = manifest::component_path(&workspace, component);
        write(&path, &bytes)?;
        println!("{}: {} bytes in {}", component.name, bytes.len(), path.display());
        records.push(Record {
            name: component.name.to_owned(),
            bytes: bytes.len(),
            sha256: manifest::sha256(&bytes),
            sources: manifest::hash_sources(&workspace, component)?,
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
