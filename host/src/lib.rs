//! `ai-worker` describes photos: the people in them, tags, and one Indonesian phrase of context.
//!
//! # The life of a photo
//!
//! 1. A request passes the middleware and the handlers of [`http`]: address, time limit, key and rate limit of [`access`].
//! 2. [`pipeline::Admissions`] gives the photo a place, lets it wait, or refuses it with the time after which to retry.
//! 3. [`photo::Downloader`] fetches it from an address that its policy allows.
//! 4. [`photo::Photo`] decodes as much of it as is looked at, upright and within limits.
//! 5. [`inference`] finds faces, and computes the evidence that the active plugins want: a [`domain::Scene`].
//! 6. [`plugins`] turns the scene into tags and a phrase, in a sandbox.
//! 7. [`people::People`] places each face: it shows a [`people::Policy`] the neighbours, checks the decision, and writes
//!    everything of the photo in one batch to a [`store::FaceStore`].
//! 8. [`pipeline::Pipeline`], where the whole journey can be read, answers with a [`pipeline::Description`].
//!
//! Later, [`replay`] shows what another plugin would make of everything stored, [`backup`] copies it, and [`reembedding`]
//! gives every face a vector of another embedder. [`app`] builds all of it once from [`config`]; [`commands`] is the command
//! line.
//!
//! # The order of dependencies
//!
//! Dependencies run one way, from [`commands`] down to [`domain`]. Like the log, [`metrics`], [`activity`] and [`telemetry`]
//! are for all modules. `docs/architecture.md` has the order (which `.ci/house --check` holds), the invariants of each
//! module, and a table that says where to change what.
//!
//! # Example
//!
//! A photo is decoded, and a policy decides whose face is in it; no model is needed for either. The photo is stored lying
//! on its side, and its EXIF orientation turns it upright.
//!
//! ```
//! use ai_worker::domain::{
//!     Assignment, ClusterId, Decision, Embedding, EmbeddingModel, FaceId, Neighbour, Rect, SceneFace,
//! };
//! use ai_worker::people::{Policy, PolicyError};
//! use ai_worker::photo::{DecodeSettings, decode};
//!
//! /// Joins whoever is most similar, from the embedder's threshold on.
//! struct Threshold;
//!
//! impl Policy for Threshold {
//!     fn digest(&self) -> &str {
//!         "none: it is no component"
//!     }
//!
//!     fn neighbours(&self) -> usize {
//!         1
//!     }
//!
//!     fn decide(
//!         &self,
//!         _face: &SceneFace,
//!         neighbours: &[Neighbour],
//!         model: &EmbeddingModel,
//!     ) -> Result<Decision, PolicyError> {
//!         let nearest = neighbours.first().filter(|nearest| nearest.similarity >= model.threshold);
//!         Ok(Decision {
//!             assignment: nearest.map_or(Assignment::Create, |nearest| Assignment::Join(nearest.cluster_id)),
//!             reason: "the threshold alone".to_owned(),
//!         })
//!     }
//! }
//!
//! let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/orientation-6.jpg"))?;
//! let photo = decode(&file, &DecodeSettings::default())?;
//! assert_eq!(photo.dimensions(), (48, 32));
//!
//! // A detector's rectangle may reach beyond the photo; the box of the answer does not.
//! let found = Rect { x1: 30.4, y1: -2.0, x2: 60.0, y2: 20.6 };
//! let face = SceneFace {
//!     bounding_box: found.to_bounding_box(48, 32),
//!     confidence: 0.9,
//!     age: None,
//!     gender: None,
//!     quality: 0.8,
//! };
//! assert_eq!(<[u32; 4]>::from(face.bounding_box), [30, 0, 48, 21]);
//!
//! let model = EmbeddingModel { name: "an-embedder".to_owned(), dimension: 2, threshold: 0.45 };
//! let (seen, stored) = (Embedding::normalised(vec![1.0, 0.0])?, Embedding::normalised(vec![0.8, 0.6])?);
//! let person = ClusterId::random();
//! let neighbour = Neighbour {
//!     face_id: FaceId::random(),
//!     cluster_id: person,
//!     similarity: seen.cosine(&stored),
//!     quality: 0.9,
//!     same_photo: false,
//! };
//! let decision = Threshold.decide(&face, &[neighbour], &model)?;
//! assert_eq!(decision.assignment, Assignment::Join(person));
//! let decision = Threshold.decide(&face, &[], &model)?;
//! assert_eq!(decision.assignment, Assignment::Create);
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```

// Both panic when nobody reads; `commands::output` does not.
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]

pub mod access;
pub mod activity;
pub mod app;
pub mod audit;
pub mod backup;
pub mod commands;
pub mod config;
mod cpu_time;
mod digest;
pub mod domain;
mod files;
pub mod heap;
pub mod http;
pub mod inference;
pub mod metrics;
pub mod models;
mod moment;
pub mod people;
pub mod photo;
pub mod pipeline;
pub mod plugins;
pub mod reembedding;
pub mod replay;
pub mod store;
mod table;
pub mod telemetry;
pub mod vocabulary;

/// An error and its causes in one line, for the log.
#[must_use]
pub fn report(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Text that somebody else may have chosen, without what a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// An HTTP client in the making: it names the worker, and does TLS with ring.
pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    // An error means that a provider is installed already, and that is all reqwest needs.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().user_agent(concat!("ai-worker/", env!("CARGO_PKG_VERSION")))
}
