import { AssayError } from "@assay/core/plugin";
import type { Padding, Pair } from "../ops/operation.js";
import type { InitializerFacts } from "../graph/graph.js";

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object in a model file, read with the name of the place in every complaint. */
export class Config {
  constructor(
    readonly values: Json,
    readonly where: string,
  ) {}

  fail(key: string, expected: string): AssayError {
    const got = JSON.stringify(this.values[key]) as string | undefined;
    return new AssayError({
      code: "MODEL-FILE-FORMAT",
      where: this.where,
      what: `"${key}" is not understood`,
      expected,
      got: got ?? "nothing",
    });
  }

  text(key: string, otherwise?: string): string {
    const value = this.values[key] ?? otherwise;
    if (typeof value === "string") return value;
    throw this.fail(key, "a text");
  }

  number(key: string, otherwise?: number): number {
    const value = this.values[key] ?? otherwise;
    if (typeof value === "number") return value;
    throw this.fail(key, "a number");
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.values[key] ?? otherwise;
    if (typeof value === "boolean") return value;
    throw this.fail(key, "true or false");
  }

  /** `[rows, columns]`, or one number for both. */
  pair(key: string, otherwise?: Pair): Pair {
    const value = this.values[key] ?? otherwise;
    if (typeof value === "number") return [value, value];
    if (Array.isArray(value)) {
      const [rows, columns = rows] = value as unknown[];
      if (typeof rows === "number" && typeof columns === "number") return [rows, columns];
    }
    throw this.fail(key, "one or two numbers");
  }

  padding(): Padding {
    const value = this.text("padding", "valid");
    if (value === "same" || value === "valid") return value;
    throw this.fail("padding", "same or valid");
  }

  list(key: string): readonly unknown[] {
    const value = this.values[key];
    if (Array.isArray(value)) return value as unknown[];
    throw this.fail(key, "a list");
  }

  object(key: string): Config {
    const value = this.values[key];
    if (isJson(value)) return new Config(value, this.where);
    throw this.fail(key, "an object");
  }

  /** Keras writes an initializer as an object, or as its name. */
  initializer(key: string): InitializerFacts | undefined {
    const value = this.values[key];
    if (typeof value === "string") return { kind: value, config: {} };
    if (!isJson(value) || typeof value["class_name"] !== "string") return undefined;
    return { kind: value["class_name"], config: isJson(value["config"]) ? value["config"] : {} };
  }
}
