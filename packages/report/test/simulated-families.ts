import { seedTree, type Random } from "@assay/core/plugin";
import type { VerdictReport } from "../src/statistics/verdict-report.js";
import { effects } from "./simulated-experiments.js";
import { reportOn, type Simulated } from "./simulated-report.js";

const METHODS = 6;
const METRICS = 4;
const world = effects("crossed effects", { draw: 0.05, image: 0.1, rest: 0.1 });
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const named = <T>(n: number, make: (i: number) => T): Record<string, T> => Object.fromEntries(times(n, (i) => [`n${i}`, make(i)]));

export interface Mistakes {
  /** shares of the experiments in which some method, of all, was falsely called so */
  readonly insensitive: number;
  readonly sensitive: number;
  /** the same, had every interval been believed by itself */
  readonly insensitiveAlone: number;
  readonly sensitiveAlone: number;
}

/** Experiments with many methods, where `kappa` is the truth by metric, and at the threshold for at least one. */
export function mistakes(experiments: number, kappa: (metric: number) => number): Mistakes {
  const random = seedTree("families");
  const reports = times(experiments, (e) =>
    reportOn(
      named(METHODS, (method) => named(METRICS, (metric) => world.experiment(kappa(metric), 5, 32, random.split(e, method, metric)))),
    ),
  );
  const share = (of: (report: VerdictReport) => boolean): number => reports.filter(of).length / experiments;
  const rowsOf = ({ methods, metrics }: VerdictReport) => methods.map(({ method }) => metrics.filter((row) => row.method === method));
  return {
    insensitive: share(({ methods }) => methods.some(({ verdict }) => verdict === "insensitive")),
    sensitive: share(({ methods }) => methods.some(({ verdict }) => verdict === "sensitive")),
    insensitiveAlone: share((report) => rowsOf(report).some((rows) => rows.some(({ verdict }) => verdict === "insensitive"))),
    sensitiveAlone: share((report) => rowsOf(report).some((rows) => rows.every(({ verdict }) => verdict === "sensitive"))),
  };
}

/** κ = ρ · κ_twin by scores over a floor of .2; images that change much in one network tend to change much in the other. */
function withTwin(rho: number, kappaTwin: number, random: Random): Simulated {
  const images = times(32, () => 0.1 * random.normal());
  const simulated = effects("", { draw: 0.05, image: 0, rest: 0.1 }).experiment(rho * kappaTwin, 5, 32, random);
  const ofTwin = images.map((image) => 0.2 + 0.8 * kappaTwin + image + 0.1 * random.normal());
  return {
    ...simulated,
    scores: simulated.scores.map((row) => row.map((score, i) => score + 0.7 * images[i]!)),
    twin: { scores: ofTwin, permuted: images.map(() => times(3, () => 0.2 + 0.05 * random.normal())) },
  };
}

/** Experiments with a twin: how often the interval of ρ holds the truth, and which verdicts one metric gives. */
export function recordRho(experiments: number, rho: number, kappaTwin: number) {
  const random = seedTree("rho");
  const rows = times(experiments, (e) => reportOn({ e: { m: withTwin(rho, kappaTwin, random.split(e)) } }).metrics[0]!);
  const last = rows.map(({ stages }) => stages.at(-1)!).filter(({ rhoLow }) => rhoLow !== null);
  return {
    bounded: last.length / experiments,
    covered: last.filter(({ rhoLow, rhoHigh }) => rhoLow! <= rho && rho <= rhoHigh!).length / last.length,
    insensitive: rows.filter(({ verdict }) => verdict === "insensitive").length / experiments,
    sensitive: rows.filter(({ verdict }) => verdict === "sensitive").length / experiments,
  };
}
