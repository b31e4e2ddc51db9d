//! Data as an author writes them: read, checked, and made into tables.

mod names;
mod phrases;
mod vocabulary;

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::{env, fs};

use sha2::{Digest as _, Sha256};

use crate::{Kind, filled};

/// The name of the custom section in which a component carries the text that its tables were made from.
pub const SECTION: &str = "ai-worker-data";
/// The longest version of a plugin, in characters.
const MOST_VERSION_CHARS: usize = 64;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line that it is in, from 1; none when it is in no single one.
    pub line: Option<usize>,
    /// What is wrong, for the text's author.
    pub reason: String,
}

impl Mistake {
    /// The mistake with the name of its file, as compilers write it.
    #[must_use]
    pub fn in_file(&self, file: &str) -> String {
        match self.line {
            Some(line) => format!("{file}:{line}: {}", self.reason),
            None => format!("{file}: {}", self.reason),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.reason),
            None => formatter.write_str(&self.reason),
        }
    }
}

impl Error for Mistake {}

/// Something that was written badly, by its place in the text.
struct Fault {
    place: Option<Range<usize>>,
    reason: String,
}

impl Fault {
    fn at(place: Range<usize>, reason: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            reason: reason.into(),
        }
    }

    fn anywhere(reason: impl Into<String>) -> Self {
        Self {
            place: None,
            reason: reason.into(),
        }
    }

    fn in_text(self, text: &str) -> Mistake {
        let before = self.place.and_then(|place| text.as_bytes().get(..place.start));
        Mistake {
            line: before.map(|before| before.iter().filter(|byte| **byte == b'\n').count() + 1),
            reason: self.reason,
        }
    }
}

impl From<postcard::Error> for Fault {
    fn from(error: postcard::Error) -> Self {
        Self::anywhere(format!("its tables cannot be written: {error}"))
    }
}

/// Data as an author wrote them.
#[derive(Debug)]
pub struct Source<'t> {
    text: &'t str,
    contents: Contents,
}

#[derive(Debug)]
enum Contents {
    Vocabulary(vocabulary::File),
    Phrases(phrases::File),
}

/// What a text was made into.
#[derive(Debug)]
pub struct Tables {
    /// The tables, as [`filled`] takes them.
    pub bytes: Vec<u8>,
    /// What there is how many of, for people: "134 tags with 301 prompts".
    pub summary: String,
}

impl<'t> Source<'t> {
    /// Reads a text in TOML.
    ///
    /// # Errors
    /// When it is no TOML, or has other fields than this kind of data.
    pub fn read(kind: Kind, text: &'t str) -> Result<Self, Mistake> {
        let contents = match kind {
            Kind::Vocabulary => toml::from_str(text).map(Contents::Vocabulary),
            Kind::Phrases => toml::from_str(text).map(Contents::Phrases),
        };
        let contents = contents.map_err(|error| Fault {
            place: error.span(),
            reason: error.message().trim().replace('\n', "; "),
        });
        Ok(Self {
            text,
            contents: contents.map_err(|fault| fault.in_text(text))?,
        })
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// What kind of data it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.contents {
            Contents::Vocabulary(_) => Kind::Vocabulary,
            Contents::Phrases(_) => Kind::Phrases,
        }
    }

    /// The version that the text gives.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match &self.contents {
            Contents::Vocabulary(file) => file.version.as_deref(),
            Contents::Phrases(file) => file.version.as_deref(),
        }
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest(self.text)
    }

    /// Checks everything and makes the tables; a plugin with them calls itself by `version`, or by its own where there is
    /// none.
    ///
    /// # Errors
    /// When something could not work as written.
    pub fn tables(&self, version: Option<&str>) -> Result<Tables, Mistake> {
        let length = version.map_or(1, |version| version.chars().count());
        let tables = if length == 0 || length > MOST_VERSION_CHARS {
            Err(Fault::anywhere(format!(
                "a version of {length} characters; 1 to {MOST_VERSION_CHARS} are allowed"
            )))
        } else {
            match &self.contents {
                Contents::Vocabulary(file) => file.tables(version),
                Contents::Phrases(file) => file.tables(version),
            }
        };
        tables.map_err(|fault| fault.in_text(self.text))
    }
}

/// SHA-256 of a text.
#[must_use]
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// What a build script does: makes a region of `size` bytes of the data in `file`, as `data.bin` in the folder for such files.
///
/// # Errors
/// When the file cannot be read, could not work as written, or does not fit.
pub fn build(kind: Kind, file: &str, size: usize) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file).map_err(|cause| format!("{file}: {cause}"))?;
    let source = Source::read(kind, &text).map_err(|mistake| mistake.in_file(file))?;
    let tables = source
        .tables(source.version())
        .map_err(|mistake| mistake.in_file(file))?;
    let region = filled(kind, size, source.digest(), &tables.bytes).map_err(|room| {
        let used = tables.bytes.len();
        format!("{file}: its tables take {used} bytes, and there is room for {room}; allow more in build.rs")
    })?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("data.bin"), region)?;
    Ok(())
}
