//! Problems of fetching and decoding a photo.

use super::{Problem, internal};
use crate::http::code::Code;
use crate::photo::PhotoError;

pub(super) fn of_photo(error: &PhotoError) -> Problem {
    let code = match error {
        PhotoError::InvalidUrl(_) => Code::InvalidImageUrl,
        PhotoError::AddressRefused(_) | PhotoError::HostRefused(_) => Code::PhotoAddressRefused,
        PhotoError::Unreachable(_) | PhotoError::Broken(_) => Code::PhotoUnreachable,
        PhotoError::NotHttp(..) | PhotoError::HeadTooLarge { .. } => Code::PhotoSourceInvalid,
        PhotoError::SourceStatus(_) => Code::PhotoNotAvailable,
        PhotoError::SourceBusy { .. } => Code::PhotoSourceBusy,
        PhotoError::Compressed(_) => Code::PhotoCompressed,
        PhotoError::TooManyRedirects(_) => Code::PhotoTooManyRedirects,
        PhotoError::TimedOut => Code::PhotoTimedOut,
        PhotoError::TooLarge { .. }
        | PhotoError::TooMuchMetadata { .. }
        | PhotoError::TooManyScans { .. } => Code::PhotoTooLarge,
        PhotoError::TooManyPixels { .. } => Code::PhotoTooManyPixels,
        PhotoError::TooMuchMemory { .. } | PhotoError::OutOfMemory(_) => Code::PhotoTooMuchMemory,
        PhotoError::EmptyBody => Code::PhotoEmpty,
        PhotoError::NotAnImage(_) | PhotoError::UnsupportedKind(_) | PhotoError::NoHeic => {
            Code::PhotoNotAnImage
        }
        PhotoError::Damaged(_) => Code::PhotoDamaged,
        PhotoError::Geometry(_) | PhotoError::HttpClient(_) | PhotoError::Internal(_) => return internal(),
    };
    let problem = Problem::new(code, error.to_string());
    match error {
        PhotoError::SourceBusy {
            retry_after: Some(wait),
            ..
        } => problem.after(*wait),
        _ => problem,
    }
}
