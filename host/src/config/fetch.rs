//! The settings of fetching and decoding photos.

use super::reader::Reader;
use super::server::networks;
use crate::photo::{DecodeSettings, DownloadSettings, SourceHeader};

/// How photos are fetched.
pub(super) fn download(reader: &mut Reader<'_>) -> Option<DownloadSettings> {
    let allow_private = reader.switch("ALLOW_PRIVATE_URLS");
    let allowed_networks = networks(reader, "PHOTO_NETWORKS");
    let max_bytes = reader.integer("MAX_PHOTO_BYTES");
    let allow = reader.list("URL_ALLOW");
    let deny = reader.list("URL_DENY");
    let proxy = reader.optional("FETCH_PROXY");
    let headers = reader.list::<SourceHeader>("FETCH_HEADERS");
    let connect_timeout = reader.duration("CONNECT_TIMEOUT_MS");
    let first_byte_timeout = reader.duration("FIRST_BYTE_TIMEOUT_MS");
    let timeout = reader.duration("DOWNLOAD_TIMEOUT_MS");
    let max_redirects = reader.integer("MAX_REDIRECTS");
    Some(DownloadSettings {
        allow_private: allow_private?,
        allowed_networks: allowed_networks?,
        allow: allow?,
        deny: deny?,
        proxy: proxy?,
        headers: headers?,
        max_bytes: max_bytes?,
        connect_timeout: connect_timeout?,
        first_byte_timeout: first_byte_timeout?,
        timeout: timeout?,
        max_redirects: max_redirects?,
    })
}

/// How photos are decoded. `max_pixels` is `MAX_PHOTO_PIXELS`, unless that is wrong.
pub(super) fn decode(reader: &mut Reader<'_>, max_pixels: Option<u64>) -> Option<DecodeSettings> {
    let max_side = reader.integer("MAX_PHOTO_SIDE");
    let max_memory = reader.integer("MAX_PHOTO_MEMORY");
    let max_metadata = reader.integer("MAX_PHOTO_METADATA");
    let max_scans = reader.integer("MAX_JPEG_SCANS");
    Some(DecodeSettings {
        max_pixels: max_pixels?,
        max_side: max_side?,
        max_memory: max_memory?,
        max_metadata: max_metadata?,
        max_scans: max_scans?,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn headers_of_photo_servers_are_never_shown() {
        let given = |name: &str| {
            (name == "FETCH_HEADERS")
                .then(|| "https://a.example=X-Token: hidden, b.example=X-Token: hidden".to_owned())
        };
        let mut reader = Reader::new(&given);
        assert!(download(&mut reader).is_none());
        assert_eq!(reader.errors.len(), 1);
        assert!(reader.errors[0].contains("entry 2") && !reader.errors[0].contains("hidden"));

        let given =
            |name: &str| (name == "FETCH_HEADERS").then(|| "https://a.example=X-Token: hidden".to_owned());
        let settings = download(&mut Reader::new(&given)).unwrap();
        assert_eq!(settings.headers.len(), 1);
        assert!(!format!("{settings:?}").contains("hidden"));
    }

    #[test]
    fn a_proxy_is_an_address_whose_password_is_never_shown() {
        let read = |proxy: &str| {
            let given = |name: &str| (name == "FETCH_PROXY").then(|| proxy.to_owned());
            let mut reader = Reader::new(&given);
            download(&mut reader).ok_or(reader.errors)
        };
        for right in [
            "http://proxy:3128",
            "https://user:hidden@10.0.0.1/",
            "http://[::1]:3128",
        ] {
            let settings = read(right).unwrap();
            assert!(settings.proxy.is_some() && !format!("{settings:?}").contains("hidden"));
        }
        for wrong in [
            "hidden:3128",
            "socks5://user:hidden@proxy:1080",
            "http://user:hidden@proxy:3128/path",
            "http://user:hidden@proxy:99999",
        ] {
            let errors = read(wrong).unwrap_err();
            assert!(errors.len() == 1 && !errors[0].contains("hidden"), "{errors:?}");
        }
    }
}
