// The MNIST cascade by Assay, by an expert's Captum + SciPy/scikit-image script, by the fastest PyTorch that we can write, and by Quantus.
// Usage: npm run bench -- mnist [--quick] [--only assay,captum] [--rounds 2] [--append] [--table] [--backend NAME]   (bench/README.md)
import { join } from "node:path";
import { cascadeContest } from "./contest/cascade.mjs";
import { digits } from "./contest/export-job.mjs";
import { root } from "./contest/process.mjs";

await cascadeContest({
  name: "mnist",
  spec: join(root, "bench", "mnist-cascade.yaml"),
  images: digits,
  sizes: { full: { images: 100, draws: 5, rounds: 3, checked: 5 }, quick: { images: 4, draws: 1, rounds: 1, checked: 2 } },
  quantus: true,
});
