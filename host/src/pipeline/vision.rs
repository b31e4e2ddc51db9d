//! Computer vision: what the networks see in a photo.

use std::sync::Arc;

use super::admission::Place;
use super::error::PipelineError;
use super::memory::DecodedPhoto;
use super::search::{Found, SearchSettings, find_faces};
use super::stages::{Pipeline, blocking};
use super::text::{ReadingSettings, read_text};
use crate::domain::{
    BoundingBox, Detection, Embedding, Evidence, Gender, Point, Rect, Scene, SceneFace, SceneObject, TextLine,
};
use crate::inference::{Classified, FoundObject, GREY, Inference};
use crate::metrics;
use crate::people::{MakeThumbnail, NewFace};
use crate::photo::{self, Look, Part, Photo};
use crate::plugins::Tagger;
use bytes::Bytes;
use futures_util::future::try_join_all;
use image::Rgb;

/// How many of the classifier's classes plugins get to see, best first.
const LABELS: usize = 20;
/// What EfficientNet-Lite2 was evaluated on: this share of the shorter side, in the centre.
const LABEL_CROP: f32 = 0.93;
/// InsightFace's attribute network sees this many times the longer side of a face's box (`model_zoo/attribute.py`).
const ATTRIBUTE_EXTENT: f32 = 1.5;
/// Two boxes with at least this intersection over union are one place, as in the detection task of PASCAL VOC
/// (Everingham et al. 2010).
const SAME_PLACE: f32 = 0.5;

/// What is decoded around a face that is looked at more closely, on each side, in longer sides of its box: what the
/// networks are shown, and the picture that is kept.
const AROUND: f32 = 0.75;
/// How many pixels of the overview the smallest face that is looked for has along a side: enlarged three times, 98 % of
/// such faces are found.
const SMALLEST_FACE_PIXELS: u32 = 10;

/// Width and height of a cluster's thumbnail in pixels.
const THUMBNAIL_SIZE: u32 = 256;
/// What a thumbnail shows around the face, as a fraction of the face's longer side.
const THUMBNAIL_MARGIN: f32 = 0.35;
/// JPEG quality of a thumbnail, 1 to 100.
const THUMBNAIL_QUALITY: u8 = 88;

/// What the networks saw in a photo.
pub(super) struct Seen {
    /// Largest first. The scene has what was seen of each.
    pub(super) faces: Vec<NewFace>,
    pub(super) scene: Scene,
    /// How often the detector looked.
    pub(super) looks: u32,
}

impl Pipeline {
    /// How many pixels of a photo the networks look at, faces apart that turn out to be small.
    pub(super) fn look(&self) -> Look {
        let inference = &self.inference;
        let label = inference
            .label_size()
            .map(|size| (size as f32 / LABEL_CROP).ceil() as u32);
        let shorter = [label, inference.image_encoder_size(), inference.captioner_size()];
        let smallest = SMALLEST_FACE_PIXELS * 1_000 / self.settings.smallest_face;
        Look {
            longer: inference.detector_size().max(smallest),
            shorter: shorter.into_iter().flatten().max().unwrap_or(1),
        }
    }

    /// Runs the networks whose evidence is wanted, side by side. What was found at a rejected place is left out.
    pub(super) async fn see(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
        tagger: &Arc<Tagger>,
        rejected: &[BoundingBox],
    ) -> Result<Seen, PipelineError> {
        let ((faces, looks), classified, similarities, caption, objects, text) = tokio::try_join!(
            self.observe_faces(photo, wanted.demographics, rejected),
            self.classify(photo, wanted),
            self.compare(photo, wanted, tagger),
            self.caption(photo, wanted),
            self.find_objects(photo, wanted),
            self.read(photo, wanted),
        )?;
        let mut scene = scene(photo, &faces);
        if let Some(Classified { labels, indoor }) = classified {
            scene.labels = Some(labels);
            scene.indoor = indoor.filter(|_| wanted.surroundings);
        }
        scene.similarities = similarities;
        scene.caption = caption;
        scene.objects = objects;
        scene.text = text;
        if wanted.text_similarities {
            scene.text_similarities = self.compare_in_words(photo, tagger, &scene).await?;
        }
        if !wanted.labels {
            scene.labels = None;
        }
        Ok(Seen { faces, scene, looks })
    }

