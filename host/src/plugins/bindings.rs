//! The WIT package as Rust types, and the way between them and the domain's types. What an earlier version of the package
//! has otherwise is in [`earlier`].

pub(super) mod earlier;

use crate::domain;

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package ai-worker:host;
        world slots {
            import ai-worker:plugin/log@1.1.0;
            import ai-worker:plugin/photo@1.1.0;
            import wasi:nn/graph@0.2.0-rc-2024-10-28;
            import wasi:nn/tensor@0.2.0-rc-2024-10-28;
            import wasi:nn/inference@0.2.0-rc-2024-10-28;
            import wasi:nn/errors@0.2.0-rc-2024-10-28;
            export ai-worker:plugin/tagger@1.1.0;
            export ai-worker:plugin/context-mapper@1.1.0;
            export ai-worker:plugin/cluster-policy@1.1.0;
            export ai-worker:plugin/cluster-review@1.1.0;
        }
    ",
    world: "ai-worker:host/slots",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "wasi:nn/graph@0.2.0-rc-2024-10-28.graph": wasmtime_wasi_nn::Graph,
        "wasi:nn/tensor@0.2.0-rc-2024-10-28.tensor": wasmtime_wasi_nn::Tensor,
        "wasi:nn/inference@0.2.0-rc-2024-10-28.graph-execution-context": wasmtime_wasi_nn::ExecutionContext,
        "wasi:nn/errors@0.2.0-rc-2024-10-28.error": super::nn_error::NnError,
    },
});

pub(super) use self::ai_worker::plugin::{log, photo, types};
pub(super) use self::wasi::nn;
pub(super) use exports::ai_worker::plugin::{cluster_policy, cluster_review, context_mapper, tagger};

impl From<types::Evidence> for domain::Evidence {
    fn from(value: types::Evidence) -> Self {
        Self {
            labels: value.contains(types::Evidence::LABELS),
            similarities: value.contains(types::Evidence::SIMILARITIES),
            caption: value.contains(types::Evidence::CAPTION),
            demographics: value.contains(types::Evidence::DEMOGRAPHICS),
            pixels: value.contains(types::Evidence::PIXELS),
            text_similarities: value.contains(types::Evidence::TEXT_SIMILARITIES),
            objects: value.contains(types::Evidence::OBJECTS),
            text: value.contains(types::Evidence::TEXT),
            surroundings: value.contains(types::Evidence::SURROUNDINGS),
        }
    }
}

impl From<domain::BoundingBox> for types::BoundingBox {
    fn from(value: domain::BoundingBox) -> Self {
        let domain::BoundingBox { x1, y1, x2, y2 } = value;
        Self { x1, y1, x2, y2 }
    }
}

impl From<&domain::SceneFace> for types::Face {
    fn from(value: &domain::SceneFace) -> Self {
        Self {
            bounding_box: value.bounding_box.into(),
            confidence: value.confidence,
            age: value.age,
            gender: value.gender.map(|gender| match gender {
                domain::Gender::Female => types::Gender::Female,
                domain::Gender::Male => types::Gender::Male,
            }),
            quality: value.quality,
        }
    }
}

impl From<&domain::Label> for types::Label {
    fn from(value: &domain::Label) -> Self {
        Self {
            name: value.name.clone(),
            score: value.score,
        }
    }
}

impl From<&domain::SceneObject> for types::Object {
    fn from(value: &domain::SceneObject) -> Self {
        Self {
            name: value.name.clone(),
            score: value.score,
            bounding_box: value.bounding_box.into(),
        }
    }
}

impl From<&domain::TextLine> for types::TextLine {
    fn from(value: &domain::TextLine) -> Self {
        Self {
            text: value.text.clone(),
            score: value.score,
            bounding_box: value.bounding_box.into(),
            turn: value.turn,
        }
    }
}

impl From<&domain::Scene> for types::Scene {
    fn from(value: &domain::Scene) -> Self {
        Self {
            width: value.width,
            height: value.height,
            faces: all(&value.faces),
            labels: value.labels.as_deref().map(all),
            similarities: value.similarities.clone(),
            caption: value.caption.clone(),
            text_similarities: value.text_similarities.clone(),
            objects: value.objects.as_deref().map(all),
            text: value.text.as_deref().map(all),
            indoor: value.indoor,
        }
    }
}

fn all<'a, Domain, Wit: From<&'a Domain>>(values: &'a [Domain]) -> Vec<Wit> {
    values.iter().map(Wit::from).collect()
}

impl From<&domain::ScoredTag> for types::ScoredTag {
    fn from(value: &domain::ScoredTag) -> Self {
        Self {
            name: value.name.clone(),
            score: value.score,
            // It is for people; and a replay, which has only what is stored, must give the same phrase.
            reason: None,
        }
    }
}

impl From<types::ScoredTag> for domain::ScoredTag {
    fn from(value: types::ScoredTag) -> Self {
        Self {
            name: value.name,
            score: value.score,
            reason: value.reason,
        }
    }
}

impl From<&domain::Neighbour> for cluster_policy::Neighbour {
    fn from(value: &domain::Neighbour) -> Self {
        Self {
            face_id: value.face_id.to_string(),
            cluster_id: value.cluster_id.to_string(),
            similarity: value.similarity,
            quality: value.quality,
            same_photo: value.same_photo,
        }
    }
}
