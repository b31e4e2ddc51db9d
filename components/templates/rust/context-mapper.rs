//! Says in one Indonesian phrase what is going on in a photo.

wit_bindgen::generate!({ path: "wit", world: "context-mapper-plugin", generate_all });

use ai_worker::plugin::log::{self, Level};
use exports::ai_worker::plugin::context_mapper::{
    Context, ContextDescription, Evidence, Guest, PluginError, PluginInfo, Scene, ScoredTag,
};

/// What to say for a tag.
const PHRASES: [(&str, &str); 3] = [
    ("sport", "Kegiatan olahraga"),
    ("music", "Pertunjukan musik"),
    ("group", "Foto bersama"),
];

struct Plugin;

/// Has a panic, which ends the call, say why and where in the log. Each call begins anew, so every function needs it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(Level::Error, &panic.to_string())));
}

impl Guest for Plugin {
    fn describe() -> ContextDescription {
        log_panics();
        ContextDescription {
            info: PluginInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            evidence: Evidence::empty(),
        }
    }

    fn map(scene: Scene, tags: Vec<ScoredTag>) -> Result<Context, PluginError> {
        log_panics();
        // The tags come best first.
        for tag in tags {
            if let Some((_, phrase)) = PHRASES.iter().find(|(name, _)| *name == tag.name) {
                return Ok(Context {
                    phrase: (*phrase).to_owned(),
                    confidence: tag.score,
                    reason: Some(format!("tag {}", tag.name)),
                });
            }
        }
        let phrase = match scene.faces.len() {
            0 => "Sebuah foto".to_owned(),
            1 => "Foto seseorang".to_owned(),
            people => format!("Foto {people} orang"),
        };
        Ok(Context {
            phrase,
            confidence: 0.0,
            reason: None,
        })
    }
}

export!(Plugin);
