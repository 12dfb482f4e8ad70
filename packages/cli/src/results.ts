import type { Plan, RunOutcome, RunStatus } from "@assay/core";
import {
  isCurvesData,
  isGridData,
  isTableData,
  isVerdictReport,
  renderPage,
  tableMarkup,
  type GridData,
  type PageSection,
  type TableData,
  type VerdictReport,
  type Verdicts,
} from "@assay/report";
import { trainingTable } from "./trainings.js";

/** What the run's verdict nodes say, as far as they were computed. */
export function verdictsOf(outcome: RunOutcome): Verdicts {
  const reports = [...outcome.reports].map(([node, { result }]) => [node, result.data] as const);
  return Object.fromEntries(reports.filter((entry): entry is readonly [string, VerdictReport] => isVerdictReport(entry[1])));
}

const TRAINED_HERE = "Networks trained here";

/** The run's tables by node, as far as they were computed; that of its trainings comes first. */
export function tablesOf(outcome: RunOutcome): Readonly<Record<string, TableData>> {
  const reports = [...outcome.reports].map(([node, { result }]) => [node, result.data] as const);
  const tables = reports.filter((entry): entry is readonly [string, TableData] => isTableData(entry[1]));
  return Object.fromEntries(outcome.trainings.length > 0 ? [[TRAINED_HERE, trainingTable(outcome.trainings)], ...tables] : tables);
}

/** The maps of the run's grid, if it has one that was computed. */
export const gridOf = (outcome: RunOutcome): GridData | undefined =>
  [...outcome.reports.values()].map(({ result }) => result.data).find(isGridData);

/** The charts of the run's curves, by names of files: `plots/curves.spearman-abs.svg`, after the node. */
export const plotsOf = (outcome: RunOutcome): { readonly path: string; readonly text: string }[] =>
  [...outcome.reports].flatMap(([node, { result }]) =>
    isCurvesData(result.data) ? result.data.charts.map(({ metric, svg }) => ({ path: `plots/${node}.${metric}.svg`, text: svg })) : [],
  );

interface PageFacts {
  readonly runId: string;
  readonly status: RunStatus;
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
}

/** `report.html` of a run: its report nodes in the order of the spec, verdicts first. */
export function pageOf(plan: Plan, outcome: RunOutcome, { runId, status, versions, command }: PageFacts): string {
  const sections: PageSection[] = [...outcome.reports.values()].map(({ result }) => result);
  if (outcome.trainings.length > 0) {
    const data = trainingTable(outcome.trainings);
    sections.push({ title: TRAINED_HERE, html: tableMarkup(data).text, data });
  }
  const instances = [...plan.instances.values()];
  const digests = instances
    .filter(({ plugin }) => plugin.definition.kind === "model" || plugin.definition.kind === "dataset")
    .map(({ plugin, keyParts }) => [plugin.id, (keyParts[plugin.definition.kind] ?? "").slice(0, 16)] as const);
  return renderPage({
    title: plan.preset === undefined ? plan.name : `${plan.name} · preset ${plan.preset}`,
    question: plan.question,
    sections,
    facts: { run: runId, status, seed: String(plan.seed), ...versions, ...Object.fromEntries(digests), command },
  });
}
