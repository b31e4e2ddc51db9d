//! What the primary picture of a file is made of, and how it is shown.

use std::ops::Range;

use super::boxes::{Kind, Reader};
use super::meta::{Item, Meta};
use super::placement::Placement;
use super::planes::{Cicp, is_known};
use super::{Coded, codec, damaged, kind};
use crate::photo::PhotoError;

/// How often one picture may be another one turned.
const MAX_DEPTH: usize = 4;
/// What an auxiliary picture that says how opaque the main one is calls itself (HEVC and MIAF).
const ALPHA: [&[u8]; 2] = [
    b"urn:mpeg:hevc:2015:auxid:1\0",
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0",
];
/// Properties that may be marked essential, and are followed or can do no harm.
const KNOWN: [&Kind; 17] = [
    b"ispe", b"pixi", b"colr", b"hvcC", b"av1C", b"irot", b"imir", b"clap", b"pasp", b"auxC", b"lsel",
    b"a1op", b"a1lx", b"clli", b"mdcv", b"udes", b"rloc",
];

/// One coded picture, or tiles of one size that make up a larger one.
#[derive(Debug)]
pub(super) struct Layer {
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Those of a tile.
    pub(super) tile: (u32, u32),
    /// Tiles side by side.
    pub(super) columns: u32,
    /// The items of the tiles, row by row.
    pub(super) tiles: Vec<u32>,
    /// Bytes that decoding one of them takes.
    memory: u64,
    /// What the coded picture says of its colours.
    cicp: Option<Cicp>,
}

/// The picture that stands for the file.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub(super) layer: Layer,
    /// How opaque it is, and whether its colours have been multiplied by that.
    pub(super) alpha: Option<(Layer, bool)>,
    /// Its crops and turns.
    pub(super) placement: Placement,
    /// An ICC profile.
    pub(super) profile: Option<&'a [u8]>,
    /// Colours by numbers, of the file, which count more than those in the coded picture.
    pub(super) cicp: Option<Cicp>,
}

impl<'a> Picture<'a> {
    pub(super) fn read(meta: &Meta<'a>) -> Result<Self, PhotoError> {
        let mut chain = vec![meta.primary];
        let mut id = meta.primary;
        while meta.item(id).ok_or_else(damaged)?.kind == *b"iden" {
            let &[next] = meta.referred(b"dimg", id) else {
                return Err(damaged());
            };
            if chain.len() == MAX_DEPTH {
                return Err(damaged());
            }
            chain.push(next);
            id = next;
        }
        let layer = Layer::read(meta, id)?;
        let mut placement = Placement::new(layer.size);
        for id in chain.iter().rev() {
            let item = meta.item(*id).ok_or_else(damaged)?;
            check_essential(meta, item)?;
            arrange(meta, item, &mut placement).ok_or_else(damaged)?;
        }
        // A grid may leave it to its tiles to say.
        let owners = chain.iter().chain(layer.tiles.first());
        let (mut profile, mut cicp) = (None, None);
        for item in owners.filter_map(|id| meta.item(*id)) {
            let (its_profile, its_cicp) = colours(meta, item);
            profile = profile.or(its_profile);
            cicp = cicp.or(its_cicp);
        }
        let alpha = Self::read_alpha(meta, id, layer.size)?;
        if cicp.or(layer.cicp).is_some_and(|cicp| !is_known(cicp.matrix)) {
            return Err(kind("a HEIF picture with an unusual colour matrix"));
        }
        Ok(Self {
            cicp: cicp.or(layer.cicp),
            layer,
            alpha,
            placement,
            profile,
        })
    }

    fn read_alpha(meta: &Meta<'a>, id: u32, size: (u32, u32)) -> Result<Option<(Layer, bool)>, PhotoError> {
        let is_alpha = |id: &u32| {
            let body = meta.item(*id).and_then(|item| find(meta, item, b"auxC"));
            let kind = body.and_then(|body| body.get(4..)).unwrap_or_default();
            ALPHA.iter().any(|alpha| kind.starts_with(alpha))
        };
        let Some(alpha) = meta.referring(b"auxl", id).find(is_alpha) else {
            return Ok(None);
        };
        let layer = Layer::read(meta, alpha)?;
        let multiplied = meta.referred(b"prem", id).contains(&alpha);
        // One of another size, which the standard does not have, is left out.
        Ok((layer.size == size).then_some((layer, multiplied)))
    }

