import { defaultsOf, factChecks, type Check } from "./kit.js";
import { isUndefined, seedTree, type MapImage, type MetricDefinition } from "../plugin/index.js";

const SIDE = 32;

/** What every metric must be, on seeded random, tied, smooth and constant maps. Wrap each in a test of its own. */
export function metricKit(metric: MetricDefinition): Check[] {
  const params = defaultsOf(metric.params);
  const score = (a: MapImage, b: MapImage): number | undefined => {
    const [first, second] = [metric.prepare(a, params), metric.prepare(b, params)];
    if (isUndefined(first) || isUndefined(second)) return undefined;
    const value = metric.compare(first, second, params);
    return typeof value === "number" ? value : undefined;
  };
  const maps = sampleMaps();
  const pairs = maps.flatMap((a) => maps.map((b) => [a, b] as const)).filter(([a, b]) => a.channels === b.channels);
  return [
    ...factChecks(metric),
    {
      title: "gives a map and itself its declared score",
      run() {
        const own = maps.map((map) => score(map, map)).filter((value) => value !== undefined);
        if (own.length < 2) throw new Error(`${metric.name} is defined for ${own.length} of ${maps.length} maps`);
        for (const value of own) if (!(Math.abs(value - metric.identical) <= 1e-9)) throw new Error(`${value} is not ${metric.identical}`);
      },
    },
    ...(metric.symmetric === false
      ? []
      : [{ title: "gives the same score either way round", run: () => each(pairs, ([a, b]) => expectEqual(score(a, b), score(b, a))) }]),
    {
      title: "stays within its declared range",
      run: () =>
        each(pairs, ([a, b]) => {
          const value = score(a, b);
          if (value !== undefined && !(value >= metric.range[0] && value <= metric.range[1])) throw new Error(`${value} is out of range`);
        }),
    },
    {
      title: "is a finite number or undefined, with a reason, on constant and zero maps",
      run: () =>
        each([0, 0.5, -0.5], (level) => {
          const flat = image(1, () => level);
          const prepared = metric.prepare(flat, params);
          if (isUndefined(prepared) && !prepared.undefined) throw new Error("undefined without a reason");
          for (const map of [flat, ...maps.filter(({ channels }) => channels === 1)]) {
            const value = score(flat, map);
            if (value !== undefined && !Number.isFinite(value)) throw new Error(`${value} is not a score`);
          }
        }),
    },
    {
      title: "is undefined, with a reason, where a value is not finite",
      run: () =>
        each([NaN, Infinity, -Infinity], (broken) => {
          const prepared = metric.prepare(
            image(1, (i) => (i === 77 ? broken : i)),
            params,
          );
          if (!isUndefined(prepared) || !prepared.undefined) throw new Error(`${broken} was accepted`);
        }),
    },
    {
      title: "leaves the maps as they were",
      run: () =>
        each(pairs, ([a, b]) => {
          const before = [a.values.slice(), b.values.slice()] as const;
          score(a, b);
          expectSameBytes(a.values, before[0]);
          expectSameBytes(b.values, before[1]);
        }),
    },
    { title: "gives the same number twice", run: () => each(pairs, ([a, b]) => expectEqual(score(a, b), score(a, b))) },
  ];
}

export function expectSameBytes(got: Float32Array, expected: Float32Array): void {
  const bits = ({ buffer, byteOffset, length }: Float32Array): Uint32Array => new Uint32Array(buffer, byteOffset, length);
  const wanted = bits(expected);
  if (got.length !== expected.length || bits(got).some((word, i) => word !== wanted[i])) throw new Error("the arrays differ");
}

function expectEqual(got: number | undefined, expected: number | undefined): void {
  if (!Object.is(got, expected)) throw new Error(`${got} is not ${expected}`);
}

function each<T>(items: readonly T[], check: (item: T) => void): void {
  for (const item of items) check(item);
}

function image(channels: number, value: (index: number) => number): MapImage {
  return { values: Float32Array.from({ length: SIDE * SIDE * channels }, (_, i) => value(i)), height: SIDE, width: SIDE, channels };
}

/** Signed noise, few levels, mostly zero, smooth, tiny, and three channels. */
function sampleMaps(): MapImage[] {
  const random = seedTree("metric-kit");
  const noise = image(1, () => random.normal());
  return [
    noise,
    image(1, () => random.integer(4) - 1),
    image(1, () => (random.uniform() < 0.8 ? 0 : random.uniform())),
    image(1, (i) => Math.sin(i / SIDE / 3) + Math.cos(((i % SIDE) * 2) / 7)),
    { ...noise, values: noise.values.map((v) => v * 1e-20) },
    { ...noise, values: noise.values.map((v) => 0.5 * v + 0.1) },
    image(3, () => random.normal()),
    image(3, () => random.uniform()),
  ];
}
