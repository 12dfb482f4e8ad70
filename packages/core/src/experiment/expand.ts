import { didYouMean } from "../errors/suggest.js";
import type { Axis, ModelFacts, StageOrder } from "../plugin/index.js";
import type { AxisDeclaration } from "./declarations.js";
import { makeInstances, type Context } from "./instances.js";
import type { Scalar } from "./located.js";
import type { Facts, Instance } from "./plan-types.js";
import { inputsAt, joinsOnStage, product, type Point } from "./points.js";
import { STAGE } from "./ports.js";
import { axesNamed, fillAxes } from "./substitute.js";
import { canonical } from "./keys.js";
import { checkParams, type CheckedParams, type Checking } from "./validate-params.js";
import type { Variant } from "./uses.js";
import type { WiredNode } from "./wiring.js";

export interface World {
  readonly axes: ReadonlyMap<string, AxisDeclaration>;
  readonly facts: Facts;
  readonly seed: number | string;
  readonly backend: string;
  readonly checking: Checking;
}

export interface Expanded {
  readonly instances: ReadonlyMap<string, Instance>;
  /** the axes of each node with their values, `stage` as its own randomizer has it */
  readonly nodeAxes: ReadonlyMap<string, readonly Axis[]>;
}

/** Every node at every point of its axes, producers first. A node with a problem, and all below it, stay out. */
export async function expand(nodes: readonly WiredNode[], world: World): Promise<Expanded> {
  const expansion = new Expansion(world);
  for (const node of nodes) await expansion.add(node);
  return expansion;
}

class Expansion implements Expanded {
  readonly instances = new Map<string, Instance>();
  readonly nodeAxes = new Map<string, readonly Axis[]>();
  readonly contexts = new Map<string, Context>();
  readonly #checked = new Map<string, CheckedParams | undefined>();
  readonly #failed = new Set<string>();

  constructor(readonly world: World) {}

  async add(node: WiredNode): Promise<void> {
    const { name } = node.declaration;
    const { problems } = this.world.checking;
    const axes = this.#axesOf(node);
    if (!axes || node.edges.some(({ producer }) => this.#failed.has(producer.declaration.name))) {
      this.#checkAgainstModels(node);
      this.#failed.add(name);
      return;
    }
    if (!this.#picksExist(node)) return;
    this.nodeAxes.set(name, axes);
    const stages: string[] = [];
    let order: StageOrder | undefined;
    for (const point of product(axes)) {
      const { inputs, missing } = inputsAt(node, point, this.nodeAxes, this.instances);
      if (missing.length > 0) {
        if (missing.length === node.edges.filter(joinsOnStage).length && missing.every(joinsOnStage)) continue;
        this.#complainOfMissing(node, point, missing[0]!.port.place);
        break;
      }
      const variant = node.variants.find(({ value }) => value === undefined || value === point[node.declaration.usesAxis!.name]);
      if (!variant) {
        this.#failed.add(name);
        continue;
      }
      const context = this.#contextOf(inputs.flatMap(({ instances, collected }) => (collected.length > 0 ? [] : instances)));
      const checked = this.#check(node, variant, point, context.model);
      const made = checked && (await makeInstances({ node, variant, point, inputs, context, ...checked }, this));
      if (!made) this.#failed.add(name);
      for (const { instance, context: own } of made ?? []) {
        this.instances.set(instance.id, instance);
        this.contexts.set(instance.id, own);
        const stage = (instance.stage ?? instance.labels)?.name;
        if (stage !== undefined && !stages.includes(stage)) stages.push(stage);
      }
      if (variant.plugin.definition.kind === "randomizer") order = variant.plugin.definition.order;
    }
    if (order) this.nodeAxes.set(name, [...axes, { name: STAGE, values: stages, order }]);
    if (![...this.instances.values()].some((instance) => instance.node === name) && !this.#failed.has(name)) {
      problems.add({
        code: "SPEC-AXIS-MISMATCH",
        what: `${name} has no instance: its inputs share no stage`,
        place: node.declaration.place,
      });
      this.#failed.add(name);
    }
  }

  /** The axes that a node runs over, with values; `stage` from the inputs that it is joined on. */
  #axesOf(node: WiredNode): readonly Axis[] | undefined {
    const { declaration, edges } = node;
    const axes: Axis[] = [];
    for (const { name, place } of declaration.over) {
      if (name !== STAGE) {
        axes.push({ name, values: this.world.axes.get(name)!.values.map(({ text }) => text) });
        continue;
      }
      const stages = edges
        .filter(joinsOnStage)
        .flatMap(({ producer }) => this.nodeAxes.get(producer.declaration.name)?.find((axis) => axis.name === STAGE) ?? []);
      const [first, ...others] = stages;
      if (!first) return undefined;
      const differs = others.find(({ values }) => canonical([...values].sort()) !== canonical([...first.values].sort()));
      if (differs) {
        this.world.checking.problems.add({
          code: "SPEC-AXIS-MISMATCH",
          what: `the inputs of ${declaration.name} have different stages`,
          expected: first.values.join(", "),
          got: differs.values.join(", "),
          next: "Collect or pick one of them.",
          place,
        });
        return undefined;
      }
      axes.push(first);
    }
    return axes;
  }

  /** Values of declared axes are checked by the wiring; stages are known only now. */
  #picksExist({ declaration, edges }: WiredNode): boolean {
    const { problems } = this.world.checking;
    const before = problems.size;
    for (const { pick, producer } of edges) {
      const stages = this.nodeAxes.get(producer.declaration.name)!.find(({ name }) => name === STAGE)?.values ?? [];
      for (const { name, value, valuePlace } of pick) {
        if (name !== STAGE || stages.includes(value) || value === "first" || value === "last") continue;
        const next = didYouMean(value, [...stages, "first", "last"], "Its stages");
        problems.add({ code: "SPEC-PICK", what: `${producer.declaration.name} has no stage ${value}`, next, place: valuePlace });
      }
    }
    if (problems.size > before) this.#failed.add(declaration.name);
    return problems.size === before;
  }

