//! Decides which tags a photo gets.

wit_bindgen::generate!({ path: "wit", world: "tagger-plugin", generate_all });

use ai_worker::plugin::log::{self, Level};
use exports::ai_worker::plugin::tagger::{
    Concept, Evidence, Guest, PluginError, PluginInfo, Scene, ScoredTag, TaggerDescription,
};

/// Each tag with the classifier's labels that speak for it.
const VOCABULARY: [(&str, &[&str]); 2] = [
    ("sport", &["soccer ball", "basketball", "volleyball", "tennis ball"]),
    ("music", &["acoustic guitar", "drum", "microphone", "violin"]),
];
/// Photos with this many faces are of a group.
const GROUP: usize = 4;

struct Plugin;

/// Has a panic, which ends the call, say why and where in the log. Each call begins anew, so every function needs it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(Level::Error, &panic.to_string())));
}

impl Guest for Plugin {
    fn describe() -> TaggerDescription {
        log_panics();
        let tags = VOCABULARY.iter().map(|(tag, _)| *tag).chain(["group"]);
        TaggerDescription {
            info: PluginInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            evidence: Evidence::LABELS,
            concepts: tags
                .map(|tag| Concept {
                    tag: tag.to_owned(),
                    prompts: Vec::new(),
                    evidence: if tag == "group" { Evidence::empty() } else { Evidence::LABELS },
                })
                .collect(),
        }
    }

    fn tag(scene: Scene) -> Result<Vec<ScoredTag>, PluginError> {
        log_panics();
        let labels = scene.labels.unwrap_or_default();
        let mut tags = Vec::new();
        for (tag, names) in VOCABULARY {
            let speaking = labels.iter().filter(|label| names.contains(&label.name.as_str()));
            let score = speaking.map(|label| label.score).sum::<f32>();
            if score > 0.0 {
                tags.push(ScoredTag {
                    name: tag.to_owned(),
                    score: score.min(1.0),
                    reason: Some(format!("labels {score:.2}")),
                });
            }
        }
        if scene.faces.len() >= GROUP {
            tags.push(ScoredTag {
                name: "group".to_owned(),
                score: 0.5,
                reason: Some(format!("{} faces", scene.faces.len())),
            });
        }
        tags.sort_by(|one, other| other.score.total_cmp(&one.score));
        Ok(tags)
    }
}

export!(Plugin);
