//! Decides to which person (cluster) a face belongs.

wit_bindgen::generate!({ path: "wit", world: "cluster-policy-plugin", generate_all });

use ai_worker::plugin::log::{self, Level};
use exports::ai_worker::plugin::cluster_policy::{
    Assignment, Decision, EmbeddingModel, Face, Guest, Neighbour, PluginError, PluginInfo, PolicyDescription,
};

struct Plugin;

/// Has a panic, which ends the call, say why and where in the log. Each call begins anew, so every function needs it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(Level::Error, &panic.to_string())));
}

impl Guest for Plugin {
    fn describe() -> PolicyDescription {
        log_panics();
        PolicyDescription {
            info: PluginInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            neighbours: 10,
        }
    }

    fn decide(
        _candidate: Face,
        neighbours: Vec<Neighbour>,
        model: EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        log_panics();
        // The most similar comes first. Nobody is in one photo twice.
        let best = neighbours.into_iter().find(|neighbour| !neighbour.same_photo);
        Ok(match best {
            Some(best) if best.similarity >= model.threshold => Decision {
                reason: format!("Similarity {:.3} reaches {:.3}.", best.similarity, model.threshold),
                assignment: Assignment::Join(best.cluster_id),
            },
            Some(best) => Decision {
                reason: format!("Similarity {:.3} is below {:.3}.", best.similarity, model.threshold),
                assignment: Assignment::Create,
            },
            None => Decision {
                reason: "There is no other photo to compare with.".to_owned(),
                assignment: Assignment::Create,
            },
        })
    }
}

export!(Plugin);
