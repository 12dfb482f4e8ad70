export * from "./plan-types.js";
export { parseSpec, type ParsedSpec, type ParseOptions, type PluginReference } from "./parse.js";
export { planExperiment, type PlanOptions } from "./plan.js";
export { canonical } from "./keys.js";
export { instanceId } from "./points.js";
export { checkGivenParams } from "./given-params.js";
