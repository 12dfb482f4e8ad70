import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** min(1, max(0, αx + β)); its derivative is α where 0 < y < 1, 0 at the corners. */
export const hardSigmoid = (alpha: number, beta: number): Operation => ({
  kind: "hard-sigmoid",
  attributes: { alpha, beta },
  reads: ["y"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.clipByValue(tf.add(tf.mul(present(x, "x"), alpha), beta), 0, 1),
  gradient: ({ dy, y, kernels }) => tf.mul(kernels.reluGradient(dy, present(y, "y"), 1), alpha),
});
