import { InferenceSession, Tensor } from "onnxruntime-node";
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { Kept, KEPT_BYTES } from "./kept.js";
import { DY, FORWARD, RESULT, X } from "./names.js";
import type { Opening, Question, Values, Way } from "./session-threads.js";

type Tensors = Readonly<Record<string, Tensor>>;

/** The sessions of this thread, by the name that they were opened under. */
const sessions = new Map<string, InferenceSession>();
const kept = new Kept(KEPT_BYTES / (workerData as { readonly count: number }).count);

export async function open({ name, file, threads }: Opening): Promise<void> {
  const session = await InferenceSession.create(file, {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Metrics run on other threads meanwhile: a thread that waits must not spin.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  if (file.buffer.resizable) file.buffer.resize(0);
  sessions.set(name, session);
}

export async function run({ name, given, below }: Question): Promise<ReturnType<typeof move>> {
  const tensors = Object.entries(given).map(([input, { data, shape }]) => [input, new Tensor("float32", data, [...shape])] as const);
  const results = await through(below, name, Object.fromEntries(tensors));
  const values = Object.entries(results).map(([result, { data, dims }]) => [result, { data: data as Float32Array, shape: dims }] as const);
  return move({
    [transferableSymbol]: values.map(([, { data }]) => data.buffer),
    [valueSymbol]: Object.fromEntries(values) satisfies Readonly<Record<string, Values>>,
  });
}

/** Up the ways, through the session, and down again. */
async function through([way, ...above]: readonly Way[], name: string, given: Tensors): Promise<Tensors> {
  if (!way) return sessions.get(name)!.run(given);
  const { [FORWARD]: y, ...seen } = await kept.forward(way, sessions.get(way.forward)!, given[X]!);
  const { [RESULT]: dy } = await through(above, name, { ...given, [X]: y! });
  return sessions.get(way.back)!.run({ ...seen, [DY]: dy! });
}

export async function close(name: string): Promise<void> {
  await sessions.get(name)?.release();
  sessions.delete(name);
  kept.forget(name);
}
