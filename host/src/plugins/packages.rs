//! The WIT packages that this worker speaks, as its own sources have them.

use wit_parser::{Resolve, SourceMap};

use super::slot::Slot;

/// The version of the package that plugins are built for today.
pub const WIT_VERSION: &str = "1.1.0";
/// The version that this host speaks, too.
pub const EARLIER_WIT_VERSION: &str = "1.0.0";

/// A file of a package.
macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../wit/", $path)))
    };
}

/// A path within its package, and a text.
type File = (&'static str, &'static str);

/// Of the WIT package of today, what does not belong to a slot, and what the package depends on.
const SHARED: [File; 4] = [
    file!("deps/wasi-nn/wasi-nn.wit"),
    file!("log.wit"),
    file!("photo.wit"),
    file!("types.wit"),
];
/// The earlier package with what it depends on.
const EARLIER: [File; 7] = [
    file!("1.0.0/cluster-policy.wit"),
    file!("1.0.0/context-mapper.wit"),
    file!("1.0.0/deps/wasi-nn/wasi-nn.wit"),
    file!("1.0.0/log.wit"),
    file!("1.0.0/photo.wit"),
    file!("1.0.0/tagger.wit"),
    file!("1.0.0/types.wit"),
];

/// The WIT package that plugins are built against today, with what it depends on.
#[must_use]
pub fn wit_files() -> Vec<File> {
    SHARED.into_iter().chain(Slot::ALL.map(Slot::interface)).collect()
}

/// The packages as a component of this version of `ai-worker:plugin` should have them; those of today for every version
/// but the earlier one.
pub(super) fn spoken(version: &str) -> Option<Resolve> {
    let files = if version == EARLIER_WIT_VERSION {
        EARLIER.to_vec()
    } else {
        wit_files()
    };
    // What a package depends on comes before it.
    let (needed, own): (Vec<File>, Vec<File>) =
        files.into_iter().partition(|(path, _)| path.contains("deps/"));
    let mut resolve = Resolve::default();
    for files in [needed, own] {
        let mut map = SourceMap::default();
        for (path, text) in files {
            map.push_str(path, text);
        }
        let group = map.parse().ok()?;
        resolve.push_group(group).ok()?;
    }
    Some(resolve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_packages_are_whole() {
        for version in [EARLIER_WIT_VERSION, WIT_VERSION] {
            let names: Vec<String> = spoken(version).map_or(Vec::new(), |resolve| {
                let packages = resolve.packages.iter();
                packages.map(|(_, package)| package.name.to_string()).collect()
            });
            assert!(
                names.contains(&format!("ai-worker:plugin@{version}")),
                "{names:?}"
            );
        }
    }
}
