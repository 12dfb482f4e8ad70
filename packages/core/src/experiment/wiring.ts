import { didYouMean } from "../errors/suggest.js";
import type { PluginKind } from "../plugin/index.js";
import type { AxisDeclaration, EdgeDeclaration, Named, NodeDeclaration } from "./declarations.js";
import { inputsOf, outputOf, STAGE, type Port } from "./ports.js";
import type { Problems } from "./problems.js";
import type { Variant } from "./uses.js";

/** An edge whose two ends are known. */
export interface Edge extends EdgeDeclaration {
  readonly type: Port["type"];
  readonly producer: WiredNode;
}

/** A node with its plugins, its inputs and the axes it runs over. */
export interface WiredNode {
  readonly declaration: NodeDeclaration;
  readonly kind: PluginKind;
  readonly variants: readonly Variant[];
  readonly edges: readonly Edge[];
  /** names in order; a randomizer adds `stage` at the end */
  readonly axes: readonly string[];
}

export interface Candidate {
  readonly declaration: NodeDeclaration;
  /** `undefined` where something about the plugins is wrong: the node is then known by name only */
  readonly variants: readonly Variant[] | undefined;
}

/**
 * Connects the nodes: every reference, port and type is checked, then every axis. Gives the sound nodes in dependency order; a node
 * that stands below an unsound one is left out without a further complaint.
 */
export function wire(
  candidates: readonly Candidate[],
  names: ReadonlySet<string>,
  axes: ReadonlyMap<string, AxisDeclaration>,
  brokenAxis: (name: string) => boolean,
  problems: Problems,
): WiredNode[] {
  const byName = new Map(candidates.map((candidate) => [candidate.declaration.name, candidate]));
  const unsound = new Set([...names].filter((name) => !byName.get(name)?.variants));
  for (const { declaration, variants } of candidates) {
    const before = problems.size;
    for (const edge of declaration.in) checkReference(edge, declaration, byName, names, problems);
    for (const { plugin } of variants ?? []) checkPorts(declaration, inputsOf(plugin.definition), plugin.id, byName, problems);
    for (const axis of declaration.over) if (!checkOver(axis, axes, brokenAxis, problems)) unsound.add(declaration.name);
    if (problems.size > before) unsound.add(declaration.name);
  }
  const wired = new Map<string, WiredNode>();
  for (const name of inOrder(candidates, problems, unsound)) {
    const { declaration, variants } = byName.get(name)!;
    if (unsound.has(name) || !variants?.length || declaration.in.some(({ from }) => !wired.has(from.name))) continue;
    const { definition } = variants[0]!.plugin;
    const ports = inputsOf(definition);
    const edges = declaration.in.map((edge) => ({ ...edge, type: ports[edge.port.name]!.type, producer: wired.get(edge.from.name)! }));
    const own = axesOf(declaration, edges, definition.kind, axes, problems);
    if (own) wired.set(name, { declaration, kind: definition.kind, variants, edges, axes: own });
  }
  return [...wired.values()];
}

function checkReference(
  edge: EdgeDeclaration,
  node: NodeDeclaration,
  byName: ReadonlyMap<string, Candidate>,
  names: ReadonlySet<string>,
  problems: Problems,
): void {
  const { from, output } = edge;
  if (!names.has(from.name)) {
    const others = [...names].filter((name) => name !== node.name);
    problems.add({
      code: "SPEC-UNKNOWN-NODE",
      what: `no node is called ${from.name}`,
      next: didYouMean(from.name, others, "Nodes"),
      place: from.place,
    });
    return;
  }
  const definition = byName.get(from.name)?.variants?.[0]?.plugin.definition;
  if (!output || !definition || output.name === outputOf(definition)) return;
  problems.add({
    code: "SPEC-UNKNOWN-PORT",
    what: `${from.name} has no output ${output.name}`,
    next: didYouMean(output.name, [outputOf(definition)], "Its output"),
    place: output.place,
  });
}

function checkPorts(
  node: NodeDeclaration,
  ports: Readonly<Record<string, Port>>,
  id: string,
  byName: ReadonlyMap<string, Candidate>,
  problems: Problems,
): void {
  for (const { port, from, collect } of node.in) {
    const wanted = ports[port.name];
    if (!wanted) {
      const next = didYouMean(port.name, Object.keys(ports), "Its inputs");
      problems.add({ code: "SPEC-UNKNOWN-PORT", what: `${node.name} has no input ${port.name}`, next, place: port.place });
      continue;
    }
    const definition = byName.get(from.name)?.variants?.[0]?.plugin.definition;
    if (definition && outputOf(definition) !== wanted.type) {
      const what = `the input ${port.name} of ${node.name} cannot take what ${from.name} gives`;
      problems.add({ code: "SPEC-PORT-TYPE", what, expected: wanted.type, got: outputOf(definition), place: from.place });
    }
    if (collect[0] && !wanted.many) {
      const what = `the input ${port.name} of ${id} takes one thing at a time`;
      problems.add({ code: "SPEC-COLLECT", what, next: `Run over ${collect[0].name}, or pick one of it.`, place: collect[0].place });
    }
  }
  for (const [name, { optional, type }] of Object.entries(ports)) {
    if (optional || node.in.some(({ port }) => port.name === name)) continue;
    const next = `Write in: { ${name}: NODE } with a node that gives ${type}.`;
    problems.add({ code: "SPEC-MISSING-INPUT", what: `the input ${name} of ${node.name} is not connected`, next, place: node.place });
  }
}

