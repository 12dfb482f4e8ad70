import { seedTree, type Random } from "@assay/core/plugin";
import type { MetricRow } from "../src/statistics/verdict-report.js";
import { reportOn, type Simulated } from "./simulated-report.js";

/** A world in which experiments are done; `alike` in [0, 1] says how much of the maps survives. */
export interface World {
  readonly name: string;
  /** an experiment of so many draws and images */
  experiment(alike: number, draws: number, images: number, random: Random): Simulated;
}

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const clip = (value: number): number => Math.min(1, Math.max(0, value));

interface Effects {
  readonly draw: number;
  readonly image: number;
  readonly rest: number;
  /** of an image, with mean 0 and deviation 1 */
  readonly shape?: (random: Random) => number;
}

/** Scores without maps: normal effects of draws and of what is left, images as `shape` says, and nulls that share part of both. */
export const effects = (name: string, { draw, image, rest, shape = (random) => random.normal() }: Effects): World => ({
  name,
  experiment(alike, draws, images, random) {
    const ofDraws = times(draws, () => random.normal());
    const ofImages = times(images, () => shape(random));
    const scores = ofDraws.map((d) => ofImages.map((i) => 0.2 + 0.8 * alike + draw * d + image * i + rest * random.normal()));
    const nullAt = (mean: number) =>
      ofDraws.map((d) => ofImages.map((i) => times(3, () => mean + 0.3 * (draw * d + image * i) + 0.3 * rest * random.normal())));
    return { scores, permuted: nullAt(0.2), crossed: nullAt(0.1) };
  },
});

const SIDE = 12;
const CELLS = SIDE * SIDE;