    /// Where faces are in a photo file, and their vectors; nothing is stored.
    ///
    /// # Errors
    /// When the photo cannot be decoded or a network fails.
    pub async fn faces(
        &self,
        place: Place,
        bytes: Bytes,
    ) -> Result<Vec<(BoundingBox, Embedding)>, PipelineError> {
        let photo = self.decode(&place, bytes, self.look()).await?;
        let (faces, _) = self.observe_faces(&photo, false, &[]).await?;
        let faces = faces.into_iter();
        Ok(faces
            .map(|face| (face.scene.bounding_box, face.embedding))
            .collect())
    }

    /// Finds the faces, then looks at each; as many at the same time as there are inference sessions.
    async fn observe_faces(
        &self,
        photo: &Arc<DecodedPhoto>,
        demographics: bool,
        rejected: &[BoundingBox],
    ) -> Result<(Vec<NewFace>, u32), PipelineError> {
        let settings = SearchSettings {
            smallest: self.settings.smallest_face as f32 / 1_000.0,
            effort: self.settings.face_search as f32 / 100.0,
        };
        let found = self.infer(photo, move |inference, photo| {
            find_faces(inference.detector(), photo.overview(), settings)
        });
        let Found {
            faces: mut detections,
            looks,
        } = found.await?;
        metrics::detector_looks(looks);
        let (width, height) = photo.dimensions();
        detections.retain(|detection| {
            let found = detection.rect.to_bounding_box(width, height);
            !rejected
                .iter()
                .any(|rejected| rejected.intersection_over_union(&found) >= SAME_PLACE)
        });
        detections.sort_by(|a, b| b.rect.area().total_cmp(&a.rect.area()));
        if detections.len() > self.settings.max_faces {
            tracing::warn!(
                found = detections.len(),
                kept = self.settings.max_faces,
                "the photo has more faces than MAX_FACES; the smallest are left out"
            );
            detections.truncate(self.settings.max_faces);
        }
        let closer = self.look_closer(photo, detections).await?;
        let faces = closer.into_iter().map(|(detection, closer)| async move {
            let part = closer.clone();
            let observed = self.infer(photo, move |inference, photo| {
                observe(inference, photo, &detection, part.as_deref(), demographics)
            });
            let face = observed.await?.map(|(scene, embedding)| NewFace {
                scene,
                embedding,
                thumbnail: thumbnail(Arc::clone(photo), closer, detection),
            });
            Ok::<_, PipelineError>(face)
        });
        let faces = try_join_all(faces).await?;
        Ok((faces.into_iter().flatten().collect(), looks))
    }

    /// The faces, and for each that has fewer pixels in the overview than the embedder can see, and more in the photo, a part
    /// with more: one for all of them, because most of the time goes into what is decoded whatever is looked at.
    async fn look_closer(
        &self,
        photo: &Arc<DecodedPhoto>,
        detections: Vec<Detection>,
    ) -> Result<Vec<(Detection, Option<Arc<Part>>)>, PipelineError> {
        let size = self.inference.embedder_size();
        let overview = photo.overview().reduction() as f32;
        let wanted: Vec<_> = detections
            .into_iter()
            .map(|detection| {
                let scale = photo::aligned_scale(&detection.landmarks, size, &photo::ARCFACE_TEMPLATE);
                let scale = scale.ok().map(|scale| scale.max(1.0));
                let finer = scale.filter(|scale| *scale < overview);
                (detection, finer.map(|scale| (around(&detection.rect), scale)))
            })
            .collect();
        let together = wanted
            .iter()
            .filter_map(|(_, finer)| *finer)
            .reduce(|(area, scale), (other, finer)| (area.hull(&other), scale.min(finer)));
        let Some((area, scale)) = together else {
            return Ok(wanted.into_iter().map(|(face, _)| (face, None)).collect());
        };
        let photo = Arc::clone(photo);
        let part = blocking(move || Ok(photo.closer(&area, scale)?)).await?;
        let part = part.map(Arc::new);
        Ok(wanted
            .into_iter()
            .map(|(face, finer)| (face, finer.and_then(|_| part.clone())))
            .collect())
    }

