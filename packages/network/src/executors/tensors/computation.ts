import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { bestBatch, gradientBytes } from "../../graph/budget.js";
import { ancestors, descendants, type Graph } from "../../graph/graph.js";
import { planSteps, valuesRead, type Step } from "../../graph/plan.js";
import { hostOperands, type WeightTable } from "../../graph/weights.js";
import type { Kernels } from "../../ops/operation.js";
import type { Computation, GradientQuestion } from "../executor.js";
import { Cell, upload } from "./cell.js";
import { forward, reverse, type Machine } from "./run.js";

/** A graph run operation by operation on the active TensorFlow.js backend, in that backend's tensors. */
export class TensorComputation implements Computation {
  readonly batch: number;
  readonly #graph: Graph;
  readonly #weights: WeightTable;
  readonly #kernels: Kernels;
  readonly #steps: readonly Step[];
  readonly #cells: ReadonlyMap<string, Cell>;

  constructor(graph: Graph, weights: WeightTable, kernels: Kernels, parent?: TensorComputation) {
    this.#graph = graph;
    this.#weights = weights;
    this.#kernels = kernels;
    this.#steps = planSteps(graph, "");
    this.batch = bestBatch(gradientBytes(graph, this.#steps));
    const shared = ({ output, node, affine }: Step): Cell | undefined => {
      const same = (name: string | undefined): boolean => name === undefined || parent!.#weights.get(name) === weights.get(name);
      return parent && same(node.name) && same(affine?.name) ? parent.#cells.get(output)?.share() : undefined;
    };
    this.#cells = new Map(
      this.#steps
        .filter(({ node }) => Object.keys(node.parameters).length > 0)
        .map((step) => [step.output, shared(step) ?? new Cell(hostOperands(step, weights))]),
    );
  }

  output(x: Tensor4D, node: string): Promise<Tensor> {
    const result = tf.tidy(() => {
      const value = forward(this.#machine(node), this.#graph.input, x, new Set([node])).get(node);
      if (!value) throw new Error(`${node} was not computed`);
      return value;
    });
    return Promise.resolve(result);
  }

  gradient(x: Tensor4D, { dy: values, to, rule }: GradientQuestion): Promise<Tensor> {
    const graph = this.#graph;
    const [n] = x.shape;
    const under = ancestors(graph, graph.output);
    const path = descendants(graph, to);
    const between = (steps: readonly Step[]): Step[] =>
      steps.filter(({ output }) => output !== to && path.has(output) && under.has(output));
    const result = tf.tidy(() => {
      const machine = this.#machine(to);
      const backward = between(machine.steps);
      const kept = forward(machine, graph.input, x, valuesRead(backward));
      const dy = tf.tensor2d(values, [n, values.length / n]);
      const shape = (name: string): number[] => [n, ...(graph.byName.get(name)?.shape ?? graph.inputShape)];
      return reverse({ ...machine, steps: backward }, { from: graph.output, to, dy, rule, path, values: kept, shape });
    });
    return Promise.resolve(result);
  }

  withWeights(weights: WeightTable): Computation {
    return new TensorComputation(this.#graph, weights, this.#kernels, this);
  }

  dispose(): void {
    for (const cell of this.#cells.values()) cell.release();
  }

  /** The folded plan with kept operands; where `kept` lies inside a fold, its pair runs apart with operands made for this call. */
  #machine(kept: string): Machine {
    const steps = this.#steps.some(({ node, affine }) => affine && node.name === kept) ? planSteps(this.#graph, kept) : this.#steps;
    const folded = new Map(this.#steps.map((step) => [step.output, step]));
    return {
      steps,
      kernels: this.#kernels,
      operands: (step) => {
        const cell = folded.get(step.output)?.affine === step.affine ? this.#cells.get(step.output) : undefined;
        return cell?.operands ?? upload(hostOperands(step, this.#weights));
      },
    };
  }
}
