import type { Token } from "./services.js";
import type { ParamsSchema } from "./schema.js";

/** What a plugin can be; the first half of its registry name (`explainer/gradient`). */
export const PLUGIN_KINDS = ["dataset", "model", "trainer", "explainer", "randomizer", "metric", "surrogate", "report"] as const;
export type PluginKind = (typeof PLUGIN_KINDS)[number];

/** The facts that every plugin declares before its one function. */
export interface PluginFacts<S extends ParamsSchema> {
  /** kebab-case; equal to the file name, the test and the docs page */
  readonly name: string;
  /** raised when results change */
  readonly version: string;
  /** one line, lower case, no full stop */
  readonly summary: string;
  /** citation with arXiv id, where a paper defines the method */
  readonly paper?: string;
  readonly params: S;
  /** named settings of `params`, such as `paper`: what the original code did */
  readonly presets?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** services wanted from the run's container, handed over in `context.services` in this order */
  readonly needsServices?: readonly Token<unknown>[];
}