    /// The most bytes that are in use at a time: the upright pixels, and a tile beside them.
    pub(super) fn memory(&self) -> u64 {
        let (width, height) = self.placement.size;
        let tile = self.alpha.as_ref().map_or(0, |(layer, _)| layer.memory);
        (3 * u64::from(width) * u64::from(height)).saturating_add(tile.max(self.layer.memory))
    }
}

impl Layer {
    fn read(meta: &Meta<'_>, id: u32) -> Result<Self, PhotoError> {
        let item = meta.item(id).ok_or_else(damaged)?;
        if item.kind == *b"grid" {
            return Self::read_grid(meta, id, item);
        }
        let coded = head(meta, item)?;
        Ok(Self {
            size: coded.size,
            tile: coded.size,
            columns: 1,
            tiles: vec![id],
            memory: coded.memory,
            cicp: coded.cicp,
        })
    }

    /// Tiles that make up a picture (ISO/IEC 23008-12, 6.6.2.3), the last ones of a row and column only as far as it goes.
    fn read_grid(meta: &Meta<'_>, id: u32, item: &Item) -> Result<Self, PhotoError> {
        let bytes = meta.bytes(item).ok_or_else(damaged)?;
        let (rows, columns, width, height) = grid(&bytes).ok_or_else(damaged)?;
        let tiles = meta.referred(b"dimg", id).to_vec();
        if tiles.len() as u64 != u64::from(rows) * u64::from(columns) {
            return Err(damaged());
        }
        let mut all: Option<Coded> = None;
        for tile in &tiles {
            let item = meta.item(*tile).ok_or_else(damaged)?;
            if item.kind == *b"grid" {
                return Err(damaged());
            }
            check_essential(meta, item)?;
            let coded = head(meta, item)?;
            if all.is_some_and(|all| all.size != coded.size) {
                return Err(damaged());
            }
            let memory = all.map_or(0, |all| all.memory).max(coded.memory);
            all = Some(Coded { memory, ..coded });
        }
        let coded = all.ok_or_else(damaged)?;
        // No more tiles than it takes, so that they are not decoded in vain.
        let fits = |tile: u32, count: u32, side: u32| {
            let (tile, count, side) = (u64::from(tile), u64::from(count), u64::from(side));
            tile * count >= side && tile * (count - 1) < side
        };
        if !fits(coded.size.0, columns, width) || !fits(coded.size.1, rows, height) {
            return Err(damaged());
        }
        Ok(Self {
            size: (width, height),
            tile: coded.size,
            columns,
            tiles,
            memory: coded.memory,
            cicp: coded.cicp,
        })
    }
}

/// Rows, columns, width and height of a grid.
fn grid(bytes: &[u8]) -> Option<(u32, u32, u32, u32)> {
    let mut reader = Reader(bytes);
    reader.u8()?;
    let wide = reader.u8()? & 1 != 0;
    let rows = u32::from(reader.u8()?) + 1;
    let columns = u32::from(reader.u8()?) + 1;
    Some((rows, columns, reader.id(wide)?, reader.id(wide)?))
}

/// What the header says of a coded picture.
fn head(meta: &Meta<'_>, item: &Item) -> Result<Coded, PhotoError> {
    let size = find(meta, item, b"ispe").and_then(|body| {
        let mut reader = Reader(body);
        reader.version()?;
        Some((reader.u32()?, reader.u32()?))
    });
    let mut coded = codec::head(item.kind, configuration(meta, item), size)?;
    // Its bytes, out of their pieces, in the framing of the decoder, and without that.
    let length = meta.bytes(item).map_or(0, |bytes| bytes.len() as u64);
    coded.memory = coded.memory.saturating_add(3 * length);
    Ok(coded)
}

