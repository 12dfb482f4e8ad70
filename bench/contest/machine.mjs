import { availableParallelism, cpus, loadavg } from "node:os";

/** What else the machine does goes into the times: a load well under the number of cores is needed to read them. */
export const machineLine = () =>
  `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), load ${loadavg()[0].toFixed(2)}, node ${process.version}`;

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** `median (least–most)`, the extremes only if there are several. */
export const spread = (values, digits = 1) => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = median(values).toFixed(digits);
  return values.length === 1 ? middle : `${middle} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
};

/** A Markdown table; the first row is its head, the first column words, the others figures. */
export function markdown([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => String(row[column]).length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
