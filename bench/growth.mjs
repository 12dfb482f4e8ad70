// How time and peak memory of a cascade grow: with the number of images (MNIST CNN), and with their size (a small convolutional network).
// Usage: npm run bench -- growth [--quick] [--backend NAME]
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, seedTree } from "../packages/core/dist/index.js";
import { digits } from "./contest/export-job.mjs";
import { machineLine, markdown } from "./contest/machine.mjs";
import { options } from "./contest/options.mjs";
import { cli, gib, root, timed } from "./contest/process.mjs";
import { scenes } from "./contest/scenes.mjs";

const told = options();
const COUNTS = told.quick ? [4, 8] : [10, 100, 1000];
const SIZES = told.quick ? [32, 64] : [32, 64, 128, 256, 512];
const PICTURES = told.quick ? 2 : 8;
const spec = join(root, "bench", "growth.yaml");
const mnist = join(root, "packages", "zoo", "models", "mnist-cnn", "model.json");
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));

async function measure(label, model, images) {
  const file = join(folder, "images.npy");
  await writeFile(file, encodeNpy(images.values, images.shape));
  const place = join(folder, label);
  const set = [`images=${file}`, `model=${model}`].flatMap((each) => ["--set", each]);
  const { seconds, peak } = await timed(process.execPath, [cli, "--root", place, "--backend", told.backend, "run", spec, ...set]);
  await rm(place, { recursive: true, force: true });
  const [n, height, width] = images.shape;
  return [n, `${height}×${width}`, seconds.toFixed(1), ((seconds * 1000) / n).toFixed(0), gib(peak)];
}

/** Three convolutions with ReLU and pooling, global average, 10 logits, for pictures of one size; weights drawn by its own initializers' recipe. */
async function convolutional(size) {
  const channels = [3, 16, 32, 64];
  const layers = [16, 32, 64].flatMap((filters, i) => [
    {
      class_name: "Conv2D",
      config: {
        name: `conv${i + 1}`,
        filters,
        kernel_size: [3, 3],
        strides: [1, 1],
        padding: "same",
        data_format: "channels_last",
        dilation_rate: [1, 1],
        activation: "relu",
        use_bias: true,
        ...(i === 0 && { batch_input_shape: [null, size, size, 3], dtype: "float32" }),
      },
    },
    {
      class_name: "MaxPooling2D",
      config: { name: `pool${i + 1}`, pool_size: [2, 2], strides: [2, 2], padding: "valid", data_format: "channels_last" },
    },
  ]);
  layers.push({ class_name: "GlobalAveragePooling2D", config: { name: "average", data_format: "channels_last" } });
  layers.push({ class_name: "Dense", config: { name: "logits", units: 10, activation: "linear", use_bias: true } });
  const weights = [1, 2, 3].flatMap((i) => [
    { name: `conv${i}/kernel`, shape: [3, 3, channels[i - 1], channels[i]] },
    { name: `conv${i}/bias`, shape: [channels[i]] },
  ]);
  weights.push({ name: "logits/kernel", shape: [64, 10] }, { name: "logits/bias", shape: [10] });
  const random = seedTree("growth");
  const values = weights.flatMap(({ name, shape }) => {
    const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const draw = name.endsWith("bias") ? () => 0 : () => Math.sqrt(2 / fanIn) * random.normal();
    return Array.from({ length: fanIn * shape.at(-1) }, draw);
  });
  const file = join(folder, "model.json");
  await writeFile(join(folder, "weights.bin"), Buffer.from(Float32Array.from(values).buffer));
  const manifest = [{ paths: ["weights.bin"], weights: weights.map((each) => ({ ...each, dtype: "float32" })) }];
  const modelTopology = { class_name: "Sequential", config: { name: "small", layers } };
  await writeFile(file, JSON.stringify({ format: "layers-model", modelTopology, weightsManifest: manifest }));
  return file;
}

try {
  console.log(machineLine());
  const head = ["images", "size", "seconds", "ms an image", "peak GiB"];
  const byCount = [];
  for (const count of COUNTS) byCount.push(await measure(`count-${count}`, mnist, await digits(count)));
  console.log(`MNIST CNN, 4 stages, one draw, gradient, smoothgrad (8), guided-backprop, four scores\n${markdown([head, ...byCount])}`);
  const bySize = [];
  for (const size of SIZES) bySize.push(await measure(`size-${size}`, await convolutional(size), scenes(PICTURES, size)));
  console.log(`\nthree convolutions, the same work\n${markdown([head, ...bySize])}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
