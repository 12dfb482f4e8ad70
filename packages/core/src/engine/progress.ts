import type { RunEvent } from "./types.js";

interface Count {
  done: number;
  total: number;
  readonly unit: "maps" | "epochs" | "instances";
  startMs?: number;
  toldMs: number;
}

const EVERY_MS = 100;

/** Counts the work of each node, and tells at most ten times a second how far it is. */
export class Progress {
  readonly #counts = new Map<string, Count>();
  readonly #emit: (event: RunEvent) => void;
  readonly #nowMs: () => number;

  constructor(emit: (event: RunEvent) => void, nowMs: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#nowMs = nowMs;
  }

  expect(node: string, amount: number, unit: "maps" | "epochs" | "instances"): void {
    const count = this.#counts.get(node) ?? { done: 0, total: 0, unit, toldMs: -Infinity };
    count.total += amount;
    this.#counts.set(node, count);
  }

  /** Work on a node begins: its rate is measured from here. */
  begin(node: string): void {
    const count = this.#counts.get(node);
    if (count) count.startMs ??= this.#nowMs();
  }

  advance(node: string, amount: number): void {
    const count = this.#counts.get(node);
    if (!count) return;
    count.done += amount;
    const nowMs = this.#nowMs();
    const { done, total, unit, startMs = nowMs } = count;
    if (nowMs - count.toldMs < EVERY_MS && done < total) return;
    count.toldMs = nowMs;
    const elapsedMs = nowMs - startMs;
    const measured = elapsedMs > 0 ? { rate: (1000 * done) / elapsedMs, etaMs: (elapsedMs * (total - done)) / done } : {};
    this.#emit({ type: "node-progress", node, done, total, unit, ...measured });
  }
}
