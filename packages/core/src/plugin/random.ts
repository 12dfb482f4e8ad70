import { createHash } from "node:crypto";

/**
 * A node of the seed tree: a deterministic stream that can be split by labels.
 * Splitting depends on the path of labels only, never on how much was drawn before.
 */
export interface Random {
  /** the labels that lead here: equal paths draw equal numbers */
  readonly path: string;
  /** An independent stream for these labels. */
  split(...labels: readonly (string | number)[]): Random;
  /** uniform in [0, 1), 32 bits of resolution */
  uniform(): number;
  /** standard normal */
  normal(): number;
  /** standard normal cut at ±2 (redrawn until inside); its deviation is .87963 */
  truncatedNormal(): number;
  /** uniform integer in [0, below) without modulo bias */
  integer(below: number): number;
  /** a uniformly random permutation of 0 … n−1 */
  permutation(n: number): Uint32Array;
}

/** The root of the seed tree of one experiment seed. */
export function seedTree(seed: number | string): Random {
  return new Stream(`assay:${seed}`);
}

/** sfc32 (Chris Doty-Humphrey's small fast counter), keyed by SHA-256 of the path of labels. */
class Stream implements Random {
  readonly path: string;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;
  #seeded = false;
  #spare: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  split(...labels: readonly (string | number)[]): Random {
    return new Stream(labels.reduce<string>((path, label) => `${path}/${JSON.stringify(label)}`, this.path));
  }

  #next(): number {
    if (!this.#seeded) {
      const digest = createHash("sha256").update(this.path).digest();
      this.#a = digest.readInt32LE(0);
      this.#b = digest.readInt32LE(4);
      this.#c = digest.readInt32LE(8);
      this.#seeded = true;
      for (let i = 0; i < 12; i++) this.#next();
    }
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  uniform(): number {
    return this.#next() / 4294967296;
  }

  /** Box–Muller, both values used. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  truncatedNormal(): number {
    for (;;) {
      const z = this.normal();
      if (Math.abs(z) < 2) return z;
    }
  }

  integer(below: number): number {
    const limit = 4294967296 - (4294967296 % below);
    for (;;) {
      const value = this.#next();
      if (value < limit) return value % below;
    }
  }

  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  }
}
