import { engine, type Tensor, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { InnerExplainer } from "../experiment/plan-types.js";
import {
  AssayError,
  type ExplainerContext,
  type ExplainerDefinition,
  type ExplainerGradientOptions,
  type Network,
  type Random,
  type Target,
} from "../plugin/index.js";
import { arrayParam } from "./array-param.js";
import { Gatherer, type Question } from "./gather.js";
import { contentKey, type Memo } from "./memo.js";
import { ImageRandom, type NoiseMemo } from "./random-batch.js";
import { Scopes } from "./scopes.js";
import { shifted } from "./shifted.js";

/** The part of a network that explainers see. */
export type Explained = Pick<Network, "facts" | "digest" | "batch" | "logits" | "gradient" | "activations">;

/** One explainer, bound to a network, for one batch of images. */
export interface Attribution {
  readonly network: Explained;
  readonly definition: ExplainerDefinition;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inner?: InnerExplainer;
  readonly targets: readonly number[];
  /** the stream of each image in the batch */
  readonly streams: readonly Random[];
  readonly memo: Memo;
  readonly noise: NoiseMemo;
  readonly services?: (definition: ExplainerDefinition) => readonly unknown[];
  readonly signal?: AbortSignal;
}

export interface AttributionResult {
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number, number];
}

/**
 * Runs an explainer on a batch and hands back its values. Every tensor that was made meanwhile is released.
 * Only one may run at a time in a process: TensorFlow.js has one global stack of scopes.
 */
export async function attribute(x: Tensor4D, work: Attribution): Promise<AttributionResult> {
  const gatherer = new Gatherer(work.network.batch, work.signal);
  const scopes = new Scopes();
  const random = new ImageRandom(() => work.streams, x.shape, work.noise);
  engine().startScope();
  try {
    const plain: InnerExplainer | undefined = work.inner;
    const context = bind(work, work.definition, work.params, plain, random, gatherer, scopes);
    const result = await scopes.run(() => work.definition.attribute(x, context));
    checkShape(work.definition, x, result);
    return { values: Float32Array.from(await result.data()), shape: result.shape };
  } catch (error) {
    gatherer.close(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    await scopes.settle();
    engine().endScope();
  }
}

/** Batches of samples that are prepared while the first of them is computed. */
const GROUPS_AHEAD = 4;

function bind(
  work: Attribution,
  definition: ExplainerDefinition,
  params: Readonly<Record<string, unknown>>,
  inner: InnerExplainer | undefined,
  random: ImageRandom,
  gatherer: Gatherer,
  scopes: Scopes,
): ExplainerContext<Record<string, unknown>> {
  const { network, targets, memo } = work;
  const ask = (question: Omit<Question, "targets">, targets: readonly Target[] = work.targets): Promise<Tensor> => {
    checkBatch(definition, question.x, targets.length);
    return scopes.ask(() => gatherer.ask({ ...question, kind: `${network.digest}|${question.kind}`, targets }));
  };
  const gradient = async (x: Tensor4D, options: ExplainerGradientOptions = {}): Promise<Tensor4D> => {
    const { rule = "standard", at, targets: asked = targets } = options;
    const kind = `gradient|${rule}|${at ?? ""}`;
    const key = contentKey(x, network.digest, kind, JSON.stringify(asked));
    const kept = memo.get(key);
    if (kept) return kept as Tensor4D;
    const answer: Question["answer"] = (batch, own) => network.gradient(batch, own, { rule, ...(at && { at }) });
    const result = await ask({ kind, x, answer }, asked);
    memo.put(key, result);
    return result as Tensor4D;
  };
  const innerDefinition = inner?.plugin.definition as ExplainerDefinition | undefined;
  // An inner explainer may open scopes of its own, which must not interleave: its samples run one after the other.
  const composite = innerDefinition !== undefined && innerDefinition.name !== "gradient";
  const together = composite
    ? { size: 1, groups: 1 }
    : { size: Math.max(1, Math.floor(network.batch / targets.length)), groups: GROUPS_AHEAD };
  return {
    params,
    targets,
    model: network.facts,
    random,
    services: work.services?.(definition) ?? [],
    gradient,
    logits: async (x) => (await ask({ kind: "logits", x, answer: (batch) => network.logits(batch) })) as Tensor2D,
    array: (value) => arrayParam(value, network.facts.inputShape),
    activations: (x, layer) => ask({ kind: `activations|${layer}`, x, answer: (batch) => network.activations(batch, layer) }),
    inner: async (x, sample = 0, { targets: others, shift } = {}) => {
      const told = { ...work, ...(others && { targets: others }), ...(shift && { network: shifted(network, shift) }) };
      const own = bind(told, innerDefinition ?? definition, inner?.params ?? {}, inner?.inner, random.inner(sample), gatherer, scopes);
      if (!innerDefinition) return own.gradient(x);
      const result = await innerDefinition.attribute(x, own);
      checkShape(innerDefinition, x, result);
      return result;
    },
    mean: (n, term) => scopes.mean(n, together, term),
  };
}

function checkBatch(definition: ExplainerDefinition, x: Tensor4D, images: number): void {
  if (x.shape[0] === images) return;
  throw new AssayError({
    code: "EXPLAINER-BATCH",
    where: `explainer/${definition.name}`,
    what: "it asked about another number of images than it was given",
    expected: `${images}`,
    got: `${x.shape[0]}`,
    next: "Ask once per variation of the whole batch; calls made together are gathered.",
    exit: 1,
  });
}

function checkShape(definition: ExplainerDefinition, x: Tensor4D, result: Tensor4D): void {
  const [n, h, w, c] = x.shape;
  const got = result.shape as readonly number[];
  if (definition.shape === "layer" && got.length === 4 && got[0] === n) return;
  if (got.length === 4 && got[0] === n && got[1] === h && got[2] === w && (got[3] === c || got[3] === 1)) return;
  throw new AssayError({
    code: "EXPLAINER-SHAPE",
    where: `explainer/${definition.name}`,
    what: "an attribution must be shaped like its input, or have one channel",
    expected: `[${n}, ${h}, ${w}, ${c}] or [${n}, ${h}, ${w}, 1]`,
    got: `[${got.join(", ")}]`,
    exit: 1,
  });
}
