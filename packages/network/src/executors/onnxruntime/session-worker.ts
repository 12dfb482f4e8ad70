import { InferenceSession, Tensor } from "onnxruntime-node";
import { move, transferableSymbol, valueSymbol } from "piscina";
import type { Opening, Question, Values } from "./session-threads.js";

/** The sessions of this thread, by the name that they were opened under. */
const sessions = new Map<string, InferenceSession>();

export async function open({ name, file, threads }: Opening): Promise<void> {
  const session = await InferenceSession.create(file.slice(), {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Metrics run on other threads meanwhile: a thread that waits must not spin.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  sessions.set(name, session);
}

export async function run({ name, given }: Question): Promise<ReturnType<typeof move>> {
  const tensors = Object.entries(given).map(([input, { data, shape }]) => [input, new Tensor("float32", data, [...shape])] as const);
  const results = await sessions.get(name)!.run(Object.fromEntries(tensors));
  const values = Object.entries(results).map(([result, { data, dims }]) => [result, { data: data as Float32Array, shape: dims }] as const);
  return move({
    [transferableSymbol]: values.map(([, { data }]) => data.buffer),
    [valueSymbol]: Object.fromEntries(values) satisfies Readonly<Record<string, Values>>,
  });
}

export async function close(name: string): Promise<void> {
  await sessions.get(name)?.release();
  sessions.delete(name);
}
