import type { Definition, PluginKind } from "../plugin/index.js";
import type { PortType } from "./plan-types.js";

export interface Port {
  readonly type: PortType;
  readonly optional: boolean;
  /** takes several instances at once, and so may `collect` */
  readonly many: boolean;
}

const one = (type: PortType): Port => ({ type, optional: false, many: false });

const INPUTS: Readonly<Record<Exclude<PluginKind, "report">, Readonly<Record<string, Port>>>> = {
  dataset: {},
  model: {},
  randomizer: { model: one("model") },
  explainer: { model: one("model"), images: one("dataset") },
  surrogate: { maps: one("maps") },
  metric: { a: one("maps"), b: one("maps") },
};

const OUTPUTS: Readonly<Record<PluginKind, PortType>> = {
  dataset: "dataset",
  model: "model",
  randomizer: "model",
  explainer: "maps",
  surrogate: "maps",
  metric: "scores",
  report: "table",
};

/** What a plugin takes, by port. */
export function inputsOf(definition: Definition): Readonly<Record<string, Port>> {
  if (definition.kind !== "report") return INPUTS[definition.kind];
  return Object.fromEntries(
    Object.entries(definition.inputs).map(([name, { type, optional }]) => [
      name,
      { type, optional: optional ?? false, many: type === "scores" || type === "maps" },
    ]),
  );
}

/** What a plugin of a kind gives. */
export const outputOf = (kind: PluginKind): PortType => OUTPUTS[kind];

/** The axis that a randomizer adds. */
export const STAGE = "stage";
