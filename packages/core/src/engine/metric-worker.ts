import { isUndefined, type MapImage, type MetricDefinition, type Undefined } from "../plugin/metric.js";
import { tiedShare } from "../plugin/tied-share.js";
import { applyView, keepCells, type View } from "../plugin/view.js";
import type { StoredMaps } from "../store/store.js";
import type { MetricAnswer, MetricRequest, MetricShare, ScoreColumns } from "./metric-task.js";

interface Viewed {
  readonly map: MapImage | Undefined;
  readonly ties: number;
}
type Views = (position: number, view: View, domain: MetricDefinition["domain"]) => Viewed;
type Prepare = (position: number) => unknown;

/** The reference maps that came last, with all that was prepared of them; its threads see them again at every stage. */
const references = new Map<string, { readonly bytes: number; readonly views: Views; readonly prepared: Map<string, Prepare> }>();
/** Bytes of reference maps of which the threads together keep what they prepared, about sixteen times as much. */
const KEPT_BYTES = 16 * 2 ** 20;

export default async function score(task: MetricShare): Promise<MetricAnswer[]> {
  const views = viewsOf(task.b, task.foreground, task.threads);
  const answers: MetricAnswer[] = [];
  for (const request of task.metrics) {
    try {
      answers.push({ scores: compareAll(task, await load(request), request, views) });
    } catch (error) {
      answers.push({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  return answers;
}

function compareAll(
  { a, aKey, b, foreground, positions: own, threads }: MetricShare,
  metric: MetricDefinition,
  { module, params, view }: MetricRequest,
  views: Views,
): ScoreColumns {
  const reference = referenceOf(aKey, a, foreground, threads);
  const prepareA = kept(reference.prepared, JSON.stringify([module, metric.name, params, view]), () =>
    lazily(a, threads, (position) => prepare(metric, params, a, position, reference.views(position, view, metric.domain))),
  );
  const positions = new Map([...a.images].map((image, i) => [image, i]));
  const repetitions = new Map<number, number>();
  const columns: ScoreColumns = { image: [], repetition: [], value: [], ties: [], target: [], reasons: {} };
  for (const i of own) {
    const image = b.images[i]!;
    const position = positions.get(image);
    const repetition = repetitions.get(image) ?? 0;
    repetitions.set(image, repetition + 1);
    const viewed = views(i, view, metric.domain);
    const value = pair(metric, params, position === undefined ? absent : prepareA(position), prepare(metric, params, b, i, viewed));
    columns.image[i] = image;
    columns.repetition[i] = repetition;
    columns.value[i] = typeof value === "number" ? value : null;
    columns.ties[i] = Math.max(viewed.ties, position === undefined ? 0 : reference.views(position, view, metric.domain).ties);
    columns.target[i] = b.targets[i]!;
    if (typeof value !== "number") columns.reasons[i] = value.undefined;
  }
  return columns;
}

const absent: Undefined = { undefined: "the other side has no map of this image" };

function pair(metric: MetricDefinition, params: MetricRequest["params"], a: unknown, b: unknown): number | Undefined {
  if (isUndefined(a)) return a;
  if (isUndefined(b)) return b;
  const value = metric.compare(a, b, params);
  return typeof value === "number" && !Number.isFinite(value) ? { undefined: "the metric gave a number that is not finite" } : value;
}

function prepare(metric: MetricDefinition, params: MetricRequest["params"], maps: StoredMaps, position: number, { map }: Viewed): unknown {
  const reason = maps.reasons[position];
  if (reason !== undefined) return { undefined: reason };
  return isUndefined(map) ? map : metric.prepare(map, params);
}

function referenceOf(aKey: string, a: StoredMaps, foreground: MetricShare["foreground"], threads: number) {
  const found = references.get(aKey) ?? {
    bytes: a.values.byteLength,
    views: viewsOf(a, foreground, threads),
    prepared: new Map<string, Prepare>(),
  };
  references.delete(aKey);
  references.set(aKey, found);
  let bytes = [...references.values()].reduce((sum, reference) => sum + reference.bytes, 0);
  for (const [key, reference] of references) {
    if (bytes <= KEPT_BYTES || key === aKey) break;
    references.delete(key);
    bytes -= reference.bytes;
  }
  return found;
}

function viewsOf(maps: StoredMaps, foreground: MetricShare["foreground"], threads: number): Views {
  const byView = new Map<string, (position: number) => Viewed>();
  return (position, view, domain) => {
    const name = view.foreground ? `${view.name}|${domain}` : view.name;
    return kept(byView, name, () => lazily(maps, threads, (i) => look(maps, i, view, domain, foreground)))(position);
  };
}

function look(
  maps: StoredMaps,
  position: number,
  view: View,
  domain: MetricDefinition["domain"],
  foreground: MetricShare["foreground"],
): Viewed {
  const { height, width, channels } = maps;
  const size = height * width * channels;
  const values = maps.values.subarray(position * size, (position + 1) * size);
  const image: MapImage = { values, height, width, channels };
  if (maps.reasons[position] !== undefined) return { map: image, ties: 0 };
  const cells = height * width;
  const mask = view.foreground ? foreground?.subarray(maps.images[position]! * cells, (maps.images[position]! + 1) * cells) : undefined;
  const whole = applyView(image, view.name);
  const map = mask && !isUndefined(whole) ? keepCells(whole, mask, domain) : whole;
  return { map, ties: isUndefined(map) ? 0 : tiedShare(map) };
}

function kept<K, V>(cache: Map<K, V>, key: K, make: () => V): V {
  const found = cache.get(key) ?? make();
  cache.set(key, found);
  return found;
}

/** By position in a stack; of one that alone has more maps than may be kept, the first of each thread. */
function lazily<T>({ height, width, channels }: StoredMaps, threads: number, make: (position: number) => T): (position: number) => T {
  const most = KEPT_BYTES / threads / (height * width * channels * Float32Array.BYTES_PER_ELEMENT);
  const made = new Map<number, T>();
  return (position) => (made.size < most ? kept(made, position, () => make(position)) : (made.get(position) ?? make(position)));
}

const loaded = new Map<string, Promise<MetricDefinition>>();

function load({ module, name }: MetricRequest): Promise<MetricDefinition> {
  return kept(loaded, `${module}#${name}`, async () => {
    const exports = Object.values((await import(module)) as Record<string, unknown>).flat() as Partial<MetricDefinition>[];
    const found = exports.find((one) => one.kind === "metric" && one.name === name);
    if (!found) throw new Error(`${module} has no metric named ${name}`);
    return found as MetricDefinition;
  });
}
