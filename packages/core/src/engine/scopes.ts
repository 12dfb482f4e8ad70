import { AsyncLocalStorage } from "node:async_hooks";
import { add, div, engine, type Tensor4D } from "@tensorflow/tfjs-core";
import { nextTurn } from "./turn.js";

/** A place in nested asynchronous work that owns one tensor scope. */
interface Level {
  /** several terms run at once here: scopes opened inside would interleave, so none are */
  readonly concurrent: boolean;
  /** settled when the scope opened below this level has closed */
  open?: Promise<void>;
  /** questions asked at this level and not yet answered */
  pending: number;
}

/** One for the process: Node 20 carries every storage that was ever run in through every promise. */
const current = new AsyncLocalStorage<Level>();

/**
 * Tensor scopes across `await`. TensorFlow.js has one global stack of scopes, so that work may only pause inside a scope
 * when nothing else can open, close or fill one meanwhile: while a scope is open below a level, that level's own questions wait.
 */
export class Scopes {
  readonly #root: Level = { concurrent: false, pending: 0 };

  run<T>(work: () => Promise<T>): Promise<T> {
    return current.run(this.#root, work);
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    const level = current.getStore() ?? this.#root;
    while (level.open) await level.open;
    level.pending++;
    try {
      return await question();
    } finally {
      level.pending--;
    }
  }

  /** Waits until no scope is open below the root, whatever failed inside. */
  async settle(): Promise<void> {
    while (this.#root.open) await this.#root.open;
  }

  /**
   * (1/n) Σ term(s); only one group of `groups · size` terms and the sum are alive. `size` of them ask at once, and the next while those wait
   * for their answers.
   */
  async mean(
    n: number,
    { size, groups: ahead }: { readonly size: number; readonly groups: number },
    term: (sample: number) => Tensor4D | Promise<Tensor4D>,
  ): Promise<Tensor4D> {
    if (n < 1) throw new RangeError("the mean of no terms is not defined");
    const level = current.getStore() ?? this.#root;
    const most = size * ahead;
    const groups = Array.from({ length: Math.ceil(n / most) }, (_, g) =>
      Array.from({ length: Math.min(most, n - g * most) }, (_, i) => g * most + i),
    );
    const terms = (samples: readonly number[]) => all(samples, size, term);
    if (level.concurrent) return finish(n, groups, async (samples, sum) => addTerms(sum, await terms(samples)));
    // One turn later whoever was resolved last has made what it makes before its next question.
    do await (level.open ?? nextTurn());
    while (level.open !== undefined || level.pending > 0);
    let close = (): void => undefined;
    level.open = new Promise((resolve) => (close = () => void nextTurn().then(resolve)));
    try {
      return await finish(n, groups, (samples, sum) => this.#scoped(most > 1, async () => addTerms(sum, await terms(samples))));
    } finally {
      delete level.open;
      close();
    }
  }

  async #scoped(concurrent: boolean, work: () => Promise<Tensor4D>): Promise<Tensor4D> {
    const child: Level = { concurrent, pending: 0 };
    const tensors = engine();
    tensors.startScope();
    let result: Tensor4D | undefined;
    try {
      result = await current.run(child, work);
      return result;
    } finally {
      while (child.open) await child.open;
      tensors.endScope(result);
    }
  }
}

async function finish(
  n: number,
  groups: readonly (readonly number[])[],
  next: (samples: readonly number[], sum: Tensor4D | undefined) => Promise<Tensor4D>,
): Promise<Tensor4D> {
  let total: Tensor4D | undefined;
  for (const samples of groups) {
    const before: Tensor4D | undefined = total;
    total = await next(samples, before);
    before?.dispose();
  }
  const mean = div<Tensor4D>(total!, n);
  total!.dispose();
  return mean;
}

/** Left to right, whatever the grouping: the sum has the same bits for any group size. */
function addTerms(before: Tensor4D | undefined, terms: readonly Tensor4D[]): Tensor4D {
  let sum = before;
  for (const term of terms) {
    const next: Tensor4D = sum ? add<Tensor4D>(sum, term) : term.clone();
    if (sum && sum !== before) sum.dispose();
    sum = next;
  }
  return sum!;
}

/** Like Promise.all over the terms, `size` more each turn, but nothing is still running when it fails. */
async function all(samples: readonly number[], size: number, term: (sample: number) => Tensor4D | Promise<Tensor4D>): Promise<Tensor4D[]> {
  const settling: Promise<PromiseSettledResult<Tensor4D>>[] = [];
  for (const [i, sample] of samples.entries()) {
    if (i > 0 && i % size === 0) await nextTurn();
    settling.push(Promise.allSettled([(async () => term(sample))()]).then(([one]) => one));
  }
  return (await Promise.all(settling)).map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
