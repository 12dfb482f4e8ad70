import { createHash } from "node:crypto";
import type { InnerExplainer, Instance, PlannedInput, TargetPolicy } from "./plan-types.js";
import { formatOf } from "./param-schema.js";
import type { Axis, LabelStage, Redraw, Stage, View } from "../plugin/index.js";

export type KeyParts = Readonly<Record<string, string>>;

/** JSON with the keys of every map sorted: equal data, equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export const keyOf = (parts: KeyParts): string => sha256(canonical(parts));

/** What a path contributes to a key: the digest of a file. */
export type ContentOf = (file: string) => string;

/** What every instance depends on: its plugin's code and parameters. Files count by their content, wherever they lie. */
export function pluginParts({ plugin, params, inner }: InnerExplainer, contentOf: ContentOf): KeyParts {
  const { version, params: schema } = plugin.definition;
  const counted = Object.entries(params).map(([name, value]) => {
    const isPath = formatOf(schema.properties[name] ?? {}) === "assay-path";
    return [name, isPath && typeof value === "string" ? contentOf(value) : value];
  });
  const parts = { plugin: plugin.id, version, code: plugin.codeDigest, params: canonical(Object.fromEntries(counted)) };
  return inner ? { ...parts, inner: canonical(pluginParts(inner, contentOf)) } : parts;
}

/** One key for a plain edge; for a collected one a digest of all keys with their axis values, since a report shows both. */
export function inputParts(inputs: readonly PlannedInput[], instances: ReadonlyMap<string, Instance>): KeyParts {
  const parts = inputs.map(({ port, instances: ids, collected }) => {
    const producers = ids.map((id) => instances.get(id)!);
    const label = `input.${port}`;
    if (collected.length === 0) return [label, producers[0]!.key];
    return [label, `${producers.length} instances ${sha256(canonical(producers.map(({ node, axes, key }) => [node, axes, key])))}`];
  });
  return Object.fromEntries(parts) as KeyParts;
}

/**
 * A redrawn model is what it is by the trained weights, the blocks redrawn, how, and the draw. Neither the node nor the randomizer that
 * asked for it counts, so that independent and cascading runs share what they have in common.
 */
export const stageParts = (model: string, { blocks }: Stage, redraw: Redraw, seed: number | string, draw: string): KeyParts => ({
  "input.model": model,
  blocks: canonical([...blocks].sort()),
  redraw,
  seed: canonical(seed),
  draw,
});

/** Labels are what they are by the data set, the randomizer, the share that is permuted, and the draw. */
export const labelParts = ({ share }: LabelStage, seed: number | string, draw: string): KeyParts => ({
  share: String(share),
  seed: canonical(seed),
  draw,
});

/** Trainings have initial weights and an order of their own at every point: those on equal data are twins. */
export const trainingParts = (id: string, seed: number | string): KeyParts => ({ node: id, seed: canonical(seed) });

/** A noise stream is split by node; a frozen target is chosen on the trained model. */
export const explainerParts = (node: string, seed: number | string, target: TargetPolicy, trained: string): KeyParts => ({
  node,
  seed: canonical(seed),
  target: String(target),
  ...(target === "frozen" && { trained }),
});

export const viewPart = ({ name, foreground }: View): KeyParts => ({ view: foreground ? `${name}, foreground` : name });

/** What the axes of collected inputs mean to a report: their values in order, and whether stages cascade. */
export const axesPart = (axes: Readonly<Record<string, readonly Axis[]>>): KeyParts => ({ axes: canonical(axes) });
