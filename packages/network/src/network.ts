import * as tf from "@tensorflow/tfjs-core";
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
import { activeKernels } from "./executors/kernels.js";
import type { Block } from "./graph/blocks.js";
import { bestBatch, gradientBytes } from "./graph/budget.js";
import { ancestors, descendants, type Graph } from "./graph/graph.js";
import { unknownLayer } from "./graph/layer-error.js";
import { planSteps, type Step } from "./graph/plan.js";
import { forward, reverse, valuesRead, type Machine } from "./graph/run.js";
import { Cell, hostOperands, upload, type WeightTable } from "./graph/weights.js";
import { redrawWeights, replaceWeights, weightsDigest, type Redrawn } from "./redraw/redraw.js";
import { rules } from "./rules/index.js";

export interface NetworkParts {
  /** `modelTopology` of the file */
  readonly topology: object;
  readonly graph: Graph;
  readonly facts: ModelFacts;
  readonly blocks: readonly Block[];
  readonly weights: WeightTable;
}

/** A graph with weights on the active backend. Weights are shared with the networks redrawn from it. */
export class GraphNetwork implements Network {
  readonly facts: ModelFacts;
  readonly topology: object;
  readonly digest: string;
  readonly batch: number;
  readonly bytesPerImage: number;
  readonly #parts: NetworkParts;
  readonly #steps: readonly Step[];
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #redrawn: ReadonlyMap<string, string>;
  #disposed = false;

  constructor(parts: NetworkParts, parent?: { readonly cells: ReadonlyMap<string, Cell>; readonly redrawn: ReadonlyMap<string, string> }) {
    this.#parts = parts;
    this.facts = parts.facts;
    this.topology = parts.topology;
    this.#steps = planSteps(parts.graph, "");
    this.#redrawn = parent?.redrawn ?? new Map();
    this.digest = weightsDigest(parts.facts.digest, this.#redrawn);
    this.bytesPerImage = gradientBytes(parts.graph, this.#steps);
    this.batch = bestBatch(this.bytesPerImage);
    this.#cells = new Map(
      this.#steps
        .filter(({ node }) => Object.keys(node.parameters).length > 0)
        .map((step) => [step.output, parent?.cells.get(step.output)?.share() ?? new Cell(hostOperands(step, parts.weights))]),
    );
  }

  logits(x: Tensor4D): Tensor2D {
    return this.#output(x, this.#parts.graph.output) as Tensor2D;
  }

  activations(x: Tensor4D, layer: string): Tensor {
    return this.#output(x, this.#layer(layer));
  }

  gradient(x: Tensor4D, targets: readonly Target[], { rule = "standard", at }: GradientOptions = {}): Tensor {
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
    const under = ancestors(graph, graph.output);
    if (!under.has(to)) {
      const what = `the logits do not depend on layer ${to}, so there is no gradient at its output`;
      throw new AssayError({ code: "MODEL-LAYER-ABOVE-LOGITS", where: "gradient", what });
    }
    const path = descendants(graph, to);
    const between = (steps: readonly Step[]): Step[] =>
      steps.filter(({ output }) => output !== to && path.has(output) && under.has(output));
    return tf.tidy(() => {
      const machine = this.#machine(to);
      const backward = between(machine.steps);
      const values = forward(machine, graph.input, x, valuesRead(backward));
      const dy = tf.tensor2d(weightsOfLogits(targets, classes), [n, classes]);
      const shape = (name: string): number[] => [n, ...(graph.byName.get(name)?.shape ?? graph.inputShape)];
      return reverse({ ...machine, steps: backward }, { from: graph.output, to, dy, rule: rules[rule], path, values, shape });
    });
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
    return this.#with(redrawWeights(graph, weights, chosen, how, random));
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
    const { weights } = this.#parts;
    const changed = (name: string | undefined): boolean => name !== undefined && table.get(name) !== weights.get(name);
    const cells = this.#steps.flatMap((step): [string, Cell][] => {
      const cell = changed(step.node.name) || changed(step.affine?.name) ? undefined : this.#cells.get(step.output);
      return cell ? [[step.output, cell]] : [];
    });
    const parent = { cells: new Map(cells), redrawn: new Map([...this.#redrawn, ...digests]) };
    return new GraphNetwork({ ...this.#parts, weights: table }, parent);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const cell of this.#cells.values()) cell.release();
  }

  #output(x: Tensor4D, name: string): Tensor {
    this.#check(x);
    return tf.tidy(() => {
      const value = forward(this.#machine(name), this.#parts.graph.input, x, new Set([name])).get(name);
      if (!value) throw new Error(`${name} was not computed`);
      return value;
    });
  }

  /** The folded plan with kept operands; where `kept` lies inside a fold, its pair runs apart with operands made for this call. */
  #machine(kept: string): Machine {
    const { graph, weights } = this.#parts;
    const steps = this.#steps.some(({ node, affine }) => affine && node.name === kept) ? planSteps(graph, kept) : this.#steps;
    const folded = new Map(this.#steps.map((step) => [step.output, step]));
    return {
      steps,
      kernels: activeKernels(),
      operands: (step) => {
        const cell = folded.get(step.output)?.affine === step.affine ? this.#cells.get(step.output) : undefined;
        return cell?.operands ?? upload(hostOperands(step, weights));
      },
    };
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
