//! Face detectors. Both look at one letterboxed image and answer on three grids of stride 8, 16 and 32.

use std::borrow::Cow;

use image::RgbImage;
use ort::session::SessionOutputs;
use ort::value::DynValue;

use super::InferenceError;
use super::image_network::ImageNetwork;
use crate::domain::{Detection, Landmarks, Point, Rect};

/// The grids' cell sizes in pixels.
const STRIDES: [usize; 3] = [8, 16, 32];

/// How a detector's outputs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoding {
    /// YuNet (Wu et al. 2023): one anchor a cell, scores `sqrt(class * object)`, boxes as centre and log size.
    Yunet,
    /// SCRFD (Guo et al. 2021): two anchors a cell, boxes as distances from the cell's corner to the four edges.
    Scrfd,
}

impl Decoding {
    /// The least score of a face. YuNet: lower than OpenCV's 0.9, which misses faces in profile.
    pub(super) fn score_threshold(self) -> f32 {
        match self {
            Self::Yunet => 0.7,
            Self::Scrfd => 0.5,
        }
    }

    /// The overlap above which the weaker of two boxes is the same face.
    pub(super) fn overlap_threshold(self) -> f32 {
        match self {
            Self::Yunet => 0.3,
            Self::Scrfd => 0.4,
        }
    }

    fn anchors(self) -> usize {
        match self {
            Self::Yunet => 1,
            Self::Scrfd => 2,
        }
    }
}

/// A face detector.
pub(super) struct FaceDetector {
    pub(super) image: ImageNetwork,
    pub(super) decoding: Decoding,
}

/// The outputs of one grid; each has one row an anchor.
struct Grid<'a> {
    stride: usize,
    cells_a_row: usize,
    scores: Vec<f32>,
    boxes: &'a [f32],
    points: &'a [f32],
}

impl FaceDetector {
    /// Everything in an image that scores at least `least`, in its pixels, each grid's in its order. The image's sides are
    /// multiples of the coarsest cell and at most as long as the network's, whose graph as published makes a square of it.
    pub(super) fn candidates(&self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, InferenceError> {
        let image = if self.image.takes_any_size()? {
            Cow::Borrowed(image)
        } else {
            squared(image, self.image.input.size)
        };
        let width = image.width() as usize;
        let candidates = self.image.run(&image, |outputs| {
            let mut candidates = Vec::new();
            for level in 0..STRIDES.len() {
                candidates.extend(self.decode(&self.grid(outputs, level, width)?, least));
            }
            Ok(candidates)
        })?;
        let finite = candidates.iter().all(|Detection { rect, landmarks, .. }| {
            [rect.x1, rect.y1, rect.x2, rect.y2]
                .iter()
                .all(|value| value.is_finite())
                && landmarks
                    .iter()
                    .all(|point| point.x.is_finite() && point.y.is_finite())
        });
        if !finite {
            return Err(self.image.network.unexpected("a box that is not finite"));
        }
        Ok(candidates)
    }

    fn grid<'a>(
        &self,
        outputs: &'a SessionOutputs<'_>,
        level: usize,
        width: usize,
    ) -> Result<Grid<'a>, ort::Error> {
        let stride = STRIDES[level];
        let values = |name: &str, value: Option<&'a DynValue>| {
            let value = value.ok_or_else(|| ort::Error::new(format!("the detector has no output {name}")))?;
            Ok::<_, ort::Error>(value.try_extract_tensor::<f32>()?.1)
        };
        let (scores, boxes, points) = match self.decoding {
            Decoding::Yunet => {
                let output = |name: &str| {
                    let name = format!("{name}_{stride}");
                    values(&name, outputs.get(&name))
                };
                let scores = output("cls")?
                    .iter()
                    .zip(output("obj")?)
                    .map(|(class, object)| (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt())
                    .collect();
                (scores, output("bbox")?, output("kps")?)
            }
            // What the outputs are called differs from file to file. All have the scores of the three grids first,
            // then the boxes, then the landmarks.
            Decoding::Scrfd => {
                let output = |kind: usize| {
                    let place = kind * STRIDES.len() + level;
                    values(
                        &format!("number {place}"),
                        (place < outputs.len()).then(|| &outputs[place]),
                    )
                };
                (output(0)?.to_vec(), output(1)?, output(2)?)
            }
        };
        Ok(Grid {
            stride,
            cells_a_row: width / stride,
            scores,
            boxes,
            points,
        })
    }

    fn decode<'a>(&self, grid: &'a Grid<'_>, least: f32) -> impl Iterator<Item = Detection> + use<'a> {
        let (decoding, stride) = (self.decoding, grid.stride as f32);
        let rows = grid.boxes.chunks_exact(4).zip(grid.points.chunks_exact(10));
        grid.scores
            .iter()
            .zip(rows)
            .enumerate()
            // A NaN is not at or above the threshold.
            .filter(move |(_, (score, _))| **score >= least)
            .map(move |(index, (score, (edges, points)))| {
                let cell = index / decoding.anchors();
                let x = (cell % grid.cells_a_row) as f32;
                let y = (cell / grid.cells_a_row) as f32;
                let rect = match decoding {
                    Decoding::Yunet => {
                        let (centre_x, centre_y) = ((x + edges[0]) * stride, (y + edges[1]) * stride);
                        let (half_width, half_height) =
                            (edges[2].exp() * stride / 2.0, edges[3].exp() * stride / 2.0);
                        Rect {
                            x1: centre_x - half_width,
                            y1: centre_y - half_height,
                            x2: centre_x + half_width,
                            y2: centre_y + half_height,
                        }
                    }
                    Decoding::Scrfd => Rect {
                        x1: (x - edges[0]) * stride,
                        y1: (y - edges[1]) * stride,
                        x2: (x + edges[2]) * stride,
                        y2: (y + edges[3]) * stride,
                    },
                };
                // Both give each landmark as an offset from the cell's corner in units of the stride.
                let landmarks: Landmarks = std::array::from_fn(|point| Point {
                    x: (x + points[2 * point]) * stride,
                    y: (y + points[2 * point + 1]) * stride,
                });
                Detection::new(rect, landmarks, score.min(1.0))
            })
    }
}

/// An image at the top left of a black square; one that is larger stays as it is.
fn squared(image: &RgbImage, side: u32) -> Cow<'_, RgbImage> {
    let (width, height) = image.dimensions();
    if width.min(height) >= side || width.max(height) > side {
        return Cow::Borrowed(image);
    }
    let mut square = RgbImage::new(side, side);
    image::imageops::replace(&mut square, image, 0, 0);
    Cow::Owned(square)
}
