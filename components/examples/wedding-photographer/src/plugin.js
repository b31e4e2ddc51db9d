// The component's exports: the functions of `tagger` in wit/tagger.wit.

import { vocabulary } from "./vocabulary.js";
import { score } from "./scoring.js";

export const tagger = {
  describe() {
    return {
      info: { name: "wedding-photographer", version: "1.0.0" },
      evidence: { labels: true, similarities: true, demographics: true },
      concepts: vocabulary.map(({ tag, prompts }) => ({ tag, prompts, evidence: {} })),
    };
  },

  tag(scene) {
    return score(scene, vocabulary);
  },
};
