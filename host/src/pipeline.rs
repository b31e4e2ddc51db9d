//! A photo's whole journey: bytes in, people, tags and context out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use image::RgbImage;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::config::PipelineSettings;
use crate::domain::{
    BoundingBox, ClusterId, Decision, Detection, Embedding, EmbeddingModel, Evidence, FaceId, FileId, Gender,
    Label, Neighbour, Rect, Scene, SceneFace, ScoredTag,
};
use crate::faces::{
    FacesError, NewFace, People, PhotoDescription, PhotoRecord, PlacedFace, PluginDigests, Policy,
    PolicyError, StoredContext,
};
use crate::inference::{self, Inference, InferenceError};
use crate::photo::{self, DecodeSettings, Downloader, PhotoError};
use crate::plugins::{
    Context, Pixels, PluginError, PluginIdentities, PluginSet, Plugins, Slot, Tagger, View,
};
use crate::vocabulary::{Vocabulary, VocabularyError};

/// How many of the classifier's classes plugins get to see, best first.
const LABELS: usize = 20;
/// Width and height of a cluster's thumbnail in pixels.
const THUMBNAIL_SIZE: u32 = 256;
/// What a thumbnail shows around the face, as a fraction of the face's longer side.
const THUMBNAIL_MARGIN: f32 = 0.35;
/// JPEG quality of a thumbnail, 1 to 100.
const THUMBNAIL_QUALITY: u8 = 88;

/// One face of the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescribedFace {
    /// Stays the same when the photo is processed again.
    pub face_id: FaceId,
    /// The person.
    pub cluster_id: ClusterId,
    /// Pixels of the upright photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// The person was not known before this photo.
    pub is_new_cluster: bool,
    /// Apparent age in years, when a plugin asked for demographics.
    pub age: Option<f32>,
    /// Apparent gender, when a plugin asked for demographics.
    pub gender: Option<Gender>,
    /// How well the face can be told from others, 0 to 1.
    pub quality: f32,
    /// The clustering policy's reason.
    #[serde(skip)]
    pub reason: String,
}

/// How long each stage took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StageTimings {
    /// Fetching the photo.
    pub download: f64,
    /// Decoding it.
    pub decode: f64,
    /// All networks, waiting for a session included.
    pub inference: f64,
    /// Tagger and context mapper.
    pub plugins: f64,
    /// Searching, deciding and writing, waiting for other photos included.
    pub faces: f64,
}

/// Everything the worker says about one photo.
#[derive(Clone, Debug)]
pub struct Description {
    /// The people, largest face first.
    pub faces: Vec<DescribedFace>,
    /// Tags at or above the threshold, best first.
    pub tags: Vec<ScoredTag>,
    /// The Indonesian phrase.
    pub context: Context,
    /// Width and height of the upright photo in pixels.
    pub size: (u32, u32),
    /// The classifier's best classes, when a plugin asked for them.
    pub labels: Option<Vec<Label>>,
    /// Which plugins decided.
    pub plugins: PluginIdentities,
    /// Slots whose plugin failed, so that something else stands in for its answer.
    pub degraded: Vec<Slot>,
    /// Where the time went.
    pub timings: StageTimings,
}

