import * as tf from "@tensorflow/tfjs-core";
import { valuesOf, type GradientRule } from "@assay/core/plugin";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { lastConvolution } from "../../graph/blocks.js";
import { bestBatch, gradientBytes } from "../../graph/budget.js";
import { descendants, onlyWay, type Graph } from "../../graph/graph.js";
import { planSteps, type Step } from "../../graph/plan.js";
import { bytesOfWeights, hostOperands, type WeightTable } from "../../graph/weights.js";
import type { HostArrays } from "../../ops/operation.js";
import type { Computation, GradientQuestion } from "../executor.js";
import { BatchTrial } from "./batch-trial.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { ProgramRule } from "./emitter.js";
import { OperandCell } from "./operand-cell.js";
import { digest, KEPT_BYTES } from "./kept.js";
import { DY, RESULT, X } from "./names.js";
import { gradientProgram, outputProgram, topProgram } from "./program.js";
import { outputsIn, SeenOutputs } from "./seen-outputs.js";
import type { SessionThreads, Shared, Values } from "./session-threads.js";
import { Session, Shelf, type SessionWay } from "./session.js";
import { findWays, type TrainedWay } from "./trained-ways.js";
import type { Source } from "./units.js";

/** What a graph's networks share: by step, the operands that were made last. */
type Recent = Map<string, { readonly own: HostArrays | undefined; readonly affine: HostArrays | undefined; readonly cell: OperandCell }>;

const SHELF_BYTES = 2 ** 29;
const SHELF = new Shelf(SHELF_BYTES);
/** Sets of weights in the largest program: forward and back. */
const SETS_AT_ONCE = 2;
/** And in what is asked of one network in turn: the logits too. */
const SETS_IN_TURN = 3;
/** A graph written anew in ONNX for each kind of question, forward and back in one, and run whole. */
export class OnnxComputation implements Computation {
  readonly batch: number;
  readonly #graph: Graph;
  readonly #weights: WeightTable;
  readonly #threads: SessionThreads;
  readonly #cells: ReadonlyMap<Step, OperandCell>;
  readonly #steps: readonly Step[];
  readonly #recent: Recent;
  /** Rules that were asked for; shared by a network and those redrawn from it. */
  readonly #asked: Set<GradientRule>;
  /** shared by a network and those redrawn from it */
  readonly #trial: BatchTrial;
  /** whether the shelf holds a copy for each thread */
  readonly #divided: boolean;
  /** whether it does not hold all sessions that are asked in turn, so that each is opened time and again */
  readonly #dear: boolean;
  /** the network that this one was redrawn from, at the bottom */
  readonly #trained: OnnxComputation | undefined;
  readonly #ways = new Map<ProgramRule, readonly TrainedWay[]>();
  readonly #sessions = new Map<string, Session>();
  /** Of which images the ways' answers are kept, and bytes of them. */
  readonly #keeps = { kept: new Set<string>(), bytes: 0 };
  /** The outputs that one forward pass gives at once: logits, and where CAM methods look. */
  readonly #together: readonly string[];
  readonly #seen = new SeenOutputs();

