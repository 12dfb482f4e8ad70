import type { Plan } from "./plan-types.js";

export const GRAPH_FORMATS = ["mermaid", "dot"] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

interface Box {
  readonly id: string;
  /** name, plugins, axes with counts, instances */
  readonly lines: readonly string[];
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** The experiment at the level of nodes, for people: what runs over which axes, and what feeds what. */
export function graphOf(plan: Plan, format: GraphFormat): string {
  const { boxes, arrows } = read(plan);
  return format === "mermaid" ? mermaid(boxes, arrows) : dot(boxes, arrows);
}

function read(plan: Plan): { boxes: readonly Box[]; arrows: readonly Arrow[] } {
  const ids = new Map(plan.nodes.map((node, index) => [node, `n${index}`]));
  const byNode = new Map(plan.nodes.map((node) => [node, { plugins: new Set<string>(), axes: new Map<string, Set<string>>(), count: 0 }]));
  const arrows = new Map<string, Arrow>();
  for (const { node, plugin, axes, inputs } of plan.instances.values()) {
    const seen = byNode.get(node)!;
    seen.count++;
    seen.plugins.add(plugin.id);
    for (const [axis, value] of Object.entries(axes)) seen.axes.set(axis, (seen.axes.get(axis) ?? new Set()).add(value));
    for (const { port, instances, collected } of inputs) {
      const from = plan.instances.get(instances[0]!)!.node;
      const label = collected.length > 0 ? `${port}: all ${collected.join(", ")}` : port;
      arrows.set(`${from} ${node} ${port}`, { from: ids.get(from)!, to: ids.get(node)!, label });
    }
  }
  const boxes = [...byNode].map(([node, { plugins, axes, count }]) => {
    const shown = plugins.size === 1 ? [...plugins][0]! : `${plugins.size} × ${[...plugins][0]?.split("/")[0] ?? "nothing"}`;
    const over = [...axes].map(([axis, values]) => `${axis} (${values.size})`).join(" × ");
    return { id: ids.get(node)!, lines: [node, shown, ...(over ? [over] : []), count === 1 ? "1 instance" : `${count} instances`] };
  });
  return { boxes, arrows: [...arrows.values()] };
}

function mermaid(boxes: readonly Box[], arrows: readonly Arrow[]): string {
  const text = (value: string) => value.replaceAll("&", "#amp;").replaceAll('"', "#quot;").replaceAll("<", "#lt;");
  return [
    "flowchart LR",
    ...boxes.map(({ id, lines }) => `  ${id}["${lines.map(text).join("<br/>")}"]`),
    ...arrows.map(({ from, to, label }) => `  ${from} -- "${text(label)}" --> ${to}`),
    "",
  ].join("\n");
}

function dot(boxes: readonly Box[], arrows: readonly Arrow[]): string {
  const text = (value: string) => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return [
    "digraph experiment {",
    "  rankdir=LR;",
    "  node [shape=box];",
    ...boxes.map(({ id, lines }) => `  ${id} [label="${lines.map(text).join("\\n")}"];`),
    ...arrows.map(({ from, to, label }) => `  ${from} -> ${to} [label="${text(label)}"];`),
    "}",
    "",
  ].join("\n");
}
