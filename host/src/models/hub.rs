//! A model hub's files, over its documented address `{endpoint}/{repository}/resolve/{commit}/{path}`.
//!
//! The hub answers with the file, or with a redirect to a store that has it and headers that say what it is:
//! `X-Linked-Size`, and `X-Linked-Etag`, which for large files is the SHA-256 of the content. Downloads go on where
//! they were cut off, also in a later process. The hub's own crate would bring a second TLS implementation and fifty
//! crates of a storage protocol that these requests do not need.

use std::{fs, io::Write as _, path::Path, sync::OnceLock, thread, time::Duration};

use indicatif::ProgressBar;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, LOCATION, RANGE},
};

use super::hub_error::HubError;
use crate::digest::is_sha256;

/// The most redirects that lead to a file; the hub itself needs one or two.
const REDIRECTS: usize = 10;
/// How often a download that brings nothing more is tried again before it fails.
const RETRIES: u32 = 4;
/// The wait before the first of these tries; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// A connection that brings nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(20);

const LINKED_ETAG: HeaderName = HeaderName::from_static("x-linked-etag");
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");

/// The address of the hub that the manifest's repositories are on.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Where the hub is, and how the worker identifies itself there.
#[derive(Clone)]
pub struct HubSettings {
    /// Its address; a mirror's address serves as well.
    pub endpoint: String,
    /// Sent to that address only, for repositories that not everybody may read.
    pub token: Option<String>,
}

impl std::fmt::Debug for HubSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the token nor a password in the address may reach a log.
        formatter
            .debug_struct("HubSettings")
            .field("token", &self.token.as_ref().map(|_| "set"))
            .finish_non_exhaustive()
    }
}

impl Default for HubSettings {
    /// The hub itself, without a token.
    fn default() -> Self {
        Self {
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            token: None,
        }
    }
}

/// One file of a repository.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// `owner/name`.
    pub(super) repository: &'a str,
    /// The commit.
    pub(super) revision: &'a str,
    /// The path from the repository's root.
    pub(super) path: &'a str,
    /// SHA-256 in hexadecimal, where the manifest or the lock file knows it.
    pub(super) sha256: Option<&'a str>,
    /// Size in bytes.
    pub(super) bytes: u64,
}

impl Source<'_> {
    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.repository, self.path)
    }

    /// A name for what has arrived of it: a commit's content never changes.
    pub(super) fn partial_name(&self) -> String {
        format!("{}@{}/{}", self.repository, self.revision, self.path)
            .chars()
            .map(|char| if char == '/' { '+' } else { char })
            .collect()
    }
}

/// The hub, ready to be asked from several threads.
pub(super) struct Hub {
    client: Client,
    endpoint: Url,
    token: Option<String>,
}

/// What one request came to.
enum Outcome {
    /// The rest of the file was written.
    Complete,
    /// The connection or the server failed in a way that may pass. The flag says whether anything arrived.
    Interrupted(Box<dyn std::error::Error + Send + Sync>, bool),
}

impl Hub {
    /// Prepares TLS with the system's certificates; proxies are those of the environment.
    ///
    /// # Errors
    /// [`HubError::Client`].
    pub(super) fn new(settings: &HubSettings) -> Result<Self, HubError> {
        let endpoint = settings
            .endpoint
            .parse()
            .map_err(|error: url::ParseError| HubError::Client(error.into()))?;
        let client = crate::client_builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            // Followed here, so that the hub's headers are seen and the token stays with the hub.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A connection ends with the download that made it, and so with its thread.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| HubError::Client(error.into()))?;
        Ok(Self {
            client,
            endpoint,
            token: settings.token.clone(),
        })
    }

