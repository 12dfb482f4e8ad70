import { defineMetric, notDefined, number, strictObject, type MapImage } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { gaussianMeans, WINDOW } from "./maths/gaussian-window.js";

/** One channel: values less their mean, that mean, and the local means and variances of them. */
interface Plane {
  readonly values: Float64Array;
  readonly mean: number;
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** Sample covariance: n/(n − 1) for the 121 cells of a window. */
const SAMPLE = WINDOW ** 2 / (WINDOW ** 2 - 1);

/**
 * Structural similarity, local means μ, variances and covariance σ under a Gaussian window 11×11 (deviation 1.5):
 *
 *   (2μₐμ_b + C₁)(2σₐ_b + C₂) / ((μₐ² + μ_b² + C₁)(σₐ² + σ_b² + C₂)),   C₁ = (.01 L)², C₂ = (.03 L)²
 *
 * Mean over cells at least 5 from the border, then over channels. Meant for maps in [0, 1] (view `unit`): the data range
 * L sets what counts as small. Defined for constant maps. The original code had L = 2 (preset `paper`).
 */
export const ssim = defineMetric({
  name: "ssim",
  version: "1",
  summary: "structural similarity under a Gaussian window",
  paper: "Wang et al. 2004, doi:10.1109/TIP.2003.819861",
  params: strictObject({ range: number({ exclusiveMinimum: 0, default: 1, description: "data range L of the maps" }) }),
  presets: { paper: { range: 2 } },
  range: [-1, 1],
  identical: 1,
  domain: "spatial",
  minimumSize: () => WINDOW,
  prepare(map) {
    const { height, width, channels } = map;
    if (Math.min(height, width) < WINDOW) return notDefined(`a side of the map is shorter than the window of ${WINDOW}`);
    const planes = (): Plane[] => Array.from({ length: channels }, (_, c) => planeOf(map, c));
    return notFinite(map) ?? { height, width, planes: planes() };
  },
  compare(a, b, { range }) {
    const C1 = (0.01 * range) ** 2;
    const C2 = (0.03 * range) ** 2;
    let sum = 0;
    a.planes.forEach((p, c) => {
      const q = b.planes[c]!;
      const products = gaussianMeans(product(p.values, q.values), a.height, a.width);
      for (let i = 0; i < products.length; i++) {
        const covariance = SAMPLE * (products[i]! - p.means[i]! * q.means[i]!);
        const x = p.mean + p.means[i]!;
        const y = q.mean + q.means[i]!;
        const alike = (2 * x * y + C1) * (2 * covariance + C2);
        sum += alike / ((x * x + y * y + C1) * (p.variances[i]! + q.variances[i]! + C2)) / products.length;
      }
    });
    return Math.min(1, Math.max(-1, sum / a.planes.length));
  },
});

function planeOf({ values: all, height, width, channels }: MapImage, channel: number): Plane {
  const values = new Float64Array(height * width);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += all[i * channels + channel]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) values[i] = all[i * channels + channel]! - mean;
  const means = gaussianMeans(values, height, width);
  const variances = gaussianMeans(product(values, values), height, width);
  for (let i = 0; i < means.length; i++) variances[i] = SAMPLE * (variances[i]! - means[i]! * means[i]!);
  return { values, mean, means, variances };
}

function product(a: Float64Array, b: Float64Array): Float64Array {
  const products = new Float64Array(a.length);
  for (let i = 0; i < products.length; i++) products[i] = a[i]! * b[i]!;
  return products;
}