  /** A node that cannot be expanded is still held against the models that are known, so that its own faults are told now. */
  #checkAgainstModels(node: WiredNode): void {
    const models = new Map<string, ModelFacts>();
    for (const { type, producer } of node.edges) {
      if (type !== "model") continue;
      for (const { id, node: name } of this.instances.values()) {
        const model = name === producer.declaration.name ? this.contexts.get(id)?.model : undefined;
        if (model) models.set(model.digest, model);
      }
    }
    for (const model of models.values()) {
      for (const variant of node.variants)
        if (!variant.use.with || axesNamed(variant.use.with).size === 0) this.#check(node, variant, {}, model);
    }
  }

  #complainOfMissing({ declaration }: WiredNode, point: Point, place: AxisDeclaration["place"]): void {
    this.#failed.add(declaration.name);
    this.world.checking.problems.add({
      code: "SPEC-AXIS-MISMATCH",
      what: `an input of ${declaration.name} has nothing at ${
        Object.entries(point)
          .map(([axis, value]) => `${axis}=${value}`)
          .join(", ") || "this point"
      }`,
      next: "Pick a value that its producer has for every model.",
      place,
    });
  }

  #contextOf(ids: readonly string[]): Context {
    return ids.reduce<Context>((context, id) => ({ ...this.contexts.get(id), ...context }), {});
  }

  /** Parameters are checked once for each plugin, model and value of the axes that they name. */
  #check(
    { declaration }: WiredNode,
    { plugin, use, value }: Variant,
    point: Point,
    model: ModelFacts | undefined,
  ): CheckedParams | undefined {
    const named = use.with ? [...axesNamed(use.with).keys()] : [];
    const typed = Object.fromEntries(named.map((axis) => [axis, this.#typed(axis, point)]));
    const memo = canonical([declaration.name, value ?? null, typed, model?.digest ?? null]);
    if (!this.#checked.has(memo)) {
      const filled = use.with && fillAxes(use.with, typed);
      const request = { plugin, place: use.uses.place, ...(filled && { with: filled }), ...(use.preset && { preset: use.preset }) };
      this.#checked.set(memo, checkParams({ ...request, ...(model && { model }) }, this.world.checking));
    }
    return this.#checked.get(memo);
  }

  #typed(axis: string, point: Point): Scalar {
    const found = this.world.axes.get(axis)?.values.find(({ text }) => text === point[axis]);
    return found?.value ?? point[axis] ?? null;
  }
}
