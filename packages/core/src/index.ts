export * from "./engine/types.js";
export * from "./errors/error.js";
export * from "./experiment/plan-types.js";
export * from "./registry/registry.js";
