import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Value } from "../../packages/core/node_modules/@sinclair/typebox/build/esm/value/index.mjs";
import {
  applyView,
  defineExplainer,
  encodeNpy,
  explainOnce,
  isUndefined,
  seedTree,
  strictObject,
  tf,
} from "../../packages/core/dist/index.js";
import explainers from "../../packages/explainers/dist/index.js";
import metrics from "../../packages/metrics/dist/index.js";
import { startBackend } from "../../packages/network/dist/index.js";
import zoo from "../../packages/zoo/dist/index.js";
import { root } from "./process.mjs";

const { parse } = createRequire(join(root, "packages", "core", "package.json"))("yaml");

const find = (plugins, reference) => {
  const [kind, name] = reference.split("/");
  const found = plugins.find((plugin) => plugin.kind === kind && plugin.name === name);
  if (!found) throw Object.assign(new Error(`there is no ${reference} here`), { code: 3 });
  return found;
};
const withDefaults = (plugin, given = {}) => Value.Default(plugin.params, structuredClone(given));

/** Methods and metrics of a spec: what its axes `explainer` and `metric` say. */
export async function readSpec(file) {
  const { axes, nodes } = parse(await readFile(file, "utf8"));
  const methods = Object.entries(axes.explainer).map(([name, entry]) => {
    const plugin = find(explainers, entry.uses);
    return { name, plugin, params: withDefaults(plugin, entry.with) };
  });
  const scores = Object.entries(axes.metric).map(([name, entry]) => {
    const plugin = find(metrics, entry.uses);
    return { name, plugin, view: entry.view, params: withDefaults(plugin, entry.with) };
  });
  return { model: nodes.model.uses, methods, metrics: scores };
}

export async function loadNetwork(model, params) {
  const plugin = find(zoo, model);
  return plugin.load(withDefaults(plugin, params), { services: [] });
}

/** The first images of MNIST's test split. */
export async function digits(count) {
  const plugin = find(zoo, "dataset/mnist");
  const dataset = await plugin.open(withDefaults(plugin, { limit: count }), { services: [] });
  return { values: await dataset.read(0, count), shape: [count, 28, 28, 1] };
}

/**
 * Writes what the peers work on: topology, trained weights, images, explained classes, methods and metrics; and, of the first
 * `checked` images, weights of one draw, noise, maps at every stage and scores, as Assay computes them.
 */
export async function exportJob(folder, { spec: file, images, draws, checked, backend = "auto" }) {
  const spec = await readSpec(file);
  const { note } = await startBackend(backend);
  const network = await loadNetwork(spec.model);
  const { job, random } = await exportNetwork(folder, network, images);
  Object.assign(job, {
    methods: Object.fromEntries(spec.methods.map(({ name, params }) => [name, params])),
    metrics: Object.fromEntries(spec.metrics.map(({ name, plugin, view, params }) => [name, { metric: plugin.name, view, params }])),
    draws,
  });
  await writeFile(join(folder, "job.json"), JSON.stringify(job));
  await mkdir(join(folder, "check"), { recursive: true });
  const drawn = network.redraw(network.facts.blocks, "initializer", random);
  await save(folder, "draw-0", joined(drawn.weights()));
  drawn.dispose();
  const targets = job.targets;
  await exportCheck(join(folder, "check"), { spec, network, random, images: first(images, checked), targets: targets.slice(0, checked) });
  network.dispose();
  return { note, stages: network.facts.blocks.length };
}

/** The part of a job that has no methods: for programs that time gradients alone. */
export async function exportTopology(folder, model, images) {
  const network = await loadNetwork(model);
  const { job } = await exportNetwork(folder, network, images);
  await writeFile(join(folder, "job.json"), JSON.stringify({ ...job, methods: {}, metrics: {}, draws: 0 }));
  network.dispose();
}

