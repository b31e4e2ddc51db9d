// Decides which tags a photo gets. WIT names become camelCase here, and `none` becomes null.

import type { ScoredTag, Tagger, TaggerDescription } from "ai-worker:plugin/tagger";

/** Each tag with the classifier's labels that speak for it. */
const vocabulary = {
  sport: ["soccer ball", "basketball", "volleyball", "tennis ball"],
  music: ["acoustic guitar", "drum", "microphone", "violin"],
};
/** Photos with this many faces are of a group. */
const GROUP = 4;

export const tagger: Tagger = {
  describe(): TaggerDescription {
    return {
      info: { name: "{{name}}", version: "0.1.0" },
      evidence: { labels: true },
      concepts: [
        ...Object.keys(vocabulary).map((tag) => ({ tag, prompts: [], evidence: { labels: true } })),
        { tag: "group", prompts: [], evidence: {} },
      ],
    };
  },

  tag(scene): ScoredTag[] {
    const tags: ScoredTag[] = [];
    for (const [name, labels] of Object.entries(vocabulary)) {
      const speaking = (scene.labels ?? []).filter((label) => labels.includes(label.name));
      const score = speaking.reduce((sum, label) => sum + label.score, 0);
      if (score > 0) tags.push({ name, score: Math.min(score, 1), reason: `labels ${score.toFixed(2)}` });
    }
    const faces = scene.faces.length;
    if (faces >= GROUP) tags.push({ name: "group", score: 0.5, reason: `${faces} faces` });
    return tags.sort((one, other) => other.score - one.score);
  },
};
