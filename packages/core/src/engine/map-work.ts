import { tensor4d, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Instance } from "../experiment/plan-types.js";
import type { Dataset, ExplainerDefinition, Network } from "../plugin/index.js";
import type { StoredMaps } from "../store/store.js";
import { attribute } from "./attribute.js";
import { imageStream, MEMO_BYTES, NOISE_BYTES } from "./explain-once.js";
import { asFailure } from "./failure.js";
import { groupBy } from "./group-by.js";
import { Memo } from "./memo.js";
import { NoiseMemo } from "./random-batch.js";
import { inputOf, openDataset, type RunContext } from "./run-context.js";
import { largest, type Largest } from "./targets.js";
import { nextTurn } from "./turn.js";

/** Bytes that the activations of one chunk may take. */
const CHUNK_BYTES = 2 ** 28;

/** Explainers that look at one network and one data set: they share chunks, and the memo of gradients. */
export interface MapGroup {
  readonly model: Instance;
  readonly images: Instance;
  readonly jobs: readonly Instance[];
}

/** All that is to be explained, one model variant after the other. */
export function mapGroups(run: RunContext): MapGroup[] {
  const jobs = run.board.waiting("explainer");
  const keyOf = (job: Instance): string => `${inputOf(run.plan, job, "model").key} ${inputOf(run.plan, job, "images").key}`;
  return [...groupBy(jobs, keyOf).values()].map((group) => ({
    model: inputOf(run.plan, group[0]!, "model"),
    images: inputOf(run.plan, group[0]!, "images"),
    jobs: group,
  }));
}

interface Growing {
  readonly job: Instance;
  readonly definition: ExplainerDefinition;
  readonly targets: Int32Array;
  readonly reasons: Record<number, string>;
  values?: Float32Array<SharedArrayBuffer>;
  /** of one map, once there is one */
  size?: readonly [height: number, width: number, channels: number];
}

/** Attributions by chunk, for all explainers of a group; each explainer's stack is written when it is whole. */
export class MapWork {
  readonly #run: RunContext;
  readonly #frozen = new Map<string, Int32Array>();
  readonly #noise = new NoiseMemo(NOISE_BYTES);

  constructor(run: RunContext) {
    this.#run = run;
  }

