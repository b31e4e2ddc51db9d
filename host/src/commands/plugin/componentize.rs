//! `ai-worker plugin componentize`: makes a component of a core module, so that a Rust plugin needs no tool but cargo.

use crate::commands::output::say;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use wit_component::ComponentEncoder;

use super::super::Outcome;
use super::{read, written};

pub(super) fn command() -> Command {
    let path = |name: &'static str, value: &'static str| {
        Arg::new(name)
            .value_name(value)
            .required(true)
            .value_parser(value_parser!(PathBuf))
    };
    Command::new("componentize")
        .about("Make a component from a module that was compiled for wasm32-unknown-unknown with wit-bindgen")
        .arg(path("module", "MODULE"))
        .arg(
            path("output", "FILE")
                .short('o')
                .long("output")
                .help("Where to write the component"),
        )
}

pub(super) fn run(arguments: &ArgMatches) -> Outcome {
    let path = |name: &str| {
        arguments
            .get_one::<PathBuf>(name)
            .ok_or_else(|| format!("{name} is missing"))
    };
    let (module, output) = (path("module")?, path("output")?);
    let component = componentize(&read(module)?)
        .map_err(|reason| format!("{} cannot be made into a component: {reason}", module.display()))?;
    written(output, &component)?;
    say!("{}: {} bytes", output.display(), component.len());
    Ok(ExitCode::SUCCESS)
}

fn componentize(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    if wasmparser::Parser::is_component(module) {
        return Err("it is already a component".into());
    }
    if !wasmparser::Parser::is_core_wasm(module) {
        return Err("it is not WebAssembly".into());
    }
    let encode = || {
        ComponentEncoder::default()
            .module(module)?
            .validate(true)
            .encode()
    };
    // The causes stand in one line.
    encode().map_err(|error| format!("{error:#}").into())
}

#[cfg(test)]
mod tests {
    use wit_component::{StringEncoding, embed_component_metadata};
    use wit_parser::Resolve;

    use super::*;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn a_module_with_its_interface_becomes_a_component() -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut module = EMPTY.to_vec();
        let mut resolve = Resolve::default();
        let package = resolve.push_str("empty.wit", "package test:empty; world empty {}")?;
        let world = resolve.select_world(&[package], None)?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
        assert!(wasmparser::Parser::is_component(&componentize(&module)?));
        Ok(())
    }

    #[test]
    fn what_is_no_module_is_refused_in_one_sentence() {
        let refusal = |bytes: &[u8]| {
            componentize(bytes)
                .err()
                .map_or_else(String::new, |error| error.to_string())
        };
        assert_eq!(refusal(b"text"), "it is not WebAssembly");
        assert_eq!(
            refusal(include_bytes!("../../../../components/tagger/tagger.wasm")),
            "it is already a component"
        );
    }
}
