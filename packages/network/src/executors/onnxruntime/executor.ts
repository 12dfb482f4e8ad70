import { createRequire } from "node:module";
import { AssayError } from "@assay/core/plugin";
import type { Executor } from "../executor.js";
import { packageVersion } from "../package-version.js";
import { TensorComputation } from "../tensors/computation.js";
import { wasm } from "../wasm/executor.js";
import { portableKernels } from "../wasm/kernels.js";
import { OnnxComputation } from "./computation.js";
import { emitters } from "./emitters/index.js";
import { SessionThreads } from "./session-threads.js";

const require = createRequire(import.meta.url);

let threads: SessionThreads | undefined;

/**
 * `onnxruntime-node`, whose native library comes inside its package: networks are run whole, forward and back. The tensors that formulas are
 * written in live on wasm.
 */
export const onnxruntime: Executor = {
  name: "onnxruntime",

  available: () => {
    try {
      return require.resolve("onnxruntime-node") !== "" && wasm.available();
    } catch {
      return false;
    }
  },

  package: () => packageVersion(require, "onnxruntime-node"),

  start: async (cores) => {
    if (threads?.cores !== cores) threads = new SessionThreads(cores);
    await threads.ready();
    const tensors = await wasm.start(cores);
    return `${packageVersion(require, "onnxruntime-node").replace("@", " ")}, ${tensors}`;
  },

  compute: (graph, weights) => {
    if (!threads) throw new AssayError({ code: "BACKEND-NOT-STARTED", what: "onnxruntime was not started" });
    const missing = graph.nodes.some(({ operation }) => !Object.hasOwn(emitters, operation.kind));
    return missing ? new TensorComputation(graph, weights, portableKernels) : new OnnxComputation(graph, weights, threads);
  },
};
