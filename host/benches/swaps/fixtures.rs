//! Plugins, their limits, and what they are asked.

use std::time::Duration;

use ai_worker::domain::{
    BoundingBox, ClusterId, EmbeddingModel, FaceId, Gender, Label, Neighbour, Scene, SceneFace, ScoredTag,
};
use ai_worker::plugins::cases::{self, Case};
use ai_worker::plugins::{
    ClusterQuestion, ContextQuestion, PluginLimits, PluginSettings, Slot, TagQuestion, Trust,
};

use test_support::guests;

/// What plugins are asked: a scene that stands in for what inference sees.
pub(crate) struct Question {
    pub(crate) scene: Scene,
    pub(crate) tags: Vec<ScoredTag>,
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) model: EmbeddingModel,
}

impl Question {
    /// For tags at or above a threshold.
    pub(crate) fn for_tags(&self, threshold: f32) -> TagQuestion<'_> {
        TagQuestion {
            scene: &self.scene,
            photo: None,
            threshold,
        }
    }

    /// For the phrase of the scene with these tags.
    pub(crate) fn for_context<'a>(&'a self, tags: &'a [ScoredTag]) -> ContextQuestion<'a> {
        ContextQuestion {
            scene: &self.scene,
            tags,
            photo: None,
        }
    }

    /// For where a face goes that has just come.
    pub(crate) fn for_face<'a>(&'a self, face: &'a SceneFace) -> ClusterQuestion<'a> {
        ClusterQuestion {
            face,
            cluster_faces: None,
            neighbours: &self.neighbours,
            model: &self.model,
        }
    }
}

/// Two components for each slot, the one that is not active at the start first.
pub(crate) fn variants() -> [(Slot, [Vec<u8>; 2]); 3] {
    let case = |slot: Slot| -> Case {
        let asked = match slot {
            Slot::Tagger => {
                r#"{"scene": {"width": 9, "height": 9, "faces": []}, "expect": {"has_not": ["people"]}}"#
            }
            _ => r#"{"scene": {"width": 9, "height": 9, "faces": []}, "expect": {"contains_not": "pantai"}}"#,
        };
        serde_json::from_str(asked).unwrap()
    };
    let twice = |slot: Slot| {
        let built_in = slot.built_in();
        (
            slot,
            [cases::embed(built_in, &[case(slot)]).unwrap(), built_in.to_vec()],
        )
    };
    let strict = format!(
        "{}/examples/strict-cluster-policy/strict-cluster-policy.wasm",
        guests::COMPONENTS
    );
    let policy = Slot::ClusterPolicy;
    let policies = [std::fs::read(strict).unwrap(), policy.built_in().to_vec()];
    [
        twice(Slot::Tagger),
        twice(Slot::ContextMapper),
        (policy, policies),
    ]
}

pub(crate) fn settings() -> PluginSettings {
    PluginSettings {
        directory: None,
        settle: Duration::ZERO,
        limits: PluginLimits {
            timeout: Duration::from_millis(1_000),
            wall_clock: Duration::from_secs(20),
            memory_bytes: 64 << 20,
            component_bytes: 32 << 20,
            instances: 64,
            table_elements: 100_000,
            transfer_bytes: 16 << 20,
            handles: 64,
            inferences: 8,
            log_lines: 100,
            output_bytes: 4_096,
        },
        trust: Trust::default(),
        graphs: Vec::new(),
        degrade: Vec::new(),
        breaker_failures: 0,
        history: 10,
    }
}

/// A group at a wedding, and ten faces of two people who look alike.
pub(crate) fn question() -> Question {
    let face = |number: u32| SceneFace {
        bounding_box: BoundingBox {
            x1: 150 * number,
            y1: 200,
            x2: 150 * number + 120,
            y2: 360,
        },
        confidence: 0.9,
        age: Some(20.0 + 5.0 * number as f32),
        gender: Some([Gender::Female, Gender::Male][number as usize % 2]),
        quality: 0.9,
    };
    let labels = include_str!("../../../models/imagenet-labels.txt")
        .lines()
        .skip(800)
        .take(18);
    let labels = ["groom", "gown"].into_iter().chain(labels).enumerate();
    let people = [ClusterId::random(), ClusterId::random()];
    let neighbour = |number: usize| Neighbour {
        face_id: FaceId::random(),
        cluster_id: people[number % 2],
        similarity: 0.62 - 0.01 * number as f32,
        quality: 0.9,
        same_photo: false,
    };
    let tag = |name: &str, score| ScoredTag {
        name: name.to_owned(),
        score,
        reason: None,
    };
    Question {
        scene: Scene {
            width: 1_920,
            height: 1_280,
            faces: (0..6).map(face).collect(),
            labels: Some(
                labels
                    .map(|(rank, name)| Label {
                        name: name.to_owned(),
                        score: 0.4 / (rank + 1) as f32 / 2.0,
                    })
                    .collect(),
            ),
            ..Scene::default()
        },
        tags: vec![
            tag("people", 0.9),
            tag("wedding", 0.6),
            tag("group", 0.5),
            tag("formal wear", 0.4),
        ],
        neighbours: (0..10).map(neighbour).collect(),
        model: EmbeddingModel {
            name: "sface-2021dec".to_owned(),
            dimension: 128,
            threshold: 0.4,
        },
    }
}
