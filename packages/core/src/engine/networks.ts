import type { Instance, Plan } from "../experiment/plan-types.js";
import type { ModelDefinition, Network, RandomizerDefinition } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import type { ResolveServices } from "../container/tokens.js";

/** Loaded networks by instance key: every trained one that was asked for, and of the redrawn ones only the last. */
export class Networks {
  readonly #plan: Plan;
  readonly #services: ResolveServices;
  readonly #startBackend: () => Promise<void>;
  readonly #loaded = new Map<string, { readonly network: Network; readonly redrawn: boolean }>();

  constructor(plan: Plan, services: ResolveServices, startBackend: () => Promise<void>) {
    this.#plan = plan;
    this.#services = services;
    this.#startBackend = startBackend;
  }

  /** The model instance at the bottom of a chain of randomizers: the trained network. */
  root(instance: Instance): Instance {
    const parent = this.#parent(instance);
    return parent ? this.root(parent) : instance;
  }

  async load(instance: Instance): Promise<Network> {
    const chain: Instance[] = [];
    for (let at: Instance | undefined = instance; at; at = this.#parent(at)) chain.unshift(at);
    const wanted = new Set(chain.map(({ key }) => key));
    this.#release((key, redrawn) => redrawn && !wanted.has(key));
    let network: Network | undefined;
    for (const link of chain) network = await this.#link(link, network);
    return network!;
  }

  dispose(): void {
    this.#release(() => true);
  }

  async #link(instance: Instance, parent: Network | undefined): Promise<Network> {
    const kept = this.#loaded.get(instance.key)?.network;
    if (kept) return kept;
    if (!parent) {
      await this.#startBackend();
      const definition = instance.plugin.definition as ModelDefinition;
      const network = await definition.load(instance.params, { services: this.#services(definition.needsServices) });
      this.#loaded.set(instance.key, { network, redrawn: false });
      return network;
    }
    const blocks = instance.stage?.blocks ?? [];
    if (blocks.length === 0) return parent;
    const how = (instance.plugin.definition as RandomizerDefinition).redraw(instance.params);
    const random = seedTree(this.#plan.seed).split("draw", instance.axes["draw"] ?? "0");
    const network = parent.redraw(blocks, how, random);
    this.#loaded.set(instance.key, { network, redrawn: true });
    return network;
  }

  #parent(instance: Instance): Instance | undefined {
    const id = instance.inputs.find(({ port }) => port === "model")?.instances[0];
    return id === undefined ? undefined : this.#plan.instances.get(id);
  }

  #release(unwanted: (key: string, redrawn: boolean) => boolean): void {
    for (const [key, { network, redrawn }] of [...this.#loaded].reverse()) {
      if (!unwanted(key, redrawn)) continue;
      network.dispose();
      this.#loaded.delete(key);
    }
  }
}
