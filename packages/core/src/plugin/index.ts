import "./chained-ops.js";
export type { ChainedOps } from "./chained-ops.js";
export * as tf from "@tensorflow/tfjs-core";
export * from "../errors/error.js";
export * from "./cache-folder.js";
export * from "./dataset.js";
export * from "./definition.js";
export * from "./explainer.js";
export * from "./metric.js";
export * from "./model.js";
export * from "./network.js";
export * from "./random.js";
export * from "./randomizer.js";
export * from "./report.js";
export * from "./schema.js";
export * from "./services.js";
export * from "./surrogate.js";
export * from "./trainer.js";
export * from "./tied-share.js";
export * from "./values-of.js";
export * from "./view.js";
export { decodeNpy, type NpyArray } from "../store/npy.js";

import type { DatasetDefinition } from "./dataset.js";
import type { ExplainerDefinition } from "./explainer.js";
import type { MetricDefinition } from "./metric.js";
import type { ModelDefinition } from "./model.js";
import type { RandomizerDefinition } from "./randomizer.js";
import type { ReportDefinition } from "./report.js";
import type { SurrogateDefinition } from "./surrogate.js";
import type { TrainerDefinition } from "./trainer.js";

export type Definition =
  | DatasetDefinition
  | ExplainerDefinition
  | MetricDefinition
  | ModelDefinition
  | RandomizerDefinition
  | ReportDefinition
  | SurrogateDefinition
  | TrainerDefinition;
