//! The similarities of real photos, by which the population is drawn.

use std::fmt;

use ai_worker::domain::Embedding;

use crate::population::Population;
use test_support::measuring::forms::Forms;

/// Quality below which a face counts as poor; the default policy's bound.
pub(crate) const POOR: f32 = 0.5;

/// Cosine similarities between faces, and how often they are what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Of good faces of one person: mean and standard deviation, and the least.
    pub(crate) same: (f64, f64),
    pub(crate) least_same: f64,
    /// Of good faces of two people: mean and standard deviation, and what one pair in a hundred exceeds.
    pub(crate) different: (f64, f64),
    pub(crate) most_different: f64,
    /// Of a poor and a good face of one person, the mean as a share of that of two good ones.
    pub(crate) poor_share: f64,
    /// Of poor faces of two people: the mean.
    pub(crate) poor_different: f64,
    /// The mean quality of good faces and of poor ones.
    pub(crate) quality: (f64, f64),
}

/// A face with its person and quality.
pub(crate) struct Face<'a> {
    pub(crate) person: usize,
    pub(crate) quality: f32,
    pub(crate) embedding: &'a Embedding,
    /// The photo it is of; forms of one photo are not compared.
    pub(crate) photo: usize,
}

impl Figures {
    /// Of the largest faces of labelled photos and their worse forms.
    pub(crate) fn measure(seen: &[Forms]) -> Self {
        let mut faces = Vec::new();
        for (photo, forms) in seen.iter().enumerate() {
            let Some(person) = forms.person else { continue };
            for form in &forms.forms {
                faces.push(Face {
                    person,
                    quality: form.record.scene.faces[0].quality,
                    embedding: &form.embeddings[0],
                    photo,
                });
            }
        }
        Self::of(&faces)
    }

    /// Of a drawn population, with its children and siblings left out as the real photos have none. Uses every face of
    /// the first people only: the pairs of all would be many millions.
    pub(crate) fn of_population(population: &Population) -> Self {
        let faces: Vec<Face<'_>> = population
            .shots
            .iter()
            .filter(|shot| !population.has_relatives_or_childhood(shot.person))
            .take(1_500)
            .enumerate()
            .map(|(photo, shot)| Face {
                person: shot.person,
                quality: shot.quality,
                embedding: &shot.embedding,
                photo,
            })
            .collect();
        Self::of(&faces)
    }

    fn of(faces: &[Face<'_>]) -> Self {
        let (mut same, mut different, mut mixed, mut poor_different) = (vec![], vec![], vec![], vec![]);
        let is_poor = |face: &Face<'_>| face.quality < POOR;
        for (index, one) in faces.iter().enumerate() {
            for other in faces[..index].iter().filter(|other| other.photo != one.photo) {
                let similarity = f64::from(one.embedding.cosine(other.embedding));
                match (one.person == other.person, is_poor(one), is_poor(other)) {
                    (true, false, false) => same.push(similarity),
                    (false, false, false) => different.push(similarity),
                    (true, true, false) | (true, false, true) => mixed.push(similarity),
                    (false, true, true) => poor_different.push(similarity),
                    _ => {}
                }
            }
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let deviation = |values: &[f64]| {
            let centre = mean(values);
            mean(
                &values
                    .iter()
                    .map(|value| (value - centre).powi(2))
                    .collect::<Vec<_>>(),
            )
            .sqrt()
        };
        let quality = |poor: bool| {
            let wanted = faces.iter().filter(|face| is_poor(face) == poor);
            mean(&wanted.map(|face| f64::from(face.quality)).collect::<Vec<_>>())
        };
        same.sort_by(f64::total_cmp);
        different.sort_by(f64::total_cmp);
        Self {
            same: (mean(&same), deviation(&same)),
            least_same: same[0],
            different: (mean(&different), deviation(&different)),
            most_different: different[(different.len() - 1) * 99 / 100],
            poor_share: mean(&mixed) / mean(&same),
            poor_different: mean(&poor_different),
            quality: (quality(false), quality(true)),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "same {:.2}±{:.2} (least {:.2}), different {:.2}±{:.2} (1 % above {:.2}); a poor face keeps {:.2}, poor \
             strangers {:.2}; quality {:.2}, poor {:.2}",
            self.same.0,
            self.same.1,
            self.least_same,
            self.different.0,
            self.different.1,
            self.most_different,
            self.poor_share,
            self.poor_different,
            self.quality.0,
            self.quality.1
        )
    }
}
