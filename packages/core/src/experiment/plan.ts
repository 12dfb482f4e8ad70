import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Axis } from "../plugin/index.js";
import type { Registry } from "../registry/registry.js";
import { readAxes, readNodes, type AxisDeclaration, type NodeDeclaration } from "./declarations.js";
import { didYouMean } from "../errors/suggest.js";
import { expand, type Expanded } from "./expand.js";
import type { ContentOf } from "./keys.js";
import { mapAt, some, type Located } from "./located.js";
import type { ParsedSpec } from "./parse.js";
import type { Facts, Plan } from "./plan-types.js";
import { STAGE } from "./ports.js";
import { Problems } from "./problems.js";
import { resolvedSpec } from "./resolved-spec.js";
import { checkSettings } from "./settings.js";
import { axesNamed } from "./substitute.js";
import { findPlugin, variantsOf, type Variant } from "./uses.js";
import { checkParams, type Checking } from "./validate-params.js";
import { wire, type Candidate } from "./wiring.js";

export interface PlanOptions {
  /** the backend that will compute; part of every model's key */
  readonly backend: string;
  /** Default: the file system's answer. */
  readonly exists?: (file: string) => boolean;
  /** Default: SHA-256 of a file; a folder counts by the digest of its data set. */
  readonly contentOf?: ContentOf;
}

/** Holds a spec against its plugins and the world, and expands it. Throws `AssayErrors` with every fault there is. */
export async function planExperiment(
  parsed: ParsedSpec,
  registry: Registry,
  facts: Facts,
  { backend, exists = existsSync, contentOf = digestOfFile }: PlanOptions,
): Promise<Plan> {
  const problems = new Problems();
  for (const problem of parsed.problems) problems.add(problem);
  const checking: Checking = { registry, problems, exists, contentOf, paths: new Map<Located, string>() };
  const axes = readAxes(parsed);
  checkAxisNames(axes, problems);
  const brokenAxis = (name: string) => (mapAt(parsed.root, "axes")?.entries.has(name) ?? parsed.broken.has("axes")) && !axes.has(name);
  const candidates = readNodes(parsed).map((node) => candidate(node, axes, brokenAxis, checking));
  checkUnusedValues(axes, candidates, checking);
  const names = new Set(mapAt(parsed.root, "nodes")?.entries.keys());
  const nodes = wire(candidates, names, axes, brokenAxis, problems);
  const expanded = await expand(nodes, { axes, facts, seed: parsed.seed, backend, checking });
  problems.throwIfAny();
  return {
    name: parsed.name,
    question: parsed.question,
    file: path.resolve(parsed.file),
    seed: parsed.seed,
    backend,
    axes: axesOfPlan(axes, expanded),
    nodeAxes: expanded.nodeAxes,
    instances: expanded.instances,
    nodes: [...names],
    resolvedSpec: resolvedSpec(parsed, checking.paths),
    ...(parsed.preset !== undefined && { preset: parsed.preset }),
    params: parsed.params,
    ...(parsed.track && { track: parsed.track }),
    ...(parsed.store && { store: parsed.store }),
  };
}

function checkAxisNames(axes: Map<string, AxisDeclaration>, problems: Problems): void {
  for (const { name, values, place } of axes.values()) {
    const twice = values.find(({ text }, i) => values.findIndex((other) => other.text === text) < i);
    if (twice) problems.add({ code: "SPEC-DUPLICATE-VALUE", what: `the axis ${name} has two values that read ${twice.text}`, place });
  }
  const taken = axes.get(STAGE);
  if (!taken) return;
  axes.delete(STAGE);
  problems.add({
    code: "SPEC-NAME",
    what: "the axis stage is made by randomizers",
    next: "Give this axis another name.",
    place: taken.place,
  });
}

/** A node's plugins, and everything about their settings that can be said without a model. */
function candidate(
  node: NodeDeclaration,
  axes: ReadonlyMap<string, AxisDeclaration>,
  brokenAxis: (name: string) => boolean,
  checking: Checking,
): Candidate {
  const variants = variantsOf(node, axes, brokenAxis, checking.registry, checking.problems);
  const filled = (variants ?? []).map((variant) => checkVariant(variant, node, axes, checking));
  return { declaration: node, variants: filled.every(Boolean) ? variants : undefined };
}

/** False where `with` waits for an axis that the node does not have: then nothing can be filled in. */
function checkVariant(
  { plugin, use }: Variant,
  node: NodeDeclaration,
  axes: ReadonlyMap<string, AxisDeclaration>,
  checking: Checking,
): boolean {
  checkSettings(use, plugin.definition.kind, checking.problems);
  const over = node.over.map(({ name }) => name);
  const waiting = use.with ? axesNamed(use.with) : new Map<string, Located>();
  for (const [axis, { place }] of waiting) {
    if (over.includes(axis)) continue;
    const declared = axes.has(axis) || axis === STAGE;
    const next = declared ? `Write over: [${[...over, axis].join(", ")}].` : didYouMean(axis, axes.keys(), "Axes");
    checking.problems.add({ code: "SPEC-UNKNOWN-AXIS", what: `${node.name} does not run over ${axis}`, next, place });
  }
  if (waiting.size > 0) return [...waiting.keys()].every((axis) => over.includes(axis));
  const request = { plugin, place: use.uses.place, ...(use.with && { with: use.with }), ...(use.preset && { preset: use.preset }) };
  checkParams(request, checking);
  return true;
}

/** Values of axes that no sound node takes its plugin from still name plugins that must exist and parameters that must be right. */
function checkUnusedValues(axes: ReadonlyMap<string, AxisDeclaration>, candidates: readonly Candidate[], checking: Checking): void {
  const used = new Set(candidates.filter(({ variants }) => variants).map(({ declaration }) => declaration.usesAxis?.name));
  for (const { name, values } of axes.values()) {
    if (used.has(name)) continue;
    for (const { use } of values) {
      const plugin = use && findPlugin(use.uses, checking.registry, checking.problems);
      if (!plugin || (use.with && some(use.with, ({ kind }) => kind === "template"))) continue;
      checkParams(
        { plugin, place: use.uses.place, ...(use.with && { with: use.with }), ...(use.preset && { preset: use.preset }) },
        checking,
      );
    }
  }
}

/** The axes by name. Where randomizers have different stages, `stage` lists all of them; `nodeAxes` has each node's own. */
function axesOfPlan(declared: ReadonlyMap<string, AxisDeclaration>, { nodeAxes }: Expanded): Map<string, Axis> {
  const axes = new Map<string, Axis>(
    [...declared.values()].map(({ name, values }) => [name, { name, values: values.map(({ text }) => text) }]),
  );
  for (const own of nodeAxes.values()) {
    const stage = own.find(({ name }) => name === STAGE);
    if (!stage) continue;
    const known = axes.get(STAGE);
    axes.set(STAGE, known ? { ...known, values: [...new Set([...known.values, ...stage.values])] } : stage);
  }
  return axes;
}

function digestOfFile(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts?.isFile() ? `sha256:${createHash("sha256").update(readFileSync(file)).digest("hex")}` : "folder";
}
