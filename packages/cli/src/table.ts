import Table from "cli-table3";

/** A plain, borderless table: a header line, then rows, columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], align: readonly ("left" | "right")[] = []): string {
  const none = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
  };
  const inside = { left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " };
  const text = new Table({
    head: [...head],
    colAligns: head.map((_, i) => align[i] ?? "left"),
    chars: { ...none, ...inside },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  text.push(...rows.map((row) => [...row]));
  return text
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
