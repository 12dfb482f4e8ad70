import { join } from "node:path";
import type { RunSummary } from "../../../src/tracking/index.js";
import { syntheticRun } from "../synthetic-run.js";
import { digestOf } from "./contents.js";
import { pick } from "./fault-plan.js";

interface Shape {
  readonly explainers: number;
  readonly curves: number;
  readonly files: number;
}

const LARGEST: Shape = { explainers: 2, curves: 2, files: 3 };

/** The synthetic run cut down to what can be sent within a second, with names and a uuid that only `kind` and `seed` decide. */
export function smallRun(root: string, kind: string, seed: number, { explainers, curves, files } = LARGEST): RunSummary {
  const whole = syntheticRun(join(root, "files"));
  return {
    ...whole,
    uuid: digestOf(new TextEncoder().encode(`${kind} ${seed}`)).slice(0, 32),
    name: `${kind}-${seed}`,
    explainers: whole.explainers.slice(0, explainers).map((explainer) => ({ ...explainer, curves: explainer.curves.slice(0, curves) })),
    artifacts: whole.artifacts.slice(0, files),
  };
}

/** Of a shape that the seed decides: with or without explainers. */
export const anyRun = (root: string, kind: string, seed: number): RunSummary =>
  smallRun(root, kind, seed, {
    explainers: pick(3, seed, "explainers"),
    curves: 1 + pick(2, seed, "curves"),
    files: 1 + pick(3, seed, "files"),
  });
