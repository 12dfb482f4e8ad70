import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Value } from "@sinclair/typebox/value";
import { checker } from "../experiment/ajv.js";
import { schemaToCheck } from "../experiment/param-schema.js";
import type { ParamsSchema } from "../plugin/schema.js";

/** One thing that every plugin of a kind must do. A test runner gives it a name and runs it; it throws when it fails. */
export interface Check {
  readonly title: string;
  readonly run: () => Promise<void> | void;
}

export const defaultsOf = (schema: ParamsSchema): Record<string, unknown> => Value.Default(schema, {}) as Record<string, unknown>;

/** Facts that all kinds share: a strict schema in which every parameter says what it means, and a name that a file can have. */
export function factChecks(definition: {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly params: ParamsSchema;
}): Check[] {
  const { name, params, summary, version } = definition;
  return [
    {
      title: "has a name, a version and a summary that fit its file, its page and a list",
      run: () => {
        ok(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name), `the name is kebab-case: ${name}`);
        ok(version.length > 0, "there is a version");
        ok(summary.length > 0 && !/[.\n]$/.test(summary), `the summary is one line without a full stop: ${summary}`);
      },
    },
    {
      title: "declares its parameters strictly, each with its meaning, and a default unless it is optional",
      run: () => {
        strictEqual(params.type, "object");
        // with the planner's own checker: TypeBox's does not know the words of `choice` and `inner`
        const accepts = checker(schemaToCheck(params));
        ok(accepts({}), "the defaults are valid");
        ok(!accepts({ "no-such-parameter": 1 }), "unknown parameters are refused");
        const required = new Set(params.required ?? []);
        for (const [key, schema] of Object.entries(params.properties)) {
          ok(typeof schema.description === "string" && schema.description.length > 0, `${key} has a description`);
          ok(!required.has(key) || schema.default !== undefined, `${key} has a default`);
        }
      },
    },
    { title: "is frozen", run: () => ok(Object.isFrozen(definition)) },
  ];
}

/** Equal up to rounding: by relative L2 distance, since a single cell near zero says nothing. */
export function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void {
  strictEqual(a.length, b.length, what);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  const relative = Math.sqrt(difference) / (Math.sqrt(size) || 1);
  ok(relative <= tolerance, `${what}: relative distance ${relative}, at most ${tolerance}`);
}

export { deepStrictEqual, notDeepStrictEqual, ok, strictEqual };
