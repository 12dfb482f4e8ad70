import type { Instance } from "../experiment/plan-types.js";
import type { SurrogateDefinition } from "../plugin/index.js";
import { AssayError } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import type { StoredMaps } from "../store/store.js";
import { asFailure } from "./failure.js";
import { foregroundOf } from "./foreground.js";
import { groupBy } from "./group-by.js";
import type { MetricTask } from "./metric-task.js";
import { untilOneOrAborted } from "./metric-pool.js";
import { explainerOf, inputOf, openDataset, type RunContext } from "./run-context.js";

/** Metrics of one pair of stacks. */
interface Pair {
  readonly a: Instance;
  readonly b: Instance;
  readonly jobs: readonly Instance[];
}

/** Hands pairs of maps to the worker threads as soon as both sides are there, and stores the scores that come back. */
export class ScoreWork {
  readonly #run: RunContext;
  #pairs: Pair[];
  readonly #pending = new Set<Promise<void>>();

  constructor(run: RunContext) {
    this.#run = run;
    const { plan } = run;
    const keyOf = (job: Instance): string => `${inputOf(plan, job, "a").key} ${inputOf(plan, job, "b").key}`;
    this.#pairs = [...groupBy(run.board.waiting("metric"), keyOf).values()].map((jobs) => ({
      a: inputOf(plan, jobs[0]!, "a"),
      b: inputOf(plan, jobs[0]!, "b"),
      jobs,
    }));
  }

  /** Starts every pair that became complete. */
  async dispatch(): Promise<void> {
    const run = this.#run;
    const ready = ({ a, b }: Pair): boolean => [a, b].every((side) => run.board.isMade(explainerOf(run.plan, side).key));
    const dead = ({ jobs }: Pair): boolean => jobs.every(({ key }) => run.board.isDead(key));
    const now = this.#pairs.filter((pair) => !dead(pair) && ready(pair));
    this.#pairs = this.#pairs.filter((pair) => !dead(pair) && !ready(pair));
    for (const pair of now) {
      run.signal.throwIfAborted();
      await run.pool.room(run.signal);
      const a = await this.#stack(pair.a);
      const b = a && (await this.#stack(pair.b));
      if (a && b) this.#start(pair, a, b);
    }
  }

  /** Waits for what was started. */
  async drain(): Promise<void> {
    const { signal } = this.#run;
    while (this.#pending.size > 0 && !signal.aborted) await untilOneOrAborted(this.#pending, signal);
    signal.throwIfAborted();
  }

  #start({ a, b, jobs }: Pair, aMaps: StoredMaps, bMaps: StoredMaps): void {
    const work = this.#score(a, b, jobs, aMaps, bMaps).catch((error: unknown) => {
      if (this.#run.signal.aborted) return;
      for (const job of jobs) this.#run.board.fail(job, asFailure(error, job.id));
    });
    this.#pending.add(work);
    void work.then(() => this.#pending.delete(work));
  }

  async #score(a: Instance, b: Instance, all: readonly Instance[], aMaps: StoredMaps, bMaps: StoredMaps): Promise<void> {
    const { board, pool, progress, store } = this.#run;
    const startMs = performance.now();
    const jobs = all.filter(({ key }) => !board.isDead(key));
    checkSizes(a, aMaps, b, bMaps);
    const foreground = jobs.some(({ view }) => view?.foreground) ? await this.#foreground(a, aMaps) : undefined;
    const task: MetricTask = {
      a: aMaps,
      aKey: a.key,
      b: bMaps,
      ...(foreground && { foreground }),
      metrics: jobs.map(({ plugin, params, view }) => ({
        module: plugin.module,
        name: plugin.definition.name,
        params,
        view: view ?? { name: "raw" },
      })),
    };
    for (const { node } of jobs) progress.begin(node);
    const answers = await pool.run(task);
    await Promise.all(
      answers.map(async (answer, i) => {
        const job = jobs[i]!;
        if ("error" in answer) {
          board.fail(job, new AssayError({ code: "METRIC-FAILED", where: job.id, what: answer.error, exit: 1 }));
        } else {
          await store.writeResult(job.key, "scores", answer.scores);
          board.finish(job, (performance.now() - startMs) / jobs.length);
        }
        progress.advance(job.node, 1);
      }),
    );
  }

  async #foreground(side: Instance, { height, width }: StoredMaps): Promise<Uint8Array<SharedArrayBuffer>> {
    const dataset = await openDataset(this.#run, inputOf(this.#run.plan, explainerOf(this.#run.plan, side), "images"));
    const [h, w] = dataset.shape;
    if (h === height && w === width) return foregroundOf(dataset, side.id);
    throw new AssayError({
      code: "METRIC-SIZES",
      where: side.id,
      what: "maps of a layer have no foreground",
      expected: `${h}×${w}`,
      got: `${height}×${width}`,
      next: "Take foreground out of the view.",
      exit: 1,
    });
  }

  /** The maps of an instance; surrogates are made again from the maps that they stand for. */
  async #stack(instance: Instance): Promise<StoredMaps | undefined> {
    const { board, maps, plan, signal } = this.#run;
    const kept = maps.peek(instance.key);
    if (kept) return kept;
    if (instance.plugin.definition.kind === "explainer") {
      const read = await maps.get(instance.key);
      if (!read && board.isMade(instance.key)) board.lose(instance.key);
      return read;
    }
    const source = await this.#stack(inputOf(plan, instance, "maps"));
    if (!source) return undefined;
    try {
      const made = surrogate(plan.seed, instance, source);
      maps.put(instance.key, made);
      return made;
    } catch (error) {
      signal.throwIfAborted();
      board.fail(instance, asFailure(error, instance.id));
      return undefined;
    }
  }
}

function surrogate(seed: number | string, instance: Instance, source: StoredMaps): StoredMaps {
  const definition = instance.plugin.definition as SurrogateDefinition;
  const made = definition.surrogate(source, seedTree(seed).split(instance.node), instance.params);
  const values = new Float32Array(new SharedArrayBuffer(made.values.byteLength));
  values.set(made.values);
  const position = new Map([...source.images].map((image, i) => [image, i]));
  const size = made.height * made.width * made.channels;
  const reasons: Record<number, string> = {};
  made.images.forEach((image, i) => {
    const broken =
      source.reasons[position.get(image) ?? -1] ??
      (values.subarray(i * size, (i + 1) * size).every(Number.isFinite) ? undefined : "non-finite");
    if (broken !== undefined) reasons[i] = broken;
  });
  const targets = Int32Array.from(made.images, (image) => source.targets[position.get(image) ?? 0]!);
  return {
    values,
    height: made.height,
    width: made.width,
    channels: made.channels,
    images: Int32Array.from(made.images),
    targets,
    reasons,
  };
}

function checkSizes(a: Instance, aMaps: StoredMaps, b: Instance, bMaps: StoredMaps): void {
  const size = ({ height, width, channels }: StoredMaps): string => `${height}×${width}×${channels}`;
  if (size(aMaps) === size(bMaps)) return;
  throw new AssayError({
    code: "METRIC-SIZES",
    where: `${a.id} and ${b.id}`,
    what: "the two sides have maps of different sizes",
    expected: size(aMaps),
    got: size(bMaps),
    exit: 1,
  });
}
