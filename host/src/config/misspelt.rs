//! Settings of ours that somebody misspelt: the worker would go on with the default, and nobody would know.

use super::settings::SETTINGS;

/// Shorter names resemble too much that has nothing to do with the worker.
const SHORTEST: usize = 6;
/// What others read, and what resembles a setting all the same.
const OTHERS: [&str; 1] = ["SSL_CERT_FILE"];

/// Which of these names of the environment look as if a setting was meant, and which setting.
pub fn misspelt<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'static str)> {
    let names = names.into_iter();
    names.filter_map(|name| Some((name, nearest(name)?))).collect()
}

/// The setting that differs from the name in a few letters, more the longer it is; none when it is a setting itself.
fn nearest(name: &str) -> Option<&'static str> {
    let is_known = OTHERS.contains(&name) || SETTINGS.iter().any(|setting| setting.name == name);
    if is_known || name.len() < SHORTEST {
        return None;
    }
    let allowed = match name.len() {
        ..=8 => 1,
        9..=13 => 2,
        _ => 3,
    };
    let capitals = name.to_uppercase();
    let length = capitals.chars().count();
    let distances = SETTINGS
        .iter()
        // Each letter too many or too few is a difference, so that most names need no comparison.
        .filter(|setting| setting.name.len().abs_diff(length) <= allowed)
        .map(|setting| (strsim::osa_distance(&capitals, setting.name), setting.name));
    let (distance, setting) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed).then_some(setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_setting_is_named() {
        for (name, setting) in [
            ("MODEL_SETT", "MODEL_SET"),
            ("MODEL_DIR", "MODELS_DIR"),
            ("data_dir", "DATA_DIR"),
            ("API_KYE", "API_KEY"),
            ("KEY_REQUEST_PER_MINUTE", "KEY_REQUESTS_PER_MINUTE"),
            ("MAX_CONCURENT_PHOTO", "MAX_CONCURRENT_PHOTOS"),
            ("PLUGIN_TIMEOUT", "PLUGIN_TIMEOUT_MS"),
            ("OTEL_EXPORTER_OTLP_END_POINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ] {
            assert_eq!(misspelt([name]), [(name, setting)]);
        }
    }

    #[test]
    fn what_others_set_is_no_misspelt_setting() {
        let others = [
            "PATH",
            "HOME",
            "HOSTNAME",
            "HOSTTYPE",
            "LD_PRELOAD",
            "XDG_DATA_DIRS",
            "http_proxy",
            "SSL_CERT_FILE",
            "RUST_LOG",
            "HF_HOME",
            "QDRANT_SERVICE_HOST",
            "QDRANT_PORT",
            "CUDA_VISIBLE_DEVICES",
            "COMPOSE_PROJECT_NAME",
            "OTEL_TRACES_SAMPLER",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "MALLOC_MMAP_THRESHOLD_",
            "PIP_INDEX_URL",
            "host",
            "port",
        ];
        assert_eq!(misspelt(others), []);
        assert_eq!(misspelt(SETTINGS.iter().map(|setting| setting.name)), []);
    }
}
