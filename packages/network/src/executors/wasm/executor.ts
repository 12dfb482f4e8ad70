import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { setBackend } from "@tensorflow/tfjs-core";
import type { Executor } from "../executor.js";
import { packageVersion } from "../package-version.js";
import { TensorComputation } from "../tensors/computation.js";
import { portableKernels } from "./kernels.js";

const require = createRequire(import.meta.url);
const resolve = (): string => require.resolve("@tensorflow/tfjs-backend-wasm/package.json");

/** `@tensorflow/tfjs-backend-wasm`: runs everywhere, with SIMD where the processor has it. */
export const wasm: Executor = {
  name: "wasm",

  available: () => {
    try {
      return resolve() !== "";
    } catch {
      return false;
    }
  },

  package: () => packageVersion(require, "@tensorflow/tfjs-backend-wasm"),

  start: async () => {
    const library = await import("@tensorflow/tfjs-backend-wasm");
    library.setWasmPaths(join(dirname(resolve()), "dist") + sep);
    await setBackend("wasm");
    return `tfjs-backend-wasm ${library.version_wasm}`;
  },
  compute: (graph, weights) => new TensorComputation(graph, weights, portableKernels),
};
