//! Whatever the environment says, the configuration is read or refused with reasons, and a file of keys likewise.
#![no_main]

use ai_worker::access::Keys;
use ai_worker::config::Config;
use ai_worker::config::settings::SETTINGS;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let given = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    match Config::read(&given) {
        Ok(config) => assert!(!format!("{config:?}").contains("hidden")),
        Err(errors) => assert!(!errors.0.is_empty()),
    }
    // The same bytes as the value of every setting, one after another.
    for setting in SETTINGS {
        let _ = Config::read(&|name| (name == setting.name).then(|| text.to_owned()));
    }
    let _ = text.parse::<Keys>();
});
