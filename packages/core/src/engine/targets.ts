import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Network } from "../plugin/index.js";

export interface Largest {
  /** class of the largest logit of each image; 0 where the logits are not finite */
  readonly targets: readonly number[];
  readonly finite: readonly boolean[];
}

/** The class that a network names for each image; the first of equals. */
export async function largest(network: Network, x: Tensor4D): Promise<Largest> {
  const logits = await network.logits(x);
  const [n, classes] = logits.shape;
  const values = Float32Array.from(await logits.data());
  logits.dispose();
  const rows = Array.from({ length: n }, (_, i) => values.subarray(i * classes, (i + 1) * classes));
  return {
    targets: rows.map(firstLargest),
    finite: rows.map((row) => row.every(Number.isFinite)),
  };
}

const firstLargest = (row: Float32Array): number => {
  let best = 0;
  for (let j = 1; j < row.length; j++) if (row[j]! > row[best]!) best = j;
  return best;
};
