import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { backend, setBackend } from "@tensorflow/tfjs-core";
import type { Executor } from "../executor.js";
import { packageVersion } from "../package-version.js";
import { TensorComputation } from "../tensors/computation.js";
import { tensorflowKernels } from "./kernels.js";

const require = createRequire(import.meta.url);

/** `@tensorflow/tfjs-node`: TensorFlow's native library, several times faster than wasm. */
export const tensorflow: Executor = {
  name: "tensorflow",

  available: () => {
    try {
      const folder = dirname(require.resolve("@tensorflow/tfjs-node/package.json"));
      const bindings = join(folder, "lib");
      return existsSync(bindings) && ["napi-v8", "napi-v9", "napi-v10"].some((abi) => existsSync(join(bindings, abi, "tfjs_binding.node")));
    } catch {
      return false;
    }
  },

  package: () => packageVersion(require, "@tensorflow/tfjs-node"),

  start: async (threads) => {
    // The library greets on stderr unless told otherwise before it is loaded.
    process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
    // Read once, when the library is loaded.
    process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads);
    const library = await import("@tensorflow/tfjs-node");
    await setBackend("tensorflow");
    const { binding } = backend() as unknown as { readonly binding: { readonly TF_Version: string } };
    return `tfjs-node ${library.version["tfjs-node"]}, TensorFlow ${binding.TF_Version}`;
  },
  compute: (graph, weights) => new TensorComputation(graph, weights, tensorflowKernels),
};
