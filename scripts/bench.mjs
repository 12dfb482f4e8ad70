// npm run bench [-- NAME… [--OPTION…]]: set-up, then the programs of bench/, or those named, with what follows the names passed on.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root, script, setUp } from "./setup.mjs";
import { command } from "./step.mjs";

await script(async () => {
  await setUp();
  const told = process.argv.slice(2);
  const names = told.filter((_, i) => !told.slice(0, i + 1).some((word) => word.startsWith("-")));
  const files = (await readdir(join(root, "bench"))).filter((file) => file.endsWith(".mjs")).sort();
  const unknown = names.filter((name) => !files.includes(`${name}.mjs`));
  if (unknown.length > 0) throw new Error(`there is no bench/${unknown[0]}.mjs; there are ${files.join(", ")}`);
  for (const file of files.filter((each) => names.length === 0 || names.includes(each.slice(0, -".mjs".length)))) {
    process.stdout.write(`\n${file}\n`);
    await command(process.execPath, [join("bench", file), ...told.slice(names.length)], { cwd: root, show: "all" });
  }
});
