import { writtenRows, type TableData } from "@assay/report";
import { table } from "./table.js";

/** The tables of a run as a terminal shows them, each under the name of its node. */
export const dataTables = (tables: Readonly<Record<string, TableData>>): string =>
  Object.entries(tables)
    .map(([node, data]) => {
      const align = data.columns.map(({ as }) => (as === "text" ? "left" : "right"));
      const names = data.columns.map(({ name }) => name);
      return `\n${node}\n\n${table(names, writtenRows(data), align)}\n\n${data.note}\n`;
    })
    .join("");
