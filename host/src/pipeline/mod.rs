//! A photo's whole journey: bytes in, people, tags and context out.

mod admission;
mod answer;
mod error;
mod identifying;
mod memory;
mod perceiving;
mod permits;
mod pixels;
mod running;
mod search;
mod showing;
mod stages;
mod text;
mod vision;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tracing::{Instrument as _, info_span};

use crate::domain::{
    Decision, EmbeddingModel, Evidence, FileId, Neighbour, Scene, SceneFace, ScoredTag, SourceUrl,
};
use crate::metrics::{self, Stage};
use crate::people::{
    Consolidation, ConsolidationRequest, PairPage, PairRequest, PeopleError, Policy, PolicyError,
    Precondition,
};
use crate::photo::{self, Look, Photo};
use crate::plugins::{
    Answered, ClusterQuestion, Context, ContextQuestion, PluginSet, Plugins, Slot, TagQuestion,
};
use crate::store::{PhotoDescription, PhotoRecord, PluginDigests, StoredContext};
use memory::DecodedPhoto;
use perceiving::{Interpretation, Perceived};
use pixels::pixels;
use stages::{blocking, done};
use vision::Seen;

pub use admission::{Admissions, Batch, NotAdmitted, Occupancy, Place};
pub use answer::{Description, StageTimings};
pub use error::PipelineError;
pub use identifying::{FoundFaces, IdentifiedFace};
pub use memory::PixelBudget;
pub use permits::InferencePermits;
pub use stages::Pipeline;

/// What the worker sees in a photo.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What plugins are shown.
    pub scene: Scene,
    /// The active tagger's tags at or above the threshold, best first.
    pub tags: Vec<ScoredTag>,
}

impl Pipeline {
    /// Fetches a photo and describes it.
    ///
    /// # Errors
    /// When any stage fails; then nothing was stored.
    pub async fn process_url(
        &self,
        place: Place,
        file: &FileId,
        url: &str,
    ) -> Result<Description, PipelineError> {
        self.fetch_and_describe(place, file, url, Precondition::None)
            .await
    }

    /// Fetches a photo that is stored, and describes it again.
    ///
    /// # Errors
    /// When any stage fails, or the photo was deleted meanwhile ([`PeopleError::UnknownFile`]); then nothing was stored.
    pub async fn reprocess_url(
        &self,
        place: Place,
        file: &FileId,
        url: &str,
    ) -> Result<Description, PipelineError> {
        self.fetch_and_describe(place, file, url, Precondition::Stored)
            .await
    }

    async fn fetch_and_describe(
        &self,
        place: Place,
        file: &FileId,
        url: &str,
        precondition: Precondition,
    ) -> Result<Description, PipelineError> {
        self.people.expect_store().map_err(PeopleError::from)?;
        let started = Instant::now();
        let bytes = self.fetch(url).await?;
        let download = started.elapsed().as_secs_f64() * 1_000.0;
        let source = self.settings.store_urls.keep(url);
        let mut description = self.describe(place, file, bytes, source, precondition).await?;
        description.timings.download = download;
        Ok(description)
    }

