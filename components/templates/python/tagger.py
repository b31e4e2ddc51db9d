"""Decides which tags a photo gets. WIT names become snake_case here, and `none` becomes None."""

from wit_world import exports
from wit_world.exports.tagger import Concept, TaggerDescription
from wit_world.imports.types import Evidence, PluginInfo, Scene, ScoredTag

# Each tag with the classifier's labels that speak for it.
VOCABULARY = {
    "sport": {"soccer ball", "basketball", "volleyball", "tennis ball"},
    "music": {"acoustic guitar", "drum", "microphone", "violin"},
}
# Photos with this many faces are of a group.
GROUP = 4


class Tagger(exports.Tagger):
    def describe(self) -> TaggerDescription:
        return TaggerDescription(
            info=PluginInfo(name="{{name}}", version="0.1.0"),
            evidence=Evidence.LABELS,
            concepts=[
                *(Concept(tag=tag, prompts=[], evidence=Evidence.LABELS) for tag in VOCABULARY),
                Concept(tag="group", prompts=[], evidence=Evidence(0)),
            ],
        )

    def tag(self, scene: Scene) -> list[ScoredTag]:
        tags = []
        for name, labels in VOCABULARY.items():
            score = sum(label.score for label in scene.labels or [] if label.name in labels)
            if score > 0:
                tags.append(ScoredTag(name=name, score=min(score, 1.0), reason=f"labels {score:.2f}"))
        if len(scene.faces) >= GROUP:
            tags.append(ScoredTag(name="group", score=0.5, reason=f"{len(scene.faces)} faces"))
        return sorted(tags, key=lambda tag: tag.score, reverse=True)