async function exportNetwork(folder, network, images) {
  await mkdir(folder, { recursive: true });
  const random = seedTree("bench");
  const weights = network.weights();
  await writeFile(join(folder, "images.npy"), encodeNpy(images.values, images.shape));
  await save(folder, "trained", joined(weights));
  const job = {
    topology: network.topology,
    convolution: network.facts.convolution,
    weights: weights.map(({ name, shape }) => ({ name, shape })),
    blocks: network.facts.blocks.map((name) => ({ name, weights: changedBy(network, name, random) })),
    targets: await classesOf(network, images),
  };
  return { job, random };
}

const save = (folder, name, values) =>
  writeFile(join(folder, `${name}.f32`), Buffer.from(values.buffer, values.byteOffset, values.byteLength));

async function exportCheck(folder, { spec, network, random, images, targets }) {
  const { blocks } = network.facts;
  const samples = Math.max(1, ...spec.methods.map(({ params }) => params.samples ?? 0));
  const noise = [];
  for (let s = 0; s < samples; s++) {
    const drawn = await explainOnce(network, noiseOf(s), images, { params: {}, targets });
    noise.push(drawn.values);
  }
  await writeFile(join(folder, "noise.npy"), encodeNpy(concatenate(noise), [samples, ...images.shape]));
  const stages = [];
  for (let k = 0; k <= blocks.length; k++) {
    const variant = k === 0 ? network : network.redraw(blocks.slice(0, k), "initializer", random);
    const maps = [];
    for (const { plugin, params } of spec.methods) maps.push(await explainOnce(variant, plugin, images, { params, targets }));
    stages.push(maps);
    if (k > 0) variant.dispose();
  }
  for (const [at, { name }] of spec.methods.entries()) {
    const shape = [stages.length, ...stages[0][at].shape];
    await writeFile(join(folder, `maps-${name}.npy`), encodeNpy(concatenate(stages.map((maps) => maps[at].values)), shape));
  }
  const [n] = images.shape;
  const [reference, ...perturbed] = stages;
  const scores = spec.metrics.flatMap((metric) =>
    reference.flatMap((a, at) => perturbed.flatMap((maps) => Array.from({ length: n }, (_, i) => score(metric, a, maps[at], i)))),
  );
  const shape = [spec.metrics.length, spec.methods.length, perturbed.length, n];
  await writeFile(join(folder, "scores.npy"), encodeNpy(Float32Array.from(scores), shape));
}

/** The noise that smoothgrad adds in one sample, before it is scaled. */
const noiseOf = (sample) =>
  defineExplainer({
    name: "noise",
    version: "1",
    summary: "noise",
    params: strictObject({}),
    attribute: (_x, { random }) => Promise.resolve(random.normal(sample)),
  });

/** NaN where it is not defined. */
function score({ plugin, view, params }, a, b, image) {
  const [first, second] = [a, b].map(({ values, shape: [, height, width, channels] }) => {
    const size = height * width * channels;
    const map = applyView({ values: values.slice(image * size, (image + 1) * size), height, width, channels }, view);
    return isUndefined(map) ? map : plugin.prepare(map, params);
  });
  if (isUndefined(first) || isUndefined(second)) return NaN;
  const value = plugin.compare(first, second, params);
  return typeof value === "number" ? value : NaN;
}

async function classesOf(network, { values, shape: [n, ...shape] }) {
  const size = shape.reduce((a, b) => a * b, 1);
  const classes = [];
  for (let i = 0; i < n; i++) {
    const x = tf.tensor4d(values.slice(i * size, (i + 1) * size), [1, ...shape]);
    const logits = await network.logits(x);
    classes.push((await logits.argMax(1).data())[0]);
    tf.dispose([x, logits]);
  }
  return classes;
}

/** A redraw shares the arrays that it leaves alone. */
function changedBy(network, block, random) {
  const before = network.weights();
  const drawn = network.redraw([block], "initializer", random);
  const names = drawn.weights().flatMap(({ name, values }, i) => (values === before[i].values ? [] : [name]));
  drawn.dispose();
  return names;
}

const joined = (arrays) => concatenate(arrays.map(({ values }) => values));

function concatenate(parts) {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

const first = ({ values, shape: [, ...shape] }, count) => ({
  values: values.slice(0, count * shape.reduce((a, b) => a * b, 1)),
  shape: [count, ...shape],
});
