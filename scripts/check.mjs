// npm run check: everything that can be said of the code without running it.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root, script, setUp, tool } from "./setup.mjs";
import { command, step } from "./step.mjs";

const node = (...args) => command(process.execPath, args, { cwd: root });

/** The rules hold only if the checker saw the modules: with an unfit TypeScript it silently sees none. */
async function dependencyRules() {
  const sources = (await readdir(join(root, "packages"))).map((name) => join("packages", name, "src"));
  const cruise = tool("dependency-cruiser", "bin/dependency-cruise.mjs");
  const output = await node(cruise, ...sources, "--config", ".dependency-cruiser.cjs", "--output-type", "json").catch(
    (error) => error.output ?? "",
  );
  const { summary } = JSON.parse(output);
  const lines = summary.violations.map(({ rule, from, to }) => `  ${rule.name}: ${from} → ${to}`);
  if (summary.violations.length > 0) throw new Error(`${summary.violations.length} forbidden imports\n${lines.join("\n")}`);
  if (summary.totalCruised < 100) throw new Error(`the dependency rules saw only ${summary.totalCruised} modules`);
  return `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports`;
}

const CHECKS = {
  "types (tsc)": () => quietly(node(tool("typescript", "bin/tsc"), "-b")),
  "types of the tests (tsc)": () => quietly(node(tool("typescript", "bin/tsc"), "-p", "tsconfig.test.json")),
  "lint (eslint)": () => quietly(node(tool("eslint", "bin/eslint.js"), ".", "--max-warnings", "0")),
  "format (prettier)": () => quietly(node(tool("prettier", "bin/prettier.cjs"), "--check", "--log-level", "warn", ".")),
  "who may import whom (dependency-cruiser)": dependencyRules,
  "unused files, exports and dependencies (knip)": () => quietly(node(tool("knip", "bin/knip.js"), "--no-progress")),
  "reference pages": () => node(join("scripts", "docs.mjs"), "--check").then((output) => output.trim()),
};
const quietly = async (promise) => void (await promise);

// All of them, so that one call shows all that is to be mended.
await script(async () => {
  await setUp();
  const failed = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    await step(name, check).catch((error) => {
      process.stderr.write(`✗ ${name}\n${error.output ?? error.message}\n`);
      failed.push(name);
    });
  }
  if (failed.length > 0) throw new Error(`failed: ${failed.join(", ")}`);
});
