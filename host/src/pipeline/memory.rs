//! Decoded photos in memory: no more pixels at a time than the worker was given room for.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::admission::Place;
use crate::photo::Photo;

/// What is counted, in pixels: a semaphore's permits for one photo are 32 bits.
const UNIT: u64 = 1_024;

/// Room for decoded pixels. Photos wait for it in the order of coming, so that large ones get theirs, too.
pub struct PixelBudget {
    free: Arc<Semaphore>,
    total: u32,
}

/// A photo in memory. While it is there, so is its room, and its place among the photos in work: whatever still looks
/// at it when its caller has left counts.
pub(super) struct DecodedPhoto {
    photo: Photo,
    _room: Room,
    _place: Place,
}

/// Room for one photo; free again when it is dropped.
pub(super) struct Room {
    _permit: Option<OwnedSemaphorePermit>,
}

impl PixelBudget {
    /// Room for this many pixels.
    #[must_use]
    pub fn new(pixels: u64) -> Self {
        let total = units(pixels);
        Self {
            free: Arc::new(Semaphore::new(total as usize)),
            total,
        }
    }

    /// Pixels of the photos in memory, in whole units of 1,024.
    #[must_use]
    pub fn taken(&self) -> u64 {
        let free = self.free.available_permits() as u64;
        u64::from(self.total).saturating_sub(free) * UNIT
    }

    /// Waits for the room of a photo. One that is larger than all room there is waits for all of it; the configuration
    /// allows none.
    pub(super) async fn reserve(&self, (width, height): (u32, u32)) -> Room {
        let wanted = units(u64::from(width) * u64::from(height)).min(self.total);
        Room {
            // It is never closed, so waiting cannot fail.
            _permit: Arc::clone(&self.free).acquire_many_owned(wanted).await.ok(),
        }
    }
}

impl DecodedPhoto {
    pub(super) fn new(photo: Photo, room: Room, place: Place) -> Self {
        Self {
            photo,
            _room: room,
            _place: place,
        }
    }
}

impl Deref for DecodedPhoto {
    type Target = Photo;

    fn deref(&self) -> &Photo {
        &self.photo
    }
}

fn units(pixels: u64) -> u32 {
    u32::try_from(pixels.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn photos_wait_for_room_in_their_order() {
        let budget = PixelBudget::new(100 * UNIT);
        let short = Duration::from_millis(20);
        let first = budget.reserve((UNIT as u32, 60)).await;
        assert_eq!(budget.taken(), 60 * UNIT);
        {
            let large = budget.reserve((UNIT as u32, 50));
            tokio::pin!(large);
            assert!(timeout(short, &mut large).await.is_err());
            // A small one that would fit does not pass the large one that waits.
            assert!(timeout(short, budget.reserve((1, 1))).await.is_err());
        }
        // Whoever left while it waited stands in nobody's way.
        let small = timeout(short, budget.reserve((1, 1))).await;
        assert_eq!(budget.taken(), 61 * UNIT);
        drop((first, small));
        assert_eq!(budget.taken(), 0);
        // More than all of it is all of it.
        let whole = budget.reserve((60_000, 60_000)).await;
        assert_eq!(budget.taken(), 100 * UNIT);
        drop(whole);
    }
}
