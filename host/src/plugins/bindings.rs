//! The WIT package as Rust types, and the way between them and the domain's types.

use crate::domain;

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package ai-worker:host;
        world slots {
            import ai-worker:plugin/log@1.0.0;
            import ai-worker:plugin/photo@1.0.0;
            import wasi:nn/graph@0.2.0-rc-2024-10-28;
            import wasi:nn/tensor@0.2.0-rc-2024-10-28;
            import wasi:nn/inference@0.2.0-rc-2024-10-28;
            import wasi:nn/errors@0.2.0-rc-2024-10-28;
            export ai-worker:plugin/tagger@1.0.0;
            export ai-worker:plugin/context-mapper@1.0.0;
            export ai-worker:plugin/cluster-policy@1.0.0;
            export ai-worker:plugin/cluster-review@1.0.0;
        }
    ",
    world: "ai-worker:host/slots",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "wasi:nn/graph@0.2.0-rc-2024-10-28.graph": wasmtime_wasi_nn::Graph,
        "wasi:nn/tensor@0.2.0-rc-2024-10-28.tensor": wasmtime_wasi_nn::Tensor,
        "wasi:nn/inference@0.2.0-rc-2024-10-28.graph-execution-context": wasmtime_wasi_nn::ExecutionContext,
        "wasi:nn/errors@0.2.0-rc-2024-10-28.error": super::neural::Refusal,
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
        }
    }
}

impl From<&domain::SceneFace> for types::Face {
    fn from(value: &domain::SceneFace) -> Self {
        let domain::BoundingBox { x1, y1, x2, y2 } = value.bounding_box;
        Self {
            bounding_box: types::BoundingBox { x1, y1, x2, y2 },
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

impl From<&domain::Scene> for types::Scene {
    fn from(value: &domain::Scene) -> Self {
        Self {
            width: value.width,
            height: value.height,
            faces: value.faces.iter().map(types::Face::from).collect(),
            labels: value.labels.as_ref().map(|labels| {
                labels
                    .iter()
                    .map(|label| types::Label {
                        name: label.name.clone(),
                        score: label.score,
                    })
                    .collect()
            }),
            similarities: value.similarities.clone(),
            caption: value.caption.clone(),
            text_similarities: value.text_similarities.clone(),
        }
    }
}

impl From<&domain::ScoredTag> for types::ScoredTag {
    fn from(value: &domain::ScoredTag) -> Self {
        Self {
            name: value.name.clone(),
            score: value.score,
        }
    }
}

impl From<types::ScoredTag> for domain::ScoredTag {
    fn from(value: types::ScoredTag) -> Self {
        Self {
            name: value.name,
            score: value.score,
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
