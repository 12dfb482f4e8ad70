import { tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { expect, it } from "vitest";
import { runExperiment } from "./gallery/experiment.js";

/** Every built-in method, control, surrogate and report, small; each run has a store of its own, so that all is computed. */
const small = ["images=2", "draws=[0]"];

it("leaves no tensor behind in a process that runs an experiment again and again", async () => {
  await startBackend();
  const before = tf.memory().numTensors;
  const counts: number[] = [];
  for (let run = 0; run < 3; run++) {
    await runExperiment("mnist-cascade.yaml", small);
    counts.push(tf.memory().numTensors);
  }
  expect(counts).toEqual([before, before, before]);
});
