//! Photos, what the networks see in them, and worse copies of them.

use std::path::{Path, PathBuf};

use ai_worker::app::App;
use ai_worker::config::Config;
use ai_worker::domain::{Embedding, FileId};
use ai_worker::store::PhotoRecord;
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{RgbImage, buffer::ConvertBuffer as _};

/// A photo and, where it is known, the number of the person its largest face is of.
pub struct Photo {
    /// The file.
    pub path: PathBuf,
    /// None where anybody may be in it.
    pub person: Option<usize>,
}

/// What the networks saw in one form of a photo.
#[derive(Clone)]
pub struct Seen {
    /// The photo, with its faces.
    pub record: PhotoRecord,
    /// One for each face of the record's scene.
    pub embeddings: Vec<Embedding>,
}

/// A photo in every form of it in which a face was found: as it is first.
pub struct Forms {
    /// As of the photo.
    pub person: Option<usize>,
    /// The photo itself first, then worse copies.
    pub forms: Vec<Seen>,
}

/// How a photo is made worse.
#[derive(Clone, Copy)]
enum Damage {
    /// The largest face is this many pixels wide, and the photo a JPEG of this quality.
    Shrunk(u32, u8),
    /// Blurred by a Gaussian of this many pixels where the largest face is 112 wide.
    Blurred(f32),
}

const DAMAGES: [Damage; 5] = [
    Damage::Shrunk(40, 30),
    Damage::Shrunk(24, 90),
    Damage::Shrunk(112, 10),
    Damage::Blurred(3.0),
    Damage::Blurred(5.0),
];

/// The photos of a directory whose folders are people, and `groups` photos of anybody.
pub fn photos(directory: &Path) -> Vec<Photo> {
    let entries = |folder: &Path| {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    let folders = entries(directory).into_iter().filter(|folder| folder.is_dir());
    folders
        .enumerate()
        .flat_map(|(number, folder)| {
            let person = (!folder.ends_with("groups")).then_some(number);
            entries(&folder)
                .into_iter()
                .map(move |path| Photo { path, person })
        })
        .collect()
}

/// Looks at every form of every photo, once. Photos without a face are left out.
pub async fn see_all(config: &Config, photos: &[Photo]) -> Vec<Forms> {
    let app = App::start(config).await.unwrap();
    let mut all = Vec::new();
    for (number, photo) in photos.iter().enumerate() {
        let bytes = std::fs::read(&photo.path).unwrap();
        let Some(seen) = see(&app, &format!("{number}"), bytes).await else {
            println!("no face: {}", photo.path.display());
            continue;
        };
        let face = seen.record.scene.faces[0].bounding_box;
        let width = (face.x2 - face.x1).min(face.y2 - face.y1);
        let picture: RgbImage = image::open(&photo.path).unwrap().to_rgb8();
        let mut forms = vec![seen];
        for (which, damage) in DAMAGES.into_iter().enumerate() {
            forms.extend(
                see(
                    &app,
                    &format!("{number}-{which}"),
                    damage.done_to(&picture, width),
                )
                .await,
            );
        }
        all.push(Forms {
            person: photo.person,
            forms,
        });
    }
    all
}

async fn see(app: &App, name: &str, bytes: Vec<u8>) -> Option<Seen> {
    let file = FileId::new(name).unwrap();
    let place = app.admissions.photo().await.unwrap();
    app.pipeline
        .process_bytes(place, &file, Bytes::from(bytes))
        .await
        .unwrap();
    let stored = app.people.photo(&file).await.unwrap().unwrap();
    let embeddings: Vec<Embedding> = stored.faces.into_iter().map(|face| face.embedding).collect();
    (!embeddings.is_empty()).then(|| Seen {
        record: stored.record.unwrap(),
        embeddings,
    })
}

impl Damage {
    fn done_to(self, picture: &RgbImage, face: u32) -> Vec<u8> {
        let scaled = |target: u32| {
            let scale = (f64::from(target) / f64::from(face)).min(1.0);
            let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
            imageops::resize(
                picture,
                side(picture.width()),
                side(picture.height()),
                FilterType::Lanczos3,
            )
        };
        let (picture, quality) = match self {
            Self::Shrunk(target, quality) => (scaled(target), quality),
            Self::Blurred(sigma) => {
                let small = scaled(112);
                let sigma = sigma * face.min(112) as f32 / 112.0;
                (imageops::blur(&small, sigma).convert(), 90)
            }
        };
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        picture.write_with_encoder(encoder).unwrap();
        bytes
    }
}
