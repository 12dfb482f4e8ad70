// Two claims about tracking. (1) A large run reaches a local MLflow server, and is read back, in under 6 s. (2) A server that is dead, or
// that answers after 30 s, does not delay the main job: its wall time beside that of an untracked one, interleaved, ratios of each round.
// Usage: npm run bench -- tracking        (about 12 minutes; ASSAY_BENCH_ROUNDS=2 is quicker)
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startMlflow } from "../scripts/mlflow-server.mjs";

const rounds = Number(process.env.ASSAY_BENCH_ROUNDS ?? 4);
const root = fileURLToPath(new URL("..", import.meta.url));
const { trackRun } = await import(pathToFileURL(join(root, "packages", "core", "dist", "index.js")).href);
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

/** 12 explainers of 1,000 metric points each, and 200 images of 3 kB. */
async function largeRun() {
  const png = join(folder, "map.png");
  await writeFile(png, randomBytes(3000));
  const stages = Array.from({ length: 50 }, (_, step) => ({ step, stage: `s${step}`, mean: Math.sin(step), low: -1, high: 1 }));
  const curve = (metric) => ({ order: "independent", metric, points: stages, kappa: stages });
  return {
    uuid: randomUUID(),
    id: "bench",
    name: "bench",
    question: "How fast?",
    source: "bench.yaml",
    startedAt: 0,
    endedAt: 1,
    status: "done",
    specDigest: "",
    planDigest: "",
    seed: 0,
    backend: "none",
    version: "0",
    plugins: {},
    model: "",
    params: {},
    datasets: [],
    explainers: Array.from({ length: 12 }, (_, i) => ({
      name: `method-${i}`,
      uses: "explainer/none",
      version: "1",
      params: {},
      verdict: "sensitive",
      verdictNote: "",
      color: "#112233",
      curves: ["a", "b", "c", "d", "e"].map(curve),
    })),
    artifacts: Array.from({ length: 200 }, (_, i) => ({ path: `maps/map-${i}.png`, file: png })),
  };
}

async function upload() {
  const server = await startMlflow({ folder: join(folder, "mlflow"), log: console.log });
  const times = [];
  try {
    for (let round = 0; round < Math.max(3, rounds); round++) {
      const run = await largeRun();
      const startMs = performance.now();
      const outcome = await trackRun(run, { root: folder, env: { MLFLOW_TRACKING_URI: server.uri }, log: console.log });
      times.push(performance.now() - startMs);
      if (!outcome.verified) throw new Error(`not verified: ${JSON.stringify(outcome)}`);
    }
  } finally {
    await server.stop();
  }
  const ms = median(times);
  console.log(
    `12 × 1,000 points and 200 images, sent and read back: median ${seconds(ms)} of ${times.length} (${ms < 6000 ? "under" : "NOT under"} 6 s)`,
  );
}

function mainJob(name, uri) {
  const args = [join(root, "packages", "cli", "bin", "assay.mjs"), "--root", join(folder, name), "run", "experiments/mnist-cascade.yaml"];
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, MLFLOW_TRACKING_URI: uri } });
    let errors = "";
    child.stdout.resume();
    child.stderr.on("data", (text) => (errors += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve({ elapsedMs: performance.now() - startMs, said: /not sent to MLflow.*/.exec(errors)?.[0] ?? "" });
      else reject(new Error(errors));
    });
  });
}

async function delay() {
  const slow = createServer((_, response) => setTimeout(() => response.end("{}"), 30_000).unref());
  await new Promise((done) => slow.listen(0, "127.0.0.1", done));
  const servers = { untracked: "", dead: "http://127.0.0.1:1023", slow: `http://127.0.0.1:${slow.address().port}` };
  const ratios = { dead: [], slow: [] };
  for (let round = 0; round < rounds; round++) {
    const times = {};
    // Forth and back: on this machine a later job of a round is the slower one, whatever it does.
    const turn = round % 2 === 0 ? Object.entries(servers) : Object.entries(servers).toReversed();
    for (const [name, uri] of turn) {
      const { elapsedMs, said } = await mainJob(name, uri);
      await rm(join(folder, name), { recursive: true, force: true });
      times[name] = elapsedMs;
      console.log(`round ${round + 1}  ${name.padEnd(9)}  ${seconds(elapsedMs)}  ${said}`);
    }
    for (const name of Object.keys(ratios)) ratios[name].push(times[name] / times.untracked);
  }
  slow.closeAllConnections();
  slow.close();
  for (const [name, all] of Object.entries(ratios))
    console.log(`${name}: ${median(all).toFixed(3)} × untracked (median of ${all.length} rounds)`);
}

console.log(`${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0].toFixed(2)}`);
try {
  await upload();
  await delay();
} finally {
  await rm(folder, { recursive: true, force: true });
}
