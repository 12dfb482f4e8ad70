import { availableParallelism } from "node:os";
import type { InferenceSession, Tensor } from "onnxruntime-node";

/** What is used of `onnxruntime-node`. */
export interface OnnxLibrary {
  readonly Tensor: typeof Tensor;
  open(file: Uint8Array): Promise<InferenceSession>;
}

export async function loadLibrary(): Promise<OnnxLibrary> {
  const library = await import("onnxruntime-node");
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: availableParallelism(),
    logSeverityLevel: 3,
    // Metrics run on other threads meanwhile: a thread that waits must not spin.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
  return { Tensor: library.Tensor, open: (file) => library.InferenceSession.create(file, options) };
}