    /// Fetches a photo file; call it with a place, so that no more files are in memory than photos are in work.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn fetch(&self, url: &str) -> Result<Bytes, PipelineError> {
        let started = Instant::now();
        let bytes = self.source.fetch(url).instrument(info_span!("download")).await?;
        done(Stage::Download, started);
        Ok(bytes)
    }

    /// Describes a photo file. It has its place until it is answered.
    ///
    /// # Errors
    /// When any stage fails; then nothing was stored.
    pub async fn process_bytes(
        &self,
        place: Place,
        file: &FileId,
        bytes: Bytes,
    ) -> Result<Description, PipelineError> {
        self.describe(place, file, bytes, None, Precondition::None).await
    }

    /// Describes a photo file, which came from this URL as far as that is kept.
    async fn describe(
        &self,
        place: Place,
        file: &FileId,
        bytes: Bytes,
        source_url: Option<SourceUrl>,
        precondition: Precondition,
    ) -> Result<Description, PipelineError> {
        self.people.expect_store().map_err(PeopleError::from)?;
        let plugins = self.plugins.snapshot();
        let Perceived { faces, mut account } = self.perceive(&place, bytes, &plugins, Some(file)).await?;

        let started = Instant::now();
        let policy = Arc::new(self.policy(plugins));
        let record = PhotoRecord {
            file_id: file.clone(),
            scene: account.scene.clone(),
            prompts_of: account.plugins[Slot::Tagger].digest.clone(),
            description: PhotoDescription {
                tags: account
                    .tags
                    .iter()
                    .cloned()
                    .map(ScoredTag::without_reason)
                    .collect(),
                context: stored_context(&account.context),
                plugins: PluginDigests::new(|slot| account.plugins[slot].digest.clone()),
            },
            model_set: self.model_set.clone(),
            source_url,
        };
        let placed = self
            .people
            .place_if(precondition, record, faces, Arc::<ActivePolicy>::clone(&policy))
            .instrument(info_span!("faces"))
            .await?;
        account.timings.faces = done(Stage::Faces, started);
        metrics::photo_faces(placed.len());
        if policy.degraded.load(Ordering::Relaxed) {
            account.degraded.push(Slot::ClusterPolicy);
        }
        Ok(account.with_faces(placed))
    }

    /// What the worker sees in a photo file, and its tags; nothing is stored. `wanted` is seen besides what the active
    /// plugins want, as far as the model set can give it.
    ///
    /// # Errors
    /// When any stage fails.
    pub async fn observe(
        &self,
        place: Place,
        bytes: Bytes,
        wanted: Evidence,
    ) -> Result<Observation, PipelineError> {
        let plugins = self.plugins.snapshot();
        let wanted = self.evidence(&plugins, wanted);
        let photo = self.decode(&place, bytes, self.look()).await?;
        let Seen { scene, .. } = self.see(&photo, wanted, &plugins.tagger, &[]).await?;
        let Interpretation { scene, tags, .. } = self.interpret(&plugins, scene, &photo, wanted).await?;
        Ok(Observation { scene, tags })
    }

    /// Asks the active policy again about stored faces; see [`People::consolidate`].
    ///
    /// # Errors
    /// When the policy or the store fails; what was merged before stays merged.
    pub async fn consolidate(&self, request: ConsolidationRequest) -> Result<Consolidation, PeopleError> {
        let policy = Arc::new(self.policy(self.plugins.snapshot()));
        self.people.consolidate(request, policy).await
    }

    /// Pairs of people who may be one, as the active policy sees them; see [`People::pairs`].
    ///
    /// # Errors
    /// When the policy or the store fails.
    pub async fn pairs(&self, request: PairRequest) -> Result<PairPage, PeopleError> {
        let policy = Arc::new(self.policy(self.plugins.snapshot()));
        self.people.pairs(request, policy).await
    }

    /// Asks the active policy again about the cluster that has waited longest since new evidence came; see
    /// [`People::consolidate_next`].
    ///
    /// # Errors
    /// When the policy or the store fails.
    pub async fn consolidate_next(&self) -> Result<bool, PeopleError> {
        let policy = Arc::new(self.policy(self.plugins.snapshot()));
        self.people.consolidate_next(policy).await
    }

    /// What the model set can tell plugins and may compute.
    #[must_use]
    pub fn available(&self) -> Evidence {
        self.inference.evidence().without(self.settings.evidence_off)
    }

    /// What is computed for these plugins, and for somebody else.
    fn evidence(&self, plugins: &PluginSet, also: Evidence) -> Evidence {
        plugins.evidence().union(also).intersection(self.available())
    }

    fn policy(&self, set: Arc<PluginSet>) -> ActivePolicy {
        ActivePolicy {
            plugins: Arc::clone(&self.plugins),
            set,
            degraded: AtomicBool::new(false),
        }
    }

    /// Decodes as much of a photo as is looked at, when there is room for its pixels, which its header says.
    async fn decode(
        &self,
        place: &Place,
        bytes: Bytes,
        look: Look,
    ) -> Result<Arc<DecodedPhoto>, PipelineError> {
        let settings = self.decode;
        let header = bytes.clone();
        let size = blocking(move || Ok(photo::dimensions(&header, &settings)?)).await?;
        let room = self.memory.reserve(size).await;
        let place = place.clone();
        blocking(move || {
            let photo = Photo::read(bytes, &settings, look)?;
            Ok(Arc::new(DecodedPhoto::new(photo, room, place)))
        })
        .await
    }

    async fn interpret(
        &self,
        set: &Arc<PluginSet>,
        scene: Scene,
        photo: &Arc<DecodedPhoto>,
        wanted: Evidence,
    ) -> Result<Interpretation, PipelineError> {
        let (plugins, set, photo) = (Arc::clone(&self.plugins), Arc::clone(set), Arc::clone(photo));
        let threshold = self.settings.tag_threshold;
        blocking(move || {
            let pixels = pixels(&photo, wanted);
            let photo = pixels.as_ref();
            let question = TagQuestion {
                scene: &scene,
                photo,
                threshold,
            };
            let tags = plugins.ask(&set, &question)?;
            let question = ContextQuestion {
                scene: &scene,
                tags: &tags.value,
                photo,
            };
            let context = plugins.ask(&set, &question)?;
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
        .await
    }
}

/// A context as it is stored.
pub(crate) fn stored_context(context: &Context) -> StoredContext {
    StoredContext {
        phrase: context.phrase.clone(),
        confidence: context.confidence,
    }
}

/// The cluster policy plugin as the faces see it.
struct ActivePolicy {
    plugins: Arc<Plugins>,
    set: Arc<PluginSet>,
    /// It failed for at least one face, and the threshold decided instead.
    degraded: AtomicBool,
}

impl ActivePolicy {
    fn ask(&self, question: &ClusterQuestion<'_>) -> Result<Decision, PolicyError> {
        let Answered { value, degraded } = self.plugins.ask(&self.set, question)?;
        self.degraded.fetch_or(degraded, Ordering::Relaxed);
        Ok(value)
    }
}

impl Policy for ActivePolicy {
    fn digest(&self) -> &str {
        &self.set.cluster_policy.identity().digest
    }

    fn neighbours(&self) -> usize {
        self.set.cluster_policy.neighbours()
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        self.ask(&ClusterQuestion {
            face,
            cluster_faces: None,
            neighbours,
            model,
        })
    }

    fn review(
        &self,
        face: &SceneFace,
        cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        self.ask(&ClusterQuestion {
            face,
            cluster_faces: Some(cluster_faces),
            neighbours,
            model,
        })
    }
}
