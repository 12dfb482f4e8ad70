import { setTimeout as sleep } from "node:timers/promises";
import { seedTree } from "@assay/core/plugin";
import { expect, it } from "vitest";
import { smallSpec, Workplace } from "./workplace.js";

const spec = smallSpec({
  images: 8,
  draws: [0, 1],
  explainers: {
    gradient: "{ uses: explainer/gradient }",
    smoothgrad: "{ uses: explainer/smoothgrad, with: { samples: 20 } }",
    "integrated-gradients": "{ uses: explainer/integrated-gradients }",
    "grad-cam": "{ uses: explainer/grad-cam }",
    noise: "{ uses: explainer/uniform-noise }",
  },
  metrics: { spearman: "{ uses: metric/spearman, view: signed }", hog: "{ uses: metric/hog-pearson }" },
});

interface Entry {
  readonly id: string;
  readonly state: "run" | "hit" | "not-needed";
}

/** Kills a run at `kills` random instants of its computing time, each in a store of its own, and runs it again. */
export function resumesAfterKills(kills: number): void {
  const place = new Workplace();
  place.write("small.yaml", spec);
  const scores = (root: string): string => place.read(`${root}/runs/small/latest/scores.csv`);

  it(`gives the same bytes after each of ${kills} kills, and computes nothing twice`, { timeout: 60_000 * (kills + 1) }, async () => {
    const started = performance.now();
    const undisturbed = await place.start("run", "small.yaml", "--root", "undisturbed").ended;
    const whole = performance.now() - started;
    expect(undisturbed.code, undisturbed.err).toBe(0);
    const random = seedTree(20181).split("instants");
    const left: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const root = `kill-${kill}`;
      const { child, ended } = place.start("run", "small.yaml", "--root", root);
      await sleep(whole * (0.2 + 0.75 * random.uniform()));
      child.kill("SIGKILL");
      await ended;

      const plan = JSON.parse((await place.start("plan", "small.yaml", "--root", root, "--json").ended).out) as Entry[];
      const open = plan.filter(({ state }) => state === "run");
      left.push(plan.filter(({ state }) => state === "hit").length);
      const again = await place.start("run", "small.yaml", "--root", root, "--json").ended;
      expect(again.code, again.err).toBe(0);
      const { computed } = JSON.parse(again.out) as { computed: number };
      expect(computed).toBe(open.filter(({ id }) => isKept(id)).length);
      expect(scores(root)).toBe(scores("undisturbed"));
    }
    console.log(`finished instances found after each kill: ${left.join(", ")}`);
    expect(Math.max(...left)).toBeGreaterThan(0);
  });
}

/** Data sets, models and surrogates are made again when something needs them; the rest is kept. */
const isKept = (id: string): boolean => !/^(digits|model|variants|surrogates)\b/.test(id);
