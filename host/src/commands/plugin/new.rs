//! `ai-worker plugin new`: a project that builds, passes its golden case and can be put to work as it is.

use crate::commands::output::say;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::super::Outcome;
use super::project_files::{is_free, write};
use super::{typescript, wit};
use crate::domain::slots;
use crate::plugins::Slot;

/// A template.
macro_rules! template {
    ($($path:literal),+) => {
        include_str!(concat!("../../../../components/templates/", $($path),+))
    };
}

/// The templates that each slot has of its own, in the order of [`Slot::ALL`].
macro_rules! templates {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        /// A golden case, which the templates of every language pass.
        const CASES: [&str; Slot::ALL.len()] = [$(template!("cases/", $name, ".json")),+];
        const RUST: [&str; Slot::ALL.len()] = [$(template!("rust/", $name, ".rs")),+];
        const JAVASCRIPT: [&str; Slot::ALL.len()] = [$(template!("js/", $name, ".js")),+];
        const TYPESCRIPT: [&str; Slot::ALL.len()] = [$(template!("ts/", $name, ".ts")),+];
        const PYTHON: [&str; Slot::ALL.len()] = [$(template!("python/", $name, ".py")),+];
    };
}
slots!(templates);

/// A language plugins can be written in.
struct Language {
    /// What `--lang` calls it.
    name: &'static str,
    /// What people call it.
    title: &'static str,
    /// The command that builds a project.
    build: &'static str,
    /// What a machine must have for that.
    needs: &'static str,
    /// How a project is told of wrong types, as its README says it.
    types: &'static str,
    /// Where the plugin's code lies in a project.
    source: &'static str,
    /// That code for each slot.
    sources: [&'static str; Slot::ALL.len()],
    /// The other files, by path.
    files: &'static [(&'static str, &'static str)],
    /// Whether the WIT package comes with declarations for TypeScript.
    declarations: bool,
}

const LANGUAGES: [Language; 4] = [
    Language {
        name: "rust",
        title: "Rust",
        build: "./build.sh",
        needs: "`rustup target add wasm32-unknown-unknown`",
        types: template!("rust/types.md"),
        source: "src/lib.rs",
        sources: RUST,
        files: &[
            ("Cargo.toml", template!("rust/Cargo.toml")),
            ("build.sh", template!("rust/build.sh")),
        ],
        declarations: false,
    },
    Language {
        name: "js",
        title: "JavaScript",
        build: "npm install && npm run build",
        needs: "Node.js 20 or newer",
        types: template!("js/types.md"),
        source: "plugin.js",
        sources: JAVASCRIPT,
        files: &[
            ("package.json", template!("js/package.json")),
            ("jsconfig.json", template!("js/jsconfig.json")),
            ("exports.ts", template!("js/exports.ts")),
        ],
        declarations: true,
    },
    Language {
        name: "ts",
        title: "TypeScript",
        build: "npm install && npm run build",
        needs: "Node.js 20 or newer",
        types: template!("ts/types.md"),
        source: "src/plugin.ts",
        sources: TYPESCRIPT,
        files: &[
            ("package.json", template!("ts/package.json")),
            ("tsconfig.json", template!("ts/tsconfig.json")),
            ("exports.ts", template!("ts/exports.ts")),
            ("strip.js", template!("ts/strip.js")),
        ],
        declarations: true,
    },
    Language {
        name: "python",
        title: "Python",
        build: "./build.sh",
        needs: "Python 3.10 or newer with `venv`",
        types: template!("python/types.md"),
        source: "plugin.py",
        sources: PYTHON,
        files: &[
            ("requirements.txt", template!("python/requirements.txt")),
            ("build.sh", template!("python/build.sh")),
            ("pyproject.toml", template!("python/pyproject.toml")),
            ("check_exports.py", template!("python/check_exports.py")),
        ],
        declarations: false,
    },
];

/// The files of a project in any language.
const SHARED: [(&str, &str); 2] = [
    ("README.md", template!("README.md")),
    // Without the dot where the templates lie, for it is not meant for them.
    (".gitignore", template!("gitignore")),
];

pub(super) fn command() -> Command {
    Command::new("new")
        .about("Start a plugin: source, build script, WIT package and a golden case")
        .arg(
            Arg::new("language")
                .long("lang")
                .value_name("LANGUAGE")
                .required(true)
                .value_parser(LANGUAGES.map(|language| language.name)),
        )
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("Lower-case words with hyphens between them, such as `school-tagger`"),
        )
        .arg(
            Arg::new("slot")
                .long("slot")
                .value_name("SLOT")
                .required(true)
                .value_parser(Slot::ALL.map(Slot::name))
                .help("What the plugin decides"),
        )
        .arg(
            Arg::new("directory")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("A new or empty folder [default: NAME]"),
        )
}

