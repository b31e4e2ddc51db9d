//! Every setting once: its name, default and meaning. Flags, environment and `.env.example` come
//! from this table.

pub use super::setting::Setting;
use super::setting::setting;
use crate::models::DEFAULT_ENDPOINT;

/// All settings, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    setting(
        "HOST",
        "127.0.0.1",
        "Address to listen on. Anything but loopback needs API_KEY or API_KEYS_FILE.",
    ),
    setting("PORT", "8000", "TCP port to listen on; 0 lets the system choose."),
    setting(
        "API_KEY",
        "",
        "Callers of /api must send this in X-API-Key. Empty, and no API_KEYS_FILE: no key, loopback only.",
    ),
    setting(
        "ADMIN_KEY",
        "",
        "Whoever changes plugins must send this in X-Admin-Key. Empty, and no key with the role admin: by PLUGIN_DIR only.",
    ),
    setting(
        "API_KEYS_FILE",
        "",
        "File of keys with names and roles, made by `ai-worker keys new`; read again when it changes. Empty: none.",
    ),
    setting(
        "KEY_REQUESTS_PER_MINUTE",
        "0",
        "Requests to /api that one key may send in a minute, or one address where no key is asked for; then 429. 0: any.",
    ),
    setting(
        "KEY_REQUEST_BURST",
        "0",
        "Requests of those that may come at once. 0: as many as in a minute.",
    ),
    setting(
        "ALLOWED_IPS",
        "",
        "Client addresses and CIDR networks that may call, separated by commas. Empty: all.",
    ),
    setting(
        "TRUSTED_PROXIES",
        "",
        "Addresses and CIDR networks of proxies whose word about a client's address is taken. Empty: nobody's.",
    ),
    setting(
        "FORWARDED_HEADER",
        "x-forwarded-for",
        "The header that these proxies append to: x-forwarded-for or forwarded (RFC 7239). The other is not read.",
    ),
    setting(
        "TLS_CERT_FILE",
        "",
        "PEM file with the server's certificate and those between it and the root; read again when it changes. \
         Empty: no TLS.",
    ),
    setting("TLS_KEY_FILE", "", "PEM file with the certificate's private key."),
    setting(
        "TLS_HANDSHAKE_MS",
        "5000",
        "Longest time for a TLS handshake, in milliseconds.",
    ),
    setting(
        "CORS_ORIGINS",
        "",
        "Origins that browsers may call from, such as http://photos.internal, separated by commas. Empty: none.",
    ),
    setting(
        "ALLOW_PRIVATE_URLS",
        "false",
        "true lets photos be fetched from private, loopback and other special addresses.",
    ),
    setting(
        "PHOTO_NETWORKS",
        "",
        "Special networks that photos may be fetched from all the same, as CIDR, separated by commas.",
    ),
    setting(
        "URL_ALLOW",
        "",
        "Photos are fetched from these only: hosts, *.domains and networks, separated by commas. Empty: any public host.",
    ),
    setting(
        "URL_DENY",
        "",
        "Photos are never fetched from these: hosts, *.domains and networks, separated by commas.",
    ),
    setting(
        "FETCH_HEADERS",
        "",
        "Headers for photo servers, as ORIGIN=NAME: VALUE, separated by commas; sent to that origin and to no other.",
    ),
    setting(
        "FETCH_PROXY",
        "",
        "HTTP proxy that photos are fetched through, such as http://user:password@proxy:3128. Empty: none.",
    ),
    setting(
        "DATA_DIR",
        "data",
        "Directory for faces, models and the state of plugins.",
    ),
    setting(
        "MODELS_DIR",
        "",
        "Directory for models and the ONNX Runtime library. Empty: models in DATA_DIR.",
    ),
    setting(
        "MODEL_SET",
        "open",
        "Which models run: open, research or full (models/manifest.toml).",
    ),
    setting(
        "MODEL_MANIFEST",
        "",
        "Model manifest to use, in the form of models/manifest.toml. Empty: the one that is compiled in.",
    ),
    setting(
        "HF_ENDPOINT",
        DEFAULT_ENDPOINT,
        "Model hub that `models pull` asks, or a mirror of it.",
    ),
    setting(
        "HF_TOKEN",
        "",
        "Token for repositories of the model hub that not everybody may read.",
    ),
    setting(
        "ORT_DYLIB_PATH",
        "",
        "ONNX Runtime library to load. Empty: the one in MODELS_DIR.",
    ),
    setting(
        "PLUGIN_DIR",
        "",
        "Directory with tagger.wasm, context-mapper.wasm or cluster-policy.wasm; watched, and loaded when they change.",
    ),
    setting(
        "PLUGIN_SETTLE_MS",
        "500",
        "How long a file in PLUGIN_DIR must be left alone before it is loaded, in milliseconds.",
    ),
    setting(
        "PLUGIN_TRUST",
        "",
        "minisign public keys, separated by commas; plugins must be signed by one of them. Empty: any plugin.",
    ),
    setting(
        "PLUGIN_PIN",
        "",
        "Digests that slots are pinned to, as slot=sha256, separated by commas. Empty: any digest.",
    ),
    setting(
        "PLUGIN_GRAPHS",
        "tagger=efficientnet-lite2,context-mapper=efficientnet-lite2",
        "Models that plugins may run through wasi-nn, as slot=model, separated by commas; none to allow none.",
    ),
    setting(
        "PLUGIN_DEGRADE",
        "",
        "Slots whose plugin may fail without failing the photo, separated by commas. Empty: 502 for any.",
    ),
    setting(
        "PLUGIN_BREAKER_FAILURES",
        "5",
        "Failures of a plugin in a row after which the one before it is put back; 0: never.",
    ),
    setting(
        "PLUGIN_HISTORY",
        "10",
        "Plugins kept of each slot for rolling back.",
    ),
    setting(
        "VECTOR_STORE",
        "embedded",
        "Where faces are kept: embedded (SQLite in DATA_DIR, one worker) or qdrant (QDRANT_URL, any number of workers).",
    ),
    setting(
        "QDRANT_URL",
        "",
        "Address of the gRPC port of a Qdrant server, 1.16 or later, such as http://127.0.0.1:6334; https for TLS.",
    ),
    setting(
        "QDRANT_API_KEY",
        "",
        "Key that Qdrant asks for; must be allowed to make collections, read and write.",
    ),
    setting(
        "QDRANT_COLLECTION",
        "ai-worker-faces",
        "Collection for faces; the names of four more begin with it.",
    ),
    setting(
        "QDRANT_TIMEOUT_MS",
        "5000",
        "Longest wait for a connection to Qdrant, and for one answer, in milliseconds.",
    ),
    setting(
        "QDRANT_LEASE_MS",
        "20000",
        "How long others wait to write after a worker has died while it wrote, in milliseconds; at least 4 timeouts.",
    ),
    setting(
        "QDRANT_ON_DISK",
        "false",
        "true keeps vectors on Qdrant's disk rather than in its memory. Holds when the collections are made.",
    ),
    setting(
        "QDRANT_QUANTIZATION",
        "none",
        "How vectors are compressed for searching: none, scalar or binary. Holds when the collections are made.",
    ),
    setting(
        "QDRANT_REPLICATION_FACTOR",
        "1",
        "Copies of everything, on as many nodes; 3 for a cluster. Holds when the collections are made.",
    ),
    setting(
        "QDRANT_WRITE_CONSISTENCY",
        "0",
        "Copies that must have a write before it counts. 0: more than half. Holds when the collections are made.",
    ),
    setting(
        "QDRANT_READ_CONSISTENCY",
        "majority",
        "Copies that must agree on what is read: all, majority, quorum, or a number of them.",
    ),
    setting(
        "QDRANT_HNSW_EF",
        "256",
        "Candidates that Qdrant keeps while it searches neighbours; more find more and take longer.",
    ),
    setting(
        "INDEX_EXACT_FACES",
        "20000",
        "Faces up to which the embedded store searches neighbours exactly; a graph (HNSW) above.",
    ),
    setting(
        "INDEX_BATCH_FACES",
        "1024",
        "Faces that the embedded store's graph takes in at a time.",
    ),
    setting(
        "INDEX_CONNECTIVITY",
        "32",
        "Links of a face in the graph; more find more and take memory. A change builds the graph anew.",
    ),
    setting(
        "INDEX_EXPANSION_ADD",
        "200",
        "Candidates looked at for the links of a new face in the graph; more find more and take longer to build.",
    ),
    setting(
        "INDEX_EXPANSION_SEARCH",
        "256",
        "Candidates kept while the graph is searched; more find more and take longer.",
    ),
    setting(
        "INDEX_ERASE_SECONDS",
        "60",
        "How soon after a face is deleted its vector leaves the graph's file, in seconds; each time writes the whole file.",
    ),
    setting(
        "CONSOLIDATE_MINUTES",
        "1440",
        "How often clusters that resemble each other are looked at again, in minutes; 0: only when asked.",
    ),
    setting(
        "IDEMPOTENCY_HOURS",
        "24",
        "How long an answer is kept under its Idempotency-Key, in hours.",
    ),
    setting(
        "PRECISION",
        "fp32",
        "In how many bits networks compute: fp32, int8 where measured to be of use, or role=int8, separated by commas.",
    ),
    setting(
        "PRELOAD",
        "all",
        "Models loaded at the start: all, none, or roles such as face-detector, separated by commas. Others when first needed.",
    ),
    setting(
        "MODEL_IDLE_SECONDS",
        "0",
        "How long a model may be unused before it is dropped from memory, in seconds; 0: it stays.",
    ),
    setting(
        "DEVICE",
        "auto",
        "Where inference runs: auto (CUDA, then CoreML, then CPU), cpu, cuda or coreml.",
    ),
    setting(
        "INFERENCE_SESSIONS",
        "0",
        "Inferences at the same time. 0: one a core, at most 4.",
    ),
    setting(
        "INFERENCE_THREADS",
        "0",
        "Threads of one inference. 0: the cores divided by INFERENCE_SESSIONS.",
    ),
    setting(
        "SIMILARITY_THRESHOLD",
        "",
        "Cosine similarity, 0 to 1, from which two faces are one person. Empty: the embedder's own.",
    ),
    setting(
        "CAPTION_BEAMS",
        "3",
        "Sentences that a captioner follows at the same time, 1 to 16; 1 is the fastest.",
    ),
    setting(
        "CAPTION_MIN_LENGTH",
        "5",
        "Fewest tokens of a caption before its end, the one it starts with counted.",
    ),
    setting(
        "CAPTION_MAX_LENGTH",
        "20",
        "Most tokens of a caption, those of its start and end counted; 2 to 512.",
    ),
    setting(
        "CAPTION_REPETITION_PENALTY",
        "1",
        "Above 1, words that a caption has already become less likely; 1 changes nothing.",
    ),
    setting(
        "TAG_THRESHOLD",
        "0.25",
        "Tags that score below this, 0 to 1, are dropped.",
    ),
    setting(
        "MAX_FACES",
        "200",
        "Faces looked at in one photo; the smallest beyond it are left out.",
    ),
    setting("MAX_PHOTO_BYTES", "52428800", "Largest photo file, in bytes."),
    setting("MAX_PHOTO_PIXELS", "100000000", "Largest photo, in pixels."),
    setting("MAX_PHOTO_SIDE", "30000", "Longest side of a photo, in pixels."),
    setting(
        "MAX_PHOTO_MEMORY",
        "201326592",
        "Memory that decoding one photo may take at its worst moment, in bytes; foreseen from its header.",
    ),
    setting(
        "CONNECT_TIMEOUT_MS",
        "5000",
        "Longest wait for a connection to a photo's server, in milliseconds.",
    ),
    setting(
        "FIRST_BYTE_TIMEOUT_MS",
        "10000",
        "Longest wait for a photo's server to begin its answer, connecting included, in milliseconds.",
    ),
    setting(
        "DOWNLOAD_TIMEOUT_MS",
        "20000",
        "Longest time for one photo's download, redirects included, in milliseconds.",
    ),
    setting(
        "MAX_REDIRECTS",
        "5",
        "Redirects followed when a photo is fetched.",
    ),
    setting(
        "REQUEST_TIMEOUT_MS",
        "60000",
        "Longest time for one request, in milliseconds; then 504.",
    ),
    setting("MAX_BODY_BYTES", "65536", "Largest request body, in bytes."),
    setting("MAX_CONCURRENT_PHOTOS", "4", "Photos in work at the same time."),
    setting(
        "MAX_QUEUED_PHOTOS",
        "64",
        "Photos that wait for their turn; beyond it 429.",
    ),
    setting(
        "DECODED_PIXELS",
        "200000000",
        "Pixels of all photos in memory at the same time, three bytes each; further photos wait. At least MAX_PHOTO_PIXELS.",
    ),
    setting("BATCH_PHOTOS", "100", "Most photos in one batch."),
    setting(
        "BATCH_BYTES",
        "1048576",
        "Largest request body of a batch, in bytes.",
    ),
    setting(
        "BATCH_TIMEOUT_MS",
        "600000",
        "Longest time for one batch, in milliseconds; what is not described by then is answered with 504.",
    ),
    setting(
        "MAX_CONCURRENT_BATCHES",
        "4",
        "Batches that are answered at the same time; beyond it 429. Their photos count as photos in work.",
    ),
    setting(
        "SHUTDOWN_SECONDS",
        "25",
        "Longest time in which photos in work are finished after SIGTERM or Ctrl-C; a second signal ends it at once.",
    ),
    setting(
        "STORE_WAIT_MS",
        "20000",
        "How long a photo that was looked at waits for a vector store that is away, in milliseconds; then 503.",
    ),
    setting(
        "STORE_BREAKER_FAILURES",
        "5",
        "Failures of the vector store in a row after which it is left alone, and callers get 503 at once; 0: never.",
    ),
    setting(
        "STORE_BREAKER_MS",
        "1000",
        "How long it is left alone before it is tried again, at most, in milliseconds.",
    ),
    setting(
        "PLUGIN_TIMEOUT_MS",
        "1000",
        "Longest time for one call of a plugin, in milliseconds.",
    ),
    setting(
        "PLUGIN_MEMORY_BYTES",
        "67108864",
        "Largest memory of a plugin, in bytes; as many again may be in the tensors that one call makes.",
    ),
    setting("PLUGIN_FILE_BYTES", "33554432", "Largest plugin file, in bytes."),
    setting(
        "PLUGIN_INSTANCES",
        "64",
        "Most core instances, memories and tables that one plugin may be made of.",
    ),
    setting(
        "PLUGIN_TABLE_ELEMENTS",
        "100000",
        "Most elements of all function tables of a plugin together.",
    ),
    setting(
        "PLUGIN_TRANSFER_BYTES",
        "16777216",
        "Most bytes that a plugin may pass to the host in one host call.",
    ),
    setting(
        "PLUGIN_HANDLES",
        "64",
        "Most tensors and other host objects that a plugin may hold at a time.",
    ),
    setting(
        "PLUGIN_INFERENCES",
        "8",
        "Most inferences that a plugin may run in one call.",
    ),
    setting(
        "PLUGIN_LOG_LINES",
        "100",
        "Most log lines that a plugin may write in one call; more are dropped.",
    ),
    setting(
        "LOG_LEVEL",
        "info",
        "What is logged: error, warn, info, debug, trace, or a tracing filter.",
    ),
    setting("LOG_FORMAT", "text", "text or json."),
    setting("LOG_DIR", "", "Directory for log files, one a day. Empty: none."),
    setting("LOG_FILES", "14", "Log files kept."),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "Collector that traces are sent to, by OTLP over HTTP, such as http://collector:4318. Empty: no traces.",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "",
        "Headers that the collector asks for, as NAME=VALUE with percent-encoded values, separated by commas.",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "3000",
        "Longest time for sending spans once, and at the end of the worker those that are left, in milliseconds.",
    ),
    setting(
        "OTEL_SERVICE_NAME",
        "ai-worker",
        "What the worker is called in traces.",
    ),
    setting(
        "OTEL_TRACES_SAMPLER_ARG",
        "1",
        "Share of traces that are sent, 0 to 1, where the caller's traceparent does not decide it.",
    ),
];
