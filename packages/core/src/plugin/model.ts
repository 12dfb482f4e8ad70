import type { PluginContext } from "./dataset.js";
import type { PluginFacts } from "./definition.js";
import type { ModelFacts, Network } from "./network.js";
import type { Params, ParamsSchema } from "./schema.js";

export interface ModelDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "model";
  /** Reads the topology only: the plan must know every stage before a weight is loaded. */
  describe(params: Params<S>, context: PluginContext): Promise<ModelFacts>;
  /** Loads the weights onto the active backend. */
  load(params: Params<S>, context: PluginContext): Promise<Network>;
}

export const defineModel = <S extends ParamsSchema>(definition: Omit<ModelDefinition<S>, "kind">): ModelDefinition<S> =>
  Object.freeze({ kind: "model", ...definition });
