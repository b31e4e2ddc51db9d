//! Decodes every file of a folder, for `tests/formats/compare.py`:
//! `cargo run -p ai-worker --example decode -- PHOTOS RESULTS`.
//!
//! Of each file there is then `RESULTS/NAME.ppm`, or `RESULTS/NAME.txt` with the kind of error and its text.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use ai_worker::photo::{DecodeSettings, decode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(photos), Some(results)) = (arguments.next(), arguments.next()) else {
        return Err("give a folder of photos and one for the results".into());
    };
    fs::create_dir_all(&results)?;
    for file in fs::read_dir(photos)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let (suffix, result) = match decode(&fs::read(file.path())?, &DecodeSettings::default()) {
            Ok(photo) => {
                let header = format!("P6\n{} {}\n255\n", photo.width(), photo.height());
                ("ppm", [header.as_bytes(), photo.as_raw()].concat())
            }
            Err(error) => {
                let variant = format!("{error:?}");
                let variant = variant.split(|letter: char| !letter.is_alphanumeric()).next();
                (
                    "txt",
                    format!("{}\n{error}\n", variant.unwrap_or_default()).into_bytes(),
                )
            }
        };
        fs::write(results.join(format!("{name}.{suffix}")), result)?;
    }
    Ok(())
}
