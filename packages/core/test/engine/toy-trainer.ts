import { defineTrainer, integer, number, optional, strictObject, type Training } from "../../src/plugin/index.js";

/** What the toy trainer was asked to do, and when it is to break down. */
export const school = {
  epochs: [] as string[],
  open: 0,
  labels: [] as number[][],
  /** called at the start of each epoch */
  before: (_epoch: number): void => undefined,
};

/**
 * An epoch adds to every weight a number made of the order and the labels, and counts: accuracy is .1 after one, .2 after two. A sum whose
 * every step matters, so that a training that lost or repeated an epoch has other weights.
 */
export const toyTrainer = defineTrainer({
  name: "toy",
  version: "1",
  summary: "a test",
  params: strictObject({
    epochs: integer({ minimum: 1, default: 4, description: "epochs" }),
    until: optional(number({ description: "accuracy" })),
    diverges: optional(integer({ description: "epoch" })),
  }),
  backend: "cpu",
  epochs: ({ epochs }) => epochs,
  until: ({ until }) => until,
  start: (network, { labels }, { diverges }): Promise<Training> => {
    let weights = Float32Array.from(network.weights().flatMap(({ values }) => [...values]));
    let done = 0;
    school.open++;
    school.labels.push([...labels]);
    return Promise.resolve({
      epoch: async (order, signal) => {
        school.before(done + 1);
        await Promise.resolve();
        signal.throwIfAborted();
        done++;
        school.epochs.push(`${done}`);
        const told = order.reduce((sum, image, i) => sum + (i + 1) * (image + 1) * (labels[image]! + 1), 0);
        weights = weights.map((weight, i) => weight * 0.9 + told / (i + done));
        return { loss: diverges === done ? Number.NaN : 1 / done, accuracy: done / 10 };
      },
      accuracy: ({ labels: asked }) => Promise.resolve(asked.length / 10),
      save: () => Promise.resolve(Float32Array.from([done, ...weights])),
      restore: (state) => {
        done = state[0]!;
        weights = state.slice(1);
        return Promise.resolve();
      },
      weights: () => Promise.resolve(weights),
      dispose: () => void school.open--,
    });
  },
});
