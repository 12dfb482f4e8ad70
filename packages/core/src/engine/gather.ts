import { concat, slice, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Target } from "../plugin/index.js";
import { groupBy } from "./group-by.js";
import { nextTurn } from "./turn.js";

export interface Question {
  /** questions of one kind can be answered in one batch */
  readonly kind: string;
  readonly x: Tensor4D;
  readonly targets: readonly Target[];
  readonly answer: (x: Tensor4D, targets: readonly Target[]) => Promise<Tensor>;
}

interface Waiting extends Question {
  readonly resolve: (result: Tensor) => void;
  readonly reject: (reason: unknown) => void;
}

/** Collects the questions asked in one turn of the event loop, and answers them in batches of the network's best size. */
export class Gatherer {
  readonly #batch: number;
  readonly #signal: AbortSignal | undefined;
  #waiting: Waiting[] = [];
  #closed: Error | undefined;

  constructor(batch: number, signal?: AbortSignal) {
    this.#batch = Math.max(1, batch);
    this.#signal = signal;
  }

  ask(question: Question): Promise<Tensor> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#closed);
        return;
      }
      if (this.#waiting.length === 0) void nextTurn().then(() => this.#flush());
      this.#waiting.push({ ...question, resolve, reject });
    });
  }

  /** No question is answered any more: the explainer that asked has failed. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  async #flush(): Promise<void> {
    const all = this.#waiting;
    this.#waiting = [];
    for (const questions of groupBy(all, ({ kind }) => kind).values()) {
      try {
        await this.#answer(questions);
      } catch (error) {
        for (const { reject } of questions) reject(error);
      }
    }
  }

  async #answer(questions: readonly Waiting[]): Promise<void> {
    const xs = questions.map(({ x }) => x);
    const targets = questions.flatMap((question) => question.targets);
    const first = questions[0]!;
    const all = xs.length === 1 ? first.x : concat(xs, 0);
    const parts: Tensor[] = [];
    for (let from = 0; from < targets.length; from += this.#batch) {
      if (from > 0) await nextTurn();
      this.#signal?.throwIfAborted();
      if (this.#closed) throw this.#closed;
      const count = Math.min(this.#batch, targets.length - from);
      if (count === targets.length) {
        parts.push(await first.answer(all, targets));
        continue;
      }
      const part = slice(all, from, count);
      parts.push(await first.answer(part, targets.slice(from, from + count)));
      part.dispose();
    }
    if (all !== first.x) all.dispose();
    const result = parts.length === 1 ? parts[0]! : concat(parts, 0);
    if (parts.length > 1) for (const part of parts) part.dispose();
    if (questions.length === 1) {
      first.resolve(result);
      return;
    }
    let from = 0;
    for (const { targets: own, resolve } of questions) {
      resolve(slice(result, from, own.length));
      from += own.length;
    }
    result.dispose();
  }
}
