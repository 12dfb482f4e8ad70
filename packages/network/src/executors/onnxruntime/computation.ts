import * as tf from "@tensorflow/tfjs-core";
import { valuesOf, type GradientRule } from "@assay/core/plugin";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { lastConvolution } from "../../graph/blocks.js";
import { bestBatch, gradientBytes } from "../../graph/budget.js";
import { ancestors, onlyWay, type Graph } from "../../graph/graph.js";
import { planSteps, type Step } from "../../graph/plan.js";
import { hostOperands, type WeightTable } from "../../graph/weights.js";
import type { HostArrays } from "../../ops/operation.js";
import type { Computation, GradientQuestion } from "../executor.js";
import type { Halves, OnnxGraph } from "./onnx-graph.js";
import { OperandCell } from "./operand-cell.js";
import { KEPT_BYTES } from "./kept.js";
import { DY, RESULT, X } from "./names.js";
import { gradientProgram, outputProgram, segmentPrograms, type Source } from "./program.js";
import type { SessionThreads, Shared, Values } from "./session-threads.js";
import { Session, Shelf, type SessionWay } from "./session.js";

/** What a graph's networks share: by step, the operands that were made last. */
type Recent = Map<string, { readonly own: HostArrays | undefined; readonly affine: HostArrays | undefined; readonly cell: OperandCell }>;

const SHELF = new Shelf(3 * 2 ** 28);
/** Images of which everything must fit before anything is kept. */
const MANY = 1000;

/** A way between two nodes of the trained network, and its steps. */
interface TrainedWay {
  readonly to: string;
  readonly halves: Halves;
  readonly steps: readonly Step[];
}

/** A graph written anew in ONNX for each kind of question, forward and back in one, and run whole. */
export class OnnxComputation implements Computation {
  readonly batch: number;
  readonly #graph: Graph;
  readonly #weights: WeightTable;
  readonly #threads: SessionThreads;
  readonly #cells: ReadonlyMap<Step, OperandCell>;
  readonly #steps: readonly Step[];
  readonly #recent: Recent;
  /** the network that this one was redrawn from, at the bottom */
  readonly #trained: OnnxComputation | undefined;
  readonly #ways = new Map<GradientRule, readonly TrainedWay[]>();
  readonly #sessions = new Map<string, Session>();
  /** The outputs that one forward pass gives at once: logits, and where CAM methods look. */
  readonly #together: readonly string[];
  /** those of the images that came last */
  #seen: { readonly x: Float32Array; readonly outputs: ReadonlyMap<string, Values> } | undefined;

