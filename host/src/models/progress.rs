//! A progress bar for work that a client program does: the growth of its directory is what can be seen of it.

use std::{fs, path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a directory is measured.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// A bar on the standard error stream; nothing at all when that is not a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    total: Option<u64>,
}

impl Progress {
    /// A bar that fills up to a known number of bytes.
    pub(super) fn bytes(message: String, total: u64) -> Self {
        Self {
            bar: bar(message, total),
            total: Some(total),
        }
    }

    /// A spinner that says how much has arrived of something whose size nobody knows.
    pub(super) fn unknown(message: String) -> Self {
        Self {
            bar: styled(
                ProgressBar::new_spinner(),
                "{msg} {spinner} {decimal_bytes}",
                message,
            ),
            total: None,
        }
    }

    /// Shows how large a directory has become; never more than the whole, as clients keep a second copy for a while.
    pub(super) fn measure(&self, directory: &Path) {
        let size = directory_size(directory);
        self.bar
            .set_position(self.total.map_or(size, |total| size.min(total)));
        self.bar.tick();
    }
}

/// A bar that fills up to a number of bytes.
pub(super) fn bar(message: String, total: u64) -> ProgressBar {
    let template = "{msg} [{bar:30}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}";
    styled(ProgressBar::new(total), template, message)
}

fn styled(bar: ProgressBar, template: &str, message: String) -> ProgressBar {
    // A template with a mistake in it falls back to the default style.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("=> ")).with_message(message)
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The sizes of all files below a directory. What vanishes meanwhile counts as nothing.
fn directory_size(directory: &Path) -> u64 {
    let Ok(items) = fs::read_dir(directory) else {
        return 0;
    };
    items
        .flatten()
        .map(|item| match item.metadata() {
            Ok(metadata) if metadata.is_dir() => directory_size(&item.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_nested_files() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        fs::create_dir_all(directory.path().join("a/b"))?;
        fs::write(directory.path().join("a/b/c"), [0; 5])?;
        fs::write(directory.path().join("d"), [0; 7])?;
        assert_eq!(directory_size(directory.path()), 12);
        assert_eq!(directory_size(&directory.path().join("absent")), 0);
        Ok(())
    }
}
