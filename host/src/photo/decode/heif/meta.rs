//! What a file says of the pictures in it (ISO/IEC 14496-12 and 23008-12), within limits.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::boxes::{Kind, Reader, boxes};

/// Pictures, tiles and metadata in a file. Phones make grids of at most 768 tiles of 512 pixels (200 megapixels).
const MAX_ITEMS: usize = 8_192;
/// Properties of all of them, which they share.
const MAX_PROPERTIES: usize = 8_192;
/// Pieces of the file, properties and references that items have, all together.
const MAX_LINKS: usize = 1 << 17;

/// A picture, a tile, or something beside pictures.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Places in [`Meta::properties`], from 1, and whether a reader that does not know one must not show the item.
    pub(super) properties: Vec<(usize, bool)>,
    /// Whether the pieces lie in the box `idat`; else in the file. None for another place.
    inside: Option<bool>,
    /// Offset and length in bytes; a length of 0 is up to the end.
    pieces: Vec<(u64, u64)>,
    protected: bool,
}

/// One picture refers to others.
#[derive(Debug)]
struct Reference {
    kind: Kind,
    from: u32,
    to: Vec<u32>,
}

/// The box `meta`.
#[derive(Debug)]
pub(super) struct Meta<'a> {
    file: &'a [u8],
    inner: &'a [u8],
    pub(super) primary: u32,
    items: BTreeMap<u32, Item>,
    /// What a property is, and its content.
    pub(super) properties: Vec<(Kind, &'a [u8])>,
    references: Vec<Reference>,
}

/// How much of what is bounded is left.
struct Links(usize);

impl Links {
    fn spend(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.checked_sub(count)?;
        Some(())
    }
}

impl<'a> Meta<'a> {
    /// Reads the first box `meta` of a file; none where that is damaged or holds more than any photo does.
    pub(super) fn read(file: &'a [u8], body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        reader.version()?;
        let mut meta = Self {
            file,
            inner: &[],
            primary: 0,
            items: BTreeMap::new(),
            properties: Vec::new(),
            references: Vec::new(),
        };
        let mut links = Links(MAX_LINKS);
        let children: Vec<_> = boxes(reader.0).take(64).collect::<Option<_>>()?;
        // The items first, so that what is said of others is left out.
        for kind in [b"iinf", b"pitm", b"iloc", b"iprp", b"iref", b"idat"] {
            for body in children
                .iter()
                .filter(|child| child.0 == *kind)
                .map(|child| child.1)
            {
                match kind {
                    b"iinf" => meta.read_items(Reader(body))?,
                    b"pitm" => {
                        let mut reader = Reader(body);
                        let (version, _) = reader.version()?;
                        meta.primary = reader.id(version > 0)?;
                    }
                    b"iloc" => meta.read_places(Reader(body), &mut links)?,
                    b"iprp" => meta.read_properties(body, &mut links)?,
                    b"iref" => meta.read_references(Reader(body), &mut links)?,
                    _ => meta.inner = body,
                }
            }
        }
        Some(meta)
    }

    pub(super) fn item(&self, id: u32) -> Option<&Item> {
        self.items.get(&id)
    }

    /// The items that one refers to, in their order.
    pub(super) fn referred(&self, kind: &Kind, from: u32) -> &[u32] {
        let found = self
            .references
            .iter()
            .find(|reference| reference.kind == *kind && reference.from == from);
        found.map_or(&[], |reference| &reference.to)
    }

    /// The items that refer to one.
    pub(super) fn referring<'b>(&'b self, kind: &'b Kind, to: u32) -> impl Iterator<Item = u32> + 'b {
        let such = self
            .references
            .iter()
            .filter(move |reference| reference.kind == *kind && reference.to.contains(&to));
        such.map(|reference| reference.from)
    }

