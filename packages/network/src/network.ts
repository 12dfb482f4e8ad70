import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import {
  AssayError,
  type GradientOptions,
  type ModelFacts,
  type Network,
  type Random,
  type Redraw,
  type Target,
  type WeightArray,
} from "@assay/core/plugin";
import { activeExecutor } from "./executors/active.js";
import type { Computation } from "./executors/executor.js";
import type { Block } from "./graph/blocks.js";
import { gradientBytes } from "./graph/budget.js";
import { ancestors, type Graph } from "./graph/graph.js";
import { unknownLayer } from "./graph/layer-error.js";
import { planSteps } from "./graph/plan.js";
import type { WeightTable } from "./graph/weights.js";
import { redrawWeights, replaceWeights, weightsDigest, type Drawn, type LastDraws, type Redrawn } from "./redraw/redraw.js";
import { rules } from "./rules/index.js";

export interface NetworkParts {
  /** `modelTopology` of a TensorFlow.js file */
  readonly topology?: object;
  readonly graph: Graph;
  readonly facts: ModelFacts;
  readonly blocks: readonly Block[];
  readonly weights: WeightTable;
  /** shared by a network and those redrawn from it */
  readonly lastDraws?: LastDraws;
}

/** A graph with weights, computed by the executor that was active when it was loaded. Weights are shared with the networks redrawn from it. */
export class GraphNetwork implements Network {
  readonly facts: ModelFacts;
  readonly topology?: object;
  readonly digest: string;
  readonly batch: number;
  readonly bytesPerImage: number;
  readonly #parts: NetworkParts;
  readonly #lastDraws: LastDraws;
  readonly #computation: Computation;
  readonly #redrawn: ReadonlyMap<string, string>;
  #disposed = false;

  constructor(parts: NetworkParts, made?: { readonly computation: Computation; readonly redrawn: ReadonlyMap<string, string> }) {
    this.#lastDraws = parts.lastDraws ?? new Map<string, Drawn>();
    this.#parts = { ...parts, lastDraws: this.#lastDraws };
    this.facts = parts.facts;
    if (parts.topology) this.topology = parts.topology;
    this.#redrawn = made?.redrawn ?? new Map();
    this.#computation = made?.computation ?? activeExecutor().compute(parts.graph, parts.weights);
    this.digest = weightsDigest(parts.facts.digest, this.#redrawn);
    this.bytesPerImage = gradientBytes(parts.graph, planSteps(parts.graph, ""));
    this.batch = this.#computation.batch;
  }

  async logits(x: Tensor4D): Promise<Tensor2D> {
    this.#check(x);
    return (await this.#computation.output(x, this.#parts.graph.output)) as Tensor2D;
  }

  async activations(x: Tensor4D, layer: string): Promise<Tensor> {
    this.#check(x);
    return this.#computation.output(x, this.#layer(layer));
  }

  async gradient(x: Tensor4D, targets: readonly Target[], { rule = "standard", at }: GradientOptions = {}): Promise<Tensor> {
    const { graph } = this.#parts;
    const n = this.#check(x);
    const classes = this.facts.classes;
    if (targets.length !== n || !targets.every((target) => fits(target, classes))) {
      const expected = `${n} class indices from 0 to ${classes - 1}, or ${classes} weights in place of an index`;
      throw new AssayError({
        code: "TARGET-RANGE",
        where: "gradient",
        what: "the targets do not fit",
        expected,
        got: JSON.stringify(targets),
      });
    }
    const to = at === undefined ? graph.input : this.#layer(at);
    if (!ancestors(graph, graph.output).has(to)) {
      const what = `the logits do not depend on layer ${to}, so there is no gradient at its output`;
      throw new AssayError({ code: "MODEL-LAYER-ABOVE-LOGITS", where: "gradient", what });
    }
    return this.#computation.gradient(x, { dy: weightsOfLogits(targets, classes), to, rule: rules[rule] });
  }

  redraw(blocks: readonly string[], how: Redraw, random: Random): Network {
    this.#alive();
    const { graph, weights } = this.#parts;
    const chosen = blocks.map((name) => {
      const block = this.#parts.blocks.find((candidate) => candidate.name === name);
      if (block) return block;
      throw new AssayError({
        code: "MODEL-UNKNOWN-BLOCK",
        what: `there is no block "${name}"`,
        expected: `one of ${this.facts.blocks.join(", ")}`,
      });
    });
    return this.#with(redrawWeights(graph, weights, chosen, how, random, this.#lastDraws));
  }

  weights(): readonly WeightArray[] {
    const { graph, weights } = this.#parts;
    return graph.nodes.flatMap((node) =>
      Object.entries(weights.get(node.name) ?? {}).map(([name, array]) => ({ ...array, name: `${node.layer}/${name}` })),
    );
  }

  withWeights(values: Float32Array): Network {
    this.#alive();
    const { graph, weights } = this.#parts;
    return this.#with(replaceWeights(graph, weights, values));
  }

  #with({ table, digests }: Redrawn): Network {
    const made = { computation: this.#computation.withWeights(table), redrawn: new Map([...this.#redrawn, ...digests]) };
    return new GraphNetwork({ ...this.#parts, weights: table }, made);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#computation.dispose();
  }

  #layer(name: string): string {
    const { graph } = this.#parts;
    if (name === graph.input || graph.byName.get(name)?.layer === name) return name;
    throw unknownLayer(
      name,
      this.facts.layers.map((layer) => layer.name),
    );
  }

  #check(x: Tensor4D): number {
    this.#alive();
    const [n, ...shape] = x.shape;
    if (x.rank === 4 && shape.join() === this.facts.inputShape.join()) return n;
    const expected = `[n, ${this.facts.inputShape.join(", ")}]`;
    throw new AssayError({
      code: "INPUT-SHAPE",
      where: "network",
      what: "the input has the wrong shape",
      expected,
      got: `[${x.shape.join(", ")}]`,
    });
  }

  #alive(): void {
    if (this.#disposed) throw new AssayError({ code: "NETWORK-DISPOSED", what: "this network's weights were released", exit: 1 });
  }
}

const fits = (target: Target, classes: number): boolean =>
  typeof target === "number"
    ? Number.isInteger(target) && target >= 0 && target < classes
    : target.length === classes && target.every(Number.isFinite);

/** Where the reverse pass starts: 1 at a class, or the weights that were asked for. */
function weightsOfLogits(targets: readonly Target[], classes: number): Float32Array {
  const values = new Float32Array(targets.length * classes);
  targets.forEach((target, i) => {
    if (typeof target === "number") values[i * classes + target] = 1;
    else values.set(target, i * classes);
  });
  return values;
}
