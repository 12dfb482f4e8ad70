import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import {
  sha256,
  type ExplainerSummary,
  type Plan,
  type RunStart,
  type RunStatus,
  type RunSummary,
  type SummaryCurve,
  type SummaryImage,
  type SummaryTraining,
} from "@assay/core";

import {
  enlarged,
  explainerColor,
  stageComposites,
  type GridData,
  type MethodRow,
  type MetricRow,
  type VerdictReport,
  type Verdicts,
} from "@assay/report";
import { comparisonFacts } from "./comparison-facts.js";

const execute = promisify(execFile);

/** Commit of the folder's repository and whether it has changes; absent outside of one. */
export async function gitState(folder: string): Promise<{ commit: string; dirty: boolean } | undefined> {
  const git = async (...args: string[]) => (await execute("git", ["-C", folder, ...args])).stdout.trim();
  try {
    return { commit: await git("rev-parse", "HEAD"), dirty: (await git("status", "--porcelain")) !== "" };
  } catch {
    return undefined;
  }
}

interface StartFacts {
  readonly uuid: string;
  readonly id: string;
  readonly startedAt: number;
  readonly planDigest: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly git: { commit: string; dirty: boolean } | undefined;
}

/** What the tracker is told before the first instance is computed. */
export function runStart(plan: Plan, { uuid, id, startedAt, planDigest, versions, git }: StartFacts): RunStart {
  const instances = [...plan.instances.values()];
  const datasets = instances.filter(({ plugin }) => plugin.definition.kind === "dataset");
  return {
    uuid,
    id,
    name: plan.name,
    question: plan.question,
    source: basename(plan.file),
    startedAt,
    specDigest: sha256(plan.resolvedSpec),
    planDigest,
    seed: plan.seed,
    backend: plan.backend,
    version: versions["assay"] ?? "",
    plugins: Object.fromEntries(instances.map(({ plugin }) => [plugin.id, plugin.definition.version])),
    params: {
      ...comparisonFacts(plan, versions),
      ...(git && { "git.commit": git.commit, "git.dirty": git.dirty }),
      ...plan.params,
      ...(plan.preset !== undefined && { preset: plan.preset }),
    },
    model: instances.find(({ plugin }) => plugin.definition.kind === "model")?.plugin.id ?? "",
    datasets: datasets.map(({ node, plugin, keyParts, params }) => ({
      name: node,
      digest: keyParts["dataset"] ?? "",
      images: typeof params["limit"] === "number" ? params["limit"] : 0,
      source: plugin.id,
    })),
    ...(git && { git }),
    ...(plan.track && { track: plan.track }),
  };
}

interface EndFacts {
  readonly plan: Plan;
  readonly endedAt: number;
  readonly status: RunStatus;
  readonly verdicts: Verdicts;
  readonly grid: GridData | undefined;
  readonly plots: readonly { readonly path: string; readonly text: string }[];
  readonly folder: string;
  readonly trainings: readonly SummaryTraining[];
}

const FILES = ["report.html", "scores.csv", "verdicts.json", "spec.resolved.yaml", "lock.json"];

/** What the tracker is told at the end: one child run an explainer, with its curves and its verdict. */
export async function runSummary(
  start: RunStart,
  { plan, endedAt, status, verdicts, grid, plots, folder, trainings }: EndFacts,
): Promise<RunSummary> {
  const summaries = explainerSummaries(plan, verdicts);
  const explainers = await Promise.all(summaries.map(async (one) => ({ ...one, images: grid ? await mapsOf(grid, one.name) : [] })));
  const images = (grid ? await stageComposites(grid) : []).map(({ image, step, png }) => ({ key: `maps.image-${image}`, step, png }));
  return {
    ...start,
    endedAt,
    status,
    explainers,
    trainings,
    images,
    artifacts: [
      ...[...FILES, ...(trainings.length > 0 ? ["trainings.json"] : [])].map((path) => ({ path, file: join(folder, path) })),
      ...plots,
    ],
  };
}

const mapsOf = ({ pictures }: GridData, method: string): Promise<SummaryImage[]> =>
  Promise.all(
    pictures
      .filter((picture) => picture.method === method)
      .map(async ({ image, step, source }) => ({ key: `map.image-${image}`, step, png: await enlarged(source) })),
  );

/** One a method. Where several nodes judge it, the first one's verdict stands for it, and the curves of all are kept. */
function explainerSummaries(plan: Plan, verdicts: Verdicts): ExplainerSummary[] {
  const summaries = new Map<string, ExplainerSummary>();
  for (const [node, report] of Object.entries(verdicts)) {
    report.methods.forEach((row, index) => {
      const curves = report.metrics.filter(({ method }) => method === row.method).map((metric) => curveOf(report, metric));
      const known = summaries.get(row.method);
      if (!known) summaries.set(row.method, { ...explainerSummary(plan, row, index), curves });
      else {
        const verdictNote = `${known.verdictNote}; ${node}: ${row.label}, ${row.reason}`;
        summaries.set(row.method, { ...known, verdictNote, curves: [...known.curves, ...curves] });
      }
    });
  }
  return [...summaries.values()];
}

function explainerSummary(plan: Plan, row: MethodRow, index: number): Omit<ExplainerSummary, "curves"> {
  const maps = [...plan.instances.values()].find(
    ({ plugin, axes }) => plugin.definition.kind === "explainer" && axes["explainer"] === row.explainer,
  );
  return {
    name: row.method,
    uses: row.uses,
    version: maps?.plugin.definition.version ?? "",
    params: maps?.params ?? {},
    ...(row.control && { control: row.control }),
    verdict: row.verdict,
    verdictNote: row.reason,
    color: explainerColor(row.method, index),
  };
}

function curveOf({ order }: VerdictReport, { metric, stages }: MetricRow): SummaryCurve {
  const point = (step: number, stage: string, mean: number | null, low: number | null, high: number | null) => ({
    step,
    stage,
    ...(mean !== null && { mean }),
    ...(low !== null && { low }),
    ...(high !== null && { high }),
  });
  return {
    order: order === "cascading" ? "cascade" : order,
    metric,
    points: stages.map(({ index, stage, score, scoreLow, scoreHigh }) => point(index, stage, score, scoreLow, scoreHigh)),
    kappa: stages.filter(({ index }) => index > 0).map(({ index, stage, kappa, kappaLow, kappaHigh }) => point(index, stage, kappa, kappaLow, kappaHigh)), // prettier-ignore
  };
}
