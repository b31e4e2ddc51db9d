// Decides to which person (cluster) a face belongs. WIT names become camelCase here, and `none` becomes null.
/** @import { ClusterPolicy, Decision, PolicyDescription } from "ai-worker:plugin/cluster-policy" */

/** @type {ClusterPolicy} */
export const clusterPolicy = {
  /** @returns {PolicyDescription} */
  describe() {
    return { info: { name: "{{name}}", version: "0.1.0" }, neighbours: 10 };
  },

  /** @returns {Decision} */
  decide(candidate, neighbours, model) {
    // The most similar comes first. Nobody is in one photo twice.
    const best = neighbours.find(({ samePhoto }) => !samePhoto);
    if (!best) {
      return { assignment: { tag: "create" }, reason: "There is no other photo to compare with." };
    }
    const [similarity, threshold] = [best.similarity.toFixed(3), model.threshold.toFixed(3)];
    if (best.similarity >= model.threshold) {
      return {
        assignment: { tag: "join", val: best.clusterId },
        reason: `Similarity ${similarity} reaches ${threshold}.`,
      };
    }
    return { assignment: { tag: "create" }, reason: `Similarity ${similarity} is below ${threshold}.` };
  },
};
