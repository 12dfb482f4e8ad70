// npm test [-- vitest's options]: set-up, the data that experiments need, then the tests. `--full` adds the slow proofs (*.full.test.ts).
import { getFashionMnist } from "./fashion-mnist.mjs";
import { root, script, setUp, tool } from "./setup.mjs";
import { command, step } from "./step.mjs";

await script(async () => {
  await setUp();
  await step("Fashion-MNIST", getFashionMnist);
  const args = process.argv.slice(2);
  const env = { ...process.env, ...(args.includes("--full") && { ASSAY_FULL: "1" }) };
  const given = args.filter((argument) => argument !== "--full");
  await command(process.execPath, [tool("vitest", "vitest.mjs"), "run", ...given], { cwd: root, env, show: "all" }).catch(
    (error) => (process.exitCode = error.code || 1),
  );
});
