//! What a setting is.

/// One setting. Its flag is its name in lower case with hyphens: `DATA_DIR` is `--data-dir`.
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The default; empty when there is none.
    pub default: &'static str,
    /// What it does, with its unit.
    pub help: &'static str,
}

pub(super) const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, help }
}
