export * from "./plan-types.js";
export { parseSpec, type ParsedSpec, type ParseOptions, type PluginReference } from "./parse.js";
export { planExperiment, type PlanOptions } from "./plan.js";
export { canonical } from "./keys.js";
export { instanceId } from "./points.js";
export { graphOf, GRAPH_FORMATS, type GraphFormat } from "./graph.js";
export { languageSchema } from "./language-schema.js";
export type { JsonSchema } from "./structure-schema.js";
export { checkGivenParams } from "./given-params.js";