  async compute({ model, images, jobs }: MapGroup): Promise<void> {
    const run = this.#run;
    const startMs = performance.now();
    const dataset = await this.#orFail(images, () => openDataset(run, images));
    if (!dataset) return;
    const root = run.networks.root(model);
    const trained = await this.#orFail(root, () => run.networks.load(root));
    const network = trained && (await this.#orFail(model, () => run.networks.load(model)));
    if (!trained || !network) return;
    const frozen = jobs.some(({ target }) => (target ?? "frozen") === "frozen")
      ? await this.#frozenTargets(root, images, trained, dataset)
      : undefined;
    const open = jobs.map((job): Growing => ({
      job,
      definition: job.plugin.definition as ExplainerDefinition,
      targets: new Int32Array(dataset.count),
      reasons: {},
    }));
    for (const { job } of open) run.progress.begin(job.node);
    const memo = new Memo(MEMO_BYTES);
    this.#noise.nextNetwork();
    for await (const chunk of this.#chunks(network, dataset)) {
      memo.clear();
      // Not before it is asked for: where the gradients of these images came first, so did the logits.
      let found: Promise<Largest> | undefined;
      const logits = (): Promise<Largest> => (found ??= largest(network, chunk.x));
      for (const growing of open) await this.#explain(growing, chunk, network, logits, frozen, dataset, memo);
      if (open.every(({ job }) => run.board.isDead(job.key))) return;
    }
    await Promise.all(open.map((growing) => this.#keep(growing, dataset, performance.now() - startMs)));
  }

  async #explain(
    growing: Growing,
    { x, from, count }: Chunk,
    network: Network,
    logits: () => Promise<Largest>,
    frozen: Int32Array | undefined,
    dataset: Dataset,
    memo: Memo,
  ): Promise<void> {
    const { job, definition, targets, reasons } = growing;
    const run = this.#run;
    if (run.board.isDead(job.key)) return;
    const positions = Array.from({ length: count }, (_, i) => from + i);
    const policy = job.target ?? "frozen";
    try {
      const own = policy === "argmax" ? (await logits()).targets : [];
      const classOf = (position: number, i: number): number => {
        if (policy === "frozen") return frozen![position]!;
        if (policy === "argmax") return own[i]!;
        return policy === "label" ? dataset.labels![position]! : policy;
      };
      const classes = positions.map(classOf);
      targets.set(classes, from);
      await run.pool.room(run.signal);
      const { values, shape } = await attribute(x, {
        network,
        definition,
        params: job.params,
        ...(job.inner && { inner: job.inner }),
        targets: classes,
        streams: positions.map((image) => imageStream(run.plan.seed, job.node, image, definition, network)),
        memo,
        noise: this.#noise,
        services: ({ needsServices }) => run.services(needsServices),
        signal: run.signal,
      });
      const size = shape[1] * shape[2] * shape[3];
      growing.size = [shape[1], shape[2], shape[3]];
      growing.values ??= new Float32Array(new SharedArrayBuffer(dataset.count * size * 4));
      growing.values.set(values, from * size);
      const { finite: defined } = await logits();
      positions.forEach((position, i) => {
        const finite = defined[i]! && allFinite(values.subarray(i * size, (i + 1) * size));
        if (!finite) reasons[position] = "non-finite";
      });
      run.progress.advance(job.node, count);
    } catch (error) {
      run.signal.throwIfAborted();
      run.board.fail(job, asFailure(error, job.id));
    }
    await nextTurn();
    run.signal.throwIfAborted();
  }

  async #keep({ job, values, size, targets, reasons }: Growing, dataset: Dataset, elapsedMs: number): Promise<void> {
    if (!values || !size || this.#run.board.isDead(job.key)) return;
    const [height, width, channels] = size;
    const images = Int32Array.from({ length: dataset.count }, (_, i) => i);
    const maps: StoredMaps = { values, height, width, channels, images, targets, reasons };
    await this.#run.store.writeMaps(job.key, maps);
    this.#run.maps.put(job.key, maps);
    this.#run.board.finish(job, elapsedMs);
  }

  /** The class that the trained network names for each image: explained at every stage. */
  async #frozenTargets(root: Instance, images: Instance, trained: Network, dataset: Dataset): Promise<Int32Array> {
    const key = `${root.key} ${images.key}`;
    const known = this.#frozen.get(key);
    if (known) return known;
    const targets = new Int32Array(dataset.count);
    for await (const { x, from } of this.#chunks(trained, dataset)) targets.set((await largest(trained, x)).targets, from);
    this.#frozen.set(key, targets);
    return targets;
  }

  async *#chunks(network: Network, dataset: Dataset): AsyncGenerator<Chunk> {
    const [h, w, c] = dataset.shape;
    const fitting = Math.floor(CHUNK_BYTES / Math.max(1, network.bytesPerImage));
    const most = Math.max(1, Math.min(network.batch, fitting));
    // Chunks of one length, since a short last one fills no batch.
    const step = Math.ceil(dataset.count / Math.ceil(dataset.count / most));
    for (let from = 0; from < dataset.count; from += step) {
      this.#run.signal.throwIfAborted();
      const count = Math.min(step, dataset.count - from);
      const x = tensor4d(await dataset.read(from, count), [count, h, w, c]);
      try {
        yield { x, from, count };
      } finally {
        x.dispose();
      }
    }
  }

  async #orFail<T>(instance: Instance, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#run.board.isDead(instance.key)) return undefined;
    try {
      return await work();
    } catch (error) {
      this.#run.signal.throwIfAborted();
      this.#run.board.fail(instance, asFailure(error, instance.id));
      return undefined;
    }
  }
}

/** As `every`, which takes several times as long. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

interface Chunk {
  readonly x: Tensor4D;
  readonly from: number;
  readonly count: number;
}
