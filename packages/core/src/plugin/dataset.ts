import type { PluginFacts } from "./definition.js";
import type { Params, ParamsSchema } from "./schema.js";

/** An opened set of images: random access, nothing held in memory that was not asked for. */
export interface Dataset {
  readonly count: number;
  readonly shape: readonly [height: number, width: number, channels: number];
  /** hex SHA-256 of what `read` returns (or of the files behind it and the preprocessing) */
  readonly digest: string;
  /** stable id of each image within the source, such as its index or file name */
  readonly ids: readonly string[];
  /** class index of each image, where the source knows it */
  readonly labels?: Int32Array;
  /** human names of the classes */
  readonly classes?: readonly string[];
  /** model-input value of an empty pixel (0 for MNIST); views with `foreground` need it */
  readonly background?: number;
  /** images `from … from + count − 1` as float32 NHWC in model-input units */
  read(from: number, count: number): Promise<Float32Array>;
}

export interface PluginContext {
  readonly services: readonly unknown[];
}

export interface DatasetDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "dataset";
  open(params: Params<S>, context: PluginContext): Promise<Dataset>;
}

export const defineDataset = <S extends ParamsSchema>(definition: Omit<DatasetDefinition<S>, "kind">): DatasetDefinition<S> =>
  Object.freeze({ kind: "dataset", ...definition });
