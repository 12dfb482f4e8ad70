import type { Place } from "../errors/error.js";
import { child, itemsAt, mapAt, textAt, textOf, type Located, type LocatedMap, type Scalar } from "./located.js";
import type { ParsedSpec } from "./parse.js";

export interface Named {
  readonly name: string;
  readonly place: Place;
}

/** What an axis value, or a node, says about its plugin. */
export interface Use {
  readonly uses: Named;
  readonly with?: LocatedMap;
  readonly view?: Located;
  readonly target?: Located;
  readonly preset?: Named;
  /** where the use stands: its own key */
  readonly place: Place;
}

export interface AxisValue {
  readonly text: string;
  readonly value: Scalar;
  readonly use?: Use;
}

export interface AxisDeclaration {
  readonly name: string;
  readonly place: Place;
  readonly values: readonly AxisValue[];
}

export interface Pick extends Named {
  /** the value as text, or `first`, or `last` */
  readonly value: string;
  readonly valuePlace: Place;
}

export interface EdgeDeclaration {
  readonly port: Named;
  readonly from: Named;
  readonly output?: Named;
  readonly collect: readonly Named[];
  readonly pick: readonly Pick[];
}

export interface NodeDeclaration {
  readonly name: string;
  readonly place: Place;
  /** the plugin of the node itself; absent where an axis names the plugins */
  readonly uses?: Named;
  readonly usesAxis?: Named;
  readonly over: readonly Named[];
  readonly in: readonly EdgeDeclaration[];
  /** settings of the node, below those of an axis value */
  readonly settings: Omit<Use, "uses">;
}

const named = (found: { readonly text: string; readonly place: Place } | undefined): Named | undefined =>
  found && { name: found.text, place: found.place };

const namesAt = (node: Located, key: string): Named[] => itemsAt(node, key).flatMap((item) => named(textOf(item)) ?? []);

function settingsOf(node: Located, place: Place): Omit<Use, "uses"> {
  const [params, view, target, preset] = [mapAt(node, "with"), child(node, "view"), child(node, "target"), named(textAt(node, "preset"))];
  return { place, ...(params && { with: params }), ...(view && { view }), ...(target && { target }), ...(preset && { preset }) };
}

/** The axes whose structure is right. */
export function readAxes({ root, broken }: ParsedSpec): Map<string, AxisDeclaration> {
  const axes = new Map<string, AxisDeclaration>();
  for (const [name, { key, value }] of mapAt(root, "axes")?.entries ?? []) {
    if (broken.has(`axes/${name}`) || value.kind === "broken") continue;
    axes.set(name, { name, place: key, values: value.kind === "list" ? value.items.flatMap(scalarValue) : useValues(value) });
  }
  return axes;
}

const scalarValue = (item: Located): AxisValue[] => (item.kind === "scalar" ? [{ text: String(item.value), value: item.value }] : []);

function useValues(axis: Located): AxisValue[] {
  if (axis.kind !== "map") return [];
  return [...axis.entries].flatMap(([text, { key, value }]) => {
    const uses = named(textAt(value, "uses"));
    return uses ? [{ text, value: text, use: { uses, ...settingsOf(value, key) } }] : [];
  });
}

/** The nodes whose structure is right, in the order of the text. */
export function readNodes({ root, broken }: ParsedSpec): NodeDeclaration[] {
  return [...(mapAt(root, "nodes")?.entries ?? [])].flatMap(([name, { key, value }]) => {
    if (broken.has(`nodes/${name}`)) return [];
    const [uses, usesAxis] = [named(textAt(value, "uses")), named(textAt(child(value, "uses"), "axis"))];
    const edges = [...(mapAt(value, "in")?.entries ?? [])].flatMap(
      ([port, entry]) => readEdge({ name: port, place: entry.key }, entry.value) ?? [],
    );
    const node = { name, place: key, over: namesAt(value, "over"), in: edges, settings: settingsOf(value, key) };
    return [{ ...node, ...(uses && { uses }), ...(usesAxis && { usesAxis }) }];
  });
}

function readEdge(port: Named, edge: Located): EdgeDeclaration | undefined {
  const reference = textOf(edge) ?? textAt(edge, "from");
  if (!reference) return undefined;
  const dot = reference.text.indexOf(".");
  const from = { name: dot < 0 ? reference.text : reference.text.slice(0, dot), place: reference.place };
  const pick = [...(mapAt(edge, "pick")?.entries ?? [])].flatMap(([name, { key, value }]) =>
    value.kind === "scalar" ? [{ name, place: key, value: String(value.value), valuePlace: value.place }] : [],
  );
  const output = dot < 0 ? undefined : { name: reference.text.slice(dot + 1), place: reference.place };
  return { port, from, collect: namesAt(edge, "collect"), pick, ...(output && { output }) };
}
