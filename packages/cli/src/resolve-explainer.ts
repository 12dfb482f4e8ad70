import { AssayError, AssayErrors, checkExplainer, type InnerExplainer, type ModelFacts, type Registry } from "@assay/core";
import { findPlugin } from "./find-plugin.js";

interface Given {
  readonly explainer: string;
  readonly with: string;
  readonly rule?: string;
}

/** The gradient under another ReLU rule has a name of its own. */
const BY_RULE: Readonly<Record<string, string>> = { standard: "gradient", guided: "guided-backprop", deconvnet: "deconvnet" };

/** The explainer with its parameters checked, its inner explainer found, and its layers held against the model. */
export function resolveExplainer(registry: Registry, given: Given, model: ModelFacts): InnerExplainer {
  let name = given.explainer;
  const own = parse(given.with);
  if (given.rule !== undefined) {
    const plugin = findPlugin(registry, name, "explainer");
    if ("rule" in plugin.definition.params.properties) own["rule"] = given.rule;
    else if (plugin.definition.name === "gradient" && BY_RULE[given.rule] !== undefined) name = BY_RULE[given.rule]!;
    else {
      throw new AssayError({ code: "INPUT-RULE", where: "--rule", what: `explainer/${plugin.definition.name} has no rule ${given.rule}`, next: "`assay describe` shows its parameters." });
    }
  }
  const plugin = findPlugin(registry, name, "explainer");
  const { explainer, errors } = checkExplainer(registry, { uses: plugin.id, with: own }, model, "--with");
  if (errors.length > 0 || !explainer) throw new AssayErrors(errors);
  return explainer;
}

function parse(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch (error) {
    throw new AssayError({ code: "INPUT-JSON", where: "--with", what: `this is not JSON: ${(error as Error).message}`, next: `Write it like --with '{"steps": 50}'.` });
  }
}
