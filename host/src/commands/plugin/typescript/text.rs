//! How declarations are written: lines, comments and names.

use wit_parser::Docs;

/// A module with its lines.
pub(super) fn module(name: &str, lines: Lines) -> String {
    format!("\ndeclare module {name:?} {{\n{}}}\n", lines.text)
}

/// The lines within a module.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    pub(super) fn line(&mut self, line: &str) {
        let indent = "  ".repeat(self.depth + 1);
        self.text.push_str(&format!("{indent}{line}\n"));
    }

    /// A line, below which all is indented until [`Lines::close`] or [`Lines::end`].
    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    /// Ends a block.
    pub(super) fn close(&mut self) {
        self.end();
        self.line("}");
    }

    /// Ends what was opened without a brace.
    pub(super) fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn docs(&mut self, docs: &Docs) {
        self.docs_and(docs, None);
    }

    /// The documentation of an item, and one more line.
    pub(super) fn docs_and(&mut self, docs: &Docs, more: Option<&str>) {
        let text = docs.contents.as_deref().map(str::trim);
        let text = text.into_iter().chain(more).collect::<Vec<_>>().join("\n");
        if text.is_empty() {
            return;
        }
        // Nothing in a comment may end it.
        let text = text.replace("*/", "* /");
        match text.split_once('\n') {
            None => self.line(&format!("/** {text} */")),
            Some(_) => {
                self.line("/**");
                for line in text.lines() {
                    self.line(format!(" * {line}").trim_end());
                }
                self.line(" */");
            }
        }
    }
}

/// `bounding-box` as a type: `BoundingBox`.
pub(in crate::commands::plugin) fn pascal(name: &str) -> String {
    name.split('-').map(capital).collect()
}

/// `bounding-box` as a field or a function: `boundingBox`.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    first + &words.map(capital).collect::<String>()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