/// Why a photo could not be described; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// It could not be fetched or decoded.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// A network failed.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The prompts of the vocabulary could not be compared with what was seen.
    #[error(transparent)]
    Vocabulary(#[from] VocabularyError),
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The faces could not be stored.
    #[error(transparent)]
    Faces(#[from] FacesError),
    /// A stage panicked or was cancelled.
    #[error("a stage of the pipeline ended before it had an answer")]
    Stage(#[from] tokio::task::JoinError),
}

/// The stages and what they need.
pub struct Pipeline {
    downloader: Downloader,
    decode: DecodeSettings,
    settings: PipelineSettings,
    inference: Arc<Inference>,
    vocabulary: Arc<Vocabulary>,
    plugins: Arc<Plugins>,
    people: Arc<People>,
    model_set: String,
}

/// What the worker sees in a photo.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What plugins are shown.
    pub scene: Scene,
    /// The active tagger's tags at or above the threshold, best first.
    pub tags: Vec<ScoredTag>,
}

/// What the networks saw in one face.
struct Observed {
    detection: Detection,
    embedding: Embedding,
    age: Option<f32>,
    gender: Option<Gender>,
}

impl Pipeline {
    /// Puts the stages together; `model_set` is the name of the set that `inference` runs.
    #[must_use]
    pub fn new(
        downloader: Downloader,
        decode: DecodeSettings,
        settings: PipelineSettings,
        inference: Arc<Inference>,
        vocabulary: Arc<Vocabulary>,
        plugins: Arc<Plugins>,
        people: Arc<People>,
        model_set: String,
    ) -> Self {
        Self {
            downloader,
            decode,
            settings,
            inference,
            vocabulary,
            plugins,
            people,
            model_set,
        }
    }

    /// Fetches a photo and describes it.
    ///
    /// # Errors
    /// When any stage fails; then nothing was stored.
    pub async fn process_url(&self, file: &FileId, url: &str) -> Result<Description, PipelineError> {
        let started = Instant::now();
        let bytes = self.downloader.fetch(url).await?;
        let download = milliseconds_since(started);
        let mut description = self.process_bytes(file, bytes).await?;
        description.timings.download = download;
        Ok(description)
    }

    /// Describes a photo file.
    ///
    /// # Errors
    /// When any stage fails; then nothing was stored.
    pub async fn process_bytes(&self, file: &FileId, bytes: Bytes) -> Result<Description, PipelineError> {
        let mut timings = StageTimings::default();
        let plugins = self.plugins.snapshot();

        let started = Instant::now();
        let photo = self.decode(bytes).await?;
        timings.decode = milliseconds_since(started);

        let started = Instant::now();
        let wanted = plugins.tagger.evidence().union(plugins.context_mapper.evidence());
        let (observed, scene) = self.see(&photo, wanted, &plugins.tagger).await?;
        timings.inference = milliseconds_since(started);

        let started = Instant::now();
        let pixels = pixels(&photo, wanted);
        let Interpretation {
            scene,
            tags,
            context,
            mut degraded,
        } = self.interpret(&plugins, scene, pixels).await?;
        timings.plugins = milliseconds_since(started);

        let started = Instant::now();
        let identities = plugins.identities();
        let policy = Arc::new(ActivePolicy {
            plugins: Arc::clone(&self.plugins),
            set: plugins,
            degraded: AtomicBool::new(false),
        });
        let new_faces = observed
            .into_iter()
            .zip(&scene.faces)
            .map(|(seen, face)| NewFace {
                scene: face.clone(),
                embedding: seen.embedding,
                thumbnail: thumbnail(Arc::clone(&photo), seen.detection.rect),
            })
            .collect();
        let record = PhotoRecord {
            file_id: file.clone(),
            scene: scene.clone(),
            prompts_of: identities.tagger.digest.clone(),
            description: PhotoDescription {
                tags: tags.clone(),
                context: stored_context(&context),
                plugins: plugin_digests(&identities),
            },
            model_set: self.model_set.clone(),
        };
        let placed = self
            .people
            .place(record, new_faces, Arc::<ActivePolicy>::clone(&policy))
            .await?;
        timings.faces = milliseconds_since(started);
        if policy.degraded.load(Ordering::Relaxed) {
            degraded.push(Slot::ClusterPolicy);
        }

        Ok(Description {
            faces: placed.into_iter().zip(&scene.faces).map(described_face).collect(),
            tags,
            context,
            size: photo.dimensions(),
            labels: scene.labels,
            plugins: identities,
            degraded,
            timings,
        })
    }

    /// What the worker sees in a photo file, and its tags; nothing is stored. `wanted` is seen besides what the active
    /// plugins want, as far as the model set can give it.
    ///
    /// # Errors
    /// When any stage fails.
    pub async fn observe(&self, bytes: Bytes, wanted: Evidence) -> Result<Observation, PipelineError> {
        let plugins = self.plugins.snapshot();
        let wanted = wanted
            .union(plugins.tagger.evidence())
            .union(plugins.context_mapper.evidence());
        let photo = self.decode(bytes).await?;
        let (_, scene) = self.see(&photo, wanted, &plugins.tagger).await?;
        let Interpretation { scene, tags, .. } =
            self.interpret(&plugins, scene, pixels(&photo, wanted)).await?;
        Ok(Observation { scene, tags })
    }

    async fn decode(&self, bytes: Bytes) -> Result<Arc<RgbImage>, PipelineError> {
        let settings = self.decode;
        let photo = tokio::task::spawn_blocking(move || photo::decode(&bytes, &settings)).await??;
        Ok(Arc::new(photo))
    }

    /// Runs the networks whose evidence is wanted, side by side.
    async fn see(
        &self,
        photo: &Arc<RgbImage>,
        wanted: Evidence,
        tagger: &Arc<Tagger>,
    ) -> Result<(Vec<Observed>, Scene), PipelineError> {
        let (observed, labels) = tokio::try_join!(
            self.observe_faces(photo, wanted.demographics),
            self.classify(photo, wanted)
        )?;
        let mut scene = scene(photo, &observed, labels);
        if wanted.text_similarities {
            scene.text_similarities = self.compare_in_words(tagger, &scene).await?;
        }
        if !wanted.labels {
            scene.labels = None;
        }
        Ok((observed, scene))
    }

    /// Finds the faces, then looks at each; as many at the same time as there are inference sessions.
    async fn observe_faces(
        &self,
        photo: &Arc<RgbImage>,
        demographics: bool,
    ) -> Result<Vec<Observed>, PipelineError> {
        let (inference, shared) = (Arc::clone(&self.inference), Arc::clone(photo));
        let mut detections = tokio::task::spawn_blocking(move || detect(&inference, &shared)).await??;
        detections.sort_by(|a, b| b.rect.area().total_cmp(&a.rect.area()));
        if detections.len() > self.settings.max_faces {
            tracing::warn!(
                found = detections.len(),
                kept = self.settings.max_faces,
                "more faces than MAX_FACES"
            );
            detections.truncate(self.settings.max_faces);
        }
        // Dropping the set, when the caller is gone, drops the faces nobody has started on.
        let mut faces = JoinSet::new();
        for (index, detection) in detections.into_iter().enumerate() {
            let (inference, photo) = (Arc::clone(&self.inference), Arc::clone(photo));
            faces.spawn_blocking(move || {
                Ok::<_, PipelineError>((index, observe(&inference, &photo, detection, demographics)?))
            });
        }
        let mut observed = Vec::with_capacity(faces.len());
        while let Some(face) = faces.join_next().await {
            observed.push(face??);
        }
        observed.sort_by_key(|(index, _)| *index);
        Ok(observed.into_iter().filter_map(|(_, face)| face).collect())
    }

    async fn classify(
        &self,
        photo: &Arc<RgbImage>,
        wanted: Evidence,
    ) -> Result<Option<Vec<Label>>, PipelineError> {
        let Some(size) = self
            .inference
            .label_size()
            .filter(|_| wanted.labels || wanted.text_similarities)
        else {
            return Ok(None);
        };
        let (inference, photo) = (Arc::clone(&self.inference), Arc::clone(photo));
        tokio::task::spawn_blocking(move || {
            let crop = photo::centre_crop(&photo, LABEL_CROP, size)?;
            Ok(inference.labels(&crop, LABELS)?)
        })
        .await?
    }

    /// How well the tagger's prompts fit the labels; none when there are no labels or no text encoder.
    async fn compare_in_words(
        &self,
        tagger: &Arc<Tagger>,
        scene: &Scene,
    ) -> Result<Option<Vec<f32>>, PipelineError> {
        let Some(labels) = scene.labels.clone() else {
            return Ok(None);
        };
        let (vocabulary, tagger) = (Arc::clone(&self.vocabulary), Arc::clone(tagger));
        tokio::task::spawn_blocking(move || Ok(vocabulary.similarities(tagger.prompts(), &labels)?)).await?
    }

    async fn interpret(
        &self,
        set: &Arc<PluginSet>,
        scene: Scene,
        pixels: Option<Arc<dyn Pixels>>,
    ) -> Result<Interpretation, PipelineError> {
        let (plugins, set) = (Arc::clone(&self.plugins), Arc::clone(set));
        let threshold = self.settings.tag_threshold;
        tokio::task::spawn_blocking(move || {
            let tags = plugins.tag(&set, &scene, pixels.as_ref(), threshold)?;
            let context = plugins.map(&set, &scene, &tags.value, pixels.as_ref())?;
            let degraded = [
                (tags.degraded, Slot::Tagger),
                (context.degraded, Slot::ContextMapper),
            ];
            Ok(Interpretation {
                scene,
                tags: tags.value,
                context: context.value,
                degraded: degraded
                    .into_iter()
                    .filter(|(degraded, _)| *degraded)
                    .map(|(_, slot)| slot)
                    .collect(),
            })
        })
        .await?
    }
}

/// What plugins made of a scene.
struct Interpretation {
    scene: Scene,
    tags: Vec<ScoredTag>,
    context: Context,
    degraded: Vec<Slot>,
}

/// The photo for plugins, when one of them wants it.
fn pixels(photo: &Arc<RgbImage>, wanted: Evidence) -> Option<Arc<dyn Pixels>> {
    if wanted.pixels {
        Some(Arc::new(PhotoPixels(Arc::clone(photo))))
    } else {
        None
    }
}

/// The decoded photo as plugins may see it.
struct PhotoPixels(Arc<RgbImage>);

impl Pixels for PhotoPixels {
    fn tensor(&self, view: &View) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        let crop = photo::centre_crop(&self.0, view.fraction, view.input.size)?;
        Ok(inference::image_tensor(&crop, &view.input))
    }
}