function checkOver(
  axis: Named,
  axes: ReadonlyMap<string, AxisDeclaration>,
  brokenAxis: (name: string) => boolean,
  problems: Problems,
): boolean {
  if (axis.name === STAGE || axes.has(axis.name)) return true;
  if (brokenAxis(axis.name)) return false;
  const next = didYouMean(axis.name, [...axes.keys(), STAGE], "Axes");
  problems.add({ code: "SPEC-UNKNOWN-AXIS", what: `no axis is called ${axis.name}`, next, place: axis.place });
  return false;
}

/** Names of nodes, producers first; nodes on a cycle are unsound, and each cycle is named once. */
function inOrder(candidates: readonly Candidate[], problems: Problems, unsound: Set<string>): string[] {
  const byName = new Map(candidates.map(({ declaration }) => [declaration.name, declaration]));
  const order: string[] = [];
  const done = new Set<string>();
  const enter = (node: NodeDeclaration, trail: readonly string[]): void => {
    if (done.has(node.name)) return;
    for (const { from } of node.in) {
      const path = [...trail, node.name];
      const start = path.indexOf(from.name);
      if (start >= 0) {
        for (const name of path.slice(start)) unsound.add(name);
        const loop = [...path.slice(start), from.name].reverse().join(" → ");
        problems.add({ code: "SPEC-CYCLE", what: `nodes feed each other in a circle: ${loop}`, place: from.place });
      } else if (byName.has(from.name)) enter(byName.get(from.name)!, path);
    }
    if (!done.has(node.name)) order.push(node.name);
    done.add(node.name);
  };
  for (const { declaration } of candidates) enter(declaration, []);
  return order;
}

/** The axes of a node, or `undefined` after a problem: what a producer brings must be run over, collected or picked. */
function axesOf(
  node: NodeDeclaration,
  edges: readonly Edge[],
  kind: PluginKind,
  declared: ReadonlyMap<string, AxisDeclaration>,
  problems: Problems,
): readonly string[] | undefined {
  const before = problems.size;
  const over = node.over.map(({ name }) => name);
  const brought = new Set<string>();
  for (const { producer, collect, pick, from } of edges) {
    const consumed = [...collect, ...pick];
    for (const { name, place } of consumed) {
      if (producer.axes.includes(name)) continue;
      const next = didYouMean(name, producer.axes, "Its axes");
      problems.add({ code: "SPEC-UNKNOWN-AXIS", what: `${from.name} does not run over ${name}`, next, place });
    }
    for (const { name, place } of pick) {
      if (!collect.some((each) => each.name === name)) continue;
      problems.add({ code: "SPEC-PICK", what: `${name} is both collected and picked`, next: "Do one of the two.", place });
    }
    for (const { name, value, valuePlace } of pick) checkPick(name, value, valuePlace, declared, problems);
    for (const axis of producer.axes) {
      if (consumed.some(({ name }) => name === axis)) continue;
      brought.add(axis);
      if (over.includes(axis)) continue;
      problems.add({
        code: "SPEC-AXIS-NOT-CONSUMED",
        what: `${from.name} runs over ${axis}, and ${node.name} says nothing of it`,
        next: `Add ${axis} to over, or consume it: { from: ${from.name}, collect: [${axis}] } or { from: ${from.name}, pick: { ${axis}: last } }.`,
        place: from.place,
      });
    }
  }
  const stage = node.over.find(({ name }) => name === STAGE);
  if (kind === "randomizer" && (stage ?? brought.has(STAGE))) {
    const what = `${node.name} is a randomizer and adds the axis stage itself`;
    problems.add({
      code: "SPEC-STAGE",
      what,
      next: "Take stage out of over, and feed it what is not randomized.",
      place: stage?.place ?? node.place,
    });
  } else if (stage && !brought.has(STAGE)) {
    const next = "It comes with a randomizer: connect one (or what was made from it) to an input.";
    problems.add({ code: "SPEC-UNKNOWN-AXIS", what: `no input of ${node.name} runs over stage`, next, place: stage.place });
  }
  return problems.size > before ? undefined : kind === "randomizer" ? [...over, STAGE] : over;
}

function checkPick(
  axis: string,
  value: string,
  place: Named["place"],
  declared: ReadonlyMap<string, AxisDeclaration>,
  problems: Problems,
): void {
  const values = declared.get(axis)?.values.map(({ text }) => text);
  if (!values || values.includes(value) || value === "first" || value === "last") return;
  const next = didYouMean(value, [...values, "first", "last"], "Its values");
  problems.add({ code: "SPEC-PICK", what: `the axis ${axis} has no value ${value}`, next, place });
}
