import { existsSync } from "node:fs";
import { tf, type Network, type Stage } from "@assay/core/plugin";
import { loadModel, loadNetwork } from "@assay/network";
import { toyModel } from "../../network/test/toy-model.js";

const GOLDEN_CNN = new URL("../../../../shared/oracle/models/cnn/model.json", import.meta.url).pathname;
if (!existsSync(GOLDEN_CNN)) throw new Error(`the golden vectors are missing: ${GOLDEN_CNN}`);

/** A trained CNN with the blocks fc2, fc1, conv2, conv1. */
export const goldenCnn = (): Promise<Network> => loadModel(GOLDEN_CNN);

const square = (value: (i: number) => number) => ({
  kernel: { shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => value(i)) },
});
const dense = (name: string, value: (i: number) => number) => ({
  kind: "Dense",
  name,
  config: { units: 4, use_bias: false },
  weights: square(value),
});

/** Three linear layers of one shape, whose weights can be read from outside: blocks c, b, a. */
export const threeSquares = (): Network =>
  loadNetwork(
    toyModel(
      [1, 1, 4],
      [{ kind: "Flatten", name: "flat" }, dense("a", (i) => i), dense("b", (i) => (i % 5 === 0 ? 1 : 0)), dense("c", (i) => -i)],
    ),
  );

/** The matrix of `a`: what the unit vectors become. */
export const weightsOfFirst = async (network: Network): Promise<number[]> => onUnits(async (x) => network.activations(x, "a"));

/** The matrix of `c`: the gradients of its outputs at its input. */
export const weightsOfLast = async (network: Network): Promise<number[]> =>
  onUnits(async (x) => {
    const gradients = await network.gradient(x, [0, 1, 2, 3], { at: "b" });
    const columns = tf.transpose(gradients);
    gradients.dispose();
    return columns;
  });

async function onUnits(ask: (x: tf.Tensor4D) => Promise<tf.Tensor>): Promise<number[]> {
  const x = tf.tidy(() => tf.reshape<tf.Rank.R4>(tf.eye(4), [4, 1, 1, 4]));
  const answer = await ask(x);
  const values = [...(await answer.data())];
  tf.dispose([x, answer]);
  return values;
}

export const stage = (stages: readonly Stage[], name: string): readonly string[] => stages.find((each) => each.name === name)!.blocks;

/** What a network becomes, for as long as `use` takes. */
export async function during<T>(network: Network, use: (network: Network) => T | Promise<T>): Promise<T> {
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}
