import { AssayError, checkGivenParams, type InnerExplainer, type ModelFacts, type Registry } from "@assay/core";
import { findPlugin } from "./find-plugin.js";
import { parseJson } from "./parse-params.js";

interface Given {
  readonly explainer: string;
  readonly with: string;
  readonly rule?: string;
}

/** The gradient under another ReLU rule has a name of its own. */
const BY_RULE: Readonly<Record<string, string>> = { standard: "gradient", guided: "guided-backprop", deconvnet: "deconvnet" };

/** The explainer with its parameters checked, its inner explainer found, and its layers held against the model. */
export function resolveExplainer(registry: Registry, cwd: string, given: Given, model: ModelFacts): InnerExplainer {
  let name = given.explainer;
  const own = parseJson(given.with, "--with");
  if (given.rule !== undefined) {
    const plugin = findPlugin(registry, name, "explainer");
    if ("rule" in plugin.definition.params.properties) own["rule"] = given.rule;
    else if (plugin.definition.name === "gradient" && BY_RULE[given.rule] !== undefined) name = BY_RULE[given.rule]!;
    else {
      throw new AssayError({
        code: "INPUT-RULE",
        where: "--rule",
        what: `explainer/${plugin.definition.name} has no rule ${given.rule}`,
        next: "`assay describe` shows its parameters.",
      });
    }
  }
  const plugin = findPlugin(registry, name, "explainer");
  return { plugin, ...checkGivenParams(plugin, own, { registry, where: "--with", folder: cwd, model }) };
}
