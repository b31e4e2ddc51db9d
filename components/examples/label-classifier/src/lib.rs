//! An example: a `tagger` that runs a network of the host on the photo's pixels, through wasi-nn.
//!
//! Its tags are what the image classifier saw. It takes the same steps as the host does for `scene.labels`, so its
//! scores are the same; a plugin of your own asks for another view, runs another graph or reads the numbers otherwise.
//!
//! The operator must allow it the graph: `PLUGIN_GRAPHS` names which graphs a slot may load.

mod bindings;
mod ranking;

use bindings::ai_worker::plugin::log::{self, Level};
use bindings::ai_worker::plugin::photo::{self, Channels, PhotoError, View};
use bindings::exports::ai_worker::plugin::tagger::{
    Evidence, Guest, PluginError, PluginInfo, Scene, ScoredTag, TaggerDescription,
};
use bindings::wasi::nn::errors::Error;
use bindings::wasi::nn::graph::load_by_name;

/// The graph's name in the worker's `models/manifest.toml`.
const GRAPH: &str = "efficientnet-lite2";
/// How many labels become tags.
const TAGS: usize = 20;

struct LabelClassifier;

impl Guest for LabelClassifier {
    fn describe() -> TaggerDescription {
        TaggerDescription {
            info: PluginInfo {
                name: "label-classifier".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            // Without asking for them here, `photo.pixels` would refuse.
            evidence: Evidence::PIXELS,
            concepts: Vec::new(),
        }
    }

    fn tag(_scene: Scene) -> Result<Vec<ScoredTag>, PluginError> {
        // What EfficientNet-Lite2 was trained on. The tensor stays with the host; this is a handle to it.
        let pixels = match photo::pixels(View {
            fraction: 0.93,
            size: 260,
            channels: Channels::Rgb,
            mean: (127.0, 127.0, 127.0),
            deviation: (128.0, 128.0, 128.0),
        }) {
            Ok(pixels) => pixels,
            // So it is when the worker tries the plugin at its start: no photo, no tags.
            Err(PhotoError::NotAvailable) => return Ok(Vec::new()),
            Err(error) => return Err(PluginError::Failed(error.to_string())),
        };
        let failed = |error: Error| PluginError::Failed(format!("the graph {GRAPH}: {}", error.data()));
        let graph = load_by_name(GRAPH).map_err(failed)?;
        let context = graph.init_execution_context().map_err(failed)?;
        // The graph has one input, so the input needs no name.
        let outputs = context.compute(vec![(String::new(), pixels)]).map_err(failed)?;
        let [(_, logits)] = &outputs[..] else {
            let reason = format!("the graph {GRAPH} has {} outputs instead of 1", outputs.len());
            return Err(PluginError::Unsupported(reason));
        };
        let best = ranking::best(&logits.data(), TAGS)
            .map_err(|reason| PluginError::Failed(format!("the graph {GRAPH} gave {reason}")))?;
        if let Some((label, probability)) = best.first() {
            log::write(Level::Debug, &format!("best label: {label} ({probability:.3})"));
        }
        let tag = |(label, probability): (&str, f32)| ScoredTag {
            name: label.to_owned(),
            score: probability,
            reason: None,
        };
        Ok(best.into_iter().map(tag).collect())
    }
}