    /// Brings a file into `partial`, going on where that ends, and gives the SHA-256 that the hub states for it, where
    /// it states one. The content is not hashed here. A `failure`, which is that of another download, ends this one early.
    ///
    /// # Errors
    /// When the hub has no such file, does not give it, or has one of another size or hash; [`HubError::GivenUp`] when
    /// another download has failed.
    pub(super) fn download(
        &self,
        source: &Source<'_>,
        partial: &Path,
        bar: &ProgressBar,
        failure: &OnceLock<HubError>,
    ) -> Result<Option<String>, HubError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| HubError::Client(error.into()))?;
        let mut stated = None;
        let mut failures = 0;
        loop {
            if failure.get().is_some() {
                return Err(HubError::GivenUp(source.name()));
            }
            match runtime.block_on(self.attempt(source, partial, bar, failure, &mut stated))? {
                Outcome::Complete => return Ok(stated),
                Outcome::Interrupted(cause, progressed) => {
                    failures = if progressed { 1 } else { failures + 1 };
                    let causes = crate::report(cause.as_ref());
                    tracing::warn!(
                        file = source.name(),
                        causes,
                        failures,
                        "a download was interrupted"
                    );
                    if failures > RETRIES {
                        return Err(HubError::Unreachable {
                            file: source.name(),
                            host: self.host(),
                            source: cause,
                        });
                    }
                    thread::sleep(FIRST_WAIT * 2_u32.pow(failures - 1));
                }
            }
        }
    }

    /// The hub as it is called in messages; an endpoint's path and credentials do not belong there.
    fn host(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        self.endpoint
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    fn address(&self, source: &Source<'_>) -> Result<Url, HubError> {
        let mut url = self.endpoint.clone();
        let cannot = || HubError::Client("the address cannot have a path".into());
        url.path_segments_mut()
            .map_err(|()| cannot())?
            .pop_if_empty()
            .extend(source.repository.split('/'))
            .extend(["resolve", source.revision])
            .extend(source.path.split('/'));
        Ok(url)
    }

    /// One request for what is missing, and what it brings.
    async fn attempt(
        &self,
        source: &Source<'_>,
        partial: &Path,
        bar: &ProgressBar,
        failure: &OnceLock<HubError>,
        stated: &mut Option<String>,
    ) -> Result<Outcome, HubError> {
        let unwritable = |cause| HubError::Write {
            file: source.name(),
            source: cause,
        };
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(partial)
            .map_err(unwritable)?;
        let mut arrived = file.metadata().map_err(unwritable)?.len();
        // What is whole already, and cannot be told from something else, is not trusted.
        if arrived > source.bytes || (arrived == source.bytes && source.sha256.is_none() && stated.is_none())
        {
            file.set_len(0).map_err(unwritable)?;
            arrived = 0;
        }
        if arrived == source.bytes {
            bar.set_position(arrived);
            return Ok(Outcome::Complete);
        }
        let mut answer = match self.ask(source, arrived, stated).await? {
            Ok(answer) => answer,
            Err(cause) => return Ok(Outcome::Interrupted(cause, false)),
        };
        match self.start_of(source, &answer)? {
            Some(start) if start == arrived => {}
            // The whole file, although only the rest was asked for.
            Some(0) => {
                file.set_len(0).map_err(unwritable)?;
                arrived = 0;
            }
            _ => {
                file.set_len(0).map_err(unwritable)?;
                return Ok(Outcome::Interrupted(
                    "the hub sent another part than was asked for".into(),
                    false,
                ));
            }
        }
        bar.set_position(arrived);
        let begun = arrived;
        // More than the file has is not read.
        while arrived < source.bytes {
            if failure.get().is_some() {
                return Err(HubError::GivenUp(source.name()));
            }
            match answer.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) => {
                    let left = usize::try_from(source.bytes - arrived).unwrap_or(usize::MAX);
                    let chunk = &chunk[..chunk.len().min(left)];
                    // Writing blocks a runtime on which nothing else runs.
                    file.write_all(chunk).map_err(unwritable)?;
                    arrived += chunk.len() as u64; // usize is at most 64 bits wide
                    bar.set_position(arrived);
                }
                Err(error) => {
                    return Ok(Outcome::Interrupted(error.without_url().into(), arrived > begun));
                }
            }
        }
        if arrived < source.bytes {
            return Ok(Outcome::Interrupted(
                "the connection ended early".into(),
                arrived > begun,
            ));
        }
        file.sync_all().map_err(unwritable)?;
        Ok(Outcome::Complete)
    }

    /// Asks for the file from byte `from` on and follows redirects. The inner error may pass.
    async fn ask(
        &self,
        source: &Source<'_>,
        from: u64,
        stated: &mut Option<String>,
    ) -> Result<Result<Response, Box<dyn std::error::Error + Send + Sync>>, HubError> {
        let mut url = self.address(source)?;
        for _ in 0..=REDIRECTS {
            let mut request = self.client.get(url.clone());
            let is_hub = url.origin() == self.endpoint.origin();
            if let Some(token) = self.token.as_ref().filter(|_| is_hub) {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let answer = match request.send().await {
                Ok(answer) => answer,
                // Without the address: a store's address carries a signature.
                Err(error) => return Ok(Err(error.without_url().into())),
            };
            if is_hub {
                self.check_headers(source, answer.headers(), stated)?;
            }
            let status = answer.status();
            if status.is_redirection()
                && let Some(next) = answer
                    .headers()
                    .get(LOCATION)
                    .and_then(|value| value.to_str().ok())
            {
                url = url.join(next).map_err(|error| HubError::Client(error.into()))?;
                continue;
            }
            if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
                return Ok(Err(format!("status {}", status.as_u16()).into()));
            }
            return Ok(Ok(answer));
        }
        Ok(Err(format!("more than {REDIRECTS} redirects").into()))
    }

    /// Holds what the hub says of a file against what is expected, before gigabytes of it arrive.
    fn check_headers(
        &self,
        source: &Source<'_>,
        headers: &HeaderMap,
        stated: &mut Option<String>,
    ) -> Result<(), HubError> {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(size) = text(&LINKED_SIZE).and_then(|size| size.parse::<u64>().ok())
            && size != source.bytes
        {
            return Err(self.other_size(source, size));
        }
        // Small files lie in the repository itself; their tag is git's, not a hash of the content alone.
        if let Some(hash) = [LINKED_ETAG, ETAG]
            .iter()
            .find_map(|name| text(name).and_then(content_hash))
        {
            if let Some(expected) = source.sha256.filter(|expected| *expected != hash) {
                return Err(self.other_hash(source, expected, &hash));
            }
            *stated = Some(hash);
        }
        Ok(())
    }

    /// The first byte that an answer brings; none when it is not the file's.
    fn start_of(&self, source: &Source<'_>, answer: &Response) -> Result<Option<u64>, HubError> {
        let (file, host) = (source.name(), self.host());
        let headers = answer.headers();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (start, size) = match answer.status() {
            StatusCode::OK => (Some(0), text(&CONTENT_LENGTH).and_then(|size| size.parse().ok())),
            StatusCode::PARTIAL_CONTENT => text(&CONTENT_RANGE).and_then(parse_range).unwrap_or((None, None)),
            StatusCode::RANGE_NOT_SATISFIABLE => (None, None),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                let status = status.as_u16();
                return Err(HubError::Refused { file, host, status });
            }
            StatusCode::NOT_FOUND => {
                let file = format!("{file} at {}", source.revision);
                return Err(HubError::Absent { file, host });
            }
            status => {
                let status = status.as_u16();
                return Err(HubError::Status { file, host, status });
            }
        };
        match size {
            Some(size) if size != source.bytes => Err(self.other_size(source, size)),
            _ => Ok(start),
        }
    }

    /// The error for a file of another size.
    fn other_size(&self, source: &Source<'_>, found: u64) -> HubError {
        self.mismatch(
            source,
            format!("{} bytes", source.bytes),
            format!("{found} bytes"),
        )
    }

    /// The error for a file with another hash, as the hub says or as it arrived.
    pub(super) fn other_hash(&self, source: &Source<'_>, expected: &str, found: &str) -> HubError {
        self.mismatch(source, format!("SHA-256 {expected}"), format!("SHA-256 {found}"))
    }

    fn mismatch(&self, source: &Source<'_>, expected: String, found: String) -> HubError {
        HubError::Mismatch {
            file: source.name(),
            host: self.host(),
            expected,
            found,
        }
    }
}

