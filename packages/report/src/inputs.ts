import { AssayError, type Dataset, type MapsInput, type ReportInputs, type ScoresInput } from "@assay/core/plugin";

function wanted<T>(ports: Readonly<Record<string, T>>, name: string): T {
  const port = ports[name];
  if (port === undefined) {
    throw new AssayError({
      code: "REPORT-INPUT",
      what: `the input \`${name}\` is missing`,
      got: Object.keys(ports).join(", ") || "no input of its type",
      next: `Wire a node to \`${name}\` under \`in\` of the report.`,
    });
  }
  return port;
}

export const scoresOf = ({ scores }: ReportInputs, name: string): ScoresInput => wanted(scores, name);

/** Scores that say how alike maps are: of a change from one map to the other there is no floor, no κ and no verdict. */
export function likenessOf(inputs: ReportInputs, name: string): ScoresInput {
  const scores = scoresOf(inputs, name);
  const change = scores.groups.find(({ metric }) => metric.symmetric === false);
  if (!change) return scores;
  throw new AssayError({
    code: "REPORT-LIKENESS",
    where: name,
    what: `metric/${change.metric.name} does not say how alike two maps are`,
    next: "Collect it in a report/means.",
    exit: 1,
  });
}

export const mapsOf = ({ maps }: ReportInputs, name: string): MapsInput => wanted(maps, name);
export const datasetOf = ({ datasets }: ReportInputs, name: string): Dataset => wanted(datasets, name);
