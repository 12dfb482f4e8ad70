import type { LabelRandomizer } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { deepStrictEqual, defaultsOf, factChecks, notDeepStrictEqual, ok, strictEqual, type Check } from "./kit.js";

const IMAGES = 2000;
const CLASSES = 10;
const TRUE = Int32Array.from({ length: IMAGES }, (_, i) => (i % CLASSES) % (1 + (i % 7)));

/** What every randomizer of labels must do: permute what it says, nested over its stages, and tell nothing of the truth at the end. */
export function labelRandomizerKit(
  definition: LabelRandomizer,
  options: { readonly params?: Readonly<Record<string, unknown>> } = {},
): Check[] {
  const stages = () => definition.stages({ ...defaultsOf(definition.params), ...options.params });
  const relabel = (share: number, seed = 1) => definition.relabel(Int32Array.from(TRUE), share, seedTree(seed));
  const changed = (share: number): Set<number> => {
    const given = relabel(share);
    return new Set([...TRUE.keys()].filter((i) => given[i] !== TRUE[i]));
  };
  return [
    ...factChecks(definition),
    {
      title: "names each stage once, none `trained`, with rising shares in (0, 1]",
      run: () => {
        const names = stages().map(({ name }) => name);
        ok(names.length > 0, "there is a stage");
        strictEqual(new Set(names).size, names.length, names.join(", "));
        ok(!names.includes("trained"), "stage 0 is added by the framework");
        stages().forEach(({ name, share }, i) => ok(share > (stages()[i - 1]?.share ?? 0) && share <= 1, `${name}: ${share}`));
      },
    },
    {
      title: "keeps as many images of each class",
      run: () => {
        for (const { share } of stages()) deepStrictEqual(relabel(share).toSorted(), TRUE.toSorted(), `${share}`);
      },
    },
    {
      title: "leaves the labels that it is given alone",
      run: () => {
        const given = Int32Array.from(TRUE);
        definition.relabel(given, 1, seedTree(1));
        deepStrictEqual(given, TRUE);
      },
    },
    {
      title: "touches no more than its share of the images, and the same ones again at a higher share",
      run: () => {
        let before = new Set<number>();
        for (const share of [0.1, 0.25, 0.5, 0.75]) {
          const now = changed(share);
          ok(now.size <= Math.round(share * IMAGES), `${now.size} of ${IMAGES} at ${share}`);
          // Of those that exchange labels some get their own class back by chance.
          const kept = [...before].filter((image) => now.has(image)).length;
          ok(kept >= 0.5 * before.size, `${kept} of ${before.size} changed again at ${share}`);
          before = now;
        }
      },
    },
    {
      title: "gives the same labels for the same seed, and others for another",
      run: () => {
        deepStrictEqual(relabel(1), relabel(1));
        notDeepStrictEqual(relabel(1), relabel(1, 2));
      },
    },
    {
      title: "leaves labels that tell nothing of the true ones where all are permuted",
      run: () => {
        const counts = Array.from({ length: CLASSES }, (_, label) => TRUE.filter((each) => each === label).length);
        const chance = counts.reduce((sum, count) => sum + (count / IMAGES) ** 2, 0);
        const agreeing = 1 - changed(1).size / IMAGES;
        const deviation = Math.sqrt((chance * (1 - chance)) / IMAGES);
        ok(Math.abs(agreeing - chance) < 5 * deviation, `${agreeing} agree, by chance ${chance}`);
      },
    },
  ];
}
