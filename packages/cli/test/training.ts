import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seedTree } from "@assay/core/plugin";
import { expect, it } from "vitest";
import { Workplace } from "./workplace.js";

/** Two networks on few images: true labels and permuted ones. */
const SPEC = `# Does a killed training go on?
assay: 1
name: training
axes:
  draw: [0]
nodes:
  digits: { uses: dataset/mnist, with: { limit: 100 } }
  training: { uses: dataset/mnist, with: { split: train, limit: 300 } }
  labels: { uses: randomizer/permute-labels, over: [draw], in: { images: training } }
  architecture: { uses: model/mnist-cnn }
  model: { uses: trainer/adam, with: { epochs: 12 }, in: { model: architecture, images: labels, test: digits }, over: [draw, stage] }
`;

interface Facts {
  readonly epochs: readonly { readonly loss: number; readonly accuracy: number }[];
  readonly testAccuracy: number;
  readonly digest: string;
}

/** Kills a training at random instants, again and again in one store, and lets it end. */
export function trainsOnAfterKills(kills: number): void {
  const place = new Workplace();
  place.write("training.yaml", SPEC);
  const trained = (root: string) =>
    JSON.parse(readFileSync(join(place.folder, root, "runs/training/latest/trainings.json"), "utf8")) as Record<string, Facts>;
  const run = (root: string) => place.start("run", "training.yaml", "--root", root);

  it(`ends in the same weights after ${kills} kills as undisturbed`, { timeout: 120_000 * (kills + 1) }, async () => {
    const started = performance.now();
    const undisturbed = await run("undisturbed").ended;
    const whole = performance.now() - started;
    expect(undisturbed.code, undisturbed.err).toBe(0);
    const random = seedTree("kills of a training");
    for (let kill = 0; kill < kills; kill++) {
      const { child, ended } = run("killed");
      // Long enough to start and to learn a little, and short enough that all kills together do not let it end.
      await sleep(2500 + (whole / kills) * 0.6 * random.uniform());
      child.kill("SIGKILL");
      await ended;
    }
    const again = await run("killed").ended;
    expect(again.code, again.err).toBe(0);
    expect(trained("killed")).toEqual(trained("undisturbed"));
    const facts = Object.values(trained("undisturbed"));
    expect(facts.map(({ epochs }) => epochs.length)).toEqual([12, 12]);
    expect(new Set(facts.map(({ digest }) => digest)).size).toBe(2);
    expect(again.err).not.toMatch(/model +0\/24/);
  });
}
