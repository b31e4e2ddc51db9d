//! The files of golden cases: one JSON file each, named after its case.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::Failure;
use crate::domain::Scene;
use crate::plugins::Candidate;
use crate::plugins::cases::{self, Case};

/// The longest line that a folded list or object may make.
const WIDTH: usize = 140;

/// Every case of a folder, in the order of the files' names.
pub(super) fn read(directory: &Path) -> Result<Vec<(PathBuf, Case)>, Failure> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!(
            "{} has no golden case; a case is a JSON file",
            directory.display()
        )
        .into());
    }
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read(&file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            let mut case: Case = serde_json::from_slice(&text)
                .map_err(|error| format!("{} is not a golden case: {error}", file.display()))?;
            case.name = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok((file, case))
        })
        .collect()
}

/// Runs cases; gives the names of those that failed, each with what is not as expected. Blocks; call it from a blocking
/// thread of a tokio runtime.
pub(super) fn failures(plugin: &Candidate, cases: &[(PathBuf, Case)]) -> Vec<(String, Vec<String>)> {
    let ran = cases
        .iter()
        .map(|(_, case)| (case.name.clone(), cases::run(plugin, case).mismatches));
    ran.filter(|(_, mismatches)| !mismatches.is_empty()).collect()
}

/// A question to a plugin: a case that need not expect anything, or nothing but a scene. `-` is standard input.
pub(super) fn read_question(file: &Path) -> Result<Case, Failure> {
    let (name, text) = if file == Path::new("-") {
        let mut text = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut text);
        ("standard input".to_owned(), read.map(|_| text))
    } else {
        (file.display().to_string(), std::fs::read(file))
    };
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    let no_question = |error: serde_json::Error| {
        format!(
            "{name} is not a question to a plugin: {error}; write a scene, or a golden case with fields such as \
             \"scene\" and \"tags\""
        )
    };
    let value: Value = serde_json::from_slice(&text).map_err(no_question)?;
    // Every scene has a width, and no case has.
    if value.get("width").is_some() {
        let scene: Scene = serde_json::from_slice(&text).map_err(no_question)?;
        return Ok(Case {
            scene: Some(scene),
            ..Case::default()
        });
    }
    Ok(serde_json::from_slice(&text).map_err(no_question)?)
}

/// Writes a case; its name is its file's.
pub(super) fn write(file: &Path, case: &Case) -> Result<(), Failure> {
    let nameless = Case {
        name: String::new(),
        ..case.clone()
    };
    write_text(file, &folded(&serde_json::to_string_pretty(&nameless)?))
}

pub(super) fn write_text(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text)
        .map_err(|error| format!("{} cannot be written: {error}", file.display()).into())
}

/// Puts each list and object that fits into one line: a box is one line and not six, and so, often, is a face.
fn folded(pretty: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in pretty.lines() {
        lines.push(line.to_owned());
        let (content, indent) = (line.trim_start(), indent(line));
        if !content.starts_with([']', '}']) {
            continue;
        }
        // What lies inside was folded before, or is too long already.
        let Some(opening) = lines
            .iter()
            .rposition(|earlier| self::indent(earlier) == indent && earlier.ends_with(['[', '{']))
        else {
            continue;
        };
        let space = if content.starts_with('}') { " " } else { "" };
        let inside: Vec<&str> = lines[opening + 1..lines.len() - 1]
            .iter()
            .map(|line| line.trim_start())
            .collect();
        let joined = format!("{}{space}{}{space}{content}", lines[opening], inside.join(" "));
        if joined.chars().count() <= WIDTH {
            lines.truncate(opening);
            lines.push(joined);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_into_a_line_is_put_into_one() -> Result<(), Failure> {
        let value = serde_json::json!({
            "scene": { "box": [1, 2, 3, 4], "long": ["x".repeat(80), "]", "{", "y".repeat(80)] },
        });
        let text = folded(&serde_json::to_string_pretty(&value)?);
        assert!(text.contains("\n    \"box\": [1, 2, 3, 4],\n"), "{text}");
        assert!(text.contains("\n      \"]\",\n"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text)?, value);
        Ok(())
    }
}
