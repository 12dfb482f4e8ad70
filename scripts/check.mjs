// npm run check: everything that can be said of the code without running it.
import { join } from "node:path";
import { root, script, setUp, tool } from "./setup.mjs";
import { command, step } from "./step.mjs";

const node = (...args) => command(process.execPath, args, { cwd: root });

/** The rules hold only if the checker saw the modules: with an unfit TypeScript it silently sees none. */
async function dependencyRules() {
  const output = await node(tool("dependency-cruiser", "bin/dependency-cruise.mjs"), "packages", "--config", ".dependency-cruiser.cjs", "--output-type", "json").catch((error) => error.output);
  const { summary } = JSON.parse(output);
  const lines = summary.violations.map(({ rule, from, to }) => `  ${rule.name}: ${from} → ${to}`);
  if (summary.violations.length > 0) throw new Error(`${summary.violations.length} forbidden imports\n${lines.join("\n")}`);
  if (summary.totalCruised < 100) throw new Error(`the dependency rules saw only ${summary.totalCruised} modules`);
  return `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports`;
}

const quietly = async (promise) => void (await promise);

await script(async () => {
  await setUp();
  await step("types (tsc)", () => quietly(node(tool("typescript", "bin/tsc"), "-b")));
  await step("types of the tests (tsc)", () => quietly(node(tool("typescript", "bin/tsc"), "-p", "tsconfig.test.json")));
  await step("lint (eslint)", () => quietly(node(tool("eslint", "bin/eslint.js"), ".", "--max-warnings", "0")));
  await step("format (prettier)", () => quietly(node(tool("prettier", "bin/prettier.cjs"), "--check", "--log-level", "warn", ".")));
  await step("who may import whom (dependency-cruiser)", dependencyRules);
  await step("unused files, exports and dependencies (knip)", () => quietly(node(tool("knip", "bin/knip.js"), "--no-progress")));
  await step("reference pages", () => node(join("scripts", "docs.mjs"), "--check").then((output) => output.trim()));
});
