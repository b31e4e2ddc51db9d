//! What can be wrong with a photo or with the way to it.

use std::borrow::Cow;

/// Why a photo could not be fetched, decoded or cut.
///
/// Messages are safe to show to the caller: they never hold a URL, whose query may be a secret.
/// Causes are for the log.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// The URL cannot be used as it stands.
    #[error("the photo URL cannot be used because {0}; give a plain http or https URL")]
    InvalidUrl(&'static str),
    /// The host is, or resolves to, an address that the worker must not call.
    #[error("{0} is not a public address; give a public URL, or add its network to PHOTO_NETWORKS")]
    AddressRefused(String),
    /// `URL_ALLOW` does not list the host or its address, or `URL_DENY` does.
    #[error(
        "photos may not be fetched from {0}; give a URL of an allowed host, or change URL_ALLOW or URL_DENY"
    )]
    HostRefused(String),
    /// No connection.
    #[error("the photo's server could not be reached; check the URL and that the server is up")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection ended before an answer, or within it.
    #[error("the photo's server closed the connection before the whole photo had arrived; try again later")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What answered does not speak HTTP, or not well enough; in words, and as the client said it.
    #[error(
        "the photo's server sent an answer that is not valid HTTP ({0}); check the URL, or fix that server"
    )]
    NotHttp(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// More headers than are read.
    #[error(
        "the photo's server sent more than {headers} headers, or more than {kib} KiB of them; let it send fewer"
    )]
    HeadTooLarge {
        /// The most headers.
        headers: usize,
        /// The most that all of them may have, in KiB.
        kib: usize,
    },
    /// The whole transfer, connecting, or the first byte took too long.
    #[error(
        "the photo's server was too slow (CONNECT_TIMEOUT_MS, FIRST_BYTE_TIMEOUT_MS or DOWNLOAD_TIMEOUT_MS); try again \
         later"
    )]
    TimedOut,
    /// The server answered with a status that is not a success.
    #[error("the photo's server answered with status {0} instead of a photo; check the URL")]
    SourceStatus(u16),
    /// The server answered with a status that says that it will have the photo another time.
    #[error("the photo's server is temporarily unavailable (status {status}); try again later")]
    SourceBusy {
        /// The status that it answered with.
        status: u16,
        /// How long it asks to wait, when it does; an hour at most.
        retry_after: Option<std::time::Duration>,
    },
    /// The server compressed the file, although it was asked for it as it is.
    #[error(
        "the photo's server sent the photo with Content-Encoding {0}, which the worker did not ask for; let it send \
         the file without Content-Encoding"
    )]
    Compressed(String),
    /// More bytes than allowed.
    #[error("the photo is larger than {limit} bytes; send a smaller file, or raise MAX_PHOTO_BYTES")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A chain of redirects longer than allowed.
    #[error("the photo's server redirected more than {0} times; give the final URL")]
    TooManyRedirects(usize),
    /// The file has no bytes.
    #[error("the photo is empty (0 bytes); check that its upload was complete")]
    EmptyBody,
    /// The bytes are no picture of a format the worker reads.
    #[error(
        "the file is not a photo the worker can read; send JPEG, HEIC, AVIF, JPEG XL, PNG, WebP, GIF, TIFF or BMP"
    )]
    NotAnImage(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A picture of a kind that the worker does not decode, though it knows what it is.
    #[error(
        "the photo is {0}, which is not supported; send JPEG, HEIC, AVIF, JPEG XL, PNG, WebP, GIF, TIFF or BMP of a \
        usual kind"
    )]
    UnsupportedKind(
        /// What it is, with its article, to stand after "the photo is": "a JPEG with 12 bits a sample".
        Cow<'static, str>,
    ),
    /// HEIC, and the worker was built without HEVC.
    #[error(
        "the photo is HEIC, but this worker was built without HEIC support; send JPEG, PNG, WebP, AVIF, JPEG XL, GIF, \
         TIFF or BMP, or build the worker with the feature heic"
    )]
    NoHeic,
    /// The picture is cut off or broken.
    #[error("the photo is damaged or incomplete; upload it again")]
    Damaged(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// More pixels than allowed.
    #[error(
        "the photo has {width} x {height} pixels, which is more than MAX_PHOTO_PIXELS or MAX_PHOTO_SIDE allows; send a \
         smaller one"
    )]
    TooManyPixels {
        /// Width in pixels, as its header says.
        width: u32,
        /// Height in pixels, as its header says.
        height: u32,
    },
    /// More memory to decode it than allowed.
    #[error(
        "decoding the photo needs {needed} bytes of memory, but only {limit} are allowed; send a smaller one, or raise \
         MAX_PHOTO_MEMORY"
    )]
    TooMuchMemory {
        /// Bytes at the worst moment, as its header foretells.
        needed: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A decoder was refused memory that only it foresees.
    #[error(
        "decoding the photo needs more memory than is allowed; send a smaller one, or raise MAX_PHOTO_MEMORY"
    )]
    OutOfMemory(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// More bytes of metadata than allowed.
    #[error(
        "the photo has more than {limit} bytes of metadata; remove the metadata, or raise MAX_PHOTO_METADATA"
    )]
    TooMuchMetadata {
        /// The limit in bytes.
        limit: u64,
    },
    /// A JPEG that goes over its pixels more often than allowed.
    #[error(
        "the photo is a progressive JPEG with more than {limit} scans; save it with fewer scans, or raise \
         MAX_JPEG_SCANS"
    )]
    TooManyScans {
        /// The limit.
        limit: usize,
    },
    /// Landmarks or a rectangle that no picture can be cut by.
    #[error("the face cannot be cut out of the photo because {0}")]
    Geometry(&'static str),
    /// The HTTP client could not be set up; happens at start only.
    #[error("photos cannot be downloaded; install the system's root certificates (ca-certificates)")]
    HttpClient(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something that is the worker's fault.
    #[error("an internal error occurred with this photo; see the worker's log")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PhotoError {
    /// A picture of a kind that the worker does not decode; `what` stands after "the photo is".
    pub(super) fn kind(what: impl Into<Cow<'static, str>>) -> Self {
        Self::UnsupportedKind(what.into())
    }

    /// Wraps a cause that is the worker's fault.
    pub(super) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}