  constructor(graph: Graph, weights: WeightTable, threads: SessionThreads, parent?: OnnxComputation) {
    this.#graph = graph;
    this.#weights = weights;
    this.#threads = threads;
    this.#trained = parent && (parent.#trained ?? parent);
    this.#steps = parent ? parent.#steps : planSteps(graph, "");
    this.batch = parent ? parent.batch : bestBatch(gradientBytes(graph, this.#steps), threads.count);
    const copies = threads.count * bytesOfWeights(weights);
    this.#divided = parent ? parent.#divided : SETS_AT_ONCE * copies <= SHELF_BYTES;
    this.#trial = parent ? parent.#trial : new BatchTrial(Math.ceil(this.batch / (this.#divided ? threads.count : 1)));
    this.#dear = parent ? parent.#dear : SETS_IN_TURN * copies > SHELF_BYTES;
    this.#recent = parent ? parent.#recent : (new Map() as Recent);
    this.#asked = parent ? parent.#asked : new Set<GradientRule>();
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
    const program = this.#programRule(rule.name);
    const floor = rule.name === "guided" ? 0 : -Infinity;
    const ways = to === this.#graph.input ? this.#keptWays(images, this.#trainedWays(program)) : [];
    const from = ways.at(-1)?.to ?? this.#graph.input;
    if (to === this.#graph.input) {
      const besides = this.#besides(from);
      const session = this.#session(`gradient ${program} ${from}`, () =>
        ways.length > 0
          ? topProgram(this.#source(from), from, program, besides)
          : gradientProgram(this.#source(to), from, to, program, besides),
      );
      const read = (answer: Shared): Tensor => {
        const outputs = outputsIn(answer, besides);
        if (outputs) this.#seen.cameWithGradient(images, outputs);
        return asTensor(answer);
      };
      const below = this.#below(ways, program);
      const atOnce = this.#trial.size;
      const took = (ms: number, own: number): void => {
        if (below.length === 0) this.#trial.took(ms, own, atOnce);
      };
      return session.run({ [X]: images, [DY]: seed }, read, { atOnce, below, floor, took });
    }
    const above = this.#together.includes(to) && onlyWay(this.#graph, to);
    const start = above ? await this.#output(images, to) : images;
    const write = (): OnnxGraph => gradientProgram(this.#source(to), above ? to : this.#graph.input, to, program);
    const session = this.#session(`gradient ${program} at ${to}`, write);
    return session.run({ [X]: start, [DY]: seed }, asTensor, { atOnce: this.#trial.size, floor });
  }

  /** Once guided backpropagation was asked for, one session answers for the gradient too: the floor takes it longer, but a second one is dearer. */
  #programRule(rule: GradientRule): ProgramRule {
    if (rule === "deconvnet") return rule;
    this.#asked.add(rule);
    return this.#asked.has("guided") ? "floored" : "standard";
  }

  /** Outputs that come with a gradient at the input, where another session for them would be dear. */
  #besides(from: string): readonly string[] {
    if (!this.#dear) return [];
    const above = descendants(this.#graph, from);
    return this.#together.every((node) => above.has(node)) ? this.#together : [];
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
    const known = this.#seen.of(images, node);
    if (known) return known;
    const ways = this.#keptWays(images, this.#waysBelow(nodes));
    const from = ways.at(-1)?.to ?? this.#graph.input;
    const program = (): OnnxGraph => outputProgram(this.#source(node), from, nodes);
    const below = this.#below(ways);
    const read = (answer: Shared): ReadonlyMap<string, Values> => outputsIn(answer, nodes)!;
    const session = this.#session(`output ${from} ${nodes.join(" ")}`, program);
    const outputs = await session.run({ [X]: images }, read, { atOnce: this.#trial.size, below });
    if (nodes === this.#together) this.#seen.asked(images, outputs);
    return outputs.get(node)!;
  }

  /** The sessions of ways: up, and down again under a rule, if one is given. */
  #below(ways: readonly TrainedWay[], rule?: ProgramRule): readonly SessionWay[] {
    const trained = this.#trained;
    if (!trained || ways.length === 0) return [];
    this.#trial.end();
    return ways.map(({ to, forward, halves }) => ({
      forward: trained.#session(`forward ${forward}`, () => halves.before),
      back: rule && trained.#session(`back ${rule} ${to}`, () => halves.after),
    }));
  }

  /** The ways, from the input up, on which this network has the trained one's weights; none where it is that network. */
  #trainedWays(rule: ProgramRule): readonly TrainedWay[] {
    const trained = this.#trained;
    if (!trained) return [];
    const ways = trained.#ways.get(rule) ?? findWays(this.#graph, this.#steps, (to) => trained.#source(to), rule);
    trained.#ways.set(rule, ways);
    return until(ways, ({ steps }) => !steps.every((step) => this.#cells.get(step) === trained.#cells.get(step)));
  }

  /** Ways, if what they say of the images is kept or can be; without that they cost more than they save. */
  #keptWays({ data, shape: [n] }: Values, ways: readonly TrainedWay[]): readonly TrainedWay[] {
    const [first] = ways;
    if (!this.#trained || !first) return [];
    const { kept } = this.#trained.#keeps;
    const key = `${first.forward} ${digest(data)}`;
    if (kept.has(key)) return ways;
    const bytes = n! * ways.reduce((sum, way) => sum + way.bytes, 0);
    if (this.#trained.#keeps.bytes + bytes > KEPT_BYTES) return [];
    kept.add(key);
    this.#trained.#keeps.bytes += bytes;
    return ways;
  }

  /** Those that lie below all of some nodes. */
  #waysBelow(nodes: readonly string[]): readonly TrainedWay[] {
    return until(this.#trainedWays("floored"), ({ to }) => {
      const above = descendants(this.#graph, to);
      return !nodes.every((node) => above.has(node));
    });
  }

  #session(key: string, program: () => OnnxGraph): Session {
    const session = this.#sessions.get(key) ?? this.#open(key, program());
    SHELF.touch(session);
    return session;
  }

  #open(key: string, program: OnnxGraph): Session {
    const session = new Session(this.#threads, program, this.#divided);
    this.#sessions.set(key, session);
    SHELF.put(session, (this.#divided ? this.#threads.count : 1) * session.bytes, () => this.#sessions.delete(key));
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

/** Those before the first that … */
const until = <T>(all: readonly T[], end: (each: T) => boolean): readonly T[] => {
  const first = all.findIndex(end);
  return first < 0 ? all : all.slice(0, first);
};

const toTensor = ({ data, shape }: Values): Tensor => tf.tensor(data, [...shape], "float32");
/** The backend that holds tensors here copies them at once. */
const asTensor = (answer: Shared): Tensor => toTensor(answer[RESULT]!);
