//! Any bytes as a `.env` file: a configuration, or errors that say what is wrong and show no secret.

#![no_main]

use std::collections::HashMap;

use ai_worker::config::Config;
use ai_worker::config::settings::SETTINGS;
use libfuzzer_sys::fuzz_target;

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
            let secrets = SETTINGS.iter().filter(|setting| setting.kind.is_secret());
            for secret in secrets.filter_map(|setting| given.get(setting.name)) {
                // Short ones stand in any text.
                assert!(secret.len() < 24 || !text.contains(secret.as_str()), "{text}");
            }
        }
    }
});
