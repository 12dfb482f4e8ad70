export * from "./engine/types.js";
export * from "./errors/code-frame.js";
export * from "./errors/error.js";
export { didYouMean, nearest } from "./errors/suggest.js";
export * from "./experiment/index.js";
export * from "./registry/registry.js";
