// The cascade over Inception v3's 17 blocks by Assay, by Captum + SciPy/scikit-image, and by the fastest PyTorch that we can write.
// Usage: npm run bench -- inception [--quick] [--only assay,fast] [--rounds 2] [--append] [--table] [--backend NAME]   (bench/README.md)
import { join } from "node:path";
import { cascadeContest } from "./contest/cascade.mjs";
import { scenes } from "./contest/scenes.mjs";
import { root } from "./contest/process.mjs";

await cascadeContest({
  name: "inception",
  spec: join(root, "bench", "inception-cascade.yaml"),
  images: (count) => scenes(count, 299),
  asFile: true,
  sizes: { full: { images: 4, draws: 1, rounds: 3, checked: 1 }, quick: { images: 1, draws: 1, rounds: 1, checked: 1 } },
});
