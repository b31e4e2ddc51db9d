//! Photos in a row with 0 to 32 faces: what becomes of the worker's memory.

use std::collections::BTreeSet;
use std::time::Instant;

use fastrand::Rng;

use crate::collage::Collage;
use crate::usage::mebibytes;
use test_support::worker::Worker;

/// The most faces in a photo.
const MOST_FACES: usize = 32;
/// Most photos have at most so many.
const FEW_FACES: usize = 3;
/// Different photos of each number of few faces; of each other number there is one.
const VARIANTS_OF_FEW: usize = 12;
/// Photos after which a line says that it goes on.
const SAY_EVERY: u32 = 500;
/// Growth that is allowed, in MiB for each [`PER`] photos.
const GROWTH: f64 = 1.0;
/// A shorter row says nothing about growth: what an allocator keeps goes up and down by several MiB.
const PER: u32 = 10_000;
/// Growth that a shorter row may show, in MiB.
const SHORT_GROWTH: f64 = 64.0;

/// Describes so many photos, one after the other, after as many as `warm_up` that are not measured.
///
/// Those with as many faces share one file id, so that what is stored, which is kept in memory in part, stays as much
/// while faces and clusters come and go.
pub(crate) async fn run(photos: u32, warm_up: u32) {
    let worker = Worker::start(&[]).await;
    let mut collage = Collage::new(&worker).await;
    let mut random = Rng::with_seed(6);
    let (mut shown, mut found, mut most) = (0, 0, 0);
    let mut samples = Vec::new();
    let mut started = Instant::now();
    let (mut deck, mut made) = (Vec::new(), BTreeSet::new());
    for number in 0..warm_up + photos {
        if number == warm_up {
            started = Instant::now();
        }
        if deck.is_empty() {
            deck.extend((0..=MOST_FACES).flat_map(|count| {
                let variants = if count <= FEW_FACES { VARIANTS_OF_FEW } else { 1 };
                (0..variants).map(move |variant| (count, variant))
            }));
            random.shuffle(&mut deck);
        }
        let (count, variant) = deck.pop().unwrap();
        let photo = format!("{count}-{variant}");
        if made.insert((count, variant)) {
            worker.photos.add(&photo, collage.photo(count));
        }
        let (status, answer) = worker.process_as(&count.to_string(), &photo).await;
        assert_eq!(status, 200, "{answer}");
        let faces = answer["faces"].as_array().map_or(0, Vec::len);
        (shown, found, most) = (shown + count, found + faces, most.max(faces));
        if number >= warm_up {
            samples.push(mebibytes(&worker, "VmRSS"));
        }
        if (number + 1) % SAY_EVERY == 0 {
            println!(
                "row: {} photos, {:.1} MiB",
                number + 1,
                mebibytes(&worker, "VmRSS")
            );
        }
    }
    let took = started.elapsed().as_secs_f64();
    println!(
        "row: {} different photos of {} faces; {found} of {shown} faces found, at most {most} in a photo; {:.0} ms a \
         photo; in 24 hours {:.0} photos",
        made.len(),
        collage.faces(),
        1_000.0 * took / f64::from(photos),
        24.0 * 3_600.0 * f64::from(photos) / took
    );
    assert!(found * 10 >= shown * 8, "most faces must be found");

    let tenths: Vec<f64> = samples.chunks(samples.len().div_ceil(10)).map(mean).collect();
    let growth = tenths[tenths.len() - 1] - tenths[0];
    println!(
        "row: {photos} photos in {took:.0} s after {warm_up} of warming up; resident memory in MiB, mean of each tenth: \
         {tenths:.1?}, at most {:.1}; trend {:+.2} MiB in {PER} photos",
        mebibytes(&worker, "VmHWM"),
        slope(&samples) * f64::from(PER)
    );
    let allowed = if photos < PER {
        SHORT_GROWTH
    } else {
        GROWTH * f64::from(photos) / f64::from(PER)
    };
    assert!(
        growth <= allowed,
        "the worker grew by {growth:.1} MiB, and may by {allowed:.1}"
    );
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The slope of the straight line that fits best, by least squares.
fn slope(values: &[f64]) -> f64 {
    let (x_mean, y_mean) = ((values.len() as f64 - 1.0) / 2.0, mean(values));
    let (mut covariance, mut variance) = (0.0, 0.0);
    for (x, y) in values.iter().enumerate() {
        covariance += (x as f64 - x_mean) * (y - y_mean);
        variance += (x as f64 - x_mean).powi(2);
    }
    covariance / variance
}