    /// The bytes of an item; none where they are not all there.
    pub(super) fn bytes(&self, item: &Item) -> Option<Cow<'a, [u8]>> {
        if item.protected {
            return None;
        }
        let source = if item.inside? { self.inner } else { self.file };
        let piece = |(offset, length): &(u64, u64)| {
            let rest = source.get(usize::try_from(*offset).ok()?..)?;
            match length {
                0 => Some(rest),
                length => rest.get(..usize::try_from(*length).ok()?),
            }
        };
        match &item.pieces[..] {
            [one] => piece(one).map(Cow::Borrowed),
            pieces => {
                let mut whole = Vec::new();
                for one in pieces {
                    let bytes = piece(one)?;
                    // Pieces that lie over each other would make more than there is.
                    if whole.len() + bytes.len() > source.len() {
                        return None;
                    }
                    whole.extend_from_slice(bytes);
                }
                Some(Cow::Owned(whole))
            }
        }
    }

    fn read_items(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let (version, _) = reader.version()?;
        reader.id(version > 0)?;
        for child in boxes(reader.0) {
            let (kind, body) = child?;
            let mut reader = Reader(body);
            let (version, _) = reader.version()?;
            if kind != *b"infe" || version < 2 {
                continue;
            }
            let id = reader.id(version > 2)?;
            let protected = reader.u16()? != 0;
            let kind = reader.kind()?;
            if self.items.len() == MAX_ITEMS {
                return None;
            }
            let item = Item {
                kind,
                protected,
                ..Item::default()
            };
            self.items.insert(id, item);
        }
        Some(())
    }

    fn read_places(&mut self, mut reader: Reader<'a>, links: &mut Links) -> Option<()> {
        let (version, _) = reader.version()?;
        let widths = reader.u16()?;
        let width = |place: u16| usize::from(widths >> place & 0xf);
        let (offset_bytes, length_bytes, base_bytes) = (width(12), width(8), width(4));
        let index_bytes = if version == 0 { 0 } else { width(0) };
        if [offset_bytes, length_bytes, base_bytes, index_bytes]
            .iter()
            .any(|bytes| *bytes > 8)
        {
            return None;
        }
        let count = reader.id(version > 1)?;
        for _ in 0..count {
            let id = reader.id(version > 1)?;
            let method = if version == 0 { 0 } else { reader.u16()? & 0xf };
            let elsewhere = reader.u16()? != 0;
            let base = reader.number(base_bytes)?;
            let pieces = reader.u16()?;
            links.spend(usize::from(pieces) + 1)?;
            let mut found = Vec::new();
            for _ in 0..pieces {
                reader.number(index_bytes)?;
                let offset = reader.number(offset_bytes)?.checked_add(base)?;
                found.push((offset, reader.number(length_bytes)?));
            }
            if let Some(item) = self.items.get_mut(&id) {
                item.pieces = found;
                item.inside = match method {
                    0 if !elsewhere => Some(false),
                    1 => Some(true),
                    _ => None,
                };
            }
        }
        Some(())
    }

    fn read_properties(&mut self, body: &'a [u8], links: &mut Links) -> Option<()> {
        for child in boxes(body) {
            match child? {
                (kind, body) if kind == *b"ipco" => {
                    for property in boxes(body) {
                        if self.properties.len() == MAX_PROPERTIES {
                            return None;
                        }
                        self.properties.push(property?);
                    }
                }
                (kind, body) if kind == *b"ipma" => self.read_owners(Reader(body), links)?,
                _ => {}
            }
        }
        Some(())
    }

    fn read_owners(&mut self, mut reader: Reader<'a>, links: &mut Links) -> Option<()> {
        let (version, flags) = reader.version()?;
        let wide = flags & 1 != 0;
        for _ in 0..reader.u32()? {
            let id = reader.id(version > 0)?;
            let count = reader.u8()?;
            links.spend(usize::from(count) + 1)?;
            for _ in 0..count {
                let (place, essential) = if wide {
                    let both = reader.u16()?;
                    (usize::from(both & 0x7fff), both & 0x8000 != 0)
                } else {
                    let both = reader.u8()?;
                    (usize::from(both & 0x7f), both & 0x80 != 0)
                };
                if let Some(item) = self.items.get_mut(&id) {
                    item.properties.push((place, essential));
                }
            }
        }
        Some(())
    }

    fn read_references(&mut self, mut reader: Reader<'a>, links: &mut Links) -> Option<()> {
        let (version, _) = reader.version()?;
        for child in boxes(reader.0) {
            let (kind, body) = child?;
            let mut reader = Reader(body);
            let from = reader.id(version > 0)?;
            let count = reader.u16()?;
            links.spend(usize::from(count) + 1)?;
            let to = (0..count)
                .map(|_| reader.id(version > 0))
                .collect::<Option<_>>()?;
            self.references.push(Reference { kind, from, to });
        }
        Some(())
    }
}
