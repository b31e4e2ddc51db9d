// Says in one Indonesian phrase what is going on in a photo. WIT names become camelCase here, and `none` becomes null.

import type { Context, ContextDescription, ContextMapper } from "ai-worker:plugin/context-mapper";

/** What to say for a tag. */
const phrases = new Map([
  ["sport", "Kegiatan olahraga"],
  ["music", "Pertunjukan musik"],
  ["group", "Foto bersama"],
]);

export const contextMapper: ContextMapper = {
  describe(): ContextDescription {
    return { info: { name: "{{name}}", version: "0.1.0" }, evidence: {} };
  },

  map(scene, tags): Context {
    // The tags come best first.
    for (const { name, score } of tags) {
      const phrase = phrases.get(name);
      if (phrase) return { phrase, confidence: score, reason: `tag ${name}` };
    }
    const people = scene.faces.length;
    const neutral = ["Sebuah foto", "Foto seseorang"][people] ?? `Foto ${people} orang`;
    return { phrase: neutral, confidence: 0 };
  },
};