  constructor(graph: Graph, weights: WeightTable, threads: SessionThreads, parent?: OnnxComputation) {
    this.#graph = graph;
    this.#weights = weights;
    this.#threads = threads;
    this.#trained = parent && (parent.#trained ?? parent);
    this.#steps = parent ? parent.#steps : planSteps(graph, "");
    this.batch = parent ? parent.batch : bestBatch(gradientBytes(graph, this.#steps), threads.count);
    this.#recent = parent ? parent.#recent : (new Map() as Recent);
    const seen = [graph.output, lastConvolution(graph)];
    this.#together = parent ? parent.#together : this.#steps.flatMap(({ output }) => (seen.includes(output) ? [output] : []));
    this.#cells = new Map(
      this.#steps.map((step) => [step, (parent && OnnxComputation.#cellOf(parent, step, weights)) ?? this.#recentCell(step)]),
    );
  }

  async output(x: Tensor4D, node: string): Promise<Tensor> {
    return toTensor(await this.#output({ data: valuesOf(x), shape: x.shape }, node));
  }

  async gradient(x: Tensor4D, { dy, to, rule }: GradientQuestion): Promise<Tensor> {
    const images = { data: valuesOf(x), shape: x.shape };
    const n = x.shape[0];
    const seed = { data: dy, shape: [n, dy.length / n] };
    const ways = to === this.#graph.input ? this.#trainedWays(rule.name) : [];
    const from = ways.at(-1)?.to;
    if (from !== undefined) return this.#through(ways, from, rule.name, { [X]: images, [DY]: seed });
    const above = this.#together.includes(to) && onlyWay(this.#graph, to);
    const start = above ? await this.#output(images, to) : images;
    const program = (): OnnxGraph => gradientProgram(this.#source(to), above ? to : this.#graph.input, to, rule.name);
    return this.#session(`gradient ${rule.name} ${to}`, program).run({ [X]: start, [DY]: seed }, asTensor);
  }

  withWeights(weights: WeightTable): Computation {
    return new OnnxComputation(this.#graph, weights, this.#threads, this);
  }

  dispose(): void {
    for (const session of this.#sessions.values()) SHELF.take(session);
    this.#sessions.clear();
  }

  async #output(images: Values, node: string): Promise<Values> {
    const nodes = this.#together.includes(node) ? this.#together : [node];
    const seen = this.#seen && same(this.#seen.x, images.data) ? this.#seen.outputs.get(node) : undefined;
    if (seen) return seen;
    const program = (): OnnxGraph => outputProgram(this.#source(node), nodes);
    const outputs = await this.#session(`output ${nodes.join(" ")}`, program).run(
      { [X]: images },
      (answer) =>
        new Map(
          nodes.map((each, i) => {
            const { data, shape } = answer[`${RESULT}${i}`]!;
            return [each, { data: data.slice(), shape }];
          }),
        ),
    );
    if (nodes === this.#together) this.#seen = { x: images.data.slice(), outputs };
    return outputs.get(node)!;
  }

  /** The gradient at the input, with what the trained network's layers say below node `from` kept. */
  async #through(ways: readonly TrainedWay[], from: string, rule: GradientRule, given: Readonly<Record<string, Values>>): Promise<Tensor> {
    const trained = this.#trained!;
    const below = ways.map(({ to, halves }): SessionWay => {
      const [forward, back] = [trained.#session(`forward ${rule} ${to}`, () => halves.before), trained.#session(`back ${rule} ${to}`, () => halves.after)]; // prettier-ignore
      return { forward, back };
    });
    const top = this.#session(`gradient ${rule} ${from}`, () => gradientProgram(this.#source(from), from, from, rule));
    return top.run(given, asTensor, below);
  }

  /**
   * The ways from vector to vector, from the input up, on which this network has the trained one's weights; none where it is that network, or
   * where what is kept of a thousand images would not fit.
   */
  #trainedWays(rule: GradientRule): readonly TrainedWay[] {
    const trained = this.#trained;
    if (!trained) return [];
    const ways = trained.#ways.get(rule) ?? trained.#findWays(rule);
    trained.#ways.set(rule, ways);
    const other = ways.findIndex(({ steps }) => !steps.every((step) => this.#cells.get(step) === trained.#cells.get(step)));
    return other < 0 ? ways : ways.slice(0, other);
  }

  #findWays(rule: GradientRule): TrainedWay[] {
    const graph = this.#graph;
    const ends = this.#steps.flatMap(({ node }) => (node.operation.kind === "dense" ? node.inputs : []));
    const ways: TrainedWay[] = [];
    let from = graph.input;
    let bytes = 0;
    for (const to of ends.filter(
      (name) => name !== graph.input && this.#steps.some(({ output }) => output === name) && onlyWay(graph, name),
    )) {
      const halves = segmentPrograms(this.#source(to), from, to, rule);
      bytes += halves ? halves.bytes + 4 * graph.byName.get(to)!.shape[0]! : Infinity;
      if (!halves || bytes * MANY > KEPT_BYTES) break;
      const [inside, outside] = [ancestors(graph, to), ancestors(graph, from)];
      ways.push({ to, halves, steps: this.#steps.filter(({ output }) => inside.has(output) && !outside.has(output)) });
      from = to;
    }
    return ways;
  }

  #session(key: string, program: () => OnnxGraph): Session {
    const session = this.#sessions.get(key) ?? this.#open(key, program());
    SHELF.touch(session);
    return session;
  }

  #open(key: string, program: OnnxGraph): Session {
    const session = new Session(this.#threads, program);
    const kept = this.batch * gradientBytes(this.#graph, this.#steps);
    this.#sessions.set(key, session);
    SHELF.put(session, this.#threads.count * session.bytes + kept, () => this.#sessions.delete(key));
    return session;
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

  static #cellOf(parent: OnnxComputation, step: Step, weights: WeightTable): OperandCell | undefined {
    const shared = [step.node, step.affine].every((node) => !node || parent.#weights.get(node.name) === weights.get(node.name));
    return shared ? parent.#cells.get(step) : undefined;
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
}

const toTensor = ({ data, shape }: Values): Tensor => tf.tensor(data, [...shape], "float32");
/** The backend that holds tensors here copies them at once. */
const asTensor = (answer: Shared): Tensor => toTensor(answer[RESULT]!);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);
const same = (a: Float32Array, b: Float32Array): boolean => bytesOf(a).equals(bytesOf(b));