/// What EfficientNet-Lite2 was evaluated on: this share of the shorter side, in the centre.
const LABEL_CROP: f32 = 0.93;

fn milliseconds_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}

fn detect(inference: &Inference, photo: &RgbImage) -> Result<Vec<Detection>, PipelineError> {
    let letterboxed = photo::letterbox(photo, inference.detector_size())?;
    let mut detections = inference.detect(&letterboxed.image)?;
    for Detection { rect, landmarks, .. } in &mut detections {
        for value in [&mut rect.x1, &mut rect.y1, &mut rect.x2, &mut rect.y2] {
            *value /= letterboxed.scale;
        }
        for point in landmarks {
            point.x /= letterboxed.scale;
            point.y /= letterboxed.scale;
        }
    }
    Ok(detections)
}

/// Looks at one face; none when its landmarks do not make a face.
fn observe(
    inference: &Inference,
    photo: &RgbImage,
    detection: Detection,
    demographics: bool,
) -> Result<Option<Observed>, PipelineError> {
    let landmarks = &detection.landmarks;
    let aligned = match photo::align(
        photo,
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
    let chip = |size: Option<u32>| {
        size.filter(|_| demographics)
            .map(|size| photo::align(photo, landmarks, size, &photo::DEMOGRAPHICS_TEMPLATE))
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
    Ok(Some(Observed {
        detection,
        embedding,
        age,
        gender,
    }))
}

fn scene(photo: &RgbImage, observed: &[Observed], labels: Option<Vec<Label>>) -> Scene {
    let (width, height) = photo.dimensions();
    let faces = observed
        .iter()
        .map(|seen| SceneFace {
            bounding_box: seen.detection.rect.to_bounding_box(width, height),
            confidence: seen.detection.confidence,
            age: seen.age,
            gender: seen.gender,
            quality: quality(&seen.detection),
        })
        .collect();
    Scene {
        width,
        height,
        faces,
        labels,
        similarities: None,
        caption: None,
        text_similarities: None,
    }
}

/// How well a face can be told from others, 0 to 1: the detector's score, scaled down for faces whose shorter
/// side is less than the 112 pixels an embedder looks at.
fn quality(detection: &Detection) -> f32 {
    let Rect { x1, y1, x2, y2 } = detection.rect;
    let shorter = (x2 - x1).min(y2 - y1);
    (detection.confidence * (shorter / 112.0).clamp(0.0, 1.0)).clamp(0.0, 1.0)
}

fn thumbnail(photo: Arc<RgbImage>, face: Rect) -> crate::faces::MakeThumbnail {
    Box::new(move || {
        let crop = photo::square_crop(&photo, &face, THUMBNAIL_MARGIN, THUMBNAIL_SIZE)?;
        Ok(photo::encode_jpeg(&crop, THUMBNAIL_QUALITY)?)
    })
}

fn described_face((placed, face): (PlacedFace, &SceneFace)) -> DescribedFace {
    DescribedFace {
        face_id: placed.face_id,
        cluster_id: placed.cluster_id,
        bounding_box: face.bounding_box,
        confidence: face.confidence,
        is_new_cluster: placed.is_new_cluster,
        age: face.age,
        gender: face.gender,
        quality: face.quality,
        reason: placed.reason,
    }
}

/// A context as it is stored.
pub(crate) fn stored_context(context: &Context) -> StoredContext {
    StoredContext {
        phrase: context.phrase.clone(),
        confidence: context.confidence,
    }
}

fn plugin_digests(identities: &PluginIdentities) -> PluginDigests {
    PluginDigests {
        tagger: identities.tagger.digest.clone(),
        context_mapper: identities.context_mapper.digest.clone(),
        cluster_policy: identities.cluster_policy.digest.clone(),
    }
}

/// The cluster policy plugin as the faces see it.
struct ActivePolicy {
    plugins: Arc<Plugins>,
    set: Arc<PluginSet>,
    /// It failed for at least one face, and the threshold decided instead.
    degraded: AtomicBool,
}

impl Policy for ActivePolicy {
    fn neighbours(&self) -> usize {
        self.set.cluster_policy.neighbours()
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        let answered = self.plugins.decide(&self.set, face, neighbours, model)?;
        self.degraded.fetch_or(answered.degraded, Ordering::Relaxed);
        Ok(answered.value)
    }
}
