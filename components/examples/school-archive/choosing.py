"""Chooses the phrase of a photo. Knows nothing of the component, so that it runs in any Python."""

from phrases import PHRASES, People, Phrase

# A phrase that is less sure than this is not said: a neutral one is better than a wrong one.
LEAST = 0.25
# What it is worth that a phrase fits the people, too.
FITTING_PEOPLE = 0.1
# Below this detector score, patterns are taken for faces.
LEAST_CONFIDENCE = 0.5

NUMBERS = ["dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh"]


def choose(scene, tags) -> tuple[str, float]:
    """The phrase and how sure it is; 0 when nothing was recognised."""
    people = people_of(scene)
    by_tag = {tag.name: tag.score for tag in tags}
    by_label = {label.name: label.score for label in scene.labels or []}

    best, sureness = None, 0.0
    for phrase in PHRASES:
        if phrase.people and not phrase.people(people):
            continue
        seen = evidence(phrase, by_tag, by_label)
        if seen < LEAST:
            continue
        rank = seen + (FITTING_PEOPLE if phrase.people else 0.0)
        if rank > sureness:
            best, sureness = phrase, rank
    if best is None:
        return neutral(people), 0.0
    return best.text, min(1.0, evidence(best, by_tag, by_label))


def evidence(phrase: Phrase, by_tag: dict[str, float], by_label: dict[str, float]) -> float:
    tagged = max((by_tag.get(tag, 0.0) for tag in phrase.tags), default=0.0)
    labelled = sum(weight * by_label.get(label, 0.0) for label, weight in phrase.labels.items())
    return max(tagged, labelled)


def people_of(scene) -> People:
    faces = [face for face in scene.faces if face.confidence >= LEAST_CONFIDENCE]
    ages = [face.age for face in faces if face.age is not None]
    return People(
        total=len(faces),
        young=sum(age < 19 for age in ages),
        grown=sum(age >= 24 for age in ages),
    )


def neutral(people: People) -> str:
    """Says what is certain, and nothing else."""
    if people.total == 0:
        return "Foto arsip sekolah"
    if people.total == 1:
        return "Foto seseorang"
    if people.total <= 10:
        return f"Foto {NUMBERS[people.total - 2]} orang"
    return "Foto banyak orang"
