//! The cluster policy slot.

use std::sync::Arc;

use serde_json::{Value, json};

use super::bindings::{cluster_policy, cluster_review, types};
use super::case::{Answer, Case, Expectation, Unanswered, given};
use super::component::{CompiledPlugin, PluginIdentity};
use super::error::PluginError;
use super::failure::Failure;
use super::photo::PhotoAccess;
use super::question::{Later, Question};
use super::slot_plugin::{Recorder, SlotPlugin};
use super::text::check_remark;
use crate::domain::{Assignment, BoundingBox, ClusterId, Decision, EmbeddingModel, Neighbour, SceneFace};
use crate::plain;

/// The interface of policies that look at stored faces otherwise than at new ones.
const REVIEW: &str = "ai-worker:plugin/cluster-review@1.1.0";
/// The most neighbours a policy may ask for.
const MAX_NEIGHBOURS: u32 = 100;
/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 500;

/// The component in the cluster policy slot.
pub struct ClusterPolicy {
    compiled: CompiledPlugin,
    exports: cluster_policy::GuestIndices,
    /// Not every policy has it.
    review: Option<cluster_review::GuestIndices>,
    identity: PluginIdentity,
    neighbours: usize,
}

/// Where a face goes. The nearest neighbour at or above the model's threshold decides when the cluster policy fails and
/// `PLUGIN_DEGRADE` names it.
pub struct ClusterQuestion<'a> {
    /// The face.
    pub face: &'a SceneFace,
    /// How many faces the cluster has in which it is stored, when it is reviewed; none for a face that has just come.
    pub cluster_faces: Option<u64>,
    /// Stored faces, most similar first; for a face that is stored, none of its cluster.
    pub neighbours: &'a [Neighbour],
    /// The embedder.
    pub model: &'a EmbeddingModel,
}

impl Question for ClusterQuestion<'_> {
    type Plugin = ClusterPolicy;
    type Answer = Decision;

    fn ask(&self, policy: &ClusterPolicy) -> Result<Decision, PluginError> {
        match self.cluster_faces {
            None => policy.decide(self.face, self.neighbours, self.model),
            Some(faces) => policy.review(self.face, faces, self.neighbours, self.model),
        }
    }

    fn stand_in(&self) -> Decision {
        threshold_rule(self.neighbours, self.model)
    }

    fn gist(decision: &Decision) -> Value {
        match decision.assignment {
            Assignment::Join(cluster) => json!({ "join": cluster }),
            Assignment::Create => json!("create"),
        }
    }

    /// Candidates are asked about new faces only.
    fn later(&self) -> Option<Later<ClusterPolicy>> {
        if self.cluster_faces.is_some() {
            return None;
        }
        let (face, neighbours, model) = (self.face.clone(), self.neighbours.to_vec(), self.model.clone());
        Some(Box::new(move |policy| {
            // It sees at most as many as it asks for, as it would if it were active.
            let wanted = policy.neighbours().min(neighbours.len());
            let decision = policy.decide(&face, &neighbours[..wanted], &model).ok()?;
            Some(ClusterQuestion::gist(&decision))
        }))
    }
}

fn threshold_rule(neighbours: &[Neighbour], model: &EmbeddingModel) -> Decision {
    let nearest = neighbours
        .iter()
        .filter(|neighbour| neighbour.similarity >= model.threshold)
        .max_by(|a, b| a.similarity.total_cmp(&b.similarity));
    Decision {
        assignment: nearest.map_or(Assignment::Create, |nearest| Assignment::Join(nearest.cluster_id)),
        reason: "The clustering policy failed; the nearest face at or above the threshold decided."
            .to_owned(),
    }
}

impl Answer for Decision {
    fn as_expectation(&self) -> Expectation {
        let mut expectation = Expectation::default();
        match self.assignment {
            Assignment::Join(cluster) => expectation.join = Some(cluster),
            Assignment::Create => expectation.create = Some(true),
        }
        expectation
    }

    fn mismatches(&self, expect: &Expectation, _tolerance: f32) -> Option<Vec<String>> {
        if expect.join.is_none() && expect.create.is_none() && expect.reason_contains.is_none() {
            return None;
        }
        let mut mismatches = Vec::new();
        let found = in_words(self.assignment);
        let reason = &self.reason;
        if let Some(cluster) = expect.join
            && self.assignment != Assignment::Join(cluster)
        {
            mismatches.push(format!("{found} instead of joining {cluster}: {reason}"));
        }
        if let Some(create) = expect.create
            && create != (self.assignment == Assignment::Create)
        {
            mismatches.push(format!("{found}: {reason}"));
        }
        if let Some(part) = &expect.reason_contains
            && !reason.contains(part.as_str())
        {
            mismatches.push(format!("the reason {reason:?} does not contain {part:?}"));
        }
        Some(mismatches)
    }

