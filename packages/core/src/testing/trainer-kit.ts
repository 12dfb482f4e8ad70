import { memory } from "@tensorflow/tfjs-core";
import type { LabelledImages, Network, Training, TrainerDefinition } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { deepStrictEqual, defaultsOf, factChecks, notDeepStrictEqual, ok, strictEqual, type Check } from "./kit.js";

export interface TrainerKitOptions {
  readonly network: Network;
  /** a few images that the network can learn in some epochs */
  readonly images: LabelledImages;
  /** Default: the defaults of the schema. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What every trainer must do: learn, the same way each time, also after it was stopped between two epochs. */
export function trainerKit(definition: TrainerDefinition, { network, images, params: given }: TrainerKitOptions): Check[] {
  const params = { ...defaultsOf(definition.params), ...given };
  const { signal } = new AbortController();
  const order = (epoch: number) => seedTree(1).split(epoch).permutation(images.labels.length);
  const trained = async <T>(work: (training: Training) => Promise<T>): Promise<T> => {
    const training = await definition.start(network, images, params);
    try {
      return await work(training);
    } finally {
      training.dispose();
    }
  };
  const pass = async (training: Training, from: number, to: number): Promise<void> => {
    for (let epoch = from; epoch < to; epoch++) await training.epoch(order(epoch), signal);
  };
  return [
    ...factChecks(definition),
    {
      title: "begins with the weights that the network has",
      run: async () => {
        const values = network.weights().flatMap((array) => [...array.values]);
        deepStrictEqual([...(await trained((training) => training.weights()))], values);
      },
    },
    {
      title: "learns: after some epochs the loss is lower than in the first",
      run: async () => {
        const losses = await trained(async (training) => {
          const first = await training.epoch(order(0), signal);
          await pass(training, 1, 5);
          return [first.loss, (await training.epoch(order(5), signal)).loss];
        });
        ok(losses[1]! < losses[0]!, losses.join(" → "));
      },
    },
    {
      title: "tells the accuracy that the trained network has",
      run: async () => {
        const told = await trained(async (training) => {
          await pass(training, 0, 3);
          return { epoch: await training.epoch(order(3), signal), accuracy: await training.accuracy(images) };
        });
        strictEqual(told.epoch.accuracy, told.accuracy);
        ok(told.accuracy >= 0 && told.accuracy <= 1, String(told.accuracy));
      },
    },
    {
      title: "gives the same bytes for the same order of images, and others for another",
      run: async () => {
        const weights = (shift: number) => trained(async (training) => (await pass(training, shift, shift + 2), training.weights()));
        deepStrictEqual(await weights(0), await weights(0));
        notDeepStrictEqual(await weights(0), await weights(7));
      },
    },
    {
      title: "goes on from a saved state to the same bytes",
      run: async () => {
        const whole = await trained(async (training) => (await pass(training, 0, 4), training.save()));
        for (const stop of [0, 1, 3]) {
          const state = await trained(async (training) => (await pass(training, 0, stop), training.save()));
          const resumed = await trained(async (training) => {
            await training.restore(state);
            await pass(training, stop, 4);
            return training.save();
          });
          deepStrictEqual(resumed, whole, `stopped after ${stop} of 4`);
        }
      },
    },
    {
      title: "stops where it is told to",
      run: async () => {
        const stop = new AbortController();
        stop.abort();
        const ended = await trained((training) =>
          training.epoch(order(0), stop.signal).then(
            () => "whole",
            () => "stopped",
          ),
        );
        strictEqual(ended, "stopped");
      },
    },
    {
      title: "leaves the network and no tensor behind",
      run: async () => {
        const [digest, before] = [network.digest, memory().numTensors];
        await trained((training) => pass(training, 0, 1));
        strictEqual(network.digest, digest);
        strictEqual(memory().numTensors, before);
      },
    },
  ];
}
