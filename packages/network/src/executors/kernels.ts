import { getBackend } from "@tensorflow/tfjs-core";
import type { Kernels } from "../ops/operation.js";
import { tensorflowKernels } from "./tensorflow/kernels.js";
import { portableKernels } from "./wasm/kernels.js";

/** The kernels of the backend that TensorFlow.js has active. */
export const activeKernels = (): Kernels => (getBackend() === "tensorflow" ? tensorflowKernels : portableKernels);
