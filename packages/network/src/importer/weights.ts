import { AssayError } from "@assay/core/plugin";
import type { Graph } from "../graph/graph.js";
import type { WeightTable } from "../graph/weights.js";
import type { HostArray } from "../ops/operation.js";
import { Config, isJson } from "./config.js";
import { decode } from "./decode.js";

/** Paths of all shards, in the order in which their bytes follow one another. */
export const shardPaths = (model: Config): readonly string[] =>
  groups(model).flatMap((group) =>
    group.list("paths").map((path) => {
      if (typeof path === "string") return path;
      throw group.fail("paths", "file names");
    }),
  );

const groups = (model: Config): readonly Config[] =>
  model.list("weightsManifest").map((group) => {
    if (isJson(group)) return new Config(group, model.where);
    throw model.fail("weightsManifest", "a list of groups");
  });

/** All weights that the graph needs, checked; `data` is the bytes of all shards, one after another. */
export function readWeights(model: Config, data: Uint8Array, graph: Graph): WeightTable {
  const stored = unpack(model, data);
  const table = new Map<string, Record<string, HostArray>>();
  for (const node of graph.nodes) {
    const names = Object.entries(node.parameters);
    if (names.length === 0) continue;
    table.set(node.name, Object.fromEntries(names.map(([name, shape]) => [name, weight(stored, node.layer, name, shape, model.where)])));
  }
  return table;
}

function unpack(model: Config, data: Uint8Array): ReadonlyMap<string, HostArray> {
  const stored = new Map<string, HostArray>();
  let offset = 0;
  for (const group of groups(model)) {
    for (const item of group.list("weights")) {
      if (!isJson(item)) throw group.fail("weights", "a list of weights");
      const spec = new Config(item, model.where);
      const name = spec.text("name").replace(/:0$/, "");
      const { array, length } = decode(spec, data.subarray(offset));
      offset += length;
      stored.set(name, array);
    }
  }
  if (offset === data.length) return stored;
  throw new AssayError({
    code: "MODEL-WEIGHTS-LENGTH",
    where: model.where,
    what: "the weight files do not have the length that model.json names",
    expected: `${offset} bytes`,
    got: `${data.length}`,
    next: "Copy the model's files again",
  });
}

function weight(stored: ReadonlyMap<string, HostArray>, layer: string, name: string, shape: readonly number[], where: string): HostArray {
  const path = `${layer}/${name}`;
  // Converters prefix the model's name, or repeat the layer's: `model/conv1/kernel`, `conv1/conv1/kernel`.
  const key = stored.has(path) ? path : [...stored.keys()].find((key) => key.endsWith(`/${path}`));
  const array = key === undefined ? undefined : stored.get(key);
  if (!array) {
    const got = `${stored.size} others`;
    throw new AssayError({ code: "MODEL-WEIGHT-MISSING", where, what: "a weight is missing in weightsManifest", expected: path, got });
  }
  if (array.shape.join() !== shape.join()) {
    const [expected, got] = [shape, array.shape].map((sizes) => `[${sizes.join(", ")}]`);
    throw new AssayError({
      code: "MODEL-WEIGHT-SHAPE",
      where,
      what: `weight ${path} does not fit its layer`,
      expected: expected ?? "",
      got: got ?? "",
    });
  }
  const at = firstNotFinite(array.values);
  if (at === undefined) return array;
  const got = `${array.values[at]} at position ${at}`;
  throw new AssayError({
    code: "MODEL-WEIGHT-NOT-FINITE",
    where,
    what: `weight ${path} has values that are no numbers`,
    expected: "finite numbers",
    got,
  });
}

/** A plain loop: an Inception has 22 million weights. */
function firstNotFinite(values: Float32Array): number | undefined {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return undefined;
}
