import type { Instance, Plan } from "../experiment/plan-types.js";
import { AssayError, type BlockRandomizer, type ModelDefinition, type Network } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import type { ResolveServices } from "../container/tokens.js";
import type { Store } from "../store/store.js";

/** Loaded networks by instance key: every one from a file that was asked for, and of those made here only the last. */
export class Networks {
  readonly #plan: Plan;
  readonly #services: ResolveServices;
  readonly #startBackend: () => Promise<void>;
  readonly #store: Store;
  readonly #loaded = new Map<string, { readonly network: Network; readonly made: boolean }>();

  constructor(plan: Plan, store: Store, services: ResolveServices, startBackend: () => Promise<void>) {
    this.#plan = plan;
    this.#store = store;
    this.#services = services;
    this.#startBackend = startBackend;
  }

  /** The instance at the bottom of a chain of randomizers: the trained network. */
  root(instance: Instance): Instance {
    const parent = instance.plugin.definition.kind === "randomizer" ? this.#parent(instance) : undefined;
    return parent ? this.root(parent) : instance;
  }

  async load(instance: Instance): Promise<Network> {
    const chain: Instance[] = [];
    for (let at: Instance | undefined = instance; at; at = this.#parent(at)) chain.unshift(at);
    const wanted = new Set(chain.map(({ key }) => key));
    this.#release((key, made) => made && !wanted.has(key));
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
      this.#loaded.set(instance.key, { network, made: false });
      return network;
    }
    if (instance.plugin.definition.kind === "trainer") return this.#keep(instance, parent.withWeights(this.#weights(instance)));
    const blocks = instance.stage?.blocks ?? [];
    if (blocks.length === 0) return parent;
    const how = (instance.plugin.definition as BlockRandomizer).redraw(instance.params);
    const random = seedTree(this.#plan.seed).split("draw", instance.axes["draw"] ?? "0");
    return this.#keep(instance, parent.redraw(blocks, how, random));
  }

  #keep({ key }: Instance, network: Network): Network {
    this.#loaded.set(key, { network, made: true });
    return network;
  }

  #weights({ id, key }: Instance): Float32Array {
    const found = this.#store.trainings.read(key);
    if (found.state === "found") return found.value.weights;
    throw new AssayError({ code: "TRAINING-LOST", where: id, what: "its weights are gone from the store", next: "Run again.", exit: 1 });
  }

  #parent(instance: Instance): Instance | undefined {
    const id = instance.inputs.find(({ port }) => port === "model")?.instances[0];
    return id === undefined ? undefined : this.#plan.instances.get(id);
  }

  #release(unwanted: (key: string, made: boolean) => boolean): void {
    for (const [key, { network, made }] of [...this.#loaded].reverse()) {
      if (!unwanted(key, made)) continue;
      network.dispose();
      this.#loaded.delete(key);
    }
  }
}
