"""Decides to which person (cluster) a face belongs. WIT names become snake_case here, and `none` becomes None."""

from wit_world import exports
from wit_world.exports.cluster_policy import (
    Assignment_Create,
    Assignment_Join,
    Decision,
    EmbeddingModel,
    Neighbour,
    PolicyDescription,
)
from wit_world.imports.types import Face, PluginInfo


class ClusterPolicy(exports.ClusterPolicy):
    def describe(self) -> PolicyDescription:
        return PolicyDescription(info=PluginInfo(name="{{name}}", version="0.1.0"), neighbours=10)

    def decide(self, candidate: Face, neighbours: list[Neighbour], model: EmbeddingModel) -> Decision:
        # The most similar comes first. Nobody is in one photo twice.
        best = next((neighbour for neighbour in neighbours if not neighbour.same_photo), None)
        if best is None:
            return Decision(Assignment_Create(), "There is no other photo to compare with.")
        if best.similarity >= model.threshold:
            reason = f"Similarity {best.similarity:.3f} reaches {model.threshold:.3f}."
            return Decision(Assignment_Join(best.cluster_id), reason)
        return Decision(Assignment_Create(), f"Similarity {best.similarity:.3f} is below {model.threshold:.3f}.")
