//! From a photo's URL or bytes to the pixels that networks see: download, decode, resize, align, crop;
//! and how good a face's picture is.
//!
//! Everything but [`Downloader`] is pure and blocking; call it from a blocking thread.

mod address;
mod align;
mod decode;
mod download;
mod error;
mod fetch_policy;
// Tests compile it, too, so that it does not fall behind what it calls.
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod part;
mod pixel_vector;
mod quality;
mod reduce;
mod resize;
mod source;
mod source_header;
mod turn;

pub use align::{
    ARCFACE_TEMPLATE, DEMOGRAPHICS_TEMPLATE, Template, align, aligned_scale, centred_chip, level,
    turn_upright,
};
pub use decode::{DecodeSettings, Look, Photo, decode, dimensions};
pub use download::{DownloadSettings, Downloader, FetchProxy, FileLimits};
pub use error::PhotoError;
pub use fetch_policy::UrlRule;
pub(crate) use fetch_policy::canonical_network;
pub use part::Part;
pub use quality::quality;
pub use resize::{
    Letterboxed, centre_crop, encode_jpeg, fit, in_corner, letterbox, letterbox_part, shorter_side_crop,
    square_crop, stretch, zoom,
};
pub use source::PhotoSource;
pub use source_header::SourceHeader;
pub use turn::Quarter;
