import { setTimeout as sleep } from "node:timers/promises";
import type { Checkpoint, Trainings } from "../store/trainings.js";

/** Writing rests so many times as long as it took: a training of short epochs is not held up by its own record. */
const REST = 4;

/** Writes the states of one training beside it: the latest whenever the one before is on the disk, and the last at the end. */
export class Checkpoints {
  readonly #trainings: Trainings;
  readonly #key: string;
  readonly #wake = new AbortController();
  #latest: Checkpoint | undefined;
  #writing: Promise<void> | undefined;
  #failed: Error | undefined;

  constructor(trainings: Trainings, key: string) {
    this.#trainings = trainings;
    this.#key = key;
  }

  /** Throws what an earlier writing failed with. */
  offer(state: Checkpoint): void {
    if (this.#failed) throw this.#failed;
    this.#latest = state;
    this.#writing ??= this.#write().catch(
      (error: unknown) => void (this.#failed = error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Resolves when the latest state is on the disk. */
  async settled(): Promise<void> {
    this.#wake.abort();
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#latest) {
      const state = this.#latest;
      this.#latest = undefined;
      const startMs = performance.now();
      await this.#trainings.keep(this.#key, state);
      await sleep(REST * (performance.now() - startMs), undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
    this.#writing = undefined;
  }
}
