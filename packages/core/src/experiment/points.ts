import type { Edge, WiredNode } from "./wiring.js";
import type { Axis } from "../plugin/index.js";
import type { Instance, PlannedInput } from "./plan-types.js";
import { STAGE } from "./ports.js";

export type Point = Readonly<Record<string, string>>;

const escape = (text: string): string => text.replace(/[,=[\]%]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** `node[axis=value,…]`, or the node's name alone where it has no axis. */
export function instanceId(node: string, axes: Point): string {
  const pairs = Object.entries(axes).map(([name, value]) => `${name}=${escape(value)}`);
  return pairs.length === 0 ? node : `${node}[${pairs.join(",")}]`;
}

/** Every combination of the values of the axes, the first axis slowest. */
export function product(axes: readonly { readonly name: string; readonly values: readonly string[] }[]): Point[] {
  return axes.reduce<Point[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** The producers of one edge at one point of the consumer, in the order of the collected axes; none where the producer has no such stage. */
export function producersAt(
  { producer, collect, pick }: Edge,
  point: Point,
  axes: readonly Axis[],
  instances: ReadonlyMap<string, Instance>,
): string[] {
  const name = producer.declaration.name;
  const valuesOf = (axis: string) => axes.find((each) => each.name === axis)?.values ?? [];
  const candidates = (axis: string): readonly string[] => {
    const picked = pick.find((each) => each.name === axis);
    if (!picked) return [point[axis]!];
    const values = valuesOf(axis);
    if (values.includes(picked.value)) return [picked.value];
    return picked.value === "first" ? values : picked.value === "last" ? [...values].reverse() : [];
  };
  const collected = product(collect.map((axis) => ({ name: axis.name, values: valuesOf(axis.name) })));
  return collected.flatMap((group) => {
    const choices = producer.axes.map((axis) => ({ name: axis, values: axis in group ? [group[axis]!] : candidates(axis) }));
    // Stages may differ from model to model: `first` and `last` mean the outermost that this group has. Other axes are always full.
    const narrowed = choices.map((axis) => (axis.name === STAGE ? axis : { ...axis, values: axis.values.slice(0, 1) }));
    const id = product(narrowed)
      .map((axis) => instanceId(name, axis))
      .find((each) => instances.has(each));
    return id === undefined ? [] : [id];
  });
}

/** All inputs of a node at a point, or the edges that find nothing there. */
export function inputsAt(
  node: WiredNode,
  point: Point,
  axesOf: ReadonlyMap<string, readonly Axis[]>,
  instances: ReadonlyMap<string, Instance>,
): { readonly inputs: readonly PlannedInput[]; readonly missing: readonly Edge[] } {
  const missing: Edge[] = [];
  const inputs = node.edges.map((edge) => {
    const found = producersAt(edge, point, axesOf.get(edge.producer.declaration.name)!, instances);
    if (found.length === 0) missing.push(edge);
    return { port: edge.port.name, type: edge.type, instances: found, collected: edge.collect.map(({ name }) => name) };
  });
  return { inputs, missing };
}

/** Whether an edge joins its consumer on `stage`. */
export const joinsOnStage = ({ producer, collect, pick }: Edge): boolean =>
  producer.axes.includes(STAGE) && ![...collect, ...pick].some(({ name }) => name === STAGE);
