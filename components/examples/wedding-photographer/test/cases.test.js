// `npm test`: the golden cases, and what they do not show, on the source alone.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { tagger } from "../src/plugin.js";
import { vocabulary } from "../src/vocabulary.js";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

/** A case's scene as the component gets it: camelCase, and boxes with named sides. */
function scene({ faces, ...rest }) {
  const named = faces.map(({ bounding_box: [x1, y1, x2, y2], ...face }) => ({ ...face, boundingBox: { x1, y1, x2, y2 } }));
  return { ...rest, faces: named };
}

for (const name of readdirSync(new URL("../cases", import.meta.url))) {
  const { scene: given, expect } = JSON.parse(read(`../cases/${name}`));
  test(name, () => {
    const found = tagger.tag(scene(given));
    const score = (tag) => found.find(({ name }) => name === tag)?.score ?? 0;
    if (expect.tags) {
      assert.deepEqual(found.map(({ name }) => name), expect.tags.map(({ name }) => name));
      for (const tag of expect.tags) assert.ok(Math.abs(score(tag.name) - tag.score) < 1e-4, `${tag.name} ${score(tag.name)}`);
    }
    for (const tag of expect.has ?? []) assert.ok(score(tag) > 0, tag);
    for (const tag of expect.has_not ?? []) assert.equal(score(tag), 0, tag);
    for (const [tag, least] of Object.entries(expect.at_least ?? {})) assert.ok(score(tag) >= least, `${tag} ${score(tag)}`);
  });
}

test("the classifier has every label", () => {
  const known = new Set(read("../../../../models/imagenet-labels.txt").split("\n"));
  for (const { tag, needs = [], faces } of vocabulary) {
    for (const weights of [...needs, faces?.seen ?? {}]) {
      for (const label of Object.keys(weights)) assert.ok(known.has(label), `${tag}: ${label}`);
    }
  }
});

test("a prompt's similarity counts for its own tag", () => {
  const prompts = vocabulary.flatMap(({ tag, prompts }) => prompts.map(() => tag));
  const similarities = prompts.map((tag) => (tag === "cake" ? 0.31 : 0));
  const found = tagger.tag({ width: 800, height: 600, faces: [], similarities });
  assert.deepEqual(found, [{ name: "cake", score: 0.31 }]);
});
