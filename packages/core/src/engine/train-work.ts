import type { Instance } from "../experiment/plan-types.js";
import { AssayError, type Epoch, type LabelledImages, type Training, type TrainerDefinition } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { Checkpoints } from "./checkpoints.js";
import { asFailure } from "./failure.js";
import { inputOf, openDataset, type RunContext } from "./run-context.js";
import type { RunEvent } from "./types.js";

/** Trains one network after the other. The state is kept after its epochs, so that a killed training goes on from there. */
export class TrainWork {
  readonly #run: RunContext;
  readonly #emit: (event: RunEvent) => void;

  constructor(run: RunContext, emit: (event: RunEvent) => void) {
    this.#run = run;
    this.#emit = emit;
  }

  async compute(job: Instance): Promise<void> {
    const { board, progress, signal, store } = this.#run;
    const startMs = performance.now();
    const definition = job.plugin.definition as TrainerDefinition;
    let training: Training | undefined;
    try {
      progress.begin(job.node);
      const set = await this.#images(inputOf(this.#run.plan, job, "images"));
      training = await this.#start(job, set);
      const epochs = await this.#epochs(job, training, set);
      const test = job.inputs.some(({ port }) => port === "test") ? inputOf(this.#run.plan, job, "test") : undefined;
      const testAccuracy = test && (await training.accuracy(await this.#images(test)));
      await store.trainings.write(job.key, {
        weights: await training.weights(),
        epochs,
        ...(testAccuracy !== undefined && { testAccuracy }),
      });
      board.finish(job, performance.now() - startMs);
      // What an early end leaves over is done too.
      progress.advance(job.node, definition.epochs(job.params) - epochs.length);
    } catch (error) {
      signal.throwIfAborted();
      board.fail(job, asFailure(error, job.id));
    } finally {
      training?.dispose();
    }
  }

  /** From weights of its own, drawn as the layers' initializers say. */
  async #start(job: Instance, set: LabelledImages): Promise<Training> {
    const { networks, plan } = this.#run;
    const model = await networks.load(inputOf(plan, job, "model"));
    const fresh = model.redraw(model.facts.blocks, "initializer", seedTree(plan.seed).split("weights", job.id));
    try {
      return await (job.plugin.definition as TrainerDefinition).start(fresh, set, job.params);
    } finally {
      fresh.dispose();
    }
  }

  async #epochs(job: Instance, training: Training, { labels }: LabelledImages): Promise<readonly Epoch[]> {
    const { plan, progress, signal, store } = this.#run;
    const definition = job.plugin.definition as TrainerDefinition;
    const [most, until] = [definition.epochs(job.params), definition.until(job.params)];
    const enough = (epochs: readonly Epoch[]): boolean => until !== undefined && (epochs.at(-1)?.accuracy ?? 0) >= until;
    const kept = await store.trainings.checkpoint(job.key);
    if (kept) await training.restore(kept.state);
    const epochs = [...(kept?.epochs ?? [])];
    progress.advance(job.node, epochs.length);
    const order = seedTree(plan.seed).split("order", job.id);
    const checkpoints = new Checkpoints(store.trainings, job.key);
    try {
      while (epochs.length < most && !enough(epochs)) {
        const epoch = await training.epoch(order.split(epochs.length).permutation(labels.length), signal);
        signal.throwIfAborted();
        if (!Number.isFinite(epoch.loss)) throw diverged(job, epochs.length + 1);
        epochs.push(epoch);
        this.#emit({ type: "epoch-finished", instance: job, epoch: epochs.length, of: most, ...epoch });
        progress.advance(job.node, 1);
        checkpoints.offer({ state: await training.save(), epochs: [...epochs] });
      }
    } finally {
      await checkpoints.settled();
    }
    if (until === undefined || enough(epochs)) return epochs;
    // What was reached is no result, and nothing goes on from there: with other parameters it is another training.
    await store.trainings.forget(job.key);
    throw missed(job, until, epochs);
  }

  async #images(instance: Instance): Promise<LabelledImages> {
    const dataset = await openDataset(this.#run, instance);
    return {
      values: await dataset.read(0, dataset.count),
      shape: [dataset.count, ...dataset.shape],
      labels: dataset.labels!,
    };
  }
}

const missed = ({ id }: Instance, until: number, epochs: readonly Epoch[]): AssayError =>
  new AssayError({
    code: "TRAINING-MISSED",
    where: id,
    what: `the training did not get to its train accuracy in ${epochs.length} epochs`,
    expected: `at least ${until}`,
    got: (epochs.at(-1)?.accuracy ?? 0).toFixed(3),
    next: "Lower the rate, or allow more epochs.",
    exit: 1,
  });

const diverged = ({ id }: Instance, epoch: number): AssayError =>
  new AssayError({
    code: "TRAINING-DIVERGED",
    where: id,
    what: `the loss is not finite in epoch ${epoch}`,
    next: "Lower the rate.",
    exit: 1,
  });
