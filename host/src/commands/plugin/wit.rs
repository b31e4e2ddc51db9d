//! `ai-worker plugin wit`: the interfaces this worker speaks, as files, and what TypeScript makes of them.

use crate::commands::output::say;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::super::Outcome;
use super::project_files::is_free;
use super::{project_files, typescript};
use crate::plugins::wit_files;

/// The declarations for TypeScript, beside the WIT files.
const DECLARATIONS: &str = "plugin.d.ts";

pub(super) fn command() -> Command {
    Command::new("wit")
        .about("Write the WIT package that plugins are built against")
        .arg(
            Arg::new("directory")
                .value_name("DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("A new or empty folder, or one with an earlier copy"),
        )
        .arg(Arg::new("types").long("types").action(ArgAction::SetTrue).help(
            "Also write declarations for JavaScript and TypeScript; if the folder has them already, they are always \
             updated",
        ))
}

pub(super) fn run(arguments: &ArgMatches) -> Outcome {
    let directory = arguments
        .get_one::<PathBuf>("directory")
        .ok_or("give the folder to write to")?;
    if !is_free(directory)? && !directory.join("types.wit").is_file() {
        return Err(format!(
            "{} contains other files; give an empty folder, or one with an earlier copy of the WIT package",
            directory.display()
        )
        .into());
    }
    let declarations = arguments.get_flag("types") || directory.join(DECLARATIONS).is_file();
    write(directory, declarations)?;
    say!("wrote the WIT package to {}", directory.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes the package, with `declarations` for TypeScript if need be; files of an earlier copy are replaced.
pub(super) fn write(directory: &Path, declarations: bool) -> Result<(), Box<dyn Error + Send + Sync>> {
    for (path, text) in wit_files() {
        project_files::write(&directory.join(path), text)?;
    }
    if declarations {
        project_files::write(
            &directory.join(DECLARATIONS),
            &typescript::declarations(directory)?,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn collect(folder: &Path, below: &Path, files: &mut BTreeMap<String, String>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            // Nobody begins with an earlier version.
            if path.ends_with("wit/1.0.0") {
                continue;
            }
            if path.is_dir() {
                collect(&path, below, files)?;
            } else if let Ok(name) = path.strip_prefix(below) {
                files.insert(name.display().to_string(), std::fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    #[test]
    fn the_whole_package_is_written() -> Result<(), Box<dyn Error + Send + Sync>> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let written = tempfile::tempdir()?;
        write(written.path(), false)?;
        let (mut expected, mut found) = (BTreeMap::new(), BTreeMap::new());
        collect(&package, &package, &mut expected)?;
        collect(written.path(), written.path(), &mut found)?;
        assert_eq!(found, expected);
        Ok(())
    }

    #[test]
    fn declarations_are_written_when_asked_for_and_kept_up_to_date_where_they_lie()
    -> Result<(), Box<dyn Error + Send + Sync>> {
        let folder = tempfile::tempdir()?;
        let directory = folder.path().join("wit");
        let write = |more: &[&str]| -> Result<_, Box<dyn Error + Send + Sync>> {
            let path = directory.display().to_string();
            let given = ["wit", path.as_str()].into_iter().chain(more.iter().copied());
            run(&command().try_get_matches_from(given)?)?;
            Ok(std::fs::read_to_string(directory.join(DECLARATIONS)).ok())
        };
        assert_eq!(write(&[])?, None);
        let declarations = write(&["--types"])?;
        assert!(
            declarations
                .as_ref()
                .is_some_and(|text| text.contains("export interface Tagger {"))
        );
        std::fs::write(directory.join(DECLARATIONS), "of an earlier version")?;
        assert_eq!(write(&[])?, declarations);
        Ok(())
    }
}
