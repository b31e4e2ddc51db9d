//! HEVC pictures, by a decoder without `unsafe`.

use std::ops::Range;

use heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer_hevc_dec::nal::NalUnit;
use heifer_hevc_dec::params::ParameterSets;

use super::boxes::Reader;
use super::planes::{Cicp, Planes};
use super::{Coded, damaged, kind};
use crate::photo::PhotoError;

/// Parameter sets of a picture; three is usual.
const MAX_SETS: usize = 64;
/// Units of a picture; the highest level of HEVC allows 600 slices.
const MAX_UNITS: usize = 4_096;
/// NAL units of parameter sets (ITU-T H.265, 7.4.2.2).
const SETS: std::ops::RangeInclusive<u8> = 32..=34;
/// What is kept of every block while a picture is decoded, in bytes a pixel.
const BYTES_BESIDE: u64 = 1;

/// The box `hvcC` (ISO/IEC 14496-15, 8.3.3.1).
struct Configuration<'a> {
    sets: Vec<&'a [u8]>,
    /// Bytes of the number before each unit.
    length_bytes: usize,
}

impl<'a> Configuration<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        reader.take(21)?;
        let length_bytes = usize::from(reader.u8()? & 3) + 1;
        let mut sets = Vec::new();
        for _ in 0..reader.u8()? {
            reader.u8()?;
            for _ in 0..reader.u16()? {
                let length = reader.u16()?;
                let unit = reader.take(usize::from(length))?;
                if unit_type(unit).is_some_and(|number| SETS.contains(&number)) {
                    if sets.len() == MAX_SETS {
                        return None;
                    }
                    sets.push(unit);
                }
            }
        }
        Some(Self { sets, length_bytes })
    }
}

/// Size, depth and memory of a picture, of its configuration alone.
pub(super) fn head(configuration: &[u8]) -> Result<Coded, PhotoError> {
    let configuration = Configuration::read(configuration).ok_or_else(damaged)?;
    let mut sets = ParameterSets::default();
    for unit in configuration.sets {
        let unit = NalUnit::parse(unit).map_err(failure)?;
        sets.add(&unit).map_err(failure)?;
    }
    let mut of_all = sets.sps.iter().flatten();
    let first = of_all.next().ok_or_else(damaged)?;
    // The picture names the set that it goes by; with more than one it could be any.
    if of_all.next().is_some() {
        return Err(kind("a HEIC picture with several sequence parameter sets"));
    }
    let (width, height) = first.output_size();
    // Bytes of the planes a pixel, with two bytes a value. They are there twice while they are cropped.
    let planes = match first.chroma_format_idc {
        0 => 2,
        1 => 3,
        2 => 4,
        _ => 6,
    };
    let coded = u64::from(first.pic_width_in_luma_samples) * u64::from(first.pic_height_in_luma_samples);
    if first.bit_depth_luma != first.bit_depth_chroma && first.chroma_format_idc != 0 {
        return Err(kind(
            "a HEIC picture whose chroma and luma have different bit depths",
        ));
    }
    Ok(Coded {
        size: (width, height),
        memory: coded.saturating_mul(2 * planes + BYTES_BESIDE),
        cicp: first.vui.as_ref().map(|said| Cicp {
            primaries: said.colour_primaries,
            transfer: said.transfer_characteristics,
            matrix: said.matrix_coeffs,
            full_range: said.video_full_range_flag,
        }),
    })
}

/// Decodes a picture or tile.
pub(super) fn decode(configuration: &[u8], bytes: &[u8]) -> Result<Planes, PhotoError> {
    let configuration = Configuration::read(configuration).ok_or_else(damaged)?;
    let mut stream = Vec::with_capacity(bytes.len() + 256);
    for unit in &configuration.sets {
        push(&mut stream, unit);
    }
    let mut reader = Reader(bytes);
    let mut units = 0;
    while !reader.0.is_empty() {
        let unit = reader
            .number(configuration.length_bytes)
            .and_then(|length| reader.take(usize::try_from(length).ok()?))
            .ok_or_else(damaged)?;
        // Parameter sets stand in the configuration, against which memory is proved.
        if unit_type(unit).is_some_and(|number| number < *SETS.start()) {
            units += 1;
            if units > MAX_UNITS {
                return Err(damaged());
            }
            push(&mut stream, unit);
        }
    }
    let options = DecodeOptions {
        // Proved by its head.
        max_pixels: u64::MAX,
        ..DecodeOptions::default()
    };
    let frame = decode_picture(&stream, options).map_err(failure)?;
    let colour = match frame.chroma_format {
        0 => None,
        1 => Some((1, 1)),
        2 => Some((1, 0)),
        _ => Some((0, 0)),
    };
    Ok(Planes {
        size: (frame.widths[0], frame.heights[0]),
        depth: frame.bit_depth[0],
        colour,
        cicp: Cicp {
            primaries: 2,
            transfer: 2,
            matrix: frame.matrix_coeffs,
            full_range: frame.full_range,
        },
        rows: Box::new(move |plane, row, into| {
            let width = frame.widths[plane] as usize;
            let start = row as usize * width;
            copy_row(&frame.planes[plane], start..start + width, into)
        }),
    })
}

/// Copies a part of a row of values.
fn copy_row(plane: &[u16], columns: Range<usize>, into: &mut Vec<u16>) -> Option<()> {
    into.clear();
    into.extend_from_slice(plane.get(columns)?);
    Some(())
}

/// The number of a unit's type; none for one of a layer above the first, which is another picture.
fn unit_type(unit: &[u8]) -> Option<u8> {
    let [first, second, ..] = unit else { return None };
    (first & 1 == 0 && second >> 3 == 0).then_some(first >> 1)
}

fn push(stream: &mut Vec<u8>, unit: &[u8]) {
    stream.extend_from_slice(&[0, 0, 0, 1]);
    stream.extend_from_slice(unit);
}

/// What an error of the decoder means for the caller.
fn failure(cause: heifer_hevc_dec::Error) -> PhotoError {
    match cause {
        heifer_hevc_dec::Error::Unimplemented(what) => kind(format!("a HEIC picture coded with {what}")),
        _ => PhotoError::Damaged(Some(cause.into())),
    }
}
