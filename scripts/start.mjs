// npm start [-- options of `assay run`]: set-up, then the main experiment.
import { join } from "node:path";
import { root, script, setUp } from "./setup.mjs";
import { command } from "./step.mjs";

await script(async () => {
  await setUp();
  const cli = join(root, "packages", "cli", "bin", "assay.mjs");
  await command(process.execPath, [cli, "run", join("experiments", "mnist-cascade.yaml"), ...process.argv.slice(2)], {
    cwd: root,
    show: "all",
  }).catch((error) => (process.exitCode = error.code || 1));
});
