export { BACKENDS, type BackendName } from "./executors/executor.js";
export { backendAvailable, backendPackage, startBackend, type Backend } from "./executors/start.js";
export type { Block } from "./graph/blocks.js";
export { describeNetwork, loadModel, loadNetwork, readTopology, type ImportOptions, type ModelInMemory } from "./importer/load.js";
