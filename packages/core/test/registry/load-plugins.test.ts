import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AssayErrors } from "../../src/errors/error.js";
import { loadPlugins } from "../../src/registry/load-plugins.js";
import { Registry } from "../../src/registry/registry.js";
import buildCore from "../engine/build-core.js";

let folder: string;
let registry: Registry;
beforeAll(() => buildCore());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-plugins-"));
  registry = new Registry();
});
const write = (name: string, text: string) => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const load = (...names: string[]) =>
  loadPlugins(names, registry, { spec: join(folder, "spec.yaml"), cacheFolder: join(folder, ".assay", "plugins") });

const method = (name: string, formula = "x") => `
import { defineExplainer, strictObject, tf } from "@assay/core/plugin";
import { twice } from "./maths/twice.ts";
export default defineExplainer({
  name: "${name}", version: "1", summary: "mine", params: strictObject({}),
  attribute: async (x: tf.Tensor4D): Promise<tf.Tensor4D> => twice(${formula}),
});`;
const twice = (factor: number) => `import * as tf from "@tensorflow/tfjs-core";
export const twice = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, ${factor});`;

describe("loadPlugins", () => {
  it("loads TypeScript by path, with what it imports", async () => {
    write("maths/twice.ts", twice(2));
    write("my-method.ts", method("my-method"));
    await load("./my-method.ts");
    const plugin = registry.get("explainer", "my-method")!;
    expect(plugin.origin).toBe("./my-method.ts");
    expect(plugin.definition.summary).toBe("mine");
    expect(plugin.module).toMatch(/^file:.*\.assay\/plugins\/[0-9a-f]{64}\.mjs$/);
  });

  it("gives another digest when any imported line changes, and the same when none does", async () => {
    const digest = async () => {
      registry = new Registry();
      await load("./my-method.ts");
      return registry.get("explainer", "my-method")!.codeDigest;
    };
    write("maths/twice.ts", twice(2));
    write("my-method.ts", method("my-method"));
    const first = await digest();
    expect(await digest()).toBe(first);
    write("maths/twice.ts", twice(3));
    expect(await digest()).not.toBe(first);
    const elsewhere = mkdtempSync(join(tmpdir(), "assay-plugins-"));
    folder = elsewhere;
    write("maths/twice.ts", twice(2));
    write("my-method.ts", method("my-method"));
    expect(await digest()).toBe(first);
    expect(readdirSync(join(elsewhere, ".assay", "plugins"))).toHaveLength(1);
  });

  it("makes a module that a worker thread can import", async () => {
    write("maths/twice.ts", twice(2));
    write("my-method.ts", method("my-method"));
    await load("./my-method.ts");
    const code = `import("${registry.get("explainer", "my-method")!.module}").then((m) => require("node:worker_threads").parentPort.postMessage(m.default.name))`;
    const worker = new Worker(code, { eval: true, execArgv: [] });
    const name = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
    expect(name).toBe("my-method");
  });

  it("loads a package by name, from where the spec lies", async () => {
    const entry = `export default [{ kind: "metric", name: "theirs", version: "1", summary: "", params: {}, range: [0, 1], identical: 1, domain: "pointwise", prepare: (m) => m, compare: () => 1 }];`;
    write(
      "node_modules/their-metrics/package.json",
      `{ "name": "their-metrics", "version": "1.0.0", "type": "module", "exports": { ".": { "import": "./lib/main.js" } } }`,
    );
    write("node_modules/their-metrics/lib/main.js", entry);
    await load("their-metrics");
    expect(registry.get("metric", "theirs")).toMatchObject({
      origin: "their-metrics",
      module: expect.stringMatching(/lib\/main\.js$/) as unknown,
    });
  });

  it("points at the line that does not parse", async () => {
    write("broken.ts", "export default {\n  name: 'x',\n  attribute( => 1,\n};\n");
    await expect(load("./broken.ts")).rejects.toMatchObject({
      code: "PLUGIN-SYNTAX",
      facts: { place: { file: join(folder, "broken.ts"), line: 3, column: 14, source: "  attribute( => 1," } },
    });
  });

  it("points at the import that leads nowhere", async () => {
    write("lost.ts", 'import { a } from "./nowhere.js";\nexport default a;');
    await expect(load("./lost.ts")).rejects.toMatchObject({ code: "PLUGIN-SYNTAX", facts: { place: { line: 1, column: 19 } } });
  });

  it.each([
    ["./absent.ts", "", "PLUGIN-MISSING", 2],
    ["no-such-package", "", "PLUGIN-MISSING", 3],
    ["./empty.ts", "export const a = 1;", "PLUGIN-EXPORT", 2],
    ["./number.ts", "export default 7;", "PLUGIN-EXPORT", 2],
    ["./half.ts", 'export default { kind: "explainer", name: "half", params: {} };', "PLUGIN-EXPORT", 2],
    ["./throws.ts", 'throw new Error("at once"); export default 1;', "PLUGIN-LOAD", 2],
  ])("refuses %s (%s) with %s", async (name, text, code, exit) => {
    if (text) write(name, text);
    await expect(load(name)).rejects.toMatchObject({ code, exit, facts: { where: name } });
  });

  it("reports everything at once, a name taken twice included", async () => {
    write("maths/twice.ts", twice(2));
    write("a.ts", method("same"));
    write("b.ts", method("same", "x.mul(1)"));
    const error = (await load("./a.ts", "./b.ts", "./absent.ts").catch((reason: unknown) => reason)) as AssayErrors;
    expect(error).toBeInstanceOf(AssayErrors);
    expect(error.errors.map(({ code }) => code)).toEqual(["PLUGIN-DUPLICATE", "PLUGIN-MISSING"]);
    expect(error.errors[0]!.message).toContain("./a.ts");
    expect(error.errors[0]!.message).toContain("./b.ts");
  });
});
