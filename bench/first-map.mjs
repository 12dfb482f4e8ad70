// Time from the command to the first gradient map on disk: `assay explain` beside a Captum script that does the same, in turns.
// Usage: npm run bench -- first-map [--quick] [--only mnist-cnn] [--rounds 9] [--backend NAME]
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeNpy, encodeNpy } from "../packages/core/dist/index.js";
import { startBackend } from "../packages/network/dist/index.js";
import { script } from "../scripts/setup.mjs";
import { digits, exportTopology } from "./contest/export-job.mjs";
import { machineLine, markdown, median, spread } from "./contest/machine.mjs";
import { options } from "./contest/options.mjs";
import { peersLine, setUpPeers } from "./contest/peers.mjs";
import { cli, peer, timed } from "./contest/process.mjs";
import { scenes } from "./contest/scenes.mjs";

const told = options();
const rounds = told.rounds ?? (told.quick ? 1 : 9);
const MODELS = { "mnist-cnn": () => digits(1), "inception-v3": () => scenes(1, 299) };
/** Inception has 94 ReLUs, of which some fall to either side: a cosine of .99995. */
const TOLERANCE = 1e-2;

await script(async () => {
  const python = await setUpPeers();
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
  try {
    console.log(`${machineLine()}; ${await peersLine()}`);
    console.log(`backend: ${(await startBackend(told.backend)).note}`);
    const rows = [["network", "assay explain, ms", "Captum, ms", "Assay/Captum"]];
    for (const name of Object.keys(MODELS).filter(told.chosen)) {
      try {
        rows.push(await contest(name, join(folder, name), python));
      } catch (error) {
        console.log(`${name}: left out: ${error.message.split("\n")[0]}`);
      }
    }
    console.log(markdown(rows));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function contest(name, folder, python) {
  const images = await MODELS[name]();
  await exportTopology(folder, `model/${name}`, images);
  const input = join(folder, "input.npy");
  const [ours, theirs] = [join(folder, "assay.npy"), join(folder, "captum.npy")];
  await writeFile(input, encodeNpy(images.values, images.shape));
  const explain = ["explain", "--model", name, "--explainer", "gradient", "--input", input, "--out", ours];
  const assay = () => timed(process.execPath, [cli, "--root", folder, "--backend", told.backend, ...explain]);
  const captum = () => timed(python, [peer("first_map"), folder, input, theirs]);
  // The first round only warms the file cache.
  await assay();
  await captum();
  await compare(ours, theirs);
  const [a, b] = [[], []];
  for (let round = 0; round < rounds; round++) {
    a.push((await assay()).seconds * 1000);
    b.push((await captum()).seconds * 1000);
  }
  return [name, spread(a, 0), spread(b, 0), median(a.map((ms, round) => ms / b[round])).toFixed(2)];
}

async function compare(ours, theirs) {
  const [a, b] = await Promise.all([ours, theirs].map(async (file) => decodeNpy(await readFile(file), file).values));
  const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const apart = norm(a.map((value, i) => value - b[i])) / norm(b);
  if (!(apart < TOLERANCE)) throw new Error(`the two maps differ: relative L2 ${apart.toExponential(1)}`);
}
