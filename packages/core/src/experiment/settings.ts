import type { PluginKind, View, ViewName } from "../plugin/index.js";
import type { Use } from "./declarations.js";
import { toPlain, type Located } from "./located.js";
import type { TargetPolicy } from "./plan-types.js";
import type { Problems } from "./problems.js";

/** What a use says besides `with`, and the one kind that it means something to. */
const MEANT_FOR = { view: "metric", target: "explainer" } as const;

export const viewOf = (view: Located | undefined): View => {
  const written = view ? (toPlain(view) as ViewName | View) : "absolute";
  return typeof written === "string" ? { name: written } : written;
};

export const targetOf = (target: Located | undefined): TargetPolicy => (target ? (toPlain(target) as TargetPolicy) : "frozen");

/** A view belongs to metrics and a target to explainers: elsewhere they would be read by nobody. */
export function checkSettings(use: Use, kind: PluginKind, problems: Problems): void {
  for (const [setting, meant] of Object.entries(MEANT_FOR) as ["view" | "target", PluginKind][]) {
    const found = use[setting];
    if (!found || kind === meant) continue;
    problems.add({ code: "SPEC-UNKNOWN-KEY", what: `a ${kind} has no ${setting}`, next: `It belongs to a ${meant}.`, place: found.place });
  }
}
