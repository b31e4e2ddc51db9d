//! The part of a plugin's memory that holds its data: so many bytes in a data segment of its core module, of which a program
//! that knows no more of the component can find and replace the contents.
//!
//! | bytes | |
//! |---|---|
//! | 0 to 15 | [`MARKER`] |
//! | 16 to 19 | the [`Kind`] of data |
//! | 20 to 23 | the version of how its tables are written |
//! | 24 to 27 | the size of the whole region in bytes |
//! | 28 to 31 | the number of bytes of the tables |
//! | 32 to 63 | SHA-256 of the text that the tables were made from |
//! | 64 to the end | the tables, then zeros |
//!
//! Numbers are little-endian. The region begins at a multiple of [`HEADER_BYTES`] in memory.

use std::fmt;

/// How a region begins.
pub const MARKER: [u8; 16] = *b"ai-worker-data:\n";
/// What stands before the tables; also what a region's place in memory is a multiple of.
pub const HEADER_BYTES: usize = 64;

/// What a region's data are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A tagger's [`Vocabulary`](crate::vocabulary::Vocabulary).
    Vocabulary,
    /// A context mapper's [`Phrases`](crate::phrases::Phrases).
    Phrases,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Vocabulary, Self::Phrases];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vocabulary => "vocabulary",
            Self::Phrases => "phrases",
        }
    }

    /// The version of how its tables are written. It changes with every change of them, because older plugins read them as
    /// they were.
    #[must_use]
    pub fn format(self) -> u32 {
        match self {
            Self::Vocabulary | Self::Phrases => 1,
        }
    }

    fn number(self) -> u32 {
        match self {
            Self::Vocabulary => 1,
            Self::Phrases => 2,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Why a region is of no use; for the plugin's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The kind of data is none that is known here.
    Kind(u32),
    /// The tables are written as another version of this program writes them.
    Format(Kind, u32),
    /// It is not as long as it says, or holds more than it can.
    Size,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(number) => write!(formatter, "its data are of the unknown kind {number}"),
            Self::Format(kind, format) => write!(
                formatter,
                "its {kind} is of format {format}, and this program knows format {}",
                kind.format()
            ),
            Self::Size => formatter.write_str("its data are cut off"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// What a region says of its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the data are.
    pub kind: Kind,
    /// Size of the whole region in bytes.
    pub size: usize,
    /// Size of the tables in bytes.
    pub used: usize,
    /// SHA-256 of the text that the tables were made from.
    pub digest: [u8; 32],
}

impl Header {
    /// Reads what bytes say that begin with a region.
    ///
    /// # Errors
    /// When it is no region that this version of the crate can read.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let number = |at: usize| {
            let part = bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
            part.map(u32::from_le_bytes).ok_or(Unreadable::Size)
        };
        let (number_of_kind, format) = (number(16)?, number(20)?);
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.number() == number_of_kind)
            .ok_or(Unreadable::Kind(number_of_kind))?;
        if format != kind.format() {
            return Err(Unreadable::Format(kind, format));
        }
        let (size, used) = (number(24)? as usize, number(28)? as usize);
        let digest = bytes.get(32..HEADER_BYTES).and_then(|part| part.try_into().ok());
        if size > bytes.len() || used > size.saturating_sub(HEADER_BYTES) {
            return Err(Unreadable::Size);
        }
        Ok(Self {
            kind,
            size,
            used,
            digest: digest.ok_or(Unreadable::Size)?,
        })
    }

    /// The tables in bytes that begin with this header's region.
    #[must_use]
    pub fn tables(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(HEADER_BYTES..HEADER_BYTES + self.used)
            .unwrap_or_default()
    }
}

/// A region of `SIZE` bytes in a plugin's memory.
#[repr(C, align(64))]
pub struct Region<const SIZE: usize>(pub [u8; SIZE]);

impl<const SIZE: usize> Region<SIZE> {
    /// The tables. What they are is read when the plugin runs: the compiler may draw no conclusions from what they are now.
    ///
    /// # Errors
    /// When there are none that a plugin of this version can read.
    pub fn tables(&'static self, kind: Kind) -> Result<&'static [u8], Unreadable> {
        let bytes = std::hint::black_box(self.0.as_slice());
        let header = Header::read(bytes)?;
        if header.kind != kind {
            return Err(Unreadable::Kind(header.kind.number()));
        }
        Ok(header.tables(bytes))
    }
}

/// A region with these tables in it.
///
/// # Errors
/// When the tables do not fit: how many bytes there is room for.
#[cfg(feature = "author")]
pub fn filled(kind: Kind, size: usize, digest: [u8; 32], tables: &[u8]) -> Result<Vec<u8>, usize> {
    let room = size.saturating_sub(HEADER_BYTES);
    if tables.len() > room {
        return Err(room);
    }
    let mut region = MARKER.to_vec();
    for number in [kind.number(), kind.format()] {
        region.extend(number.to_le_bytes());
    }
    for length in [size, tables.len()] {
        // Memory of a guest ends below this.
        region.extend(u32::try_from(length).map_err(|_| room)?.to_le_bytes());
    }
    region.extend(digest);
    region.extend(tables);
    region.resize(size, 0);
    Ok(region)
}

#[cfg(all(test, feature = "author"))]
mod tests {
    use super::*;

    #[test]
    fn tables_that_fit_are_read_again_and_others_are_told_the_room() {
        let region = filled(Kind::Phrases, 80, [7; 32], b"sixteen bytes ..");
        let region = region.unwrap_or_default();
        assert_eq!(region.len(), 80);
        let header = Header::read(&region);
        assert_eq!(header.map(|header| header.kind), Ok(Kind::Phrases));
        assert_eq!(
            header.map(|header| header.tables(&region)),
            Ok(&b"sixteen bytes .."[..])
        );
        assert_eq!(header.map(|header| header.digest), Ok([7; 32]));
        assert_eq!(filled(Kind::Phrases, 80, [7; 32], b"seventeen bytes .."), Err(16));
    }

    #[test]
    fn what_another_version_wrote_is_not_read() {
        let region = filled(Kind::Vocabulary, 80, [7; 32], b"tables").unwrap_or_default();
        let changed = |at: usize, value: u8| {
            let mut region = region.clone();
            region[at] = value;
            Header::read(&region).map(|_| ())
        };
        assert_eq!(changed(16, 9), Err(Unreadable::Kind(9)));
        assert_eq!(changed(20, 2), Err(Unreadable::Format(Kind::Vocabulary, 2)));
        assert_eq!(changed(24, 81), Err(Unreadable::Size));
        assert_eq!(changed(28, 17), Err(Unreadable::Size));
        assert_eq!(Header::read(&region[..60]), Err(Unreadable::Size));
    }
}