    fn as_json(&self) -> Value {
        match self.assignment {
            Assignment::Join(cluster) => json!({ "join": cluster, "reason": self.reason }),
            Assignment::Create => json!({ "create": true, "reason": self.reason }),
        }
    }

    fn lines(&self) -> Vec<String> {
        vec![
            in_words(self.assignment),
            format!("reason      {}", plain(&self.reason)),
        ]
    }
}

fn in_words(assignment: Assignment) -> String {
    match assignment {
        Assignment::Join(cluster) => format!("joins {cluster}"),
        Assignment::Create => "starts a cluster".to_owned(),
    }
}

impl SlotPlugin for ClusterPolicy {
    fn new(compiled: CompiledPlugin) -> Result<Self, PluginError> {
        let exports = cluster_policy::GuestIndices::new(compiled.instance_pre())
            .map_err(|error| compiled.load_error(&error))?;
        let review = compiled
            .exports(REVIEW)
            .then(|| cluster_review::GuestIndices::new(compiled.instance_pre()))
            .transpose()
            .map_err(|error| compiled.load_error(&error))?;
        let (identity, neighbours) = compiled.call(
            "describe",
            PhotoAccess::default(),
            async |mut store, instance| {
                let guest = exports.load(&mut store, &instance)?;
                guest.call_describe(&mut store).await
            },
            |description| {
                if !(1..=MAX_NEIGHBOURS).contains(&description.neighbours) {
                    return Err(Failure::Invalid(format!(
                        "it asks for {} neighbours; 1 to {MAX_NEIGHBOURS} are allowed",
                        description.neighbours
                    )));
                }
                Ok((compiled.identity(description.info)?, description.neighbours))
            },
        )?;
        let plugin = Self {
            identity,
            neighbours: neighbours as usize,
            compiled,
            exports,
            review,
        };
        plugin.answer(&smoke_face(), None, &[], &smoke_model())?;
        if plugin.review.is_some() {
            plugin.answer(&smoke_face(), Some(1), &[], &smoke_model())?;
        }
        Ok(plugin)
    }

    fn compiled(&self) -> &CompiledPlugin {
        &self.compiled
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    fn answer_case(&self, case: &Case) -> Result<Arc<dyn Answer>, Unanswered> {
        let question = ClusterQuestion {
            face: given(&case.candidate, "candidate")?,
            cluster_faces: case.cluster_faces,
            neighbours: case.neighbours.as_deref().unwrap_or_default(),
            model: given(&case.model, "model")?,
        };
        Ok(Arc::new(question.ask(self)?))
    }

    fn recorder(&self) -> Result<Recorder, &'static str> {
        Err("a cluster policy decides by neighbours, which a single photo does not have")
    }
}

impl ClusterPolicy {
    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    /// How many neighbours it wants to see, 1 to 100.
    #[must_use]
    pub fn neighbours(&self) -> usize {
        self.neighbours
    }

    /// Decides on one face. Blocks.
    ///
    /// # Errors
    /// When the plugin fails, declines, takes too long or breaks its contract, to which it belongs that a cluster it
    /// names is among the neighbours.
    pub fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        self.compiled
            .measured(|| self.answer(face, None, neighbours, model))
    }

    /// Decides on a face that is stored in a cluster of `cluster_faces` faces, none of which is among the neighbours: as
    /// if it came now, unless the plugin looks at such faces otherwise. Blocks.
    ///
    /// # Errors
    /// As of [`decide`](Self::decide).
    pub fn review(
        &self,
        face: &SceneFace,
        cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        self.compiled
            .measured(|| self.answer(face, Some(cluster_faces), neighbours, model))
    }

    fn answer(
        &self,
        face: &SceneFace,
        cluster_faces: Option<u64>,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        let known: Vec<ClusterId> = neighbours.iter().map(|neighbour| neighbour.cluster_id).collect();
        let face = types::Face::from(face);
        let neighbours: Vec<_> = neighbours.iter().map(cluster_policy::Neighbour::from).collect();
        let model = cluster_policy::EmbeddingModel {
            name: model.name.clone(),
            dimension: u32::try_from(model.dimension).unwrap_or(u32::MAX),
            threshold: model.threshold,
        };
        let review = self.review.as_ref().zip(cluster_faces);
        self.compiled.call(
            if review.is_some() { "review" } else { "decide" },
            PhotoAccess::default(),
            async |mut store, instance| {
                if let Some((review, faces)) = review {
                    let guest = review.load(&mut store, &instance)?;
                    return guest
                        .call_review(&mut store, face, faces, &neighbours, &model)
                        .await;
                }
                let guest = self.exports.load(&mut store, &instance)?;
                guest.call_decide(&mut store, face, &neighbours, &model).await
            },
            |decision| Ok(checked(decision?, &known)?),
        )
    }
}

