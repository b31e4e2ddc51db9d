//! When networks are in memory: loaded at the start or when they are first needed, and dropped when nobody needs them.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use image::RgbImage;

use super::devices::{Device, compiled};
use super::session::Network;
use super::{CaptionSettings, Inference, InferenceError};
use crate::domain::Evidence;
use crate::models::manifest::{Architecture, Model, Role};
use crate::models::precision::Precision;

/// A network of the active set, for `/health`.
#[derive(Clone, Debug)]
pub struct ModelStatus {
    /// Its name in the manifest.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The architecture of the network.
    pub architecture: Architecture,
    /// The number format in which it computes.
    pub precision: Precision,
    /// The device that it runs on.
    pub device: Device,
    /// Whether the network is in memory; if not, it is loaded when it is next needed.
    pub loaded: bool,
    /// For a network that compares photos with prompts, once it has run: the factor by which a cosine similarity is
    /// multiplied before a softmax over the prompts.
    pub logit_scale: Option<f32>,
}

/// Which networks are loaded at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preload {
    /// Every one.
    All,
    /// Those of some roles; the others when they are first needed.
    Roles(Vec<Role>),
}

impl FromStr for Preload {
    type Err = String;

    /// `all`, `none`, or roles separated by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::Roles(Vec::new())),
            _ => text
                .split(',')
                .map(|role| role.trim().parse::<Role>().map_err(|error| format!("{error}")))
                .collect::<Result<_, _>>()
                .map(Self::Roles),
        }
    }
}

/// Width and height in pixels of an image that a text detector is tried out on.
const SMALL: u32 = 64;

impl Preload {
    fn includes(&self, role: Role) -> bool {
        match self {
            Self::All => true,
            Self::Roles(roles) => roles.contains(&role),
        }
    }
}

impl Inference {
    /// Loads networks and runs each once, side by side: what does not fit its manifest entry is found now, and the first
    /// photo is fast. Roles that the set does not have are left out, and those that only give evidence which is `off`.
    /// Blocks for seconds.
    ///
    /// # Errors
    /// When a file cannot be used, or a network does not fit its manifest entry.
    pub fn preload(&self, wanted: &Preload, off: Evidence) -> Result<(), InferenceError> {
        let is_off = |role: Role| match role {
            Role::ObjectDetector => off.objects,
            Role::TextDetector | Role::TextRecognizer => off.text,
            _ => false,
        };
        thread::scope(|scope| {
            let trials: Vec<_> = self
                .models
                .iter()
                .filter(|model| wanted.includes(model.role) && !is_off(model.role))
                // Runs with the decoder.
                .filter(|model| model.role != Role::CaptionEncoder || !wanted.includes(Role::CaptionDecoder))
                .map(|model| scope.spawn(|| self.try_out(model.role)))
                .collect();
            trials.into_iter().try_for_each(|trial| {
                trial
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })?;
        self.seal_compiled();
        Ok(())
    }

    /// Takes down which graphs devices have compiled, so that the next start can tell them from others.
    fn seal_compiled(&self) {
        let folders: BTreeSet<&Path> = self
            .networks
            .iter()
            .filter_map(|network| network.compiled())
            .collect();
        for folder in folders {
            if let Err(error) = compiled::seal(folder) {
                tracing::warn!(
                    folder = %folder.display(), %error,
                    "compiled graphs cannot be stored in this folder, so they are compiled again at every start"
                );
            }
        }
    }

    /// Runs the network of a role once, on a grey image or a short text; nothing when the set has none.
    ///
    /// # Errors
    /// As for [`preload`](Self::preload).
    pub fn try_out(&self, role: Role) -> Result<(), InferenceError> {
        let blank = |size: u32| RgbImage::from_pixel(size, size, image::Rgb([127, 127, 127]));
        match role {
            Role::FaceDetector => {
                self.detect(&blank(self.detector_size()))?;
            }
            Role::FaceEmbedder => {
                self.embed(&blank(self.embedder_size()))?;
            }
            Role::Age => {
                self.age_size().map(|size| self.age(&blank(size))).transpose()?;
            }
            Role::Gender => {
                self.gender_size()
                    .map(|size| self.gender(&blank(size)))
                    .transpose()?;
            }
            Role::LabelClassifier => {
                self.label_size()
                    .map(|size| self.classify(&blank(size), 1))
                    .transpose()?;
            }
            Role::ObjectDetector => {
                let size = self.object_size();
                size.map(|size| self.objects(&blank(size))).transpose()?;
            }
            Role::TextDetector => {
                self.text_lines(&blank(SMALL))?;
            }
            Role::TextRecognizer => {
                let size = self.text_height();
                size.map(|size| self.read_line(&blank(size), 0.0..1.0))
                    .transpose()?;
            }
            Role::TextEncoder => {
                self.encode_text("a photo")?;
            }
            Role::AgeGender => {
                let size = self.age_and_gender_size();
                size.map(|size| self.age_and_gender(&blank(size))).transpose()?;
            }
            Role::ImageEncoder => {
                let size = self.image_encoder_size();
                size.map(|size| self.encode_image(&blank(size))).transpose()?;
            }
            Role::PromptEncoder => {
                self.encode_prompt("a photo")?;
            }
            // Neither runs without the other.
            Role::CaptionEncoder | Role::CaptionDecoder => {
                if let Some(captioner) = &self.heads.captioner {
                    let shortest = CaptionSettings {
                        max_length: 2,
                        ..self.caption
                    };
                    captioner.caption(&blank(captioner.size()), &shortest)?;
                }
            }
        }
        Ok(())
    }

    /// Drops the networks that have not run for so long from memory, now and then, until nobody has this any more.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn unload_when_idle(self: &Arc<Self>, idle: Duration) -> std::io::Result<()> {
        let inference = Arc::downgrade(self);
        // Often enough that a network stays hardly longer than it should, and never in a hurry.
        let pause = (idle / 4).clamp(Duration::from_millis(50), Duration::from_secs(30));
        let watch = move || {
            while let Some(inference) = Weak::upgrade(&inference) {
                inference.unload_after(idle);
                drop(inference);
                thread::sleep(pause);
            }
        };
        thread::Builder::new()
            .name("idle-models".to_owned())
            .spawn(watch)?;
        Ok(())
    }

    /// Drops the networks that have not run for so long from memory.
    fn unload_after(&self, idle: Duration) {
        for network in &self.networks {
            if network.unload_after(idle) {
                tracing::info!(model = network.name, "an idle model was unloaded");
            }
        }
    }

    /// The networks of the set, and which of them are in memory.
    #[must_use]
    pub fn models(&self) -> Vec<ModelStatus> {
        let status = |(model, network): (&Model, &Arc<Network>)| ModelStatus {
            name: model.name.clone(),
            role: model.role,
            architecture: model.architecture,
            precision: model.precision,
            device: network.device(),
            loaded: network.is_loaded(),
            logit_scale: network.logit_scale(),
        };
        self.models.iter().zip(&self.networks).map(status).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_as_in_the_manifest() {
        assert_eq!("all".parse(), Ok(Preload::All));
        assert_eq!("none".parse(), Ok(Preload::Roles(Vec::new())));
        let two = "face-detector, label-classifier".parse();
        assert_eq!(
            two,
            Ok(Preload::Roles(vec![Role::FaceDetector, Role::LabelClassifier]))
        );
        let wrong = "face-detector,portraitist".parse::<Preload>();
        assert!(wrong.is_err_and(|error| error.contains("portraitist") && error.contains("face-embedder")));
    }
}
