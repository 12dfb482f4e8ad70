import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  defineExplainer,
  defineLabelRandomizer,
  defineRandomizer,
  integer,
  strictObject,
  type BlockRandomizer,
  type ExplainerDefinition,
  type LabelRandomizer,
} from "../../src/plugin/index.js";
import { explainerKit, labelRandomizerKit, randomizerKit, type Check } from "../../src/testing/index.js";
import { ToyNetwork } from "../engine/toy-network.js";

beforeAll(async () => void (await tf.setBackend("cpu")));

const explainer = (more: Partial<ExplainerDefinition>): ExplainerDefinition =>
  defineExplainer({
    name: "mine",
    version: "1",
    summary: "noisy gradients",
    params: strictObject({ samples: integer({ default: 3, description: "copies" }) }),
    attribute: (x, { mean, gradient, random, params }) =>
      mean((params as { samples: number }).samples, (s) => gradient(tf.add(x, random.normal(s)))),
    ...more,
  });
const randomizer = (more: Partial<BlockRandomizer>): BlockRandomizer =>
  defineRandomizer({
    name: "cascade",
    version: "1",
    summary: "from the top",
    params: strictObject({}),
    order: "cascading",
    stages: (blocks) => blocks.map((name, i) => ({ name, blocks: blocks.slice(0, i + 1) })),
    redraw: () => "initializer",
    ...more,
  });

async function failing(checks: readonly Check[]): Promise<string[]> {
  const titles: string[] = [];
  for (const { run, title } of checks) {
    try {
      await run();
    } catch {
      titles.push(title);
    }
  }
  return titles;
}

describe("explainerKit", () => {
  it("passes a good explainer, and a control that ignores the model", async () => {
    expect(await failing(explainerKit(explainer({}), ToyNetwork.trained()))).toEqual([]);
    expect(
      await failing(explainerKit(explainer({ control: "edges", attribute: (x) => Promise.resolve(tf.clone(x)) }), ToyNetwork.trained())),
    ).toEqual([]);
  });

  let calls = 0;
  it.each<[string, Partial<ExplainerDefinition>]>([
    ["keeps the shape of its input, or has one channel", { attribute: (x) => Promise.resolve(tf.tile(x, [1, 1, 2, 1])) }],
    ["is finite", { attribute: (x) => Promise.resolve(tf.div(x, 0)) }],
    ["gives an image the same map alone as among others", { attribute: (x) => Promise.resolve(tf.mul(x, tf.mean(x))) }],
    ["gives the same bytes for the same seed", { attribute: (x) => Promise.resolve(tf.mul(x, calls++)) }],
    ["leaves no tensor behind", { attribute: (x) => Promise.resolve(tf.clone(tf.keep(tf.clone(x)))) }],
    [
      "declares its parameters strictly, each with its meaning, and a default unless it is optional",
      { params: strictObject({ a: integer({ description: "no default" }) }) },
    ],
    ["has a name, a version and a summary that fit its file, its page and a list", { name: "My Method" }],
    ["ignores the model", { control: "edges" }],
  ])("finds what is wrong: %s", async (title, more) => {
    expect(await failing(explainerKit(explainer(more), ToyNetwork.trained()))).toContain(title);
  });

  it("finds an explainer that changes the weights", async () => {
    const network = ToyNetwork.trained();
    const vandal = explainer({
      attribute: (x) => {
        (network.top.dataSync() as Float32Array)[0]! += 1;
        return Promise.resolve(tf.clone(x));
      },
    });
    expect(await failing(explainerKit(vandal, network))).toContain("leaves the weights of the network and the input alone");
  });
});

describe("randomizerKit", () => {
  it("passes a good randomizer, drawn on a network", async () => {
    expect(await failing(randomizerKit(randomizer({}), { network: ToyNetwork.trained() }))).toEqual([]);
    const independent = randomizer({ order: "independent", stages: (blocks) => blocks.map((name) => ({ name, blocks: [name] })) });
    expect(await failing(randomizerKit(independent))).toEqual([]);
  });

  let calls = 0;
  it.each<[string, Partial<BlockRandomizer>]>([
    ["names each stage once, and none `trained`", { stages: (blocks) => blocks.map(() => ({ name: "same", blocks: [blocks[0]!] })) }],
    ["redraws known blocks only, at least one a stage, none twice in a stage", { stages: () => [{ name: "a", blocks: ["nowhere"] }] }],
    [
      "gives stages that nest when it cascades, and that do not overlap when it is independent",
      { stages: (blocks) => blocks.map((name) => ({ name, blocks: [name] })) },
    ],
    ["gives stages that nest when it cascades, and that do not overlap when it is independent", { order: "independent" }],
    ["gives the same stages each time", { stages: () => [{ name: `s${calls++}`, blocks: ["a"] }] }],
    ["names a redraw that there is", { redraw: () => "magic" as "shuffle" }],
  ])("finds what is wrong: %s", async (title, more) => {
    expect(await failing(randomizerKit(randomizer(more)))).toContain(title);
  });
});

describe("labelRandomizerKit", () => {
  const labels = (more: Partial<LabelRandomizer>): LabelRandomizer =>
    defineLabelRandomizer({
      name: "permute",
      version: "1",
      summary: "other labels",
      params: strictObject({}),
      order: "graded",
      stages: () => [
        { name: "half", share: 0.5 },
        { name: "all", share: 1 },
      ],
      relabel: (given, share, random) => {
        const chosen = random.permutation(given.length).subarray(0, share * given.length);
        const to = Int32Array.from(given);
        chosen.forEach((image, i) => (to[image] = given[chosen[(i + 1) % chosen.length]!]!));
        return to;
      },
      ...more,
    });

  it("passes a good one", async () => {
    expect(await failing(labelRandomizerKit(labels({})))).toEqual([]);
  });

  it.each<[string, Partial<LabelRandomizer>]>([
    ["names each stage once, none `trained`, with rising shares in (0, 1]", { stages: () => [{ name: "trained", share: 1 }] }],
    ["names each stage once, none `trained`, with rising shares in (0, 1]", { stages: () => [{ name: "a", share: 0 }] }],
    ["keeps as many images of each class", { relabel: (given) => given.map(() => 0) }],
    ["leaves the labels that it is given alone", { relabel: (given) => given.reverse() }],
    ["touches no more than its share of the images, and the same ones again at a higher share", { relabel: (given) => given.toReversed() }],
    ["gives the same labels for the same seed, and others for another", { relabel: (given) => given.slice() }],
    ["leaves labels that tell nothing of the true ones where all are permuted", { relabel: (given) => given.slice() }],
  ])("finds what is wrong: %s", async (title, more) => {
    expect(await failing(labelRandomizerKit(labels(more)))).toContain(title);
  });
});
