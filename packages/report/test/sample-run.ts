import { seedTree, type Dataset, type MapsInput, type MapStack, type ReportInputs, type ScoresInput } from "@assay/core/plugin";
import { curves, grid, renderPage, verdict, type PageSection } from "../src/index.js";
import { madeScores, type MadeMetric } from "./made-scores.js";

const SIZE = 28;
const IMAGES = 32;
const DRAWS = 5;
const STAGES = ["softmax", "fc1", "conv2", "conv1"];
const METRICS: Readonly<Record<string, MadeMetric>> = {
  "spearman-absolute": { uses: "spearman", view: "absolute" },
  "spearman-signed": { uses: "spearman", view: "signed" },
  "ssim-absolute": { uses: "ssim", view: "absolute" },
  "ssim-signed": { uses: "ssim", view: "signed" },
  "hog-absolute": { uses: "hog-pearson", view: "absolute" },
  "hog-signed": { uses: "hog-pearson", view: "signed" },
  "pearson-signed": { uses: "pearson", view: "signed" },
};

/** κ at the four stages by kind of metric, floors and ties: about what the trial on an MNIST network gave. */
interface Profile {
  readonly absolute: readonly number[];
  readonly signed: readonly number[];
  readonly spatial: readonly number[];
  readonly floor: number;
  readonly ties: number;
  readonly control?: "edges" | "noise";
}
const plain = {
  absolute: [0.18, 0.1, 0.03, 0.01],
  signed: [0.1, 0.05, 0.01, 0],
  spatial: [0.15, 0.1, 0.04, 0.02],
  floor: 0.22,
  ties: 0.05,
};
const masked = { absolute: [0.4, 0.35, 0.3, 0.3], signed: [0.1, 0.02, 0, 0], spatial: [0.34, 0.3, 0.29, 0.28], floor: 0.985, ties: 0.8 };
const PROFILES: Readonly<Record<string, Profile>> = {
  gradient: plain,
  smoothgrad: { ...plain, absolute: [0.2, 0.12, 0.04, 0.02], floor: 0.3 },
  vargrad: { ...plain, floor: 0.35 },
  "gradient-x-input": masked,
  "integrated-gradients": { ...masked, spatial: [0.36, 0.31, 0.3, 0.28] },
  "guided-backprop": {
    absolute: [0.7, 0.57, 0.35, 0.19],
    signed: [0.85, 0.76, 0.6, 0.47],
    spatial: [0.8, 0.66, 0.45, 0.3],
    floor: 0.3,
    ties: 0.3,
  },
  deconvnet: { absolute: [0.5, 0.4, 0.2, 0.1], signed: [0.6, 0.44, 0.3, 0.2], spatial: [0.55, 0.43, 0.3, 0.2], floor: 0.3, ties: 0.2 },
  "grad-cam": { ...plain, absolute: [0.3, 0.17, 0.1, 0.04], signed: [0.3, 0.17, 0.1, 0.04], floor: 0.4, ties: 0.15 },
  "guided-grad-cam": { ...plain, signed: [0.55, 0.46, 0.35, 0.26], floor: 0.5, ties: 0.5 },
  occlusion: { ...plain, absolute: [0.35, 0.2, 0.1, 0.05], floor: 0.45, ties: 0.4 },
  "edge-detector": { absolute: [1, 1, 1, 1], signed: [1, 1, 1, 1], spatial: [1, 1, 1, 1], floor: 0.6, ties: 0.7, control: "edges" },
  "uniform-noise": { ...plain, absolute: [0, 0, 0, 0], signed: [0, 0, 0, 0], spatial: [0, 0, 0, 0], floor: 0, ties: 0, control: "noise" },
};

const explainers: ScoresInput["explainers"] = Object.fromEntries(
  Object.entries(PROFILES).map(([name, { control }]) => [
    name,
    { uses: `explainer/${name}`, summary: "", ...(control ? { control } : {}) },
  ]),
);

function sampleScores() {
  const random = seedTree("sample");
  const noise = (...labels: (string | number)[]): number => random.split(...labels).normal();
  const floorOf = (explainer: string, metric: string): number => {
    const profile = PROFILES[explainer]!;
    if (metric === "spearman-absolute") return explainer === "edge-detector" ? 0.95 : profile.floor;
    return metric.includes("absolute") ? Math.min(profile.floor, 0.45) * 0.7 : 0.03;
  };
  return madeScores({
    explainers,
    metrics: METRICS,
    stages: STAGES,
    draws: DRAWS,
    images: IMAGES,
    ties: (explainer) => PROFILES[explainer]!.ties,
    score: ({ explainer, metric, draw, image, stage }) => {
      const profile = PROFILES[explainer]!;
      const kind = /ssim|hog/u.test(metric) ? profile.spatial : metric.includes("signed") ? profile.signed : profile.absolute;
      const kappa = kind[stage - 1]!;
      if (explainer === "grad-cam" && noise("dead", image, draw, stage) > 1.9) return null;
      const f = floorOf(explainer, metric);
      const spread = kappa === 1 ? 0 : 0.16 * (1 - f);
      const shake =
        spread *
        (0.35 * noise("d", explainer, draw, stage) +
          0.3 * noise("i", explainer, image) +
          0.3 * noise("c", explainer, metric, draw, image, stage));
      return Math.min(1, Math.max(-1, f + kappa * (1 - f) + shake));
    },
    floor: (name, { explainer, metric, draw, image }) =>
      floorOf(explainer, metric) -
      (name === "permuted" ? 0.02 : 0) +
      0.02 * (1 - floorOf(explainer, metric)) * noise("f", name, explainer, metric, draw, image),
  });
}

