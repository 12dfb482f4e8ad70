import { InferenceSession, Tensor } from "onnxruntime-node";
import { Kept, KEPT_BYTES } from "./kept.js";
import { DY, FLOOR, FORWARD, RESULT, X } from "./names.js";
import { ARRAYS } from "./onnx-file.js";
import type { Opening, Question, Values, Way } from "./session-threads.js";

type Tensors = Readonly<Record<string, Tensor>>;

/** The sessions of this thread, by the name that they were opened under. */
const sessions = new Map<string, InferenceSession>();
const kept = new Kept(KEPT_BYTES);

/** The last answers of sessions, by their names. */
const rooms = new Map<string, Tensors>();

/** `FLOOR` of the question that is being answered. */
let limit = new Tensor("float32", Float32Array.of(-Infinity), []);

/** What this thread was given of the last questions, by what it is: onnxruntime reads and writes no memory that threads share. */
const own = new Map<string, Float32Array>();

export async function open({ name, file, arrays, threads }: Opening): Promise<void> {
  const session = await InferenceSession.create(file, {
    executionProviders: ["cpu"],
    externalData: [{ path: ARRAYS, data: arrays }],
    graphOptimizationLevel: "all",
    // What a run sets aside would stay with its session; one runs at a time, and asking anew costs no more.
    enableCpuMemArena: false,
    enableMemPattern: false,
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Metrics run on other threads meanwhile: a thread that waits must not spin.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  sessions.set(name, session);
}

export async function run(question: Question): Promise<void> {
  const { shares, images, atOnce, floor } = question;
  kept.maxBytes = KEPT_BYTES / shares;
  limit = new Tensor("float32", Float32Array.of(floor), []);
  const [from, to] = images;
  const runs = Math.ceil((to - from) / atOnce);
  const first = (i: number): number => from + Math.floor(((to - from) * i) / runs);
  for (let i = 0; i < runs; i++) await runSome(question, first(i), first(i + 1));
}

async function runSome({ name, given, wanted, below }: Question, from: number, to: number): Promise<void> {
  const part = ([what, { data, shape }]: readonly [string, Values<SharedArrayBuffer>]) => {
    const [n = 1, ...rest] = shape;
    const each = data.length / n;
    const shared = data.subarray(from * each, to * each);
    const known = own.get(what);
    const share = known?.length === shared.length ? known : new Float32Array(shared.length);
    own.set(what, share);
    return { what, shared, share, tensor: new Tensor("float32", share, [to - from, ...rest]) };
  };
  const questions = Object.entries(given).map(part);
  const answers = Object.entries(wanted).map(part);
  for (const { shared, share } of questions) share.set(shared);
  const tensors = (all: readonly { readonly what: string; readonly tensor: Tensor }[]): Tensors =>
    Object.fromEntries(all.map(({ what, tensor }) => [what, tensor]));
  const got = await through(below, name, tensors(questions), tensors(answers));
  for (const { what, shared } of answers) shared.set(got[what]!.data as Float32Array);
}

/** Up the ways, through the session, and down again where a gradient is asked; the last one writes into `answers`. */
async function through([way, ...above]: readonly Way[], name: string, given: Tensors, answers?: Tensors): Promise<Tensors> {
  if (!way) return ask(name, given, answers);
  const { [FORWARD]: y, ...seen } = await kept.forward(way.forward, given[X]!, (x) => ask(way.forward, { [X]: x }));
  if (way.back === undefined) return through(above, name, { ...given, [X]: y! }, answers);
  const { [RESULT]: dy, ...besides } = await through(above, name, { ...given, [X]: y! });
  const gradient = await ask(way.back, { ...seen, [DY]: dy! }, answers && { [RESULT]: answers[RESULT]! });
  return { ...besides, ...gradient };
}

/** Into `answers`, or where the session's last answer lay: what onnxruntime sets aside itself is free only when the collector comes by. */
async function ask(name: string, asked: Tensors, answers?: Tensors): Promise<Tensors> {
  const session = sessions.get(name)!;
  const images = Object.values(asked)[0]!.dims[0];
  const given = session.inputNames.includes(FLOOR) ? { ...asked, [FLOOR]: limit } : asked;
  const room = answers ?? rooms.get(name);
  if (room && Object.values(room).every(({ dims }) => dims[0] === images)) return session.run(given, room);
  const answer = await session.run(given);
  const copied = Object.entries(answer).map(
    ([what, { type, data, dims }]) => [what, new Tensor(type, data.slice() as never, dims)] as const,
  );
  rooms.set(name, Object.fromEntries(copied));
  return answer;
}

export async function close(name: string): Promise<void> {
  await sessions.get(name)?.release();
  for (const all of [sessions, rooms]) all.delete(name);
  kept.forget(name);
}
