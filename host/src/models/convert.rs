//! Conversions: published weights that are not ONNX become ONNX by a Python script that is compiled in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{client::Python, manifest::Conversion, program::ClientError, progress::Progress};

/// A script and what it needs.
struct Script {
    /// Its name in the manifest.
    name: &'static str,
    text: &'static str,
    /// What it needs, pinned; a pip requirements file.
    requirements: &'static str,
    /// What it reads beside itself: names and contents.
    data: &'static [(&'static str, &'static str)],
}

/// Every script that the manifest may name.
const SCRIPTS: [Script; 6] = [
    Script {
        name: "efficientnet_lite.py",
        text: include_str!("../../../models/convert/efficientnet_lite.py"),
        requirements: include_str!("../../../models/convert/requirements.txt"),
        data: &[],
    },
    Script {
        name: "efficientdet_lite.py",
        text: include_str!("../../../models/convert/efficientdet_lite.py"),
        requirements: include_str!("../../../models/convert/requirements.txt"),
        data: &[],
    },
    Script {
        name: "latin_text.py",
        text: include_str!("../../../models/convert/latin_text.py"),
        requirements: include_str!("../../../models/convert/requirements.txt"),
        data: &[],
    },
    Script {
        name: "text_detector.py",
        text: include_str!("../../../models/convert/text_detector.py"),
        requirements: include_str!("../../../models/convert/requirements.txt"),
        data: &[],
    },
    Script {
        name: "export.py",
        text: include_str!("../../../models/export/export.py"),
        requirements: include_str!("../../../models/export/requirements.txt"),
        data: &[],
    },
    Script {
        name: "quantize.py",
        text: include_str!("../../../models/quantize/quantize.py"),
        requirements: include_str!("../../../models/quantize/requirements.txt"),
        data: &[
            (
                "efficientnet-lite2.json",
                include_str!("../../../models/quantize/efficientnet-lite2.json"),
            ),
            (
                "age-v1.json",
                include_str!("../../../models/quantize/age-v1.json"),
            ),
            (
                "scrfd_2.5g_kps.json",
                include_str!("../../../models/quantize/scrfd_2.5g_kps.json"),
            ),
        ],
    },
];

/// Weights that could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The manifest names a script that was not compiled in.
    #[error("there is no conversion script {0}")]
    UnknownScript(String),
    /// pip or the script failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The script's files could not be written.
    #[error("the conversion cannot write its files; check the free space of the models directory")]
    Io(#[from] io::Error),
}

/// The script of that name.
fn script(name: &str) -> Result<&'static Script, ConvertError> {
    SCRIPTS
        .iter()
        .find(|script| script.name == name)
        .ok_or_else(|| ConvertError::UnknownScript(name.to_owned()))
}

/// Converts `weights` and says where the result lies. `work` is a directory of its own, which keeps the installed
/// Python packages for the next conversion.
///
/// # Errors
/// When the Python packages cannot be installed or the script does not end well.
pub(super) fn convert(
    conversion: &Conversion,
    weights: &Path,
    python: &Python,
    work: &Path,
) -> Result<PathBuf, ConvertError> {
    let script = script(&conversion.script)?;
    let packages = work.join(format!("python-{}", script.name));
    if !packages.exists() {
        let requirements = work.join("requirements.txt");
        fs::create_dir_all(work)?;
        fs::write(&requirements, script.requirements)?;
        let what = "the conversion's Python packages";
        // Into a directory of our own: the system's Python stays as it is, even where it is externally managed.
        let installing = python.pip(
            "install",
            |pip| {
                pip.args(["--only-binary=:all:", "--no-warn-script-location", "--target"]);
                pip.arg(&packages).arg("--requirement").arg(&requirements);
            },
            work,
            what,
            &Progress::unknown(what.to_owned()),
        );
        if let Err(error) = installing {
            // A half-installed directory must not be taken for a whole one.
            let _ = fs::remove_dir_all(&packages);
            return Err(error.into());
        }
    }
    let (program, result) = (work.join(&conversion.script), work.join("result.onnx"));
    fs::write(&program, script.text)?;
    for (name, content) in script.data {
        fs::write(work.join(name), content)?;
    }
    let what = format!("the conversion {}", conversion.script);
    python.run(
        |command| {
            command.env("PYTHONPATH", &packages).arg("-s");
            command
                .arg(&program)
                .args(&conversion.arguments)
                .arg(weights)
                .arg(&result);
        },
        work,
        &what,
        &Progress::unknown(what.clone()),
    )?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::manifest::{Manifest, ManifestError};

    #[test]
    fn every_conversion_of_the_manifest_is_compiled_in() -> Result<(), ManifestError> {
        let manifest = Manifest::built_in()?;
        let of_files = manifest.files.iter().filter_map(|file| file.convert.as_ref());
        let of_models = manifest.models.iter().filter_map(|model| model.int8.as_ref());
        let conversions: Vec<_> = of_files.chain(of_models.map(|int8| &int8.convert)).collect();
        assert!(!conversions.is_empty());
        for conversion in conversions {
            assert!(script(&conversion.script).is_ok(), "{}", conversion.script);
        }
        assert!(script("absent.py").is_err());
        Ok(())
    }
}
