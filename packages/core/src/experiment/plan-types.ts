import type { Axis, Dataset, LabelStage, ModelFacts, Stage, StageOrder, View } from "../plugin/index.js";
import type { RegisteredPlugin } from "../registry/registry.js";

export type PortType = "dataset" | "model" | "maps" | "scores" | "table";

/**
 * `frozen`: argmax of the trained model, the same class at every stage; `argmax`: chosen again on each stage's model; `label`: the image's
 * own class; a number: that class.
 */
export type TargetPolicy = "frozen" | "argmax" | "label" | number;

/** The producers wired to one input port. More than one instance only where the edge collects. */
export interface PlannedInput {
  readonly port: string;
  readonly type: PortType;
  /** ids of instances, in the order of the collected axes */
  readonly instances: readonly string[];
  /** the axes consumed by `collect`, in order; empty for a plain edge */
  readonly collected: readonly string[];
}

/** One node at one point of its axes: the unit that is keyed, computed, stored and resumed. */
export interface Instance {
  /** `perturbed[explainer=gradient,draw=0,stage=conv2]` */
  readonly id: string;
  readonly node: string;
  readonly plugin: RegisteredPlugin;
  /** defaults applied, paths absolute, `${…}` resolved */
  readonly params: Readonly<Record<string, unknown>>;
  /** axis values as text, in the order of the node's axes */
  readonly axes: Readonly<Record<string, string>>;
  readonly inputs: readonly PlannedInput[];
  /** what the port carries */
  readonly output: PortType;
  /** metric nodes */
  readonly view?: View;
  /** explainer nodes */
  readonly target?: TargetPolicy;
  /** nodes that randomize blocks: the stage made here; `{ name: "trained", blocks: [] }` for stage 0 */
  readonly stage?: Stage;
  /** nodes that randomize labels: likewise, with share 0 for stage 0 */
  readonly labels?: LabelStage;
  /** explainers with an `of` parameter: the inner explainer, itself possibly nested */
  readonly inner?: InnerExplainer;
  /** sha256 of plugin id, version, code, params, seed path and the keys of the inputs */
  readonly key: string;
  /** the parts behind `key`, so that `plan` can say why an instance runs again */
  readonly keyParts: Readonly<Record<string, string>>;
}

export interface InnerExplainer {
  readonly plugin: RegisteredPlugin;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inner?: InnerExplainer;
}

/** A checked experiment, expanded. */
export interface Plan {
  readonly name: string;
  /** the first comment of the spec: the question it asks */
  readonly question: string;
  /** absolute path of the spec */
  readonly file: string;
  readonly seed: number | string;
  readonly backend: string;
  /** `image`-free axes by name, `stage` included with its order */
  readonly axes: ReadonlyMap<string, Axis>;
  /** the axes of each node with its own values: randomizers of one spec may have different stages */
  readonly nodeAxes?: ReadonlyMap<string, readonly Axis[]>;
  /** in dependency order; several instances may share a key and are computed once */
  readonly instances: ReadonlyMap<string, Instance>;
  /** names of nodes in the order of the spec */
  readonly nodes: readonly string[];
  /** the spec after includes, params and `${…}`, as YAML */
  readonly resolvedSpec: string;
  /** resolved `params:` of the spec */
  /** what `--preset` asked for */
  readonly preset?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly track?: { readonly experiment?: string; readonly uri?: string };
  readonly store?: { readonly maxBytes?: number };
}

/** What the planner must ask the world: topology and digests, never weights. Implementations cache. */
export interface Facts {
  model(plugin: RegisteredPlugin, params: Readonly<Record<string, unknown>>): Promise<ModelFacts>;
  dataset(plugin: RegisteredPlugin, params: Readonly<Record<string, unknown>>): Promise<Dataset>;
}

export const TRAINED = "trained";
export type { StageOrder };
