// node scripts/check-run.mjs RUN: whether the main job's results are there and its controls came out as known.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "runs/mnist-cascade/latest";
const read = (name) => readFileSync(join(folder, name), "utf8");

const { methods, metrics } = JSON.parse(read("verdicts.json")).verdicts;
const verdict = (name) => methods.find(({ method }) => method === name)?.verdict;
assert.equal(methods.length, 12, "twelve methods are judged");
assert.equal(verdict("edge-detector"), "insensitive", "the edge detector ignores the model");
assert.equal(verdict("uniform-noise"), "sensitive", "noise passes without explaining anything");
for (const name of ["gradient-x-input", "integrated-gradients"]) {
  const row = metrics.find(({ method, metric }) => method === name && metric === "spearman-abs");
  assert.equal(row.verdict, "uninformative", `absolute Spearman cannot judge ${name} on a black background`);
}
const [header, ...rows] = read("scores.csv").trim().split("\n");
assert.equal(header, "metric,view,explainer,draw,stage,stage_index,image,target,value,ties,reason");
assert.ok(rows.length > 1000, `${rows.length} scores`);
const page = read("report.html");
for (const name of methods.map(({ method }) => method)) assert.ok(page.includes(name), `the report shows ${name}`);
assert.doesNotMatch(page, /(src|href)="https?:/, "the report asks for nothing from outside");
const lock = JSON.parse(read("lock.json"));
assert.ok(Object.keys(lock.keys).length > 1000 && lock.backend, "the lock names every key and the backend");
console.log(`${folder}: ${methods.length} methods, ${rows.length} scores, controls as known`);
