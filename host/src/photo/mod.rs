//! From a photo's URL or bytes to the pixels that networks see: download, decode, resize, align, crop.
//!
//! Everything but the download is pure and blocking; call it from a blocking thread.

mod align;
mod decode;
mod error;
mod jpeg;
mod resize;

pub use align::{ARCFACE_TEMPLATE, DEMOGRAPHICS_TEMPLATE, Template, align};
pub use decode::{DecodeSettings, decode};
pub use error::PhotoError;
pub use resize::{Letterboxed, centre_crop, encode_jpeg, letterbox, square_crop};
