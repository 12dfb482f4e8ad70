// Milliseconds a gradient map, Assay in the batch size that it found itself, PyTorch in its best batch size and memory format, in alternating
// rounds of one run.
// Usage: npm run bench -- gradient [--quick] [--only mnist-cnn,resnet18] [--rounds 7] [--backend NAME]
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { encodeNpy, tf } from "../packages/core/dist/index.js";
import { startBackend } from "../packages/network/dist/index.js";
import { script } from "../scripts/setup.mjs";
import { digits, exportTopology, loadNetwork } from "./contest/export-job.mjs";
import { machineLine, markdown, median, spread } from "./contest/machine.mjs";
import { options } from "./contest/options.mjs";
import { peersLine, setUpPeers } from "./contest/peers.mjs";
import { peer, root, timed } from "./contest/process.mjs";
import { Results } from "./contest/results.mjs";
import { scenes } from "./contest/scenes.mjs";

const BATCHES = [1, 2, 4, 8, 16, 32];
/** The MNIST network is so small that only large batches fill the cores. */
const MANY = [8, 16, 32, 64, 128];
/** Calls within which Assay's trial of batch sizes is over. */
const TRIAL = 10;
/** A gradient that the two sides share up to ReLUs which fall to either side of their corner. */
const ALIKE = 0.9999;
const EFFICIENTNET = join(root, "packages", "zoo", "models", "efficientnet-lite0", "efficientnet-lite0.onnx");
const told = options();
const rounds = told.rounds ?? (told.quick ? 2 : 7);
const tries = told.quick ? 1 : 3;

await script(async () => {
  const python = await setUpPeers();
  const { folder } = new Results("gradient");
  await mkdir(folder, { recursive: true });
  const models = [
    { name: "mnist-cnn", reference: "model/mnist-cnn", images: () => digits(16) },
    { name: "inception-v3", reference: "model/inception-v3", images: () => scenes(4, 299) },
    ...["resnet18", "mobilenet_v2"].map((name) => ({ name, file: join(folder, `${name}.onnx`), images: () => scenes(4, 224) })),
    { name: "efficientnet-lite0", file: join(folder, "efficientnet-lite0.onnx"), from: EFFICIENTNET, images: () => scenes(4, 224) },
  ].filter(({ name }) => told.chosen(name));
  console.log(`${machineLine()}; ${await peersLine()}`);
  console.log(`backend: ${(await startBackend(told.backend)).note}`);
  const torch = talk(python);
  const rows = [["network", "Assay, ms a map", "batch", "PyTorch, ms a map", "batch", "format", "Assay/PyTorch", "cosine"]];
  try {
    for (const model of models) {
      try {
        rows.push(await contest(model, folder, python, torch));
      } catch (error) {
        console.log(`${model.name}: left out: ${error.message.split("\n")[0]}`);
      }
    }
  } finally {
    torch.end();
  }
  console.log(markdown(rows));
});

async function contest({ name, reference, file, from, images: of }, folder, python, torch) {
  const images = await of();
  let place = file;
  if (reference) {
    place = join(folder, name);
    await exportTopology(place, reference, images);
  } else {
    if (from) await copyFile(from, file);
    else if (!existsSync(file)) await timed(python, [peer("export_onnx"), folder, name]);
    await writeFile(file.replace(/\.onnx$/, ".npy"), encodeNpy(images.values, images.shape));
  }
  const network = await loadNetwork(reference ?? "model/file", reference ? {} : { path: file });
  const ours = (batch, times) => gradients(network, images, batch, times);
  const theirs = (batch, channelsLast, times, gradient = false) => torch.ask({ model: place, batch, channelsLast, tries: times, gradient });
  const alike = cosine((await ours(1, 1)).gradient, (await theirs(1, true, 1, true)).gradient);
  if (!(alike > ALIKE)) throw new Error(`the two sides do not agree: cosine ${alike.toFixed(6)}`);
  const batches = name === "mnist-cnn" ? MANY : told.quick ? BATCHES.slice(0, 3) : BATCHES;
  // The first calls are Assay's trial of how much of a batch each thread computes at once.
  await ours(network.batch, TRIAL);
  // The first call of each is a warm-up.
  const peers = batches.flatMap((batch) => [true, false].map((channelsLast) => ({ batch, channelsLast })));
  const their = await best(peers, async ({ batch, channelsLast }) => (await theirs(batch, channelsLast, tries + 1)).ms.slice(1));
  const [a, b] = [[], []];
  for (let round = 0; round < rounds; round++) {
    a.push(median((await ours(network.batch, tries)).ms));
    b.push(median((await theirs(their.batch, their.channelsLast, tries)).ms));
  }
  network.dispose();
  const ratio = median(a.map((ms, round) => ms / b[round]));
  const format = their.channelsLast ? "channels last" : "channels first";
  return [name, spread(a, 3), network.batch, spread(b, 3), their.batch, format, ratio.toFixed(2), alike.toFixed(6)];
}

async function best(choices, time) {
  const found = [];
  for (const choice of choices) found.push({ choice, ms: Math.min(...(await time(choice))) });
  return found.reduce((a, b) => (b.ms < a.ms ? b : a)).choice;
}

/** Times of gradients of logit 0, a map, and the first map of the last batch. */
async function gradients(network, { values, shape: [n, ...shape] }, batch, times) {
  const size = shape.reduce((a, b) => a * b, 1);
  const filled = new Float32Array(batch * size);
  for (let i = 0; i < batch; i++) filled.set(values.subarray((i % n) * size, ((i % n) + 1) * size), i * size);
  const x = tf.tensor4d(filled, [batch, ...shape]);
  const targets = new Array(batch).fill(0);
  const ms = [];
  let last;
  for (let i = 0; i < times; i++) {
    const startMs = performance.now();
    const g = await network.gradient(x, targets);
    last = await g.data();
    ms.push((performance.now() - startMs) / batch);
    g.dispose();
  }
  x.dispose();
  return { ms, gradient: last.slice(0, size) };
}

function cosine(a, b) {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

/** A Python that answers one line a request, and rests in between. */
function talk(python) {
  const child = spawn(python, [peer("gradient")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the peers' Python has ended");
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}
