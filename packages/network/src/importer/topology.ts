import { AssayError } from "@assay/core/plugin";
import { buildGraph, type Graph, type LayerSpec } from "../graph/graph.js";
import { Config, isJson } from "./config.js";
import { layerClasses, unsupported } from "./layers.js";

interface Entry {
  readonly name: string;
  readonly kind: string;
  readonly config: Config;
  readonly inputs: readonly string[];
}

/** The graph of a parsed `model.json`: Sequential, Functional or Model. */
export function readGraph(model: Config): Graph {
  let topology = model.object("modelTopology");
  if (isJson(topology.values["model_config"])) topology = topology.object("model_config");
  const style = topology.text("class_name");
  if (style === "Sequential") return sequential(topology);
  if (style === "Functional" || style === "Model") return functional(topology.object("config"));
  throw topology.fail("class_name", "Sequential, Functional or Model");
}

function sequential(topology: Config): Graph {
  const list = Array.isArray(topology.values["config"]) ? topology.list("config") : topology.object("config").list("layers");
  let previous: string | undefined;
  const entries = list.map((value): Entry => {
    const entry = layerEntry(value, topology.where, previous === undefined ? [] : [previous]);
    previous = entry.name;
    return entry;
  });
  const first = entries[0];
  if (!first || previous === undefined) throw topology.fail("config", "at least one layer");
  if (first.kind === "InputLayer") return assemble(entries, first, previous, topology.where);
  const implicit: Entry = { name: "input_1", kind: "InputLayer", config: first.config, inputs: [] };
  const fed = [{ ...first, inputs: [implicit.name] }, ...entries.slice(1)];
  return assemble([implicit, ...fed], implicit, previous, topology.where);
}

function functional(config: Config): Graph {
  const entries = config.list("layers").map((value) => layerEntry(value, config.where, inbound(value, config)));
  const [input, ...moreInputs] = endpoints(config, "input_layers");
  const [output, ...moreOutputs] = endpoints(config, "output_layers");
  const first = entries.find((entry) => entry.name === input);
  if (!first || output === undefined || moreInputs.length + moreOutputs.length > 0) {
    throw new AssayError({ code: "MODEL-FILE-FORMAT", where: config.where, what: "the model needs exactly one input and one output" });
  }
  return assemble(entries, first, output, config.where);
}

/** `[["input_1", 0, 0], …]`, or one of them alone. */
function endpoints(config: Config, key: string): readonly string[] {
  const list = config.list(key);
  const names = typeof list[0] === "string" ? [list[0]] : list.map((item) => (Array.isArray(item) ? (item[0] as unknown) : undefined));
  return names.map((name) => {
    if (typeof name !== "string") throw config.fail(key, "names of layers");
    return name;
  });
}

function layerEntry(value: unknown, where: string, inputs: readonly string[]): Entry {
  if (!isJson(value)) throw new AssayError({ code: "MODEL-FILE-FORMAT", where, what: "a layer is not an object" });
  const entry = new Config(value, where);
  const config = entry.object("config");
  const name = config.text("name", typeof value["name"] === "string" ? value["name"] : undefined);
  return { name, kind: entry.text("class_name"), config: new Config({ ...config.values, name }, `${where}, layer ${name}`), inputs };
}

/** Names of the layers that feed a layer: Keras 2's nested lists, or Keras 3's tensors with a history. */
function inbound(value: unknown, config: Config): readonly string[] {
  const nodes = isJson(value) ? value["inbound_nodes"] : undefined;
  if (!Array.isArray(nodes)) throw config.fail("inbound_nodes", "a list in every layer");
  if (nodes.length > 1 && isJson(value)) {
    throw unsupported(
      typeof value["name"] === "string" ? value["name"] : "?",
      String(value["class_name"]),
      "more than one call (a shared layer)",
    );
  }
  const sources: string[] = [];
  const walk = (item: unknown): void => {
    if (isJson(item)) Object.values(item).forEach(walk);
    else if (Array.isArray(item)) {
      if (typeof item[0] === "string") sources.push(item[0]);
      else item.forEach(walk);
    }
  };
  walk(nodes);
  return sources;
}

function assemble(entries: readonly Entry[], input: Entry, output: string, where: string): Graph {
  const specs = entries.filter((entry) => entry !== input).map(lower);
  return buildGraph({ name: input.name, shape: inputShape(input.config) }, specs, output, where);
}

function lower({ name, kind, config, inputs }: Entry): LayerSpec {
  const read = Object.hasOwn(layerClasses, kind) ? layerClasses[kind] : undefined;
  if (!read) throw unsupported(name, kind);
  if (config.text("data_format", "channels_last") !== "channels_last") throw unsupported(name, kind, "channels_first data");
  return { name, kind, inputs, ...read(config) };
}

function inputShape(config: Config): readonly [number, number, number] {
  const key = ["batch_input_shape", "batch_shape", "batchInputShape"].find((candidate) => Array.isArray(config.values[candidate]));
  const [, h, w, c, more] = key === undefined ? [] : config.list(key);
  if (typeof h === "number" && typeof w === "number" && typeof c === "number" && more === undefined) return [h, w, c];
  throw config.fail(key ?? "batch_input_shape", "[null, height, width, channels], all of them fixed");
}