/** White noise, averaged over a window of 3 × 3 cells as often as asked; deviation 1 before. */
function field(random: Random, smooth: number): Float64Array {
  let map = Float64Array.from({ length: CELLS }, () => random.normal());
  for (let pass = 0; pass < smooth; pass++) {
    map = map.map((_, at) => {
      const [y, x] = [Math.floor(at / SIDE), at % SIDE];
      let [sum, count] = [0, 0];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          if (y + dy >= 0 && y + dy < SIDE && x + dx >= 0 && x + dx < SIDE) {
            sum += map[(y + dy) * SIDE + x + dx]!;
            count++;
          }
      return (sum / count) * 2;
    });
  }
  return map;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [ma, mb] = [0, 0];
  for (let i = 0; i < CELLS; i++) {
    ma += a[i]! / CELLS;
    mb += b[i]! / CELLS;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < CELLS; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

interface MapFacts {
  readonly smooth: number;
  /** share of cells that an image has at zero: from … to */
  readonly zeros: readonly [number, number];
  readonly absolute: boolean;
  /** deviation over images, and over draws, of how much survives */
  readonly unequal: number;
  readonly draw: number;
}

/** Maps: each image has a field on a support of its own; after destruction a mixture of it and a new field on the same support. */
export const maps = (name: string, { smooth, zeros, absolute, unequal, draw }: MapFacts): World => ({
  name,
  experiment(alike, draws, images, random) {
    const view = (value: number): number => (absolute ? Math.abs(value) : value);
    const pictures = times(images, () => {
      const mask = field(random, 2);
      const zero = zeros[0] + (zeros[1] - zeros[0]) * random.uniform();
      const cut = zero === 0 ? Number.NEGATIVE_INFINITY : [...mask].sort((a, b) => a - b)[Math.floor(zero * CELLS)]!;
      const support = mask.map((value) => (value >= cut ? 1 : 0));
      const own = field(random, smooth);
      return { own, support, shown: own.map((value, at) => view(value) * support[at]!), ease: unequal * random.normal() };
    });
    const scores: number[][] = [];
    const permuted: number[][][] = [];
    const crossed: number[][][] = [];
    for (let d = 0; d < draws; d++) {
      const ease = draw * random.normal();
      const destroyed = pictures.map((picture) => {
        const kept = clip(alike + picture.ease + ease);
        const fresh = field(random, smooth);
        const other = Math.sqrt(1 - kept * kept);
        return fresh.map((value, at) => view(kept * picture.own[at]! + other * value) * picture.support[at]!);
      });
      scores.push(pictures.map(({ shown }, i) => correlation(shown, destroyed[i]!)));
      permuted.push(pictures.map(({ shown, support }, i) => times(2, () => correlation(shown, shuffled(destroyed[i]!, support, random)))));
      crossed.push(
        pictures.map(({ shown }, i) => times(2, () => correlation(shown, destroyed[(i + 1 + random.integer(images - 1)) % images]!))),
      );
    }
    return { scores, permuted, crossed };
  },
});

function shuffled(map: Float64Array, support: Float64Array, random: Random): Float64Array {
  const cells = [...support.keys()].filter((at) => support[at] === 1);
  const order = random.permutation(cells.length);
  const made = map.slice();
  cells.forEach((at, i) => (made[at] = map[cells[order[i]!]!]!));
  return made;
}

/** κ in the long run: of many images, each with a draw of its own. */
export function trueKappa(world: World, alike: number, random: Random, images: number): number {
  const parts = times(Math.ceil(images / 40), (i) => world.experiment(alike, 1, 40, random.split(i)));
  const mean = (of: (part: Simulated) => number[]) => average(parts.flatMap(of));
  const floor = Math.max(
    mean(({ permuted }) => permuted.flat(2)),
    mean(({ crossed }) => crossed.flat(2)),
  );
  return (mean(({ scores }) => scores.flat()) - floor) / (1 - floor);
}

/** How much must survive for κ to be this in the long run; the same random numbers at every trial, so that κ rises with it. */
export function calibrated(world: World, kappa: number, random: Random, images: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 14; step++) {
    const middle = (low + high) / 2;
    if (trueKappa(world, middle, random, images) < kappa) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export interface Outcome {
  readonly world: string;
  readonly kappa: number;
  readonly experiments: number;
  /** shares of the experiments */
  readonly covered: number;
  readonly insensitive: number;
  readonly sensitive: number;
  /** mean width of the interval */
  readonly width: number;
}

interface Size {
  readonly experiments: number;
  readonly draws: number;
  readonly images: number;
  /** images behind the truth */
  readonly long: number;
}

/** Many experiments whose truth is known. */
export function record(world: World, kappa: number, { experiments, draws, images, long }: Size): Outcome {
  const random = seedTree("simulation").split(world.name);
  const alike = calibrated(world, kappa, random.split("truth"), long);
  const rows = times(
    experiments,
    (e) => reportOn({ e: { m: world.experiment(alike, draws, images, random.split("experiment", kappa, e)) } }).metrics[0]!,
  );
  const last = rows.map(({ stages }) => stages.at(-1)!);
  const share = (of: (row: MetricRow, i: number) => boolean): number => rows.filter(of).length / experiments;
  return {
    world: world.name,
    kappa,
    experiments,
    covered: share((_, i) => last[i]!.kappaLow! <= kappa && kappa <= last[i]!.kappaHigh!),
    insensitive: share(({ verdict }) => verdict === "insensitive"),
    sensitive: share(({ verdict }) => verdict === "sensitive"),
    width: average(last.map(({ kappaLow, kappaHigh }) => kappaHigh! - kappaLow!)),
  };
}

export const WORLDS: readonly World[] = [
  effects("crossed effects", { draw: 0.05, image: 0.1, rest: 0.1 }),
  effects("draws that differ much", { draw: 0.15, image: 0.05, rest: 0.05 }),
  effects("draws that do not differ", { draw: 0, image: 0.15, rest: 0.1 }),
  effects("two kinds of images", { draw: 0.03, image: 0.2, rest: 0.05, shape: (random) => (random.uniform() < 0.5 ? 1 : -1) }),
  effects("skewed images", { draw: 0.04, image: 0.1, rest: 0.1, shape: (random) => -Math.log(1 - random.uniform()) - 1 }),
  maps("smooth maps", { smooth: 2, zeros: [0, 0], absolute: false, unequal: 0.1, draw: 0.05 }),
  maps("heavy ties, absolute", { smooth: 0, zeros: [0.3, 0.6], absolute: true, unequal: 0.1, draw: 0.05 }),
  maps("smooth, ties, unequal images", { smooth: 1, zeros: [0, 0.7], absolute: false, unequal: 0.2, draw: 0.1 }),
];

export const told = ({ world, kappa, experiments, covered, insensitive, sensitive, width }: Outcome): string =>
  `${world}: true κ ${kappa}, ${experiments} experiments: covered ${(100 * covered).toFixed(1)} %, insensitive ${(100 * insensitive).toFixed(1)} %, sensitive ${(100 * sensitive).toFixed(1)} %, mean width ${width.toFixed(3)}`;
