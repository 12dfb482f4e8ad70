import { readFileSync } from "node:fs";
import { decodeNpy } from "@assay/core";
import { isUndefined, type MapImage, type MetricDefinition } from "@assay/core/plugin";
import { metricKit, surrogateKit } from "@assay/core/testing";
import type { SurrogateDefinition } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";

const ORACLE = new URL("../../../../shared/oracle/", import.meta.url);

export const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, ORACLE), "utf8"));
export const readArray = (path: string) => decodeNpy(readFileSync(new URL(path, ORACLE)), path);

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly hogCell: number;
  readonly scores: Readonly<Record<string, number | null>>;
}
const { pairs } = readJson("metrics/manifest.json") as { pairs: Record<string, Pair> };
export const oraclePairs = Object.entries(pairs);

export function readMap(file: string): MapImage {
  const { values, shape } = readArray(`metrics/${file}`);
  return { values: Float32Array.from(values), height: shape[0]!, width: shape[1]!, channels: shape[2] ?? 1 };
}

export const row = (values: readonly number[]): MapImage => ({
  values: Float32Array.from(values),
  height: 1,
  width: values.length,
  channels: 1,
});

export function score(metric: MetricDefinition, a: MapImage, b: MapImage, params: Readonly<Record<string, unknown>>): number | undefined {
  const [first, second] = [metric.prepare(a, params), metric.prepare(b, params)];
  if (isUndefined(first) || isUndefined(second)) return undefined;
  const value = metric.compare(first, second, params);
  return isUndefined(value) ? undefined : value;
}

export function itPassesTheKit(metric: MetricDefinition): void {
  describe("conformance", () => {
    for (const { title, run } of metricKit(metric)) it(title, run);
  });
}

export function itIsAProperSurrogate(surrogate: SurrogateDefinition): void {
  describe("conformance", () => {
    for (const { title, run } of surrogateKit(surrogate)) it(title, run);
  });
}

/** Every pair of the oracle, to 1e-5; `null` there must be undefined here. */
export function itAgreesWithTheOracle(
  metric: MetricDefinition,
  key: string,
  params: (pair: Pair) => Readonly<Record<string, unknown>>,
): void {
  it("has 27 pairs to agree on", () => expect(oraclePairs).toHaveLength(27));
  it.each(oraclePairs)(`agrees with ${key} on %s`, (_, pair) => {
    const got = score(metric, readMap(pair.a), readMap(pair.b), params(pair));
    const expected = pair.scores[key];
    if (expected === undefined) throw new Error(`the oracle has no ${key}`);
    if (expected === null) expect(got).toBeUndefined();
    else expect(Math.abs(got! - expected)).toBeLessThanOrEqual(1e-5);
  });
}
