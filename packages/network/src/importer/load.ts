import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { AssayError, type ModelFacts, type Network } from "@assay/core/plugin";
import { checkBlocks, defaultBlocks, lastConvolution, namedBlock, type Block } from "../graph/blocks.js";
import { multiplications, type Graph } from "../graph/graph.js";
import { GraphNetwork, type NetworkParts } from "../network.js";
import { Config, isJson } from "./config.js";
import { examineOnnx } from "./onnx/load.js";
import { readGraph } from "./topology.js";
import { readWeights, shardPaths } from "./weights.js";

export interface ImportOptions {
  /**
   * The blocks that randomizers act on, output first: sets of layers, or names: of a layer, or of all layers below a module
   * (`_blocks.3`). Default: each layer with weights, its batch normalisation included.
   */
  readonly blocks?: readonly (Block | string)[];
  /** The layer where CAM methods look. Default: the last convolutional activation. */
  readonly convolution?: string;
}

/** A TensorFlow.js layers model in memory. */
export interface ModelInMemory extends ImportOptions {
  /** the text of `model.json`, or the object in it */
  readonly topology: string | object;
  /** the bytes of all shards, one after another */
  readonly weights: Uint8Array;
  /** names the model in errors. Default: "model" */
  readonly where?: string;
}

/** What a `model.json` or an `.onnx` file says of its model (weight files are read for the digest). */
export const readTopology = async (path: string, options: ImportOptions = {}): Promise<ModelFacts> =>
  isOnnx(path) ? (await readOnnxFile(path, options)).facts : describeNetwork(await readFiles(path, options));

/** Loads a `model.json` and its shards, or an `.onnx` file, onto the active backend. */
export const loadModel = async (path: string, options: ImportOptions = {}): Promise<Network> =>
  isOnnx(path) ? new GraphNetwork(await readOnnxFile(path, options)) : loadNetwork(await readFiles(path, options));

const isOnnx = (path: string): boolean => extname(path).toLowerCase() === ".onnx";

async function readOnnxFile(path: string, options: ImportOptions): Promise<NetworkParts> {
  const { graph, weights, digest } = await examineOnnx(await read(path, path, "MODEL-FILE-MISSING"), path);
  return { graph, weights, ...factsOf(graph, digest, options, path) };
}

/** `readTopology` of a model in memory. */
export const describeNetwork = (model: ModelInMemory): ModelFacts => examine(model).facts;

/** `loadModel` of a model in memory. */
export function loadNetwork(model: ModelInMemory): Network {
  const { graph, blocks, facts, config } = examine(model);
  return new GraphNetwork({
    topology: config.object("modelTopology").values,
    graph,
    blocks,
    facts,
    weights: readWeights(config, model.weights, graph),
  });
}

function examine(model: ModelInMemory): { graph: Graph; blocks: readonly Block[]; facts: ModelFacts; config: Config } {
  const where = model.where ?? "model";
  const text = typeof model.topology === "string" ? model.topology : JSON.stringify(model.topology);
  const config = new Config(parse(text, where), where);
  const graph = readGraph(config);
  const digest = createHash("sha256").update(text).update(model.weights).digest("hex");
  return { graph, config, ...factsOf(graph, digest, model, where) };
}

function factsOf(graph: Graph, digest: string, options: ImportOptions, where: string): { blocks: readonly Block[]; facts: ModelFacts } {
  const named = options.blocks?.map((block) => (typeof block === "string" ? namedBlock(graph, block, where) : block));
  const blocks = named ? checkBlocks(graph, named, where) : defaultBlocks(graph);
  const convolution = options.convolution ?? lastConvolution(graph);
  const facts: ModelFacts = Object.freeze({
    inputShape: graph.inputShape,
    classes: graph.byName.get(graph.output)?.shape[0] ?? 0,
    layers: graph.layers,
    blocks: blocks.map((block) => block.name),
    ...(convolution !== undefined && { convolution }),
    multiplications: multiplications(graph.nodes),
    digest,
  });
  return { blocks, facts };
}

function parse(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isJson(value) && isJson(value["modelTopology"])) return value;
  } catch (cause) {
    throw new AssayError({ code: "MODEL-FILE-FORMAT", where, what: "the file is not JSON", got: String(cause) }, { cause });
  }
  const what = "the file is no TensorFlow.js layers model";
  throw new AssayError({ code: "MODEL-FILE-FORMAT", where, what, expected: "an object with modelTopology and weightsManifest" });
}

async function readFiles(path: string, options: ImportOptions): Promise<ModelInMemory> {
  const topology = (await read(path, path, "MODEL-FILE-MISSING")).toString("utf8");
  const shards = shardPaths(new Config(parse(topology, path), path));
  const parts = await Promise.all(shards.map((shard) => read(join(dirname(path), shard), path, "MODEL-SHARD-MISSING")));
  return { ...options, topology, weights: Buffer.concat(parts), where: path };
}

async function read(file: string, where: string, code: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const got = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new AssayError({ code, where, what: `${file} cannot be read`, got, next: "Check the path" }, { cause });
  }
}
