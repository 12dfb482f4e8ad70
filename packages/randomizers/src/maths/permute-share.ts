import type { Random } from "@assay/core/plugin";

/** The first round(share · n) images of one random order exchange their labels at random; the order does not depend on the share. */
export function permuteShare(labels: Int32Array, share: number, random: Random): Int32Array {
  const chosen = random
    .split("images")
    .permutation(labels.length)
    .subarray(0, Math.round(share * labels.length));
  const givers = random.split("exchange").permutation(chosen.length);
  const given = Int32Array.from(labels);
  chosen.forEach((image, i) => (given[image] = labels[chosen[givers[i]!]!]!));
  return given;
}