/// The box that says how an item is coded.
pub(super) fn configuration<'a>(meta: &Meta<'a>, item: &Item) -> Option<&'a [u8]> {
    let kind = if item.kind == *b"av01" { b"av1C" } else { b"hvcC" };
    find(meta, item, kind)
}

/// The first property of a kind that an item has.
fn find<'a>(meta: &Meta<'a>, item: &Item, kind: &Kind) -> Option<&'a [u8]> {
    properties(meta, item)
        .find(|property| property.0 == *kind)
        .map(|property| property.1)
}

/// The properties of an item in their order.
fn properties<'a, 'b>(
    meta: &'b Meta<'a>,
    item: &'b Item,
) -> impl Iterator<Item = (Kind, &'a [u8], bool)> + 'b {
    item.properties.iter().filter_map(|(place, essential)| {
        let (kind, body) = meta.properties.get(place.checked_sub(1)?)?;
        Some((*kind, *body, *essential))
    })
}

/// A picture with a property that its author calls essential and nobody here knows would be shown wrong.
fn check_essential(meta: &Meta<'_>, item: &Item) -> Result<(), PhotoError> {
    match properties(meta, item).find(|(kind, _, essential)| *essential && !KNOWN.contains(&kind)) {
        None => Ok(()),
        Some((name, ..)) => Err(kind(format!(
            "a HEIF picture that needs the unsupported property {}",
            name.escape_ascii()
        ))),
    }
}

/// Crops and turns in the order of the file.
fn arrange(meta: &Meta<'_>, item: &Item, placement: &mut Placement) -> Option<()> {
    for (kind, body, _) in properties(meta, item) {
        let mut reader = Reader(body);
        match &kind {
            b"irot" => placement.turn(reader.u8()? & 3),
            b"imir" if reader.u8()? & 1 == 0 => placement.mirror_rows(),
            b"imir" => placement.mirror_columns(),
            b"clap" => {
                let columns = aperture(reader, 0, placement.size.0)?;
                placement.crop(columns, aperture(reader, 1, placement.size.1)?)?;
            }
            _ => {}
        }
    }
    Some(())
}

/// What a clean aperture leaves of an axis (0: columns, 1: rows): its length, and the way of its middle from the
/// picture's, are fractions.
fn aperture(reader: Reader<'_>, axis: usize, side: u32) -> Option<Range<i64>> {
    let fraction = |place: usize| {
        let mut reader = Reader(reader.0.get(8 * place..)?);
        let numerator = reader.u32()?.cast_signed();
        let denominator = reader.u32()?.cast_signed();
        (denominator > 0).then(|| f64::from(numerator) / f64::from(denominator))
    };
    let (length, offset) = (fraction(axis)?, fraction(axis + 2)?);
    let rounded = |value: f64| (value + 0.5).floor() as i64;
    let start = rounded(offset + (f64::from(side) - length) / 2.0);
    (length >= 0.5).then(|| start..start.saturating_add(rounded(length)))
}

/// The ICC profile and the numbers of an item's colours.
fn colours<'a>(meta: &Meta<'a>, item: &Item) -> (Option<&'a [u8]>, Option<Cicp>) {
    let (mut profile, mut cicp) = (None, None);
    for (_, body, _) in properties(meta, item).filter(|property| property.0 == *b"colr") {
        let mut reader = Reader(body);
        match reader.kind().as_ref() {
            Some(b"prof" | b"rICC") => profile = profile.or(Some(reader.0)),
            Some(b"nclx") => cicp = cicp.or(numbers(reader)),
            _ => {}
        }
    }
    (profile, cicp)
}

fn numbers(mut reader: Reader<'_>) -> Option<Cicp> {
    let mut number = || Some(u8::try_from(reader.u16()?).unwrap_or(2));
    let (primaries, transfer, matrix) = (number()?, number()?, number()?);
    Some(Cicp {
        primaries,
        transfer,
        matrix,
        full_range: reader.u8()? & 0x80 != 0,
    })
}
