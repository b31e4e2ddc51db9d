//! What fuzzing looks at from outside.

use std::net::IpAddr;

use url::{Host, Url};

use super::{DownloadSettings, Downloader, PhotoError};

/// The address that is written in a URL which may be called, if it is one.
///
/// # Errors
/// When the URL may not be called.
pub fn literal_address(url: &str) -> Result<Option<IpAddr>, PhotoError> {
    thread_local! {
        static DOWNLOADER: Option<Downloader> = Downloader::new(DownloadSettings::default()).ok();
    }
    let url = Url::parse(url).map_err(|_| PhotoError::InvalidUrl("it is not a URL"))?;
    DOWNLOADER.with(|downloader| match downloader {
        Some(downloader) => downloader.check(&url),
        None => Err(PhotoError::InvalidUrl("there is no downloader")),
    })?;
    Ok(match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    })
}
