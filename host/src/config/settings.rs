//! Every setting once: its name, kind with bounds, default and meaning. Flags, environment, what is read and `.env.example`
//! come from this table.

use Kind::{
    Bytes, Days, Decimal, Hours, Integer, List, ListOrNone, Milliseconds, Minutes, OnOff, OneOf, Path,
    Pixels, Seconds, Secret, SecretList, Text, TrueFalse, Url,
};

pub use super::kind::{Bounds, Kind};
use crate::models::DEFAULT_ENDPOINT;

/// One setting. Its flag is its name in lower case with hyphens: `DATA_DIR` is `--data-dir`.
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What its value is, with its bounds and unit, and whether it is secret.
    pub kind: Kind,
    /// The default; empty when there is none.
    pub default: &'static str,
    /// What it does. Its bounds, unit and default are shown after it.
    pub help: &'static str,
    /// What it is about; the same for those that follow each other.
    pub heading: &'static str,
}

/// `[HEADING]`, and below it `NAME: KIND = DEFAULT, HELP;` for each setting, without `= DEFAULT` where there is none.
macro_rules! settings {
    ($([$heading:literal] $($name:ident: $kind:ident $(($($bound:expr),+))? $(= $default:expr)?, $help:literal;)+)+) => {
        /// All settings, in the order in which they are shown.
        pub const SETTINGS: &[Setting] = &[$($(Setting {
            name: stringify!($name),
            kind: $kind $(($($bound),+))?,
            // The first of what was given and none.
            default: [$($default,)? ""][0],
            help: $help,
            heading: $heading,
        },)+)+];
    };
}

/// The longest wait that may be set, in milliseconds.
const HOUR: u64 = 3_600_000;