    async fn classify(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
    ) -> Result<Option<Classified>, PipelineError> {
        let is_wanted = wanted.labels || wanted.text_similarities || wanted.surroundings;
        let Some(size) = self.inference.label_size().filter(|_| is_wanted) else {
            return Ok(None);
        };
        self.infer(photo, move |inference, photo| {
            let crop = photo::centre_crop(photo.overview().pixels(), LABEL_CROP, size)?;
            Ok(inference.classify(&crop, LABELS)?)
        })
        .await
    }

    /// How well the tagger's prompts fit the photo; none when there is no text-image model.
    async fn compare(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
        tagger: &Arc<Tagger>,
    ) -> Result<Option<Vec<f32>>, PipelineError> {
        let Some(size) = self
            .inference
            .image_encoder_size()
            .filter(|_| wanted.similarities)
        else {
            return Ok(None);
        };
        let (vocabulary, tagger) = (Arc::clone(&self.vocabulary), Arc::clone(tagger));
        self.infer(photo, move |inference, photo| {
            let crop = photo::shorter_side_crop(photo.overview().pixels(), size)?;
            match inference.encode_image(&crop)? {
                Some(embedding) => Ok(vocabulary.similarities(tagger.prompts(), &embedding)?),
                None => Ok(None),
            }
        })
        .await
    }

    /// One sentence about the photo; none when there is no captioner.
    async fn caption(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
    ) -> Result<Option<String>, PipelineError> {
        let Some(size) = self.inference.captioner_size().filter(|_| wanted.caption) else {
            return Ok(None);
        };
        self.infer(photo, move |inference, photo| {
            let caption = inference.caption(&photo::stretch(photo.overview().pixels(), size)?)?;
            Ok(caption.map(|caption| {
                let (tokens, log_probability) = (caption.tokens.len(), caption.log_probability);
                tracing::debug!(tokens, log_probability, "a caption was written");
                caption.text
            }))
        })
        .await
    }

    /// The things in the photo; none when there is no object detector.
    async fn find_objects(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
    ) -> Result<Option<Vec<SceneObject>>, PipelineError> {
        let Some(size) = self.inference.object_size().filter(|_| wanted.objects) else {
            return Ok(None);
        };
        self.infer(photo, move |inference, photo| {
            let pixels = photo.overview().pixels();
            let found = inference.objects(&photo::in_corner(pixels, size, Rgb([GREY; 3]))?)?;
            let (width, height) = photo.dimensions();
            let longer = width.max(height) as f32;
            let in_photo = |point: Point| Point {
                x: point.x * longer,
                y: point.y * longer,
            };
            let object = |found: FoundObject| SceneObject {
                name: found.name.to_owned(),
                score: found.score,
                bounding_box: found.rect.mapped(in_photo).to_bounding_box(width, height),
            };
            Ok(found.map(|found| found.into_iter().map(object).collect()))
        })
        .await
    }

    /// What is written in the photo; none when the set cannot read.
    async fn read(
        &self,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
    ) -> Result<Option<Vec<TextLine>>, PipelineError> {
        if !wanted.text {
            return Ok(None);
        }
        let settings = ReadingSettings {
            budget: self.settings.text_budget,
            lines: self.settings.text_lines,
        };
        self.infer(photo, move |inference, photo| {
            read_text(inference, photo, settings)
        })
        .await
    }

    /// How well the tagger's prompts fit the labels; none when there are no labels or no text encoder.
    async fn compare_in_words(
        &self,
        photo: &Arc<DecodedPhoto>,
        tagger: &Arc<Tagger>,
        scene: &Scene,
    ) -> Result<Option<Vec<f32>>, PipelineError> {
        let Some(labels) = scene.labels.clone() else {
            return Ok(None);
        };
        let (vocabulary, tagger) = (Arc::clone(&self.vocabulary), Arc::clone(tagger));
        self.infer(photo, move |_, _| {
            Ok(vocabulary.text_similarities(tagger.prompts(), &labels)?)
        })
        .await
    }
}

