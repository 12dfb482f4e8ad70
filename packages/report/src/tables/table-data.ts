import { figure } from "../numbers.js";

/**
 * How the cells of a column are written: `decimal` with three digits behind the point, `exponent` as 1.2e-7 where it is small.
 */
export type Writing = "text" | "count" | "decimal" | "exponent";

export interface TableColumn {
  readonly name: string;
  readonly as: Writing;
}

/** A report that is one table: `assay run` prints it, and prints it as data under `--json`. */
export interface TableData {
  readonly kind: "table";
  readonly columns: readonly TableColumn[];
  /** one cell a column; null where a figure is not defined */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** one line below the table: what the figures are of */
  readonly note: string;
}

export const isTableData = (data: unknown): data is TableData =>
  typeof data === "object" && data !== null && "kind" in data && data.kind === "table";

/** The cells as text, row by row. */
export const writtenRows = ({ columns, rows }: TableData): string[][] =>
  rows.map((row) => columns.map(({ as }, i) => written(row[i] ?? null, as)));

function written(value: string | number | null, as: Writing): string {
  if (typeof value !== "number") return value ?? "–";
  if (as === "decimal") return figure(value, 3);
  if (as === "count" || Number.isInteger(value)) return String(value);
  return value < 1e-3 ? value.toExponential(1) : figure(value);
}
