import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type Pair } from "./operation.js";

/** Zeros around the plane: cells before and after, rows and columns. */
export const zeroPadding2d = (rows: Pair, columns: Pair): Operation => ({
  kind: "zero-padding2d",
  attributes: { rows, columns },
  reads: [],
  shape: ([input = []]) => {
    const [h, w, c] = input;
    if (h === undefined || w === undefined || c === undefined) throw new Error(`takes [h, w, c], not [${input.join(", ")}]`);
    return [h + rows[0] + rows[1], w + columns[0] + columns[1], c];
  },
  forward: ([x]) => tf.pad(x as tf.Tensor4D, [[0, 0], [...rows], [...columns], [0, 0]]),
  gradient: ({ dy, inputShapes }) => tf.slice(dy, [0, rows[0], columns[0], 0], [...present(inputShapes[0], "input shape")]),
});
