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
export const mapsOf = ({ maps }: ReportInputs, name: string): MapsInput => wanted(maps, name);
export const datasetOf = ({ datasets }: ReportInputs, name: string): Dataset => wanted(datasets, name);
