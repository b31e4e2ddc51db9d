"""The component's exports: the functions of `context-mapper` in wit/context-mapper.wit."""

import choosing
from wit_world import exports
from wit_world.exports.context_mapper import Context, ContextDescription
from wit_world.imports.types import Evidence, PluginInfo, Scene, ScoredTag


class ContextMapper(exports.ContextMapper):
    def describe(self) -> ContextDescription:
        return ContextDescription(
            info=PluginInfo(name="school-archive", version="1.0.0"),
            evidence=Evidence.LABELS | Evidence.DEMOGRAPHICS,
        )

    def map(self, scene: Scene, tags: list[ScoredTag]) -> Context:
        phrase, confidence = choosing.choose(scene, tags)
        return Context(phrase=phrase, confidence=confidence, reason=None)
