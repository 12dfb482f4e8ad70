import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** Mean over the plane: `[c]`, or `[1, 1, c]` where the file keeps the dimensions. */
export const globalAveragePool = (keepDimensions: boolean): Operation => ({
  kind: "global-average-pool",
  attributes: { keepDimensions },
  reads: [],
  shape: ([input = []]) => {
    const channels = input[2];
    if (channels === undefined) throw new Error(`takes [h, w, c], not [${input.join(", ")}]`);
    return keepDimensions ? [1, 1, channels] : [channels];
  },
  forward: ([x]) => tf.mean(present(x, "x"), [1, 2], keepDimensions),
  gradient: ({ dy, inputShapes }) => {
    const [n = 0, h = 0, w = 0, c = 0] = present(inputShapes[0], "input shape");
    return tf.tile(tf.div(tf.reshape(dy, [n, 1, 1, c]), h * w), [1, h, w, 1]);
  },
});
