import { memory, tensor4d } from "@tensorflow/tfjs-core";
import { explainOnce, type ExplainOptions, type ImageBatch } from "../engine/explain-once.js";
import type { ExplainerDefinition, Network } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { deepStrictEqual, defaultsOf, factChecks, near, ok, type Check } from "./kit.js";

export interface ExplainerKitOptions {
  /** Default: the defaults of the schema. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** images to explain, in model-input units. Default: three of seeded noise in [0, 1). */
  readonly x?: ImageBatch;
  /** relative L2 distance allowed between n at once and one at a time. Default: 1e-5. */
  readonly tolerance?: number;
  readonly inner?: ExplainOptions["inner"];
}

/** What every explainer must do, on a network of the caller's choice and through the engine's own context. */
export function explainerKit(definition: ExplainerDefinition, network: Network, options: ExplainerKitOptions = {}): Check[] {
  const { x = noise(network), inner, tolerance = 1e-5 } = options;
  const params = { ...defaultsOf(definition.params), ...options.params };
  const [n, h, w, c] = x.shape;
  const size = h * w * c;
  const explain = (images: readonly number[], seed: number | string = 0, on = network) => {
    const values = Float32Array.from(images.flatMap((i) => [...x.values.subarray(i * size, (i + 1) * size)]));
    return explainOnce(
      on,
      definition,
      { values, shape: [images.length, h, w, c] },
      { params, targets: 1, seed, images, ...(inner && { inner }) },
    );
  };
  const all = Array.from({ length: n }, (_, i) => i);
  const checks: Check[] = [
    {
      title: definition.shape === "layer" ? "has one map an image" : "keeps the shape of its input, or has one channel",
      run: async () => {
        const { shape } = await explain(all);
        deepStrictEqual(shape[0], n);
        if (definition.shape === "layer") return;
        deepStrictEqual(shape.slice(1, 3), [h, w]);
        ok(shape[3] === c || shape[3] === 1, `${shape[3]} channels`);
      },
    },
    { title: "is finite", run: async () => ok((await explain(all)).values.every(Number.isFinite)) },
    {
      title: "gives an image the same map alone as among others",
      run: async () => {
        const { values } = await explain(all);
        const each = values.length / n;
        for (const i of all) near((await explain([i])).values, values.subarray(i * each, (i + 1) * each), tolerance, `image ${i}`);
      },
    },
    {
      title: "gives the same bytes for the same seed",
      run: async () => deepStrictEqual((await explain(all, "a seed")).values, (await explain(all, "a seed")).values),
    },
    {
      title: "leaves no tensor behind",
      run: async () => {
        await explain(all);
        const before = memory().numTensors;
        await explain(all);
        deepStrictEqual(memory().numTensors, before);
      },
    },
    {
      title: "leaves the weights of the network and the input alone",
      run: async () => {
        const input = Float32Array.from(x.values);
        const before = await logits(network, x);
        await explain(all);
        deepStrictEqual(await logits(network, x), before);
        deepStrictEqual(Float32Array.from(x.values), input);
      },
    },
  ];
  if (definition.control === "edges")
    checks.push({ title: "ignores the model", run: () => ignoresModel(network, (on) => explain(all, 0, on)) });
  return [...factChecks(definition), ...checks];
}

async function ignoresModel(network: Network, explain: (on: Network) => Promise<{ readonly values: Float32Array }>): Promise<void> {
  const destroyed = network.redraw(network.facts.blocks, "initializer", seedTree("explainer-kit"));
  try {
    deepStrictEqual((await explain(destroyed)).values, (await explain(network)).values);
  } finally {
    destroyed.dispose();
  }
}

function noise(network: Network): ImageBatch {
  const [h, w, c] = network.facts.inputShape;
  const stream = seedTree("explainer-kit").split("images");
  return { values: Float32Array.from({ length: 3 * h * w * c }, () => stream.uniform()), shape: [3, h, w, c] };
}

async function logits(network: Network, { values, shape }: ImageBatch): Promise<Float32Array> {
  const x = tensor4d(values, [...shape]);
  const result = await network.logits(x);
  const copy = Float32Array.from(await result.data());
  result.dispose();
  x.dispose();
  return copy;
}
