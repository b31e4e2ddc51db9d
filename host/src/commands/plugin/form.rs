//! In which form an answer is printed: as text for people or as JSON for programs.

use std::io::{IsTerminal as _, stdout};

use clap::{Arg, ArgAction, ArgMatches, Command};

/// Lets a command print what a worker answers in either form.
pub(super) fn in_either_form(command: Command) -> Command {
    command
        .arg(json())
        .arg(
            Arg::new("text")
                .long("text")
                .action(ArgAction::SetTrue)
                .conflicts_with("json")
                .help("Print text for people"),
        )
        .after_help(
            "On a terminal the answer is text for people. Elsewhere, as in a pipe or a file, it is JSON.",
        )
}

/// The flag for JSON.
pub(super) fn json() -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Print JSON for programs")
}

/// Whether text for people is to be printed.
pub(super) fn is_text(arguments: &ArgMatches) -> bool {
    !arguments.get_flag("json") && (arguments.get_flag("text") || stdout().is_terminal())
}