pub(super) fn checked(decision: cluster_policy::Decision, known: &[ClusterId]) -> Result<Decision, String> {
    check_remark("reason", Some(&decision.reason), MAX_REASON_CHARS)?;
    let assignment = match decision.assignment {
        cluster_policy::Assignment::Create => Assignment::Create,
        cluster_policy::Assignment::Join(cluster) => Assignment::Join(
            ClusterId::parse(&cluster)
                .ok()
                .filter(|cluster| known.contains(cluster))
                .ok_or("it joins a cluster that was not among the neighbours")?,
        ),
    };
    Ok(Decision {
        assignment,
        reason: decision.reason,
    })
}

fn smoke_face() -> SceneFace {
    SceneFace {
        bounding_box: BoundingBox {
            x1: 0,
            y1: 0,
            x2: 1,
            y2: 1,
        },
        confidence: 1.0,
        age: None,
        gender: None,
        quality: 1.0,
    }
}

fn smoke_model() -> EmbeddingModel {
    EmbeddingModel {
        name: "smoke-call".to_owned(),
        dimension: 1,
        threshold: 0.5,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::config::Config;
    use crate::domain::FaceId;
    use crate::plugins::{Candidate, Slot, Workbench};

    #[test]
    fn decisions_outside_the_contract_are_refused() {
        let cluster = ClusterId::random();
        let decision = |assignment, reason: &str| {
            let reason = reason.to_owned();
            checked(cluster_policy::Decision { assignment, reason }, &[cluster])
        };
        let joined = decision(cluster_policy::Assignment::Join(cluster.to_string()), "near");
        assert!(joined.is_ok_and(|decision| decision.assignment == Assignment::Join(cluster)));
        assert!(decision(cluster_policy::Assignment::Create, "new").is_ok());
        assert!(decision(cluster_policy::Assignment::Create, &"x".repeat(501)).is_err());
        assert!(decision(cluster_policy::Assignment::Join("somewhere".to_owned()), "near").is_err());
        let foreign = ClusterId::random().to_string();
        assert!(decision(cluster_policy::Assignment::Join(foreign), "near").is_err());
    }

    fn policy(component: &[u8]) -> Arc<ClusterPolicy> {
        let limits = Config::read(&|_| None).unwrap().plugins.limits;
        let bench = Workbench::new(limits).unwrap();
        match bench.load(Slot::ClusterPolicy, component, "a test") {
            Ok(Candidate::ClusterPolicy(policy)) => policy,
            other => unreachable!("{:?}", other.err()),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_policy_that_has_no_review_decides_on_stored_faces_as_on_new_ones() {
        let neighbour = |cluster_id, similarity| Neighbour {
            face_id: FaceId::random(),
            cluster_id,
            similarity,
            quality: 0.9,
            same_photo: false,
        };
        let person = ClusterId::random();
        // Ahead of many others, and below the threshold.
        let mut neighbours = vec![neighbour(person, 0.4); 3];
        for _ in 0..10 {
            neighbours.extend(vec![neighbour(ClusterId::random(), 0.28); 2]);
        }
        let model = EmbeddingModel {
            threshold: 0.45,
            ..smoke_model()
        };
        let answers = |component: &'static [u8]| {
            let (neighbours, model) = (neighbours.clone(), model.clone());
            tokio::task::spawn_blocking(move || {
                let policy = policy(component);
                let face = smoke_face();
                let reviewed = |faces| {
                    policy
                        .review(&face, faces, &neighbours, &model)
                        .unwrap()
                        .assignment
                };
                let decided = policy.decide(&face, &neighbours, &model).unwrap().assignment;
                [decided, reviewed(3), reviewed(1)]
            })
        };
        let (create, join) = (Assignment::Create, Assignment::Join(person));
        let default = answers(include_bytes!(
            "../../../components/cluster-policy/cluster-policy.wasm"
        ));
        assert_eq!(default.await.unwrap(), [create, create, join]);
        let plain = answers(include_bytes!(
            "../../../components/examples/threshold-cluster-policy/threshold-cluster-policy.wasm"
        ));
        assert_eq!(plain.await.unwrap(), [create; 3]);
    }
}
