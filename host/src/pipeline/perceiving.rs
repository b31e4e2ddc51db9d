//! What a photo file shows and what the plugins say of it, before anything is decided or stored.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tracing::{Instrument as _, info_span};

use super::admission::Place;
use super::answer::{Description, StageTimings};
use super::error::PipelineError;
use super::stages::{Pipeline, done};
use super::vision::Seen;
use crate::domain::{BoundingBox, Evidence, FileId, Scene, ScoredTag};
use crate::metrics::{self, Stage};
use crate::people::{NewFace, PeopleError};
use crate::plugins::{Context, PluginIdentities, PluginSet, Slot};

/// Everything that is said of a photo but whose its faces are. Their pictures are all that needs its pixels from here on.
pub(super) struct Perceived {
    /// Largest first. The scene has what was seen of each.
    pub(super) faces: Vec<NewFace>,
    pub(super) account: Account,
}

/// What is said of a photo. The text that was read is in it only when it may be kept.
pub(super) struct Account {
    pub(super) scene: Scene,
    pub(super) tags: Vec<ScoredTag>,
    pub(super) context: Context,
    pub(super) plugins: PluginIdentities,
    pub(super) degraded: Vec<Slot>,
    pub(super) looks: u32,
    pub(super) timings: StageTimings,
}

/// What plugins made of a scene.
pub(super) struct Interpretation {
    pub(super) scene: Scene,
    pub(super) tags: Vec<ScoredTag>,
    pub(super) context: Context,
    pub(super) degraded: Vec<Slot>,
}

impl Account {
    /// The whole description, with whose the faces are.
    pub(super) fn with_faces<F>(self, faces: Vec<F>) -> Description<F> {
        let scene = self.scene;
        Description {
            faces,
            tags: self.tags,
            context: self.context,
            size: (scene.width, scene.height),
            looks: self.looks,
            labels: scene.labels,
            caption: scene.caption,
            objects: scene.objects,
            indoor: scene.indoor,
            text: scene.text,
            plugins: self.plugins,
            degraded: self.degraded,
            timings: self.timings,
        }
    }
}

impl Pipeline {
    /// Decodes a photo file, runs the networks and asks tagger and context mapper. What somebody said is no face of the
    /// photo that is stored under this name is left out.
    pub(super) async fn perceive(
        &self,
        place: &Place,
        bytes: Bytes,
        plugins: &Arc<PluginSet>,
        stored_as: Option<&FileId>,
    ) -> Result<Perceived, PipelineError> {
        let mut timings = StageTimings::default();
        let started = Instant::now();
        let file_bytes = bytes.len();
        let photo = self
            .decode(place, bytes, self.look())
            .instrument(info_span!("decode"))
            .await?;
        timings.decode = done(Stage::Decode, started);
        metrics::photo_size(file_bytes, photo.dimensions());

        let started = Instant::now();
        let wanted = self.evidence(plugins, Evidence::default());
        let rejected = match stored_as {
            Some(file) => self.people.rejections(file).await.map_err(PeopleError::from)?,
            None => Vec::new(),
        };
        let rejected: Vec<BoundingBox> = rejected.iter().map(|rejection| rejection.bounding_box).collect();
        let Seen { faces, scene, looks } = self
            .see(&photo, wanted, &plugins.tagger, &rejected)
            .instrument(info_span!("inference"))
            .await?;
        timings.inference = done(Stage::Inference, started);

        let started = Instant::now();
        let Interpretation {
            mut scene,
            tags,
            context,
            degraded,
        } = self
            .interpret(plugins, scene, &photo, wanted)
            .instrument(info_span!("plugins"))
            .await?;
        timings.plugins = done(Stage::Plugins, started);
        if !self.settings.store_text {
            scene.text = None;
        }
        Ok(Perceived {
            faces,
            account: Account {
                scene,
                tags,
                context,
                plugins: plugins.identities(),
                degraded,
                looks,
                timings,
            },
        })
    }
}
