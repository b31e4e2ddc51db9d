//! `.env.example`, written from the table of settings.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;

use super::settings::{SETTINGS, Setting};

/// The text of `.env.example`.
fn env_example() -> String {
    let mut text = String::from(
        "# Every setting, what its value may be, and its default. Copy to .env and change what you need;\n\
         # the environment wins over this file, and a flag (DATA_DIR is --data-dir) over both.\n",
    );
    let mut above = "";
    for Setting {
        name,
        kind,
        default,
        help,
        heading,
    } in SETTINGS
    {
        // Writing to a String cannot fail.
        if *heading != above {
            let _ = write!(text, "\n## {heading}\n");
            above = heading;
        }
        let _ = write!(text, "\n# {help} [{kind}]\n{name}={default}\n");
    }
    text
}

#[test]
fn the_example_file_names_every_setting() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example");
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(path, env_example()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        committed,
        env_example(),
        "run the tests with UPDATE_EXAMPLE=1 to write it anew"
    );
}
