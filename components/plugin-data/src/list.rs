//! Lists that are read one entry at a time, so that a guest, which starts afresh for every photo, has nothing to parse and
//! nothing to allocate for what it does not look at.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

/// Entries one after another, each as [`postcard`] writes it. Passing over a list takes no longer than passing over a number.
#[derive(Debug, Serialize, Deserialize)]
pub struct List<'a, T> {
    length: u32,
    #[serde(borrow)]
    bytes: &'a [u8],
    #[serde(skip)]
    entries: PhantomData<T>,
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self {
            length: 0,
            bytes: &[],
            entries: PhantomData,
        }
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<'a, T> List<'a, T> {
    /// The number of entries.
    #[must_use]
    pub fn len(self) -> usize {
        self.length as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The entries in order. Bytes that are no entry end them; [`Written`] makes no such bytes.
    pub fn iter(self) -> impl Iterator<Item = T>
    where
        T: Deserialize<'a>,
    {
        let mut rest = self.bytes;
        (0..self.length).map_while(move |_| {
            let (entry, after) = postcard::take_from_bytes(rest).ok()?;
            rest = after;
            Some(entry)
        })
    }
}

/// A list that is being written.
#[cfg(feature = "author")]
#[derive(Debug, Default)]
pub struct Written {
    length: u32,
    bytes: Vec<u8>,
}

#[cfg(feature = "author")]
impl Written {
    /// Appends an entry.
    ///
    /// # Errors
    /// When the entry cannot be written, which no type of this crate gives rise to.
    pub fn push(&mut self, entry: &impl Serialize) -> Result<(), postcard::Error> {
        self.bytes = postcard::to_extend(entry, std::mem::take(&mut self.bytes))?;
        self.length += 1;
        Ok(())
    }

    /// What was written, as a list of the type of its entries.
    #[must_use]
    pub fn list<T>(&self) -> List<'_, T> {
        List {
            length: self.length,
            bytes: &self.bytes,
            entries: PhantomData,
        }
    }
}

#[cfg(all(test, feature = "author"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_one_by_one() -> Result<(), postcard::Error> {
        let mut written = Written::default();
        for entry in [("beach", 0.5_f32), ("sea", 0.25)] {
            written.push(&entry)?;
        }
        let bytes = postcard::to_allocvec(&(written.list::<(&str, f32)>(), 7_u8))?;
        let (list, after): (List<'_, (&str, f32)>, u8) = postcard::from_bytes(&bytes)?;
        assert_eq!((list.len(), after), (2, 7));
        assert_eq!(list.iter().collect::<Vec<_>>(), [("beach", 0.5), ("sea", 0.25)]);
        // A list that was cut off ends where its bytes do.
        let cut = List {
            bytes: &list.bytes[..list.bytes.len() - 1],
            ..list
        };
        assert_eq!(cut.iter().count(), 1);
        Ok(())
    }
}
