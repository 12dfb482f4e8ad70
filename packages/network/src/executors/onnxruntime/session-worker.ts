import { InferenceSession, Tensor } from "onnxruntime-node";
import { workerData } from "piscina";
import { Kept, KEPT_BYTES } from "./kept.js";
import { DY, FORWARD, RESULT, X } from "./names.js";
import { ARRAYS } from "./onnx-file.js";
import type { Opening, Question, Values, Way } from "./session-threads.js";

type Tensors = Readonly<Record<string, Tensor>>;

/** The sessions of this thread, by the name that they were opened under. */
const sessions = new Map<string, InferenceSession>();
const kept = new Kept(KEPT_BYTES / (workerData as { readonly count: number }).count);

/** A share of the last questions, by what it is: onnxruntime reads and writes no memory that threads share. */
const shares = new Map<string, Float32Array>();

export async function open({ name, file, arrays, threads }: Opening): Promise<void> {
  const session = await InferenceSession.create(file, {
    executionProviders: ["cpu"],
    externalData: [{ path: ARRAYS, data: arrays }],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Metrics run on other threads meanwhile: a thread that waits must not spin.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  sessions.set(name, session);
}

export async function run({ name, given, wanted, images: [from, to], below }: Question): Promise<void> {
  const own = ([what, { data, shape }]: readonly [string, Values<SharedArrayBuffer>]) => {
    const [n = 1, ...rest] = shape;
    const each = data.length / n;
    const shared = data.subarray(from * each, to * each);
    const known = shares.get(what);
    const share = known?.length === shared.length ? known : new Float32Array(shared.length);
    shares.set(what, share);
    return { what, shared, share, tensor: new Tensor("float32", share, [to - from, ...rest]) };
  };
  const questions = Object.entries(given).map(own);
  const answers = Object.entries(wanted).map(own);
  for (const { shared, share } of questions) share.set(shared);
  const tensors = (all: readonly { readonly what: string; readonly tensor: Tensor }[]): Tensors =>
    Object.fromEntries(all.map(({ what, tensor }) => [what, tensor]));
  await through(below, name, tensors(questions), tensors(answers));
  for (const { shared, share } of answers) shared.set(share);
}

/** Up the ways, through the session, and down again; the last one writes into `answers`. */
async function through([way, ...above]: readonly Way[], name: string, given: Tensors, answers: Tensors = {}): Promise<Tensors> {
  if (!way) return ask(name, given, answers);
  const { [FORWARD]: y, ...seen } = await kept.forward(way, sessions.get(way.forward)!, given[X]!);
  const { [RESULT]: dy } = await through(above, name, { ...given, [X]: y! });
  return ask(way.back, { ...seen, [DY]: dy! }, answers);
}

const ask = (name: string, given: Tensors, answers: Tensors): Promise<Tensors> => {
  const session = sessions.get(name)!;
  return Object.keys(answers).length > 0 ? session.run(given, answers) : session.run(given);
};

export async function close(name: string): Promise<void> {
  await sessions.get(name)?.release();
  sessions.delete(name);
  kept.forget(name);
}
