export { explainOnce, type ExplainOptions, type ImageBatch } from "./engine/explain-once.js";
export * from "./engine/types.js";
export * from "./errors/error.js";
export * from "./experiment/plan-types.js";
export * from "./registry/registry.js";
export { InstanceIndex, type Recorded } from "./store/instance-index.js";
export { Store, type StoredMaps } from "./store/store.js";
