import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CurvePoint, ExplainerSummary, RunSummary, SummaryCurve } from "../../src/tracking/index.js";

const STAGES = ["trained", "logits", "fc1", "conv2", "conv1"];
const METRICS = ["spearman", "spearman-abs", "ssim", "hog-pearson"];
const VERDICTS = ["sensitive", "late", "insensitive", "inconclusive", "uninformative", "irreproducible"];

/** Numbers with full mantissas, so that a store that rounds is found out. */
const height = (explainer: number, metric: number, step: number): number => Math.cos(1 + explainer * 0.7 + metric * 0.31 + step * 0.17);

function curve(order: string, metric: string, explainer: number): SummaryCurve {
  const at = (step: number): number => height(explainer, METRICS.indexOf(metric), step);
  const points = STAGES.map((stage, step): CurvePoint => ({ step, stage, mean: at(step), low: at(step) - 0.1, high: at(step) + 1 / 30 }));
  return { order, metric, points, kappa: points.map(({ step, stage, mean = 0 }) => ({ step, stage, mean: mean / 3 })) };
}

function explainer(index: number): ExplainerSummary {
  return {
    name: `method-${index}`,
    uses: `explainer/method-${index}`,
    version: "1",
    params: { steps: 50, absolute: true, layer: null, sigma: 0.15, sizes: [8, 4] },
    ...(index === 11 ? { control: "noise" as const } : {}),
    verdict: VERDICTS[index % VERDICTS.length] ?? "",
    verdictNote: `κ falls | by stage ${index} ★`,
    color: `#0${index.toString(16)}aa${(16 + index).toString(16)}`,
    images: [{ key: "map.image-0", step: 1, png: Uint8Array.of(137, 80, 78, 71, index) }],
    curves: ["cascade", "independent"].flatMap((order) => METRICS.map((metric) => curve(order, metric, index))),
  };
}

/** A finished run of twelve explainers with its files in `folder`. */
export function syntheticRun(folder: string, changes: Partial<RunSummary> = {}): RunSummary {
  mkdirSync(folder, { recursive: true });
  const contents = {
    "report.html": "<!doctype html><title>report</title>★",
    "scores.csv": "metric,value\nssim,0.5\n",
    "verdicts.json": "{}",
    "lock.json": "{}",
    "spec.resolved.yaml": "track: { uri: http://someone:hunter2secret@127.0.0.1:1 }\n",
  };
  const artifacts = Object.entries(contents).map(([path, content]) => {
    writeFileSync(join(folder, path), content);
    return { path, file: join(folder, path) };
  });
  return {
    uuid: randomUUID(),
    id: "20231114-221320-bbbbbb",
    name: "synthetic",
    question: "Which methods notice?",
    source: "synthetic.yaml",
    startedAt: 1_700_000_000_000.25,
    endedAt: 1_700_000_060_000.75,
    status: "done",
    specDigest: "a".repeat(64),
    planDigest: "b".repeat(64),
    seed: 7,
    backend: "tensorflow 2.21.0",
    version: "0.1.0",
    plugins: { "explainer/gradient": "1" },
    git: { commit: "c".repeat(40), dirty: true },
    model: "model/mnist-cnn",
    params: { images: 32, draws: [0, 1, 2], "odd@key#1": false },
    datasets: [{ name: "mnist", digest: "d".repeat(64), images: 32, source: "dataset/mnist" }],
    explainers: Array.from({ length: 12 }, (_, index) => explainer(index)),
    images: [0, 1].map((step) => ({ key: "maps.image-0", step, png: Uint8Array.of(137, 80, 78, 71, 100 + step) })),
    artifacts: [...artifacts, { path: "plots/curves.ssim.svg", text: "<svg/>" }],
    ...changes,
  };
}
