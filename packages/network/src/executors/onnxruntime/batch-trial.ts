/** Runs of each size, at least. What the thread and the machine do meanwhile makes some slower, none faster: the fastest counts. */
const RUNS = 3;
const SIZES = 3;

/**
 * How many images at once a thread computes fastest, found once for a network from the first gradients that are asked anyway. What comes out
 * does not depend on it, bit for bit.
 */
export class BatchTrial {
  readonly #most: number;
  readonly #tried: readonly { readonly size: number; readonly ms: number[] }[];
  #found: number | undefined;

  /** `most`: as many as the memory of a thread is meant for. It is tried beside its half and its quarter. */
  constructor(most: number) {
    this.#most = most;
    const sizes = Array.from({ length: SIZES }, (_, i) => Math.floor(most / 2 ** i));
    this.#tried = sizes.filter((size) => size >= 1).map((size) => ({ size, ms: [] }));
  }

  /** What to take now: what was found, or what is to be tried next. */
  get size(): number {
    return this.#found ?? this.#tried.reduce((a, b) => (b.ms.length < a.ms.length ? b : a)).size;
  }

  /** A thread took so long for the gradients of its images in runs of a size. Where they are so few that two sizes come to the same, this tells nothing. */
  took(ms: number, images: number, ofSize: number): void {
    if (this.#found !== undefined || 2 * images <= this.#most) return;
    this.#tried.find(({ size }) => size === ofSize)?.ms.push(ms / images);
    if (this.#tried.some((each) => each.ms.length < RUNS)) return;
    const fastest = (ms: readonly number[]): number => Math.min(...ms);
    this.#found = this.#tried.reduce((a, b) => (fastest(b.ms) < fastest(a.ms) ? b : a)).size;
  }

  /** One size from now on, since what is kept of a run is found by the images that it was of: all at once, where the trial is not over. */
  end(): void {
    this.#found ??= this.#most;
  }
}