/** A stroke of a digit: distance to a polyline, as grey values. */
const STROKES = [
  [
    [9, 7],
    [19, 7],
    [13, 22],
  ],
  [
    [10, 8],
    [18, 8],
    [18, 13],
    [10, 20],
    [19, 20],
  ],
  [
    [14, 6],
    [14, 22],
  ],
] as const;

const digit = (image: number): Float32Array =>
  Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
    const stroke = STROKES[image % STROKES.length]!;
    let nearest = Number.POSITIVE_INFINITY;
    for (let s = 0; s + 1 < stroke.length; s++) {
      const [ax, ay] = stroke[s]!;
      const [bx, by] = stroke[s + 1]!;
      const t = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
      nearest = Math.min(nearest, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
    }
    return Math.min(1, Math.max(0, 2.2 - nearest));
  });

const dataset: Dataset = {
  count: IMAGES,
  shape: [SIZE, SIZE, 1],
  digest: "0".repeat(64),
  ids: Array.from({ length: IMAGES }, (_, i) => `test-${i}`),
  labels: Int32Array.from({ length: IMAGES }, (_, i) => [7, 2, 1][i % 3]!),
  background: 0,
  read: (from, count) => Promise.resolve(Float32Array.from(Array.from({ length: count }, (_, k) => [...digit(from + k)]).flat())),
};

function sampleMaps(stage: number, explainer: string): MapStack {
  const profile = PROFILES[explainer]!;
  const kept = stage === 0 ? 1 : profile.spatial[stage - 1]!;
  const values = new Float32Array(3 * SIZE * SIZE);
  for (let image = 0; image < 3; image++) {
    const x = digit(image);
    const trained = seedTree("map").split(explainer, image);
    const other = seedTree("map").split(explainer, image, stage);
    for (let i = 0; i < x.length; i++) {
      const edge = Math.abs((x[i + 1] ?? 0) - (x[i - 1] ?? 0)) + Math.abs((x[i + SIZE] ?? 0) - (x[i - SIZE] ?? 0));
      const mask = profile.ties > 0.75 ? x[i]! : profile.ties > 0.25 ? edge : 0.4 + 0.6 * x[i]!;
      const own = profile.control === "edges" ? 1 : trained.normal();
      values[image * SIZE * SIZE + i] = mask * (kept * own + (1 - kept) * other.normal());
    }
  }
  return { values, height: SIZE, width: SIZE, channels: 1, images: Int32Array.of(0, 1, 2) };
}

/** Inputs of all three reports, about as a run on MNIST would hand them over. */
export function sampleInputs(): ReportInputs {
  const names = Object.keys(PROFILES);
  const axis = { name: "explainer", values: names };
  const reference: MapsInput = {
    axes: [axis],
    groups: names.map((explainer) => ({ axes: { explainer }, maps: sampleMaps(0, explainer) })),
  };
  const perturbed: MapsInput = {
    axes: [axis, { name: "draw", values: ["0", "1"] }, { name: "stage", values: ["trained", ...STAGES], order: "cascading" }],
    groups: names.flatMap((explainer) =>
      STAGES.map((stage, k) => ({ axes: { explainer, draw: "0", stage }, maps: sampleMaps(k + 1, explainer) })),
    ),
  };
  return { scores: sampleScores(), maps: { reference, perturbed }, datasets: { images: dataset }, models: {} };
}

export async function samplePage(): Promise<string> {
  const inputs = sampleInputs();
  const context = { random: seedTree(1), services: [] };
  const sections: PageSection[] = [
    await curves.build(inputs, {}, context),
    await verdict.build(inputs, { threshold: 0.5 }, context),
    await grid.build(inputs, { images: 3, view: "absolute" }, context),
  ];
  return renderPage({
    title: "mnist-cascade",
    question: "Which saliency methods notice that an MNIST network is being destroyed, from the output down?",
    sections,
    facts: {
      command: "npx --no-install assay run experiments/mnist-cascade.yaml",
      seed: "20181",
      backend: "tensorflow 4.22.0",
      versions: "assay 0.1.0, node 20.20.2",
      model: "model/mnist-cnn, sha256 9f3c…",
      data: "dataset/mnist, test split, 32 images, sha256 0000…",
      "spec digest": "sha256 4be1…",
    },
  });
}
