import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy, explainOnce, type ExplainerDefinition, type InnerExplainer, type Network } from "@assay/core";
import { explainerKit, type ExplainerKitOptions } from "@assay/core/testing";
import { tf, type BatchRandom, type ParamsSchema } from "@assay/core/plugin";
import { BACKENDS, loadModel, startBackend, type BackendName } from "@assay/network";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = new URL("../../../../shared/oracle", import.meta.url).pathname;
if (!existsSync(ROOT)) throw new Error(`the golden vectors are missing: ${ROOT}`);

interface Manifest {
  readonly completeness: Readonly<Record<"sum of integrated-gradients (midpoint, 50)" | "S(x) - S(0)", readonly number[]>>;
  readonly targets: readonly number[];
  readonly occlusion: { readonly window: number; readonly stride: number; readonly baseline: number };
  readonly arrays: Readonly<Record<string, { readonly file: string; readonly shape: readonly number[]; readonly tolerance?: Tolerance }>>;
}
interface Tolerance {
  readonly relL2: number;
  readonly maxAbsRelative: number;
}

export const MODELS = ["mlp", "cnn", "inception-like", "mobile-like", "residual-reuse"] as const;

/** One golden model: its manifest, its arrays, its files. */
export class Golden {
  readonly folder: string;
  readonly manifest: Manifest;

  constructor(readonly name: string) {
    this.folder = join(ROOT, "models", name);
    this.manifest = JSON.parse(readFileSync(join(this.folder, "manifest.json"), "utf8")) as Manifest;
  }

  file(array: string): string {
    return join(this.folder, this.manifest.arrays[array]!.file);
  }

  read(array: string): { values: Float32Array; shape: readonly number[] } {
    const { values, shape } = decodeNpy(readFileSync(this.file(array)), array);
    return { values: Float32Array.from(values), shape };
  }

  /** The stored noise as an explainer's own: standard normal, so that the recipe's scale brings the stored values back. */
  noise(): BatchRandom {
    const { values, shape } = this.read("noise");
    const [n, samples, h, w, c] = shape as [number, number, number, number, number];
    const input = this.read("input").values;
    const size = h * w * c;
    const scales = Array.from({ length: n }, (_, image) => {
      const own = input.subarray(image * size, (image + 1) * size);
      return 0.15 * (Math.max(...own) - Math.min(...own));
    });
    const scaled = Float32Array.from(values, (value, k) => value / scales[Math.floor(k / (samples * size))]!);
    const all = (sample: number) =>
      tf.tensor4d(
        Float32Array.from({ length: n * size }, (_, k) => scaled[(Math.floor(k / size) * samples + sample) * size + (k % size)]!),
        [n, h, w, c],
      );
    return { normal: all, uniform: () => expect.unreachable("the recipe is normal") };
  }
}

/** A case small enough to be read; the caller says what is in it. */
export const toyCase = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, "toy", `${name}.json`), "utf8"));

interface Question {
  readonly array: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly inner?: InnerExplainer;
  /** use the stored noise in place of the seeded one */
  readonly noise?: boolean;
}

/** Parameters with the schema's defaults, as the planner hands them over. */
export function withDefaults(
  definition: { readonly params: ParamsSchema },
  given: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const defaults = Object.entries(definition.params.properties).flatMap(([key, schema]) =>
    schema.default === undefined ? [] : [[key, schema.default as unknown] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

async function check(
  network: Network,
  golden: Golden,
  definition: ExplainerDefinition,
  { array, params, inner, noise = false }: Question,
): Promise<void> {
  const { values, shape } = golden.read("input");
  const random = noise ? golden.noise() : undefined;
  const asked = random
    ? {
        ...definition,
        attribute: (x: tf.Tensor4D, context: Parameters<typeof definition.attribute>[1]) => definition.attribute(x, { ...context, random }),
      }
    : definition;
  const answer = await explainOnce(
    network,
    asked,
    { values, shape: shape as [number, number, number, number] },
    {
      params: withDefaults(definition, params),
      targets: golden.manifest.targets,
      ...(inner && { inner }),
    },
  );
  const expected = golden.read(array).values;
  expect(answer.values.length).toBe(expected.length);
  let [difference, norm, worst, largest] = [0, 0, 0, 0];
  expected.forEach((value, i) => {
    const d = answer.values[i]! - value;
    difference += d * d;
    norm += value * value;
    worst = Math.max(worst, Math.abs(d));
    largest = Math.max(largest, Math.abs(value));
  });
  const tolerance = golden.manifest.arrays[array]!.tolerance!;
  expect(Math.sqrt(difference / norm), `${golden.name} ${array}: relative L2`).toBeLessThanOrEqual(tolerance.relL2);
  expect(worst / largest, `${golden.name} ${array}: largest difference`).toBeLessThanOrEqual(tolerance.maxAbsRelative);
}

/** Every golden array that `questions` names, on every model that has it, on every backend. */
export function agreesWithOracle(definition: ExplainerDefinition, questions: (golden: Golden) => readonly Question[]): void {
  describe.each(BACKENDS)("agrees with the independent libraries on %s", (backend) => {
    for (const name of MODELS) {
      const golden = new Golden(name);
      const asked = questions(golden).filter(({ array }) => array in golden.manifest.arrays);
      for (const question of asked)
        it(`${name}: ${question.array}`, () => withNetwork(backend, golden, (network) => check(network, golden, definition, question)));
    }
  });
}

/** The conformance kit, on the golden CNN. */
export async function passesTheKit(definition: ExplainerDefinition, options: ExplainerKitOptions = {}, how = ""): Promise<void> {
  await startBackend("tensorflow");
  const network = await loadModel(join(new Golden("cnn").folder, "model.json"));
  describe(["as every explainer", how].join(" ").trim(), () => {
    beforeAll(() => startBackend("tensorflow"));
    afterAll(() => network.dispose());
    for (const { title, run } of explainerKit(definition, network, options)) it(title, run);
  });
}

/** An explainer as the parameter `of` of another. */
export const inner = (definition: ExplainerDefinition, given?: Readonly<Record<string, unknown>>): InnerExplainer => ({
  plugin: { id: `explainer/${definition.name}`, definition, origin: "test", module: "", codeDigest: "" },
  params: withDefaults(definition, given),
});

async function withNetwork(backend: BackendName, golden: Golden, work: (network: Network) => Promise<void>): Promise<void> {
  await startBackend(backend);
  const network = await loadModel(join(golden.folder, "model.json"));
  try {
    await work(network);
  } finally {
    network.dispose();
  }
}
