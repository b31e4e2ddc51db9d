// Says in one Indonesian phrase what is going on in a photo. WIT names become camelCase here, and `none` becomes null.

/** What to say for a tag. */
const phrases = new Map([
  ["sport", "Kegiatan olahraga"],
  ["music", "Pertunjukan musik"],
  ["group", "Foto bersama"],
]);

export const contextMapper = {
  describe() {
    return { info: { name: "{{name}}", version: "0.1.0" }, evidence: {} };
  },

  map(scene, tags) {
    // The tags come best first.
    const known = tags.find(({ name }) => phrases.has(name));
    if (known) {
      return { phrase: phrases.get(known.name), confidence: known.score, reason: `tag ${known.name}` };
    }
    const people = scene.faces.length;
    const neutral = ["Sebuah foto", "Foto seseorang"][people] ?? `Foto ${people} orang`;
    return { phrase: neutral, confidence: 0 };
  },
};
