//! Any bytes as a `.env` file: a configuration, or errors that say what is wrong and show no secret.

#![no_main]

use std::collections::HashMap;

use ai_worker::config::Config;
use libfuzzer_sys::fuzz_target;

/// Values that an error may not repeat.
const SECRETS: [&str; 7] = [
    "API_KEY",
    "ADMIN_KEY",
    "QDRANT_API_KEY",
    "FETCH_HEADERS",
    "FETCH_PROXY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

fuzz_target!(|bytes: &[u8]| {
    let given: HashMap<String, String> = dotenvy::from_read_iter(bytes).map_while(Result::ok).collect();
    match Config::read(&|name| given.get(name).cloned()) {
        Ok(config) => {
            assert!(config.load.decoded_pixels >= config.decode.max_pixels);
            assert!(config.server.host.is_loopback() || given.keys().any(|name| name.starts_with("API_KEY")));
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            let text = errors.to_string();
            for secret in SECRETS.iter().filter_map(|name| given.get(*name)) {
                // Short ones stand in any text.
                assert!(secret.len() < 24 || !text.contains(secret.as_str()), "{text}");
            }
        }
    }
});
