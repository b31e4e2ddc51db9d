#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::read(&|name| {
        pairs
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn the_defaults_are_valid_and_closed() {
    let config = read(&[]).unwrap();
    assert!(config.server.host.is_loopback());
    assert_eq!(config.server.port, 8000);
    assert!(!config.download.allow_private);
    assert_eq!(config.directories.models, PathBuf::from("data/models"));
    assert!((config.pipeline.tag_threshold - 0.25).abs() < f32::EPSILON);
    assert_eq!(config.inference.similarity_threshold, None);
}

#[test]
fn every_error_is_reported_at_once() {
    let errors = read(&[
        ("PORT", "99999"),
        ("DEVICE", "abacus"),
        ("DEVICE_FALLBACK", "maybe"),
        ("DEVICE_TRIAL_SECONDS", "0"),
        ("ALLOWED_IPS", "10.0.0.0/8, nonsense, ::1/200"),
        ("SIMILARITY_THRESHOLD", "1.5"),
        ("TAG_THRESHOLD", "NaN"),
        ("VECTOR_STORE", "shoebox"),
        ("LOG_FORMAT", "xml"),
        ("PLUGIN_PIN", "tagger=short"),
        ("PLUGIN_TRUST", "no key"),
        ("PLUGIN_DEGRADE", "painter"),
    ])
    .unwrap_err()
    .0;
    assert_eq!(errors.len(), 13, "{errors:#?}");
}

#[test]
fn listening_on_the_network_needs_a_key() {
    let errors = read(&[("HOST", "0.0.0.0")]).unwrap_err().0;
    assert!(errors[0].contains("API_KEY"), "{errors:?}");
    assert!(read(&[("HOST", "0.0.0.0"), ("API_KEY", "sixteen letters!")]).is_ok());
    assert!(read(&[("HOST", "::1")]).is_ok());
    let localhost = read(&[("HOST", "localhost")]).unwrap().server.host;
    assert_eq!(localhost, std::net::Ipv4Addr::LOCALHOST);
    let named = read(&[("HOST", "photos.internal")]).unwrap_err().0;
    assert!(named[0].contains("localhost"), "{named:?}");
}

#[test]
fn a_key_that_can_be_guessed_is_for_loopback_only() {
    for name in ["API_KEY", "ADMIN_KEY"] {
        let keys_file = ("API_KEYS_FILE", "keys");
        let errors = read(&[("HOST", "0.0.0.0"), keys_file, (name, "fifteen letters")])
            .unwrap_err()
            .0;
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].contains(name) && errors[0].contains("ai-worker keys new"),
            "{errors:?}"
        );
        assert!(!errors[0].contains("letters"), "{errors:?}");
        // Sixteen characters, whatever their bytes.
        assert!(read(&[("HOST", "0.0.0.0"), keys_file, (name, "sechzehn Zeichen")]).is_ok());
        assert!(
            read(&[
                ("HOST", "0.0.0.0"),
                keys_file,
                (name, "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}")
            ])
            .is_err()
        );
        let short = read(&[(name, "x")]).unwrap().server.short_keys();
        assert_eq!(short, [name]);
    }
    assert!(read(&[]).unwrap().server.short_keys().is_empty());
}

#[test]
fn a_host_has_no_port() {
    let settings = [(
        "ALLOWED_HOSTS",
        "photos.internal, PHOTOS, 10.0.0.7, [::1], fd00::7",
    )];
    let hosts = read(&settings).unwrap().server.allowed_hosts;
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    assert_eq!(
        hosts,
        ["photos.internal", "photos", "10.0.0.7", "[::1]", "[fd00::7]"]
    );
    for wrong in [
        "http://photos.internal",
        "photos.internal:8000",
        "*.internal",
        "a b",
    ] {
        assert!(read(&[("ALLOWED_HOSTS", wrong)]).is_err(), "{wrong}");
    }
}

#[test]
fn single_addresses_are_networks_of_one() {
    let config = read(&[(
        "ALLOWED_IPS",
        "10.1.2.3, fd00::/8, ::ffff:10.0.0.7, ::ffff:10.0.0.0/104",
    )])
    .unwrap();
    let networks = config.server.allowed_ips.iter().map(ToString::to_string);
    let expected = ["10.1.2.3/32", "fd00::/8", "10.0.0.7/32", "10.0.0.0/8"];
    assert_eq!(networks.collect::<Vec<_>>(), expected);
}

#[test]
fn an_origin_has_no_path() {
    assert!(read(&[("CORS_ORIGINS", "http://photos.internal:8080")]).is_ok());
    for wrong in [
        "*",
        "photos.internal",
        "http://photos.internal/app",
        "ftp://photos.internal",
    ] {
        assert!(read(&[("CORS_ORIGINS", wrong)]).is_err(), "{wrong}");
    }
}

#[test]
fn the_keys_differ_and_are_not_shown() {
    let config = read(&[("API_KEY", "very-secret"), ("ADMIN_KEY", "even-more-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("secret"));
    assert!(read(&[("API_KEY", "one"), ("ADMIN_KEY", "one")]).is_err());
}
