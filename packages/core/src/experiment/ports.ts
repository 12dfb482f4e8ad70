import type { Definition, PluginKind } from "../plugin/index.js";
import type { PortType } from "./plan-types.js";

export interface Port {
  readonly type: PortType;
  readonly optional: boolean;
  /** takes several instances at once, and so may `collect` */
  readonly many: boolean;
}

const one = (type: PortType): Port => ({ type, optional: false, many: false });

const INPUTS: Readonly<Record<Exclude<PluginKind, "report" | "randomizer">, Readonly<Record<string, Port>>>> = {
  dataset: {},
  model: {},
  trainer: { model: one("model"), images: one("dataset"), test: { ...one("dataset"), optional: true } },
  explainer: { model: one("model"), images: one("dataset") },
  surrogate: { maps: one("maps") },
  metric: { a: one("maps"), b: one("maps") },
};

const RANDOMIZED = { blocks: { model: one("model") }, labels: { images: one("dataset") } } as const;

const OUTPUTS: Readonly<Record<Exclude<PluginKind, "randomizer">, PortType>> = {
  dataset: "dataset",
  model: "model",
  trainer: "model",
  explainer: "maps",
  surrogate: "maps",
  metric: "scores",
  report: "table",
};

/** What a plugin takes, by port. */
export function inputsOf(definition: Definition): Readonly<Record<string, Port>> {
  if (definition.kind === "randomizer") return RANDOMIZED[definition.on];
  if (definition.kind !== "report") return INPUTS[definition.kind];
  return Object.fromEntries(
    Object.entries(definition.inputs).map(([name, { type, optional }]) => [
      name,
      { type, optional: optional ?? false, many: type === "scores" || type === "maps" },
    ]),
  );
}

/** What a plugin gives. */
export function outputOf(definition: Definition): PortType {
  if (definition.kind !== "randomizer") return OUTPUTS[definition.kind];
  return definition.on === "labels" ? "dataset" : "model";
}

/** The axis that a randomizer adds. */
export const STAGE = "stage";
