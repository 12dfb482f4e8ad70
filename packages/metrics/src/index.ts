import type { Definition } from "@assay/core/plugin";
import { complexityRise } from "./complexity-rise.js";
import { cosine } from "./cosine.js";
import { crossed } from "./crossed.js";
import { hogPearson } from "./hog-pearson.js";
import { hogSpearman } from "./hog-spearman.js";
import { pearson } from "./pearson.js";
import { permuted } from "./permuted.js";
import { spearman } from "./spearman.js";
import { ssim } from "./ssim.js";
import { topKOverlap } from "./top-k-overlap.js";

export { complexityRise, cosine, crossed, hogPearson, hogSpearman, pearson, permuted, spearman, ssim, topKOverlap };

const plugins: readonly Definition[] = [
  spearman,
  pearson,
  cosine,
  ssim,
  hogPearson,
  hogSpearman,
  topKOverlap,
  complexityRise,
  permuted,
  crossed,
];

export default plugins;
