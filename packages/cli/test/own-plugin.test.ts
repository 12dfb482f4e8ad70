import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { Workplace } from "./workplace.js";

const EXAMPLES = new URL("../../../examples/", import.meta.url);
const example = (name: string): string => readFileSync(new URL(name, EXAMPLES), "utf8");

describe("a method in one file outside of the packages", () => {
  const place = new Workplace();

  it.each(["my-method.ts", "my-method.js"])(
    "stands beside the built-in ones when it is named as %s",
    { timeout: 120_000 },
    async (file) => {
      const folder = file.replace(".", "-");
      if (file.endsWith(".ts")) place.write(`${folder}/${file}`, example("my-method.ts"));
      else
        place.write(
          `${folder}/${file}`,
          ts.transpile(example("my-method.ts"), { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }),
        );
      place.write(`${folder}/spec.yaml`, example("my-method.yaml").replace("./my-method.ts", `./${file}`));
      const { code, err } = await place.assay("run", `${folder}/spec.yaml`, "--root", folder);
      expect(code, err).toBe(0);
      const run = `${folder}/runs/my-method/latest`;
      for (const output of ["report.html", "scores.csv", "verdicts.json"]) {
        for (const method of ["power-gradient", "gradient", "guided-backprop", "edge-detector"])
          expect(place.read(`${run}/${output}`)).toMatch(new RegExp(`\\b${method}\\b`));
      }
      expect(place.read(`${run}/lock.json`)).toContain('"explainer/power-gradient"');
    },
  );
});