/// A face and what is around it.
fn around(face: &Rect) -> Rect {
    let margin = AROUND * face.longer_side();
    Rect {
        x1: face.x1 - margin,
        y1: face.y1 - margin,
        x2: face.x2 + margin,
        y2: face.y2 + margin,
    }
}

/// Looks at one face, in the part of the photo that shows more of it, when there is one; none when its landmarks do not make
/// a face.
fn observe(
    inference: &Inference,
    photo: &Photo,
    detection: &Detection,
    closer: Option<&Part>,
    demographics: bool,
) -> Result<Option<(SceneFace, Embedding)>, PipelineError> {
    let landmarks = &detection.landmarks;
    let part = closer.unwrap_or_else(|| photo.overview());
    let aligned = match photo::align(
        part,
        landmarks,
        inference.embedder_size(),
        &photo::ARCFACE_TEMPLATE,
    ) {
        Ok(aligned) => aligned,
        Err(error) => {
            tracing::debug!(%error, "a detection was left out");
            return Ok(None);
        }
    };
    let embedding = inference.embed(&aligned)?;
    let quality = photo::quality(detection, &aligned);
    let (width, height) = photo.dimensions();
    let bounding_box = detection.rect.to_bounding_box(width, height);
    let (age, gender) = if demographics && SceneFace::shows_age(&bounding_box, quality) {
        age_and_gender(inference, part, detection)?
    } else {
        (None, None)
    };
    let scene = SceneFace {
        bounding_box,
        confidence: detection.confidence,
        age,
        gender,
        quality,
    };
    Ok(Some((scene, embedding)))
}

/// Age and gender of a face, as far as the set has networks for them.
fn age_and_gender(
    inference: &Inference,
    photo: &Part,
    detection: &Detection,
) -> Result<(Option<f32>, Option<Gender>), PipelineError> {
    if let Some(size) = inference.age_and_gender_size() {
        return match photo::centred_chip(photo, detection, ATTRIBUTE_EXTENT, size) {
            Ok(chip) => Ok(inference.age_and_gender(&chip)?.unzip()),
            Err(error) => {
                tracing::debug!(%error, "a face whose box has no area has no age");
                Ok((None, None))
            }
        };
    }
    let chip = |size: Option<u32>| {
        size.map(|size| photo::align(photo, &detection.landmarks, size, &photo::DEMOGRAPHICS_TEMPLATE))
            .transpose()
    };
    let age = match chip(inference.age_size())? {
        Some(chip) => inference.age(&chip)?,
        None => None,
    };
    let gender = match chip(inference.gender_size())? {
        Some(chip) => inference.gender(&chip)?,
        None => None,
    };
    Ok((age, gender))
}

/// The scene with its faces and nothing else.
fn scene(photo: &Photo, faces: &[NewFace]) -> Scene {
    let (width, height) = photo.dimensions();
    Scene {
        width,
        height,
        faces: faces.iter().map(|face| face.scene.clone()).collect(),
        ..Scene::default()
    }
}

/// Makes the picture of a face, upright, from the part in which it was looked at, when there is one.
fn thumbnail(photo: Arc<DecodedPhoto>, closer: Option<Arc<Part>>, face: Detection) -> MakeThumbnail {
    Box::new(move || {
        let part = closer.as_deref().unwrap_or_else(|| photo.overview());
        let rect = part.rect(&face.rect);
        let mut crop = photo::square_crop(part.pixels(), &rect, THUMBNAIL_MARGIN, THUMBNAIL_SIZE)?;
        if let Some(quarter) = photo::turn_upright(&face.landmarks) {
            crop = quarter.apply(&crop);
        }
        Ok(photo::encode_jpeg(&crop, THUMBNAIL_QUALITY)?)
    })
}
