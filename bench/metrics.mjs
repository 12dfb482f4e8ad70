// Milliseconds of processor time a pair of maps, one reference prepared once against many, beside SciPy and scikit-image.
// Usage: npx tsc -b && ASSAY_BENCH_PYTHON=python3 node bench/metrics.mjs; without that variable our side alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "../packages/core/node_modules/@sinclair/typebox/build/esm/value/index.mjs";
import { seedTree } from "../packages/core/dist/plugin/index.js";
import plugins from "../packages/metrics/dist/index.js";

const ROUNDS = 3;
const SECONDS = 0.4;
const OTHERS = 4;
/** Most by which the two sides' scores may differ, as in the golden vectors. */
const TOLERANCE = 1e-5;
/** How many times as fast as its peer a metric is meant to be. */
const TARGETS = { small: 8, large: 3 };
const SMALL = [28, 28, 1];
const PLANE = [299, 299, 1];
const COLOUR = [299, 299, 3];
const PEERS = { spearman: [SMALL, PLANE], ssim: [SMALL, COLOUR], "hog-pearson": [SMALL, COLOUR] };

const python = process.env.ASSAY_BENCH_PYTHON;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** A reference, and others that have half of it in them. */
function drawMaps([height, width, channels]) {
  const random = seedTree("bench").split(height * channels);
  const draw = (value) => ({
    values: Float32Array.from({ length: height * width * channels }, (_, i) => value(i)),
    height,
    width,
    channels,
  });
  const a = draw(() => random.uniform());
  return { a, others: Array.from({ length: OTHERS }, () => draw((i) => (a.values[i] + random.uniform()) / 2)) };
}

/** Median over blocks of pairs, after as long a time that does not count. */
function timed(pair) {
  const startMs = cpuMs();
  let turns = 0;
  while (cpuMs() - startMs < (SECONDS * 1000) / 2) pair(turns++ % OTHERS);
  const block = Math.ceil(turns / 20);
  const taken = [];
  while (taken.length < 5 || cpuMs() - startMs < SECONDS * 1000) {
    const before = cpuMs();
    for (let turn = 0; turn < block; turn++) pair(turn % OTHERS);
    taken.push((cpuMs() - before) / block);
  }
  return median(taken);
}

function ours({ metric, maps: { a, others } }) {
  const params = Value.Default(metric.params, {});
  const reference = metric.prepare(a, params);
  const pair = (i) => metric.compare(reference, metric.prepare(others[i], params), params);
  return { ms: timed(pair), scores: others.map((_, i) => pair(i)) };
}

function peers(cases) {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    const described = cases.map(({ metric, shape, maps: { a, others } }, i) => {
      writeFileSync(join(folder, `${i}.f32`), Buffer.concat([a, ...others].map(({ values }) => Buffer.from(values.buffer))));
      return { metric: metric.name, shape, file: `${i}.f32`, seconds: SECONDS };
    });
    writeFileSync(join(folder, "cases.json"), JSON.stringify(described));
    const script = new URL("peers/metrics.py", import.meta.url).pathname;
    return JSON.parse(execFileSync(python, [script, folder], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkAlike(name, mine, theirs) {
  const worst = Math.max(...mine.map((score, i) => Math.abs(score - theirs[i])));
  if (!(worst <= TOLERANCE)) throw new Error(`${name}: the two sides' scores differ by ${worst}`);
}

const maps = new Map([SMALL, PLANE, COLOUR].map((shape) => [shape, drawMaps(shape)]));
const cases = plugins
  .filter(({ kind }) => kind === "metric")
  .flatMap((metric) => (PEERS[metric.name] ?? [SMALL, COLOUR]).map((shape) => ({ metric, shape, maps: maps.get(shape) })));
const besides = cases.filter(({ metric }) => metric.name in PEERS);

const taken = new Map(cases.map((one) => [one, { own: [], peer: [] }]));
let versions;
for (let round = 0; round < ROUNDS; round++) {
  const mine = new Map(cases.map((one) => [one, ours(one)]));
  for (const [one, { ms }] of mine) taken.get(one).own.push(ms);
  if (!python) continue;
  const { answers, ...said } = peers(besides);
  versions = said.versions;
  answers.forEach(({ ms, scores }, i) => {
    checkAlike(`${besides[i].metric.name} at ${besides[i].shape.join("×")}`, mine.get(besides[i]).scores, scores);
    taken.get(besides[i]).peer.push(ms);
  });
}

const beside = python ? Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ") : "none: ASSAY_BENCH_PYTHON is not set"; // prettier-ignore
console.log(`processor milliseconds a pair, median of ${ROUNDS} rounds; load ${loadavg()[0].toFixed(2)}; peers: ${beside}\n`);
console.log("| metric | size | Assay | peer | times as fast | target |\n| --- | --- | --- | --- | --- | --- |");
for (const [{ metric, shape }, { own, peer }] of taken) {
  const target = metric.name in PEERS ? `${shape === SMALL ? TARGETS.small : TARGETS.large}` : "";
  const [mine, theirs] = [median(own), peer.length > 0 ? median(peer) : undefined];
  const cells = theirs === undefined ? ["", "", target] : [theirs.toFixed(3), (theirs / mine).toFixed(1), target];
  console.log(`| ${[metric.name, shape.join("×"), mine.toFixed(4), ...cells].join(" | ")} |`);
}
