//! Photos that fake networks see people in, and where the worker in process has them from.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use ai_worker::photo::{PhotoError, PhotoSource};
use async_trait::async_trait;
use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};
use tokio::sync::{Notify, Semaphore};

/// How many people there are: as many as there are colours with each channel on or off, but for black.
pub const PERSONS: usize = 7;

/// Width and height of a face in pixels.
pub(crate) const FACE: u32 = 64;
/// Pixels between faces, which are black.
const GAP: u32 = 8;
/// Width and height of the pattern's squares in pixels: coarse enough to be seen when sharpness is measured.
const SQUARE: u32 = 8;
/// A channel that is on has this at least, and one that is off has less.
pub(crate) const ON: u8 = 96;

/// The colour of a person, from 0: each channel on or off.
pub(crate) fn channels(person: usize) -> [bool; 3] {
    assert!(person < PERSONS, "there are {PERSONS} people");
    [0, 1, 2].map(|channel| ((person + 1) >> channel) & 1 == 1)
}

/// A PNG of these people side by side. Each is a chequered square in the person's colour; nobody may be there twice.
#[must_use]
pub fn photo_of(persons: &[usize]) -> Vec<u8> {
    let width = GAP + persons.len().max(1) as u32 * (FACE + GAP);
    let mut photo = RgbImage::new(width, FACE + 2 * GAP);
    for (number, person) in persons.iter().enumerate() {
        let left = GAP + number as u32 * (FACE + GAP);
        for (x, y) in (0..FACE).flat_map(|x| (0..FACE).map(move |y| (x, y))) {
            let light = if (x / SQUARE + y / SQUARE).is_multiple_of(2) {
                255
            } else {
                160
            };
            let colour = channels(*person).map(|is_on| if is_on { light } else { 0 });
            photo.put_pixel(left + x, GAP + y, Rgb(colour));
        }
    }
    let mut png = Cursor::new(Vec::new());
    photo.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

/// Photos by their URLs, in place of the network. What is not among them could not be reached. Clones share them.
#[derive(Clone, Default)]
pub struct FakePhotos {
    files: Arc<Mutex<HashMap<String, Bytes>>>,
    held: Arc<Mutex<HashMap<String, Held>>>,
}

/// A photo whose source does not answer before it is released.
#[derive(Clone)]
pub struct Held {
    asked: Arc<Notify>,
    released: Arc<Semaphore>,
}

impl Held {
    /// Waits until somebody fetches it.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Lets its source answer, now and later.
    pub fn release(&self) {
        self.released.close();
    }
}

impl FakePhotos {
    /// Where the photo of this name is.
    #[must_use]
    pub fn url(name: &str) -> String {
        format!("https://photos.example/{name}")
    }

    /// Puts a file there, in place of an earlier one of this name.
    pub fn add(&self, name: &str, file: impl Into<Bytes>) {
        self.files.lock().unwrap().insert(Self::url(name), file.into());
    }

    /// Keeps the source of the photo of this name from answering.
    #[must_use]
    pub fn hold(&self, name: &str) -> Held {
        let held = Held {
            asked: Arc::default(),
            released: Arc::new(Semaphore::new(0)),
        };
        self.held.lock().unwrap().insert(Self::url(name), held.clone());
        held
    }
}

#[async_trait]
impl PhotoSource for FakePhotos {
    async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError> {
        let held = self.held.lock().unwrap().get(url).cloned();
        if let Some(held) = held {
            held.asked.notify_one();
            // Fails as soon as it is closed, which is what is waited for.
            let _ = held.released.acquire().await;
        }
        let found = self.files.lock().unwrap().get(url).cloned();
        match found {
            Some(file) if file.is_empty() => Err(PhotoError::EmptyBody),
            Some(file) => Ok(file),
            None => Err(PhotoError::Unreachable("there is no such photo".into())),
        }
    }
}
