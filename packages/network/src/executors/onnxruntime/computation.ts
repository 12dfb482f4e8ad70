import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { InferenceSession } from "onnxruntime-node";
import { bestBatch, gradientBytes } from "../../graph/budget.js";
import type { Graph } from "../../graph/graph.js";
import { planSteps, type Step } from "../../graph/plan.js";
import { hostOperands, type WeightTable } from "../../graph/weights.js";
import type { HostArrays } from "../../ops/operation.js";
import type { Computation, GradientQuestion } from "../executor.js";
import type { OnnxGraph } from "./onnx-graph.js";
import { OperandCell } from "./operand-cell.js";
import { DY, gradientProgram, outputProgram, RESULT, X, type Source } from "./program.js";
import type { OnnxLibrary } from "./library.js";

interface Session {
  readonly session: InferenceSession;
  readonly fed: Readonly<Record<string, InstanceType<OnnxLibrary["Tensor"]>>>;
}

/** By step: what was made last, for a network and all that are redrawn from it. */
type Recent = Map<string, { readonly own: HostArrays | undefined; readonly affine: HostArrays | undefined; readonly cell: OperandCell }>;

/** A graph written anew in ONNX for each question of a kind, forward and back in one, and run whole. Sessions live as long as the weights. */
export class OnnxComputation implements Computation {
  readonly batch: number;
  readonly #graph: Graph;
  readonly #weights: WeightTable;
  readonly #library: OnnxLibrary;
  readonly #cells: ReadonlyMap<Step, OperandCell>;
  readonly #steps: readonly Step[];
  readonly #recent: Recent;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(graph: Graph, weights: WeightTable, library: OnnxLibrary, parent?: OnnxComputation) {
    this.#graph = graph;
    this.#weights = weights;
    this.#library = library;
    this.#steps = parent ? parent.#steps : planSteps(graph, "");
    this.batch = parent ? parent.batch : bestBatch(gradientBytes(graph, this.#steps));
    this.#recent = parent ? parent.#recent : (new Map() as Recent);
    this.#cells = new Map(
      this.#steps.map((step) => [step, (parent && OnnxComputation.#cellOf(parent, step, weights)) ?? this.#recentCell(step)]),
    );
  }

  /** The operands that a sister was given last, if they are of the same weights. */
  #recentCell(step: Step): OperandCell {
    const [own, affine] = [step.node, step.affine].map((node) => node && this.#weights.get(node.name));
    const known = this.#recent.get(step.output);
    if (known && known.own === own && known.affine === affine) return known.cell;
    const cell = new OperandCell(hostOperands(step, this.#weights));
    this.#recent.set(step.output, { own, affine, cell });
    return cell;
  }

  static #cellOf(parent: OnnxComputation, step: Step, weights: WeightTable): OperandCell | undefined {
    const same = [step.node, step.affine].every((node) => !node || parent.#weights.get(node.name) === weights.get(node.name));
    return same ? parent.#cells.get(step) : undefined;
  }

  output(x: Tensor4D, node: string): Promise<Tensor> {
    return this.#run(`output ${node}`, x, () => outputProgram(this.#source(node), node));
  }

  gradient(x: Tensor4D, { dy, to, rule }: GradientQuestion): Promise<Tensor> {
    return this.#run(`gradient ${rule.name} ${to}`, x, () => gradientProgram(this.#source(to), to, rule.name), dy);
  }

  withWeights(weights: WeightTable): Computation {
    return new OnnxComputation(this.#graph, weights, this.#library, this);
  }

  dispose(): void {
    for (const open of this.#sessions.values()) void open.then(({ session }) => session.release());
    this.#sessions.clear();
  }

  async #run(key: string, x: Tensor4D, program: () => OnnxGraph, dy?: Float32Array): Promise<Tensor> {
    const { Tensor: OnnxTensor } = this.#library;
    const open = this.#sessions.get(key) ?? this.#open(program());
    this.#sessions.set(key, open);
    const { session, fed } = await open;
    const [n] = x.shape;
    const feeds = {
      ...fed,
      [X]: new OnnxTensor("float32", x.dataSync<"float32">(), x.shape),
      ...(dy && { [DY]: new OnnxTensor("float32", dy, [n, dy.length / n]) }),
    };
    const { [RESULT]: result } = await session.run(feeds);
    return tf.tensor(result!.data as Float32Array, [...result!.dims], "float32");
  }

  async #open(program: OnnxGraph): Promise<Session> {
    const session = await this.#library.open(program.bytes());
    const fed = Object.fromEntries(
      [...program.fed].map(([name, { values, dims }]) => [name, new this.#library.Tensor("float32", values, [...dims])]),
    );
    return { session, fed };
  }

  /** Where `kept` lies inside a fold, its pair runs apart. */
  #source(kept: string): Source {
    const folded = this.#steps.some(({ node, affine }) => affine && node.name === kept);
    return {
      graph: this.#graph,
      steps: folded ? planSteps(this.#graph, kept) : this.#steps,
      cell: (step) => this.#cells.get(step) ?? new OperandCell(hostOperands(step, this.#weights)),
    };
  }
}
