import { tensor4d } from "@tensorflow/tfjs-core";
import type { InnerExplainer } from "../experiment/plan-types.js";
import type { ExplainerDefinition, Network } from "../plugin/index.js";
import { seedTree, type Random } from "../plugin/random.js";
import { attribute, type Attribution, type AttributionResult } from "./attribute.js";
import { Memo } from "./memo.js";
import { NoiseMemo } from "./random-batch.js";
import { largest } from "./targets.js";

export interface ImageBatch {
  readonly values: Float32Array;
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
}

export interface ExplainOptions {
  /** defaults already applied */
  readonly params: Readonly<Record<string, unknown>>;
  /** one class for all images, one an image, or the largest logit of each. Default: `argmax`. */
  readonly targets?: readonly number[] | number | "argmax";
  /** Default: 0. */
  readonly seed?: number | string;
  /** Name under which the streams of the images stand in the seed tree. Default: `explain`. */
  readonly node?: string;
  /** Numbers of the images in their data set. Default: 0, 1, 2, … */
  readonly images?: readonly number[];
  readonly inner?: InnerExplainer;
  readonly services?: Attribution["services"];
  readonly signal?: AbortSignal;
}

export const MEMO_BYTES = 512 * 2 ** 20;
export const NOISE_BYTES = 48 * 2 ** 20;

/** The stream of one image: the same on every network, but for a noise control, which would else look like a perfect explainer. */
export function imageStream(seed: number | string, node: string, image: number, definition: ExplainerDefinition, network: Network): Random {
  const stream = seedTree(seed).split(node, "image", image);
  return definition.control === "noise" ? stream.split("model", network.digest) : stream;
}

/** Attributions of any number of images by one explainer, outside of any plan: what `assay explain` and the conformance kit run. */
export async function explainOnce(
  network: Network,
  definition: ExplainerDefinition,
  x: ImageBatch,
  { params, targets = "argmax", seed = 0, node = "explain", images, inner, services, signal }: ExplainOptions,
): Promise<AttributionResult & { readonly targets: readonly number[] }> {
  const [n, h, w, c] = x.shape;
  const size = h * w * c;
  const results: AttributionResult[] = [];
  const explained: number[] = [];
  const step = Math.max(1, network.batch);
  for (let from = 0; from < n; from += step) {
    const count = Math.min(step, n - from);
    const batch = tensor4d(x.values.slice(from * size, (from + count) * size), [count, h, w, c]);
    try {
      const positions = Array.from({ length: count }, (_, i) => from + i);
      const classes =
        targets === "argmax"
          ? (await largest(network, batch)).targets
          : positions.map((i) => (Array.isArray(targets) ? (targets[i] as number) : (targets as number)));
      explained.push(...classes);
      const streams = positions.map((i) => imageStream(seed, node, images?.[i] ?? i, definition, network));
      const memo = new Memo(MEMO_BYTES);
      results.push(
        await attribute(batch, {
          network,
          definition,
          params,
          targets: classes,
          streams,
          memo,
          noise: new NoiseMemo(NOISE_BYTES),
          ...(inner && { inner }),
          ...(services && { services }),
          ...(signal && { signal }),
        }),
      );
    } finally {
      batch.dispose();
    }
  }
  const [, ...shape] = results[0]?.shape ?? x.shape;
  const values = new Float32Array(n * shape[0] * shape[1] * shape[2]);
  let offset = 0;
  for (const result of results) {
    values.set(result.values, offset);
    offset += result.values.length;
  }
  return { values, shape: [n, ...shape], targets: explained };
}
