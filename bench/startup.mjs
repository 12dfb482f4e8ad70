// Median wall time of commands that compute nothing, beside a bare Node: the help, `validate`, and `plan` of the main job with everything
// in the store. Rounds are interleaved, so that a slow moment of the machine meets all of them; the ratio is a median of ratios.
// Usage: npm run bench -- startup
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineLine, median } from "./contest/machine.mjs";
import { cli, root, timed } from "./contest/process.mjs";

const ROUNDS = 9;
const spec = join(root, "experiments", "mnist-cascade.yaml");
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
// A plan's size does not depend on the number of images, and with 2 the store is filled in seconds.
const small = ["--set", "images=2"];

const COMMANDS = {
  "node -e 0": ["-e", "0"],
  "assay --help": [cli, "--help"],
  "assay validate": [cli, "--root", folder, "validate", spec],
  "assay plan": [cli, "--root", folder, "plan", spec, ...small],
};

const node = (args) => timed(process.execPath, args);

try {
  console.log(machineLine());
  await node([cli, "--root", folder, "run", spec, ...small]);
  const times = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []]));
  let planned = "";
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, args] of Object.entries(COMMANDS)) {
      const { seconds, out } = await node(args);
      if (name === "assay plan") planned = out;
      // The first round only warms the file cache.
      if (round > 0) times[name].push(seconds * 1000);
    }
  }
  // The columns of the plan: node, instances, to run, in the store.
  const toRun = [...planned.matchAll(/^\S+ +\d+ +(\d+) +\d+/gm)].map(([, count]) => Number(count));
  if (toRun.length === 0 || toRun.some((count) => count > 0)) throw new Error(`the plan has something to run:\n${planned}`);
  console.log(
    `${"command".padEnd(16)} ${"median ms".padStart(10)} ${"min".padStart(6)} ${"max".padStart(6)} ${"× bare node".padStart(12)}`,
  );
  for (const [name, all] of Object.entries(times)) {
    const ratio = median(all.map((ms, round) => ms / times["node -e 0"][round]));
    const figures = [
      median(all).toFixed(0).padStart(10),
      Math.min(...all)
        .toFixed(0)
        .padStart(6),
      Math.max(...all)
        .toFixed(0)
        .padStart(6),
    ];
    console.log(`${name.padEnd(16)} ${figures.join(" ")} ${ratio.toFixed(1).padStart(12)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