pub(super) fn run(arguments: &ArgMatches) -> Outcome {
    let text = |name: &str| {
        arguments
            .get_one::<String>(name)
            .ok_or_else(|| format!("{name} is missing"))
    };
    let (name, slot, language) = (text("name")?, text("slot")?, text("language")?);
    let language = LANGUAGES
        .iter()
        .find(|known| known.name == language)
        .ok_or_else(|| format!("there is no template in {language}"))?;
    let slot: Slot = slot.parse()?;
    let directory = arguments
        .get_one::<PathBuf>("directory")
        .cloned()
        .unwrap_or_else(|| PathBuf::from(name));
    create(language, slot, name, &directory)?;
    say!(
        "{folder} contains a working {slot} in {}; its code is in {}. Building needs {}. Next:\n\n\x20   cd \
         {folder}\n\x20   {}\n\x20   ai-worker plugin test {name}.wasm cases\n\x20   ai-worker plugin swap {slot} \
         {name}.wasm",
        language.title,
        language.source,
        language.needs,
        language.build,
        folder = directory.display(),
    );
    Ok(ExitCode::SUCCESS)
}

/// Writes a project.
fn create(
    language: &Language,
    slot: Slot,
    name: &str,
    directory: &Path,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    if !is_name(name) {
        return Err(format!(
            "the name {name:?} is not valid; use lower-case letters and digits, with single hyphens between words, \
             such as `school-tagger`"
        )
        .into());
    }
    if !is_free(directory)? {
        return Err(format!(
            "{} is not an empty folder; give another folder after the plugin's name",
            directory.display()
        )
        .into());
    }
    let module = name.replace('-', "_");
    let interface = typescript::pascal(slot.name());
    let placeholders = [
        ("{{name}}", name),
        ("{{module}}", &module),
        ("{{interface}}", &interface),
        ("{{slot}}", slot.name()),
        ("{{language}}", language.title),
        ("{{build}}", language.build),
        ("{{needs}}", language.needs),
        ("{{types}}", language.types),
        ("{{source}}", language.source),
    ];
    let own = [
        (language.source, language.sources[slot as usize]),
        ("cases/first.json", CASES[slot as usize]),
    ];
    for (path, template) in language.files.iter().chain(&SHARED).chain(&own) {
        let text = placeholders
            .iter()
            .fold((*template).to_owned(), |text, (placeholder, value)| {
                text.replace(placeholder, value)
            });
        let path = directory.join(path);
        write(&path, &text)?;
        if path.extension().is_some_and(|extension| extension == "sh") {
            make_executable(&path)?;
        }
    }
    wit::write(&directory.join("wit"), language.declarations)
}

/// Whether every tool takes it as a name: cargo, npm, and the file systems.
fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(word)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<(), String> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, Permissions::from_mode(0o755))
        .map_err(|error| format!("{} cannot be made executable: {error}", path.display()))
}

/// Elsewhere no file is marked; `sh build.sh` works.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scene;

    type Checked = Result<(), Box<dyn Error + Send + Sync>>;

    #[test]
    fn every_project_is_complete() -> Checked {
        let folder = tempfile::tempdir()?;
        for language in &LANGUAGES {
            for slot in Slot::ALL {
                let directory = folder.path().join(format!("{}-{slot}", language.name));
                create(language, slot, "my-plugin", &directory)?;
                let own = [
                    language.source,
                    "cases/first.json",
                    "wit/deps/wasi-nn/wasi-nn.wit",
                ];
                let files = language.files.iter().chain(&SHARED).map(|(path, _)| *path);
                for path in files.chain(own) {
                    let text = std::fs::read_to_string(directory.join(path))?;
                    assert!(!text.contains("{{"), "{path} of {}", directory.display());
                }
                let declarations = std::fs::read_to_string(directory.join("wit/plugin.d.ts")).ok();
                assert_eq!(declarations.is_some(), matches!(language.name, "js" | "ts"));
                let world = format!("declare module \"ai-worker:plugin/{slot}-plugin\"");
                assert!(declarations.is_none_or(|text| text.contains(&world)));
                let readme = std::fs::read_to_string(directory.join("README.md"))?;
                assert!(readme.contains(&format!("swap {slot} my-plugin.wasm")));
                assert!(readme.contains(language.types));
            }
        }
        Ok(())
    }

    #[test]
    fn the_scenes_of_the_cases_are_scenes() -> Checked {
        for slot in [Slot::Tagger, Slot::ContextMapper] {
            let case: serde_json::Value = serde_json::from_str(CASES[slot as usize])?;
            serde_json::from_value::<Scene>(case["scene"].clone())?;
        }
        Ok(())
    }

    #[test]
    fn nothing_is_overwritten() -> Checked {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("mine"), "")?;
        let refusal = create(&LANGUAGES[0], Slot::Tagger, "my-plugin", folder.path());
        assert!(refusal.is_err_and(|error| error.to_string().contains("is not an empty folder")));
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn names_are_lower_case_words_with_hyphens() {
        for name in ["tagger", "my-plugin", "v2-tags"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "2-tags",
            "My-plugin",
            "my_plugin",
            "-a",
            "a-",
            "a--b",
            "../a",
            "é",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
