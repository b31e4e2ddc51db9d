//! From coded pictures to planes, by what they are coded with.

use super::boxes::Kind;
#[cfg(feature = "heic")]
use super::hevc;
use super::planes::{Cicp, Planes};
use super::{av1, damaged, kind};
use crate::photo::PhotoError;

/// What is known of a coded picture before it is decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coded {
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Bytes that decoding takes at its worst moment, the planes included.
    pub(super) memory: u64,
    /// What it says of its colours, when that can be told already.
    pub(super) cicp: Option<Cicp>,
}

/// Reads how a picture is coded. `size` is what the file says besides.
pub(super) fn head(
    coding: Kind,
    configuration: Option<&[u8]>,
    size: Option<(u32, u32)>,
) -> Result<Coded, PhotoError> {
    match &coding {
        #[cfg(feature = "heic")]
        b"hvc1" | b"hev1" => {
            let coded = hevc::head(configuration.ok_or_else(damaged)?)?;
            match size {
                Some(size) if size != coded.size => Err(damaged()),
                _ => Ok(coded),
            }
        }
        #[cfg(not(feature = "heic"))]
        b"hvc1" | b"hev1" => Err(PhotoError::NoHeic),
        b"av01" => av1::head(configuration.ok_or_else(damaged)?, size.ok_or_else(damaged)?),
        b"iovl" => Err(kind("a HEIF overlay of several pictures")),
        b"unci" => Err(kind("an uncompressed HEIF file")),
        b"jpeg" => Err(kind("a HEIF file that contains a JPEG")),
        b"j2k1" => Err(kind("a HEIF file that contains JPEG 2000")),
        b"avc1" => Err(kind("a HEIF file that contains AVC (H.264)")),
        b"vvc1" => Err(kind("a HEIF file that contains VVC (H.266)")),
        _ => Err(kind("a HEIF file that contains neither HEVC nor AV1")),
    }
}

/// Decodes a picture or tile whose head has been read.
#[cfg_attr(
    not(feature = "heic"),
    expect(unused_variables, reason = "AV1 has all in its bytes")
)]
pub(super) fn decode(
    coding: Kind,
    configuration: Option<&[u8]>,
    size: (u32, u32),
    bytes: &[u8],
) -> Result<Planes, PhotoError> {
    let planes = match &coding {
        #[cfg(feature = "heic")]
        b"hvc1" | b"hev1" => hevc::decode(configuration.ok_or_else(damaged)?, bytes)?,
        b"av01" => av1::decode(size, bytes)?,
        _ => return Err(damaged()),
    };
    if planes.size == size {
        Ok(planes)
    } else {
        Err(damaged())
    }
}
