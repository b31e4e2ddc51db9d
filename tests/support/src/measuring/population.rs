//! Made-up faces: the vector of a row is computed from its number, so that a million of them need no memory.

use fastrand::Rng;

/// What is known of the people.
pub struct Population {
    width: usize,
    /// The person of each row, in the order of arrival.
    people: Vec<u32>,
    count: u32,
    /// What all faces have in common.
    common: Vec<f32>,
}

/// The largest number of photos of one person, unless another is given.
pub const MOST_PHOTOS: u32 = 2_000;
/// Mean cosine between strangers, as measured on the embedders of the sets `open` and `research`: 0.10 to 0.14.
const STRANGERS: f32 = 0.12;
/// Mean cosine between siblings.
const SIBLINGS: f32 = 0.5;
/// Squared length of what sets a photo apart from its person, whose own is 1: from the best photo to the worst. Gives
/// a mean cosine of 0.75 between two photos of a person.
const APART: (f32, f32) = (0.05, 0.65);

impl Population {
    /// `count` faces of people of whom 1/n have n photos or more, but none more than `most_photos`, in random order.
    pub fn new(count: usize, width: usize, most_photos: u32) -> Self {
        let mut rng = Rng::with_seed(count as u64);
        let mut people = Vec::with_capacity(count);
        let mut person = 0;
        while people.len() < count {
            let photos = (1.0 / (1.0 - rng.f64())).min(f64::from(most_photos)) as usize;
            people.extend(std::iter::repeat_n(person, photos.min(count - people.len())));
            person += 1;
        }
        rng.shuffle(&mut people);
        Self {
            width,
            people,
            count: person,
            common: direction(&mut generator(0, 0), width),
        }
    }

    /// How many faces there are.
    #[must_use]
    pub fn faces(&self) -> usize {
        self.people.len()
    }

    /// People, who are numbered from 0.
    pub fn people(&self) -> u32 {
        self.count
    }

    /// The person of a row; rows begin at 1.
    pub fn person(&self, row: u64) -> u32 {
        self.people[row as usize - 1]
    }

    /// The vector of a row.
    pub fn vector(&self, row: u64) -> Vec<f32> {
        self.photo(self.person(row), row)
    }

    /// The vector of a photo of somebody; photos from 2^32 on are in no population.
    pub fn photo(&self, person: u32, photo: u64) -> Vec<f32> {
        // A third of the people are pairs of siblings.
        let family = u64::from(person / 2);
        let alike = if family.is_multiple_of(3) {
            (SIBLINGS - STRANGERS) / (1.0 - STRANGERS)
        } else {
            0.0
        };
        let own = direction(&mut generator(1, u64::from(person)), self.width);
        let shared = direction(&mut generator(2, family), self.width);
        let mut rng = generator(3, photo);
        let apart = (APART.0 + rng.f32() * (APART.1 - APART.0)).sqrt();
        let noise = direction(&mut rng, self.width);
        let weights = [
            STRANGERS.sqrt(),
            ((1.0 - STRANGERS) * (1.0 - alike)).sqrt(),
            ((1.0 - STRANGERS) * alike).sqrt(),
            apart,
        ];
        unit(
            (0..self.width)
                .map(|i| {
                    weights[0] * self.common[i]
                        + weights[1] * own[i]
                        + weights[2] * shared[i]
                        + weights[3] * noise[i]
                })
                .collect(),
        )
    }
}

/// A generator of its own for each number. Wyrand's streams from similar seeds resemble one another, so the seed is
/// mixed (SplitMix64, Steele, Lea and Flood 2014).
fn generator(kind: u64, number: u64) -> Rng {
    let mut seed = (kind << 48 | number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    seed = (seed ^ seed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    seed = (seed ^ seed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    Rng::with_seed(seed ^ seed >> 31)
}

/// A random direction. Its coordinates shrink from first to last, as the principal components of real embeddings do,
/// so that there are fewer independent ones than the width says.
fn direction(rng: &mut Rng, width: usize) -> Vec<f32> {
    let normal = |rng: &mut Rng| {
        // Box and Muller 1958.
        let radius = (-2.0 * (1.0 - rng.f32()).ln()).sqrt();
        radius * (std::f32::consts::TAU * rng.f32()).cos()
    };
    unit(
        (1..=width)
            .map(|i| normal(rng) * (i as f32).powf(-0.25))
            .collect(),
    )
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt();
    for x in &mut vector {
        *x /= length;
    }
    vector
}

/// The dot product.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (x, y) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for lane in 0..16 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum()
}
