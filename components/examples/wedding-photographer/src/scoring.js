// How a scene speaks for a tag. The fields of a tag are explained at the head of vocabulary.js.

/** Below this detector score, patterns are taken for faces. */
const LEAST_CONFIDENCE = 0.5;
/** The classifier spreads a little probability over everything; less than this says nothing. */
const LEAST_PROBABILITY = 0.02;
/** A tag that is less sure than this is not worth an answer. */
const LEAST_SCORE = 0.05;

/** The tags of a scene, best first; of equally good ones the first of the vocabulary. */
export function score(scene, vocabulary) {
  const labels = new Map(
    (scene.labels ?? [])
      .filter(({ score }) => score >= LEAST_PROBABILITY)
      .map(({ name, score }) => [name, score]),
  );
  const people = peopleOf(scene);
  let prompt = 0;
  const tags = vocabulary.map((entry) => {
    const similarities = (scene.similarities ?? []).slice(prompt, prompt + entry.prompts.length);
    prompt += entry.prompts.length;
    const best = Math.max(0, fromLabels(entry, labels, people), fromFaces(entry, labels, people), ...similarities);
    return { name: entry.tag, score: Math.min(1, best) };
  });
  return tags.filter(({ score }) => score >= LEAST_SCORE).sort((one, other) => other.score - one.score);
}

/** What the faces that are certain enough have in common. */
function peopleOf(scene) {
  const faces = scene.faces.filter(({ confidence }) => confidence >= LEAST_CONFIDENCE);
  const areas = faces.map(({ boundingBox: { x1, y1, x2, y2 } }) => (x2 - x1) * (y2 - y1));
  const largest = Math.max(0, ...areas);
  const known = faces.filter(({ age }) => age != null);
  return {
    total: faces.length,
    // Guests in the background are much smaller than those who pose.
    posing: areas.filter((area) => area >= largest / 4).length,
    // The share of the photo that the largest face takes.
    closeness: largest / (scene.width * scene.height),
    children: known.filter(({ age }) => age < 11).length,
    elderly: known.filter(({ age }) => age >= 62).length,
    women: known.filter(({ age, gender }) => age >= 14 && gender === "female").length,
    men: known.filter(({ age, gender }) => age >= 14 && gender === "male").length,
  };
}

function fromLabels(entry, labels, people) {
  const { needs = [], unless } = entry;
  if (needs.length === 0 || unless?.(people)) return 0;
  const sums = needs.map((weights) => sum(weights, labels));
  // One probability is shared out over all labels, so two needs can be 0.5 each at most: the geometric mean,
  // times their number, is 1 when the photo shows nothing but what is needed.
  return sums.length * Math.pow(sums.reduce((product, one) => product * one, 1), 1 / sums.length);
}

function fromFaces({ faces }, labels, people) {
  if (faces == null || !faces.when(people)) return 0;
  return faces.seen == null || sum(faces.seen, labels) >= faces.least ? faces.score : 0;
}

function sum(weights, labels) {
  let total = 0;
  for (const [name, weight] of Object.entries(weights)) total += weight * (labels.get(name) ?? 0);
  return total;
}
