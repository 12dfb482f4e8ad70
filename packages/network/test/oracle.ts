import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { readNpy } from "./npy.js";

export const ORACLE = fileURLToPath(new URL("../../../../shared/oracle/", import.meta.url));

export const CASES = ["mlp", "cnn", "inception-like", "mobile-like", "residual-reuse"] as const;

interface Tolerance {
  readonly relL2: number;
  readonly maxAbsRelative: number;
}

export interface Manifest {
  readonly arrays: Readonly<Record<string, { readonly tolerance: Tolerance }>>;
  readonly targets: readonly number[];
  readonly layers: readonly { readonly name: string; readonly class: string; readonly shape: readonly number[] }[];
  readonly model: { readonly softmax: string | null };
}

export const readJson = (path: string): unknown => JSON.parse(readFileSync(`${ORACLE}${path}`, "utf8"));

export const readManifest = (name: string): Manifest => readJson(`models/${name}/manifest.json`) as Manifest;

export const readArray = (name: string, array: string): ReturnType<typeof readNpy> => readNpy(`${ORACLE}models/${name}/${array}.npy`);

export interface Difference {
  readonly relL2: number;
  readonly maxAbsRelative: number;
}

export function difference(got: ArrayLike<number>, wanted: ArrayLike<number>): Difference {
  expect(got.length).toBe(wanted.length);
  let [error, norm, worst, largest] = [0, 0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const reference = wanted[i] ?? NaN;
    const delta = (got[i] ?? NaN) - reference;
    error += delta * delta;
    norm += reference * reference;
    worst = Math.max(worst, Math.abs(delta));
    largest = Math.max(largest, Math.abs(reference));
  }
  return { relL2: Math.sqrt(error / norm), maxAbsRelative: worst / largest };
}

/** Compares with one array of the oracle within the tolerance that its manifest names. */
export function expectOracle(
  name: string,
  array: string,
  got: { readonly shape: readonly number[]; readonly values: ArrayLike<number> },
): void {
  const wanted = readArray(name, array);
  const tolerance = readManifest(name).arrays[array]?.tolerance;
  if (!tolerance) throw new Error(`${name} names no tolerance of ${array}`);
  expect(got.shape).toEqual(wanted.shape);
  const { relL2, maxAbsRelative } = difference(got.values, wanted.values);
  expect(relL2, `${name} ${array}, relative L2`).toBeLessThanOrEqual(tolerance.relL2);
  expect(maxAbsRelative, `${name} ${array}, largest difference`).toBeLessThanOrEqual(tolerance.maxAbsRelative);
}
