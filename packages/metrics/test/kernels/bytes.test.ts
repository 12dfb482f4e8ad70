import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compileKernels } from "../../scripts/build-kernels.mjs";

it("is what compiling the kernels again gives", { timeout: 120_000 }, async () => {
  expect(await compileKernels()).toBe(readFileSync(new URL("../../src/kernels/bytes.ts", import.meta.url), "utf8"));
});
