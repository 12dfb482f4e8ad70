// Wall time and peak memory of the main job, first with an empty store, then again with nothing left to compute.
// Usage: npm run bench -- main-job        The targets: 180 s and 2.5 GiB on two cores with the native library; 5 s again.
// Linux only for the memory: the kernel keeps the high-water mark of the process, worker threads and native library included.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineLine } from "./contest/machine.mjs";
import { cli, root, timed } from "./contest/process.mjs";

const MEMORY_LIMIT_GIB = 2.5;
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
const spec = join(root, "experiments", "mnist-cascade.yaml");

function memoryOf(bytes) {
  if (bytes === 0) return "peak RSS not known here";
  const gib = bytes / 2 ** 30;
  return `peak RSS ${gib.toFixed(2)} GiB, ${gib < MEMORY_LIMIT_GIB ? "under" : "NOT UNDER"} ${MEMORY_LIMIT_GIB} GiB`;
}

async function measure(name, targetSeconds) {
  const { seconds, peak, out, err } = await timed(process.execPath, [cli, "--root", folder, "run", spec]);
  const time = `${seconds.toFixed(1).padStart(6)} s, ${seconds <= targetSeconds ? "within" : "NOT WITHIN"} ${targetSeconds} s`;
  console.log(
    `${name.padEnd(12)} ${time}   ${memoryOf(peak)}   (${/^\d+ computed, \d+ from the store/m.exec(out + err)?.[0] ?? "no summary"})`,
  );
}

try {
  console.log(machineLine());
  await measure("empty store", 180);
  await measure("again", 5);
} finally {
  await rm(folder, { recursive: true, force: true });
}
