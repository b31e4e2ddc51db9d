"""Says in one Indonesian phrase what is going on in a photo. WIT names become snake_case here, `none` becomes None."""

from wit_world import exports
from wit_world.exports.context_mapper import Context, ContextDescription
from wit_world.imports.types import Evidence, PluginInfo, Scene, ScoredTag

# What to say for a tag.
PHRASES = {
    "sport": "Kegiatan olahraga",
    "music": "Pertunjukan musik",
    "group": "Foto bersama",
}


class ContextMapper(exports.ContextMapper):
    def describe(self) -> ContextDescription:
        return ContextDescription(info=PluginInfo(name="{{name}}", version="0.1.0"), evidence=Evidence(0))

    def map(self, scene: Scene, tags: list[ScoredTag]) -> Context:
        # The tags come best first.
        for tag in tags:
            if tag.name in PHRASES:
                return Context(phrase=PHRASES[tag.name], confidence=tag.score, reason=f"tag {tag.name}")
        people = len(scene.faces)
        neutral = {0: "Sebuah foto", 1: "Foto seseorang"}.get(people, f"Foto {people} orang")
        return Context(phrase=neutral, confidence=0.0, reason=None)