/// The SHA-256 that an entity tag is, when it is one.
fn content_hash(tag: &str) -> Option<String> {
    let hash = tag.trim_start_matches("W/").trim_matches('"');
    is_sha256(hash).then(|| hash.to_ascii_lowercase())
}

/// The start and the whole size in `bytes 5-9/10`.
fn parse_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok(), size.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sha256_is_a_content_hash() {
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content_hash(&format!("\"{hash}\"")).as_deref(), Some(hash));
        assert_eq!(
            content_hash(&format!("W/\"{}\"", hash.to_uppercase())).as_deref(),
            Some(hash)
        );
        // A git object's name, and a hash of the right length with a letter that is no digit.
        assert_eq!(content_hash("\"5d8c3a6e0f9b4e5d8c3a6e0f9b4e5d8c3a6e0f9b\""), None);
        assert_eq!(content_hash(&format!("\"{}g\"", &hash[..63])), None);
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((Some(5), Some(10))));
        assert_eq!(parse_range("bytes 5-9/*"), Some((Some(5), None)));
        assert_eq!(parse_range("bytes */10"), None);
        assert_eq!(parse_range("lines 1-2/3"), None);
    }

    #[test]
    fn an_address_keeps_a_mirrors_path() -> Result<(), Box<dyn std::error::Error>> {
        let source = Source {
            repository: "owner/name",
            revision: "0123",
            path: "folder/a b.onnx",
            sha256: None,
            bytes: 1,
        };
        for (endpoint, expected) in [
            (
                "https://hub.example",
                "https://hub.example/owner/name/resolve/0123/folder/a%20b.onnx",
            ),
            (
                "http://mirror.internal:8080/hub/",
                "http://mirror.internal:8080/hub/owner/name/resolve/0123/folder/a%20b.onnx",
            ),
        ] {
            let hub = Hub::new(&HubSettings {
                endpoint: endpoint.to_owned(),
                token: None,
            })?;
            assert_eq!(hub.address(&source)?.as_str(), expected);
        }
        assert_eq!(source.partial_name(), "owner+name@0123+folder+a b.onnx");
        Ok(())
    }
}
