export * from "./metric-kit.js";
export * from "./surrogate-kit.js";
