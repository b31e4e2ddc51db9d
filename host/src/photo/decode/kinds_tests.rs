//! Files of every kind, as `tests/formats/make.py` makes them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use super::{DecodeSettings, RgbImage, decode, dimensions};

fn folder() -> String {
    format!("{}/../tests/formats", env!("CARGO_MANIFEST_DIR"))
}

/// All files, by their names.
fn files() -> BTreeMap<String, Vec<u8>> {
    let bytes = std::fs::read(format!("{}/kinds.zip", folder())).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// The mean difference of values; `None` of pictures of two sizes.
fn difference(one: &RgbImage, other: &RgbImage) -> Option<f64> {
    (one.dimensions() == other.dimensions()).then(|| {
        let values = one.as_raw().iter().zip(other.as_raw());
        let sum: u64 = values.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / one.as_raw().len() as f64
    })
}

/// What is wrong with the answer for a file, if anything is.
fn fault(file: &[u8], shows: &str, tolerance: f64, files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let settings = DecodeSettings::default();
    let answer = decode(file, &settings);
    let Some(expected) = files.get(shows) else {
        return match answer {
            Ok(_) => Some("is decoded".to_owned()),
            Err(cause) => (!cause.to_string().contains(shows)).then(|| cause.to_string()),
        };
    };
    let photo = match answer {
        Ok(photo) => photo,
        Err(cause) => return Some(cause.to_string()),
    };
    let (width, height) = dimensions(file, &settings).unwrap();
    if (width, height) != photo.dimensions() && (height, width) != photo.dimensions() {
        return Some(format!("{width} x {height} by its header alone"));
    }
    let expected = image::load_from_memory(expected).unwrap().into_rgb8();
    match difference(&photo, &expected) {
        Some(difference) if difference <= tolerance => None,
        Some(difference) => Some(format!("differs by {difference:.1}")),
        None => Some(format!("{} x {}", photo.width(), photo.height())),
    }
}

#[test]
fn every_kind_of_file_is_decoded_right_or_called_by_its_name() {
    let files = files();
    let kinds = String::from_utf8(files["kinds.tsv"].clone()).unwrap();
    let faults: BTreeMap<&str, String> = kinds
        .lines()
        .filter_map(|row| {
            let columns: Vec<&str> = row.split('\t').collect();
            let [name, _, shows, tolerance] = columns[..] else {
                return Some((row, "not of four columns".to_owned()));
            };
            let fault = fault(&files[name], shows, tolerance.parse().unwrap(), &files);
            fault.map(|fault| (name, fault))
        })
        .collect();
    assert!(kinds.lines().count() >= 150);
    // What is known to be wrong, one name a line. What is mended must be taken from there.
    let known = std::fs::read_to_string(format!("{}/faults.txt", folder())).unwrap();
    let known: BTreeSet<&str> = known.lines().collect();
    let found: BTreeSet<&str> = faults.keys().copied().collect();
    let new: Vec<_> = faults.iter().filter(|(name, _)| !known.contains(*name)).collect();
    let mended: Vec<_> = known.difference(&found).collect();
    assert!(
        new.is_empty() && mended.is_empty(),
        "wrong: {new:#?}; mended: {mended:#?}"
    );
}