settings! {
["Listening and callers"]
    HOST: Text = "127.0.0.1",
        "Address to listen on, or localhost. Anything but loopback needs API_KEY or API_KEYS_FILE.";
    PORT: Integer(0, 65_535) = "8000",
        "TCP port to listen on; 0 lets the system choose.";
    API_KEY: Secret,
        "Callers of /api must send this in X-API-Key. Empty, and no API_KEYS_FILE: no key, loopback only.";
    ADMIN_KEY: Secret,
        "Changing plugins needs this key in X-Admin-Key. Empty, and no key with the role admin: plugins change through PLUGIN_DIR only.";
    API_KEYS_FILE: Path,
        "File of API keys with names and roles, made by `ai-worker keys new`; it is read again when it changes. Empty: none.";
    KEY_REQUESTS_PER_MINUTE: Integer(0, 10_000_000) = "0",
        "Rate limit: requests to /api per key and minute, or per client address where no key is needed; above it 429. 0: no limit.";
    KEY_REQUEST_BURST: Integer(0, 10_000_000) = "0",
        "How many of those requests may come at once. 0: all requests of a minute.";
    WRONG_KEYS_PER_MINUTE: Integer(0, 10_000_000) = "10",
        "Wrong keys that one client address may send per minute; above it 429. A key that was accepted from that address within the last hour still works. 0: no limit.";
    ALLOWED_IPS: List,
        "Client addresses and CIDR networks that may call. Empty: all.";
    TRUSTED_PROXIES: List,
        "Addresses and CIDR networks of proxies whose FORWARDED_HEADER is trusted. Empty: none.";
    FORWARDED_HEADER: OneOf(&["x-forwarded-for", "forwarded"]) = "x-forwarded-for",
        "The header to which these proxies append the client address (forwarded is that of RFC 7239). The other one is ignored.";
    TLS_CERT_FILE: Path,
        "PEM file with the server certificate and its intermediate certificates; it is read again when it changes. Empty: no TLS.";
    TLS_KEY_FILE: Path,
        "PEM file with the certificate's private key.";
    TLS_HANDSHAKE_MS: Milliseconds(1, HOUR) = "5000",
        "Longest time for a TLS handshake.";
    CORS_ORIGINS: List,
        "Origins whose pages may call the API from a browser, such as http://photos.internal. Empty: none.";
    ALLOWED_HOSTS: List,
        "Host names accepted in the Host header when no key is needed, besides localhost and loopback addresses.";
    CONSOLE: OnOff = "on",
        "Whether the web console is served at /console/. What it shows and does needs the same keys as the API.";
    MAX_CONNECTIONS: Integer(1, 1_000_000) = "2048",
        "Most open connections; at the limit, the one that has waited longest is closed. Fewer where the process may open too few files.";
    MAX_CONNECTIONS_PER_ADDRESS: Integer(1, 1_000_000) = "512",
        "Most open connections per client address (IPv6: per /64 network). Trusted proxies may have more.";
    EXCLUDED_CONNECTIONS: Integer(1, 10_000) = "4",
        "Most open connections per address that is not in ALLOWED_IPS; each gets a 403 and is closed.";
    FILES_KEPT_BACK: Integer(16, 100_000) = "256",
        "File descriptors reserved for photos, plugins and the store, out of those that the process may open; connections get the rest.";
    HEADER_TIMEOUT_MS: Milliseconds(1, HOUR) = "10000",
        "Longest time from opening a connection until the header of its first request has arrived.";
    EXCLUDED_HEADER_TIMEOUT_MS: Milliseconds(1, 1_000) = "1000",
        "The same for an address that is not in ALLOWED_IPS.";
    IDLE_CONNECTION_SECONDS: Seconds(1, 86_400) = "120",
        "Longest time from an answer until the header of the next request has arrived; keep it longer than the clients' idle timeout.";
    SEND_TIMEOUT_MS: Milliseconds(1, HOUR) = "30000",
        "Longest time in which a client reads nothing of its answer before the connection is closed.";
    MAX_HEADER_BYTES: Bytes(8_192, 1 << 20) = "65536",
        "Largest request header, request line included.";
["Where photos may come from"]
    ALLOW_PRIVATE_URLS: TrueFalse = "false",
        "true lets photos be fetched from private, loopback and other special addresses.";
    PHOTO_NETWORKS: List,
        "Private or special networks from which photos may be fetched nevertheless, as CIDR.";
    URL_ALLOW: List,
        "The only sources of photos: hosts, *.domains and networks. Empty: any public host.";
    URL_DENY: List,
        "Sources from which photos are never fetched: hosts, *.domains and networks.";
    FETCH_HEADERS: SecretList,
        "Headers for photo servers, as ORIGIN=NAME: VALUE; each is sent to its origin only.";
    FETCH_PROXY: Secret,
        "HTTP proxy for fetching photos, such as http://user:password@proxy:3128. Empty: none.";
["Directories"]
    DATA_DIR: Path = "data",
        "Directory for faces, models and plugin state; created so that only its owner can access it (0700).";
    BACKUP_DIR: Path,
        "Directory for backups; choose one on another disk. Empty: backups in DATA_DIR.";
    MODELS_DIR: Path,
        "Directory for models and the ONNX Runtime library. Empty: models in DATA_DIR.";
["Models"]
    MODEL_SET: Text = "open",
        "Which models run: open, research or full (models/manifest.toml).";
    MODEL_MANIFEST: Path,
        "Model manifest to use, in the format of models/manifest.toml. Empty: the built-in manifest.";
    HF_ENDPOINT: Url = DEFAULT_ENDPOINT,
        "Address of the model hub for `models pull`, or of a mirror.";
    HF_TOKEN: Secret,
        "Access token for gated or private repositories of the model hub.";
    ORT_DYLIB_PATH: Path,
        "ONNX Runtime library to load. Empty: the one in MODELS_DIR.";
["Plugins"]
    PLUGIN_DIR: Path,
        "Directory with tagger.wasm, context-mapper.wasm or cluster-policy.wasm; it is watched, and a changed file is loaded.";
    PLUGIN_SETTLE_MS: Milliseconds(1, HOUR) = "500",
        "How long a file in PLUGIN_DIR must be unchanged before it is loaded.";
    PLUGIN_TRUST: List,
        "minisign public keys; plugins must be signed by one of them. Empty: any plugin.";
    PLUGIN_PIN: List,
        "Required component digests per slot, as slot=sha256. Empty: any digest.";
    PLUGIN_GRAPHS: ListOrNone = "tagger=efficientnet-lite2,context-mapper=efficientnet-lite2",
        "Models that plugins may run through wasi-nn, as slot=model; none to allow none.";
    PLUGIN_DEGRADE: List,
        "Slots whose plugin may fail without failing the photo. Empty: any plugin failure is 502.";
    PLUGIN_BREAKER_FAILURES: Integer(0, 1_000_000) = "5",
        "Circuit breaker: failures of a plugin in a row after which the previous plugin is restored; 0: never.";
    PLUGIN_HISTORY: Integer(1, 1_000) = "10",
        "Earlier plugins kept per slot for rollback.";
    PLUGIN_TRIAL_SCENES: Integer(0, 100_000) = "50",
        "How many of the latest stored scenes (for a cluster-policy: faces) a plugin must answer before it is swapped in; 0: no trial.";
    PLUGIN_TRIAL_SECONDS: Seconds(1, 3_600) = "20",
        "Longest time for that trial; if it ends before all scenes were tried, the plugin is swapped in and the answer says so.";
["Store"]
    VECTOR_STORE: OneOf(&["embedded", "qdrant"]) = "embedded",
        "Where faces are stored: embedded (SQLite in DATA_DIR, one worker) or qdrant (QDRANT_URL, any number of workers).";
    QDRANT_URL: Url,
        "gRPC address of a Qdrant server, 1.16 or later, such as http://127.0.0.1:6334; for a cluster, the address of each node.";
    QDRANT_API_KEY: Secret,
        "API key for Qdrant; it must allow creating collections, reading and writing.";
    QDRANT_COLLECTION: Text = "ai-worker-faces",
        "Collection for faces; the names of four more begin with it.";
    QDRANT_TIMEOUT_MS: Milliseconds(1, HOUR) = "5000",
        "Longest wait for a connection to Qdrant, and for one answer.";
    QDRANT_LEASE_MS: Milliseconds(1, HOUR) = "20000",
        "Length of the write lease: how long others wait to write after a worker died while writing; at least 4 timeouts.";
    QDRANT_ON_DISK: TrueFalse = "false",
        "true keeps vectors on Qdrant's disk instead of in its memory. Takes effect when the collections are created.";
    QDRANT_QUANTIZATION: OneOf(&["none", "scalar", "binary"]) = "none",
        "How vectors are compressed for searching. Takes effect when the collections are created.";
    QDRANT_REPLICATION_FACTOR: Integer(1, 100) = "1",
        "Replicas of all data, each on its own node; 3 for a cluster. Takes effect when the collections are created.";
    QDRANT_WRITE_CONSISTENCY: Integer(0, 100) = "0",
        "Replicas that must confirm a write. 0: more than half. Takes effect when the collections are created.";
    QDRANT_READ_CONSISTENCY: Text = "majority",
        "Replicas that must agree on a read: all, majority (a quorum while a replica is down), quorum, or a number.";
    QDRANT_HNSW_EF: Integer(1, 100_000) = "256",
        "Candidates that Qdrant keeps during a neighbour search; more find more and take longer.";
    INDEX_EXACT_FACES: Integer(0, 10_000_000) = "20000",
        "Up to this many faces, the embedded store searches neighbours exactly; above, with a graph (HNSW).";
    INDEX_BATCH_FACES: Integer(1, 1_000_000) = "1024",
        "Faces that are added to the embedded store's graph at a time.";
    INDEX_CONNECTIVITY: Integer(2, 256) = "32",
        "Links per face in the graph; more find more and take more memory. A change rebuilds the graph.";
    INDEX_EXPANSION_ADD: Integer(1, 10_000) = "200",
        "Candidates examined for the links of a new face in the graph; more find more and make building slower.";
    INDEX_EXPANSION_SEARCH: Integer(1, 10_000) = "256",
        "Candidates kept during a search of the graph; more find more and take longer.";
    INDEX_ERASE_SECONDS: Seconds(0, 86_400) = "60",
        "Longest time until the vector of a deleted face is gone from the graph's file; each time rewrites the whole file.";
["People"]
    CONSOLIDATE_MINUTES: Minutes(0, 525_600) = "15",
        "Clusters that gained faces nearby are compared again when the worker is idle, and at the latest after this many minutes; 0: only on request.";
    CONSOLIDATE_PER_MINUTE: Integer(1, 60_000) = "300",
        "The most clusters that are compared again per minute without a request.";
    CHANGES_KEPT: Integer(1, 1_000_000_000) = "1000000",
        "How many of the latest changes to people GET /api/changes can list; a request for earlier ones gets 410.";
    CORRECTIONS_KEPT: Integer(0, 1_000_000_000) = "100000",
        "How many of the latest corrections of people can be listed and undone; 0: none, and the next correction deletes what was kept. A rejected face is kept with its rejection.";
    AUDIT_KEEP_DAYS: Days(0, 36_500) = "365",
        "How long entries of the audit log are kept; 0: for ever.";
    BACKUP_KEEP_DAYS: Days(1, 36_500) = "30",
        "How long backups are kept, and with them the list of deletions that a restore repeats. Older backups cannot be restored, because people who were deleted since would come back.";
    IDEMPOTENCY_HOURS: Hours(1, 8_760) = "24",
        "How long an answer is kept under its Idempotency-Key.";
["Inference"]
    PRECISION: Text = "fp32",
        "Number format of the networks: fp32, int8 (only where measurements showed a gain), or role=int8, separated by commas.";
    PRELOAD: Text = "all",
        "Models loaded at startup: all, none, or roles such as face-detector, separated by commas. Others load at first use.";
    MODEL_IDLE_SECONDS: Seconds(0, 31_536_000) = "0",
        "How long a model may be unused before it is unloaded from memory; 0: never.";
    DEVICE: Text = "auto",
        "Where networks run: auto (the fastest device that passes a trial), cpu, cuda, webgpu, openvino, tensorrt-rtx, mlx or coreml; with an index where there are several cards (webgpu:1); per role after a comma (auto,captioner=cpu). `ai-worker devices` lists them.";
    DEVICE_TRIAL_SECONDS: Seconds(1, 3_600) = "120",
        "Longest time for the trial of a device with every network; the result is kept in MODELS_DIR.";
    DEVICE_FALLBACK: OneOf(&["off", "cpu"]) = "cpu",
        "What happens when a device fails later: cpu (its networks continue on the processor, and /health says so) or off (photos fail, and /readyz is 503).";
    INFERENCE_SESSIONS: Integer(0, 256) = "0",
        "Inferences at the same time. 0: one per core, at most 4.";
    INFERENCE_THREADS: Integer(0, 256) = "0",
        "Threads of one inference. 0: the cores divided by INFERENCE_SESSIONS.";
    INFERENCE_BATCH: Integer(0, 256) = "0",
        "Most images per inference, when as many are waiting and the network accepts several. 0: as many as were measured to be fastest on its device; 1 on the processor.";
    SIMILARITY_THRESHOLD: Decimal(0.0, 1.0),
        "Cosine similarity at or above which two faces are one person. Empty: the embedder's own value.";
["Evidence"]
    CAPTION_BEAMS: Integer(1, 16) = "3",
        "Beam width of the captioner; 1 is the fastest.";
    CAPTION_MIN_LENGTH: Integer(0, 512) = "5",
        "Fewest tokens of a caption, its start token included.";
    CAPTION_MAX_LENGTH: Integer(2, 512) = "20",
        "Most tokens of a caption, its start and end tokens included.";
    CAPTION_REPETITION_PENALTY: Decimal(0.1, 10.0) = "1",
        "Above 1, words that are already in a caption become less likely; 1 changes nothing.";
    TAG_THRESHOLD: Decimal(0.0, 1.0) = "0.25",
        "Tags with a score below this are dropped.";
    MAX_FACES: Integer(1, 10_000) = "200",
        "Most faces described per photo; if there are more, the smallest are left out.";
    SMALLEST_FACE: Integer(1, 1_000) = "10",
        "The smallest face to look for, in thousandths of a photo's longer side. A JPEG is decoded only as large as needed to show such a face, and larger around the faces that were found.";
    FACE_SEARCH: Integer(0, 10_000) = "60",
        "Budget for finding small faces in parts of a photo, in percent of one detector run on the whole photo. With 0, faces of fewer than about 20 pixels of 640 are found less often.";
    EVIDENCE_OFF: List,
        "Evidence that is never computed, even if plugins ask for it: labels, similarities, caption, demographics, text-similarities, objects, text, surroundings.";
    TEXT_BUDGET_MS: Milliseconds(1, 60_000) = "600",
        "Longest time for reading the text of one photo; the largest text is read first.";
    TEXT_LINES: Integer(1, 200) = "16",
        "The most lines of text that are read in one photo.";
    STORE_TEXT: OnOff = "off",
        "on stores the text that was read in a photo, for replays; it is deleted with the photo. It is personal data.";
    STORE_URLS: OneOf(&["off", "plain", "full"]) = "off",
        "Whether a photo's URL is stored, so that the photo can be fetched again: off, plain (without the query) or full (with the query, and the tokens in it), for sources whose query names the photo. It is deleted with the photo.";
["Limits of a photo"]
    MAX_PHOTO_BYTES: Bytes(1, 1 << 32) = "52428800",
        "Largest photo file.";
    MAX_PHOTO_PIXELS: Pixels(1, 1 << 31) = "100000000",
        "Largest photo.";
    MAX_PHOTO_SIDE: Pixels(1, 65_535) = "30000",
        "Longest side of a photo.";
    MAX_PHOTO_MEMORY: Bytes(1 << 20, 1 << 36) = "201326592",
        "Peak memory that decoding one photo may take; estimated from its header before decoding.";
    MAX_PHOTO_METADATA: Bytes(1 << 20, 1 << 32) = "16777216",
        "Most metadata of a PNG or TIFF file, decompressed. A larger colour profile is ignored; other larger metadata is refused.";
    MAX_JPEG_SCANS: Integer(1, 100) = "32",
        "Most scans of a progressive JPEG; each scan covers all its pixels. Encoders write about 10.";
["Fetching a photo"]
    CONNECT_TIMEOUT_MS: Milliseconds(1, HOUR) = "5000",
        "Longest wait for a connection to a photo's server.";
    FIRST_BYTE_TIMEOUT_MS: Milliseconds(1, HOUR) = "10000",
        "Longest wait until a photo's server begins its answer, connecting included.";
    DOWNLOAD_TIMEOUT_MS: Milliseconds(1, HOUR) = "20000",
        "Longest time for one photo's download, redirects included.";
    MAX_REDIRECTS: Integer(0, 20) = "5",
        "Most redirects that are followed per photo.";
["Limits of requests, and stopping"]
    REQUEST_TIMEOUT_MS: Milliseconds(1, HOUR) = "60000",
        "Longest time for one request; after it 504.";
    MAX_BODY_BYTES: Bytes(1_024, 16 << 20) = "65536",
        "Largest request body.";
    MAX_CONCURRENT_PHOTOS: Integer(1, 1_024) = "4",
        "Photos that are processed at the same time.";
    MAX_QUEUED_PHOTOS: Integer(0, 100_000) = "64",
        "Photos that may wait in the queue; fewer when photos take long. Above it 429.";
    DECODED_PIXELS: Pixels(1 << 20, 1 << 40) = "200000000",
        "Pixels of all photos in memory at the same time, three bytes each; further photos wait. At least MAX_PHOTO_PIXELS.";
    BATCH_PHOTOS: Integer(1, 10_000) = "100",
        "Most photos in one batch.";
    BATCH_BYTES: Bytes(1_024, 256 << 20) = "1048576",
        "Largest request body of a batch.";
    BATCH_TIMEOUT_MS: Milliseconds(1, HOUR) = "600000",
        "Longest time for one batch; photos that are not done by then get 504.";
    MAX_CONCURRENT_BATCHES: Integer(0, 1_024) = "4",
        "Batches that are processed at the same time; above it 429. Their photos count towards MAX_CONCURRENT_PHOTOS.";
    JOBS_KEPT: Integer(0, 10_000) = "50",
        "How many finished jobs GET /api/jobs lists, the latest since the start.";
    FAILURES_KEPT: Integer(0, 10_000) = "200",
        "How many failures of photos, plugins and jobs GET /api/failures lists, the latest since the start.";
    SHUTDOWN_SECONDS: Seconds(0, 3_600) = "25",
        "Longest time to finish running photos after SIGTERM or Ctrl-C; a second signal ends the worker at once.";
["When the store is away"]
    STORE_WAIT_MS: Milliseconds(0, HOUR) = "20000",
        "How long a described photo waits for an unavailable vector store; after it 503.";
    STORE_RESERVE_BYTES: Bytes(0, 1 << 40) = "16777216",
        "Disk space that the embedded store reserves, so that deletions still work when the disk is full; 0: none.";
    STORE_BREAKER_FAILURES: Integer(0, 10_000) = "5",
        "Circuit breaker: failures of the vector store in a row after which it is not called for a while, and callers get 503 at once; 0: never.";
    STORE_BREAKER_MS: Milliseconds(1, HOUR) = "1000",
        "Longest time until the worker calls the store again after that.";
["Limits of a plugin"]
    PLUGIN_TIMEOUT_MS: Milliseconds(1, HOUR) = "1000",
        "Processor time that a plugin itself may use per call; networks that it runs do not count.";
    PLUGIN_WALL_CLOCK_MS: Milliseconds(1, HOUR) = "20000",
        "Longest duration of a plugin call by the clock, waiting and its networks included; ten times as long at startup. At least PLUGIN_TIMEOUT_MS.";
    PLUGIN_MEMORY_BYTES: Bytes(1 << 16, 1 << 32) = "67108864",
        "Largest memory of a plugin; the tensors of one call may take the same amount again.";
    PLUGIN_FILE_BYTES: Bytes(1 << 10, 1 << 30) = "33554432",
        "Largest plugin file.";
    PLUGIN_INSTANCES: Integer(1, 10_000) = "64",
        "Most core instances, memories and tables that one plugin may be made of.";
    PLUGIN_TABLE_ELEMENTS: Integer(1, 10_000_000) = "100000",
        "Most elements of all function tables of a plugin together.";
    PLUGIN_TRANSFER_BYTES: Bytes(1 << 10, 1 << 30) = "16777216",
        "Most bytes that a plugin may pass to the host in one host call.";
    PLUGIN_HANDLES: Integer(1, 100_000) = "64",
        "Most tensors and other host objects that a plugin may hold at a time.";
    PLUGIN_INFERENCES: Integer(0, 10_000) = "8",
        "Most inferences that a plugin may run in one call.";
    PLUGIN_LOG_LINES: Integer(0, 1_000_000) = "100",
        "Most log lines that a plugin may write in one call; more are dropped.";
    PLUGIN_OUTPUT_BYTES: Bytes(0, 1 << 20) = "4096",
        "How many bytes of the end of a plugin's output per call are kept; administrators see those of the latest call that failed. 0: none.";
["Log"]
    LOG_LEVEL: Text = "info",
        "What is logged: error, warn, info, debug, trace, or a tracing filter.";
    LOG_BUFFER_BYTES: Bytes(1 << 16, 1 << 30) = "1048576",
        "Log lines that may wait to be written, for the console and for LOG_DIR each; further lines are dropped and counted.";
    LOG_FORMAT: OneOf(&["text", "json"]) = "text",
        "How a log line looks: text for people, json for machines.";
    LOG_DIR: Path,
        "Directory for log files, one per day. Empty: none.";
    LOG_FILES: Integer(1, 10_000) = "14",
        "Log files kept.";
["Traces"]
    OTEL_EXPORTER_OTLP_ENDPOINT: Url,
        "Collector that traces are sent to, by OTLP over HTTP, such as http://collector:4318. Empty: no traces.";
    OTEL_EXPORTER_OTLP_HEADERS: SecretList,
        "Headers that the collector needs, as NAME=VALUE with percent-encoded values.";
    OTEL_EXPORTER_OTLP_TIMEOUT: Milliseconds(1, HOUR) = "3000",
        "Longest time for one export of spans, and for the last export when the worker stops.";
    OTEL_SERVICE_NAME: Text = "ai-worker",
        "The service name in traces.";
    OTEL_TRACES_SAMPLER_ARG: Decimal(0.0, 1.0) = "1",
        "Share of traces that are sent, unless the caller's traceparent decides.";
}
