import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { AssayError, defineModel, strictObject } from "@assay/core/plugin";
import { describeNetwork, loadNetwork, type Block, type ModelInMemory } from "@assay/network";

const WHERE = "model/inception-v3";
const PACKAGE = "nsfwjs";
const INSTALL = `Type \`node scripts/setup.mjs --again\`, or install ${PACKAGE}@4.3.0 beside @assay/zoo.`;
/** Digest of the network in that version: of its topology's JSON and the bytes of all weights. */
const SHA256 = "1bc4c011fa451d9b45c1b72214d3a10bf792fa60db532325c34eebc92993a6ee";
const SHARDS = 6;
const QUOTE = '"';

/** Keras numbers the convolutions of a block one after another; `last` is the highest of each. */
const CONVOLUTIONS: readonly (readonly [block: string, last: number])[] = [
  ["Conv2d_1a_3x3", 1],
  ["Conv2d_2a_3x3", 2],
  ["Conv2d_2b_3x3", 3],
  ["Conv2d_3b_1x1", 4],
  ["Conv2d_4a_3x3", 5],
  ["Mixed_5b", 12],
  ["Mixed_5c", 19],
  ["Mixed_5d", 26],
  ["Mixed_6a", 30],
  ["Mixed_6b", 40],
  ["Mixed_6c", 50],
  ["Mixed_6d", 60],
  ["Mixed_6e", 70],
  ["Mixed_7a", 76],
  ["Mixed_7b", 85],
  ["Mixed_7c", 94],
];

/** The paper's 17 blocks, output first, each convolution with its batch normalisation. */
const blocks: readonly Block[] = [
  ...CONVOLUTIONS.map(([name, last], i) => {
    const first = (CONVOLUTIONS[i - 1]?.[1] ?? 0) + 1;
    const numbers = Array.from({ length: last - first + 1 }, (_, k) => first + k);
    return { name, layers: numbers.flatMap((n) => [`conv2d_${String(n)}`, `batch_normalization_${String(n)}`]) };
  }),
  { name: "Logits", layers: ["dense_1", "dense_2", "dense_3"] },
].reverse();

const require = createRequire(import.meta.url);

function missing(cause: unknown): AssayError {
  const what = `the package ${PACKAGE}, which carries the weights, is not installed`;
  return new AssayError({ code: "MODEL-MISSING", where: WHERE, what, next: INSTALL, exit: 3 }, { cause });
}

/** A file of the package: a program that holds an object for the topology, or base64 text for a part of the weights. */
function program(name: string): string {
  try {
    return path.join(path.dirname(require.resolve(PACKAGE)), "../models/inception_v3", `${name}.min.js`);
  } catch (cause) {
    throw missing(cause);
  }
}

const model = (weights: Uint8Array): ModelInMemory => {
  const topology = JSON.stringify(require(program("model")));
  return { topology, weights, blocks, convolution: "mixed10", where: WHERE };
};

async function readWeights(): Promise<Uint8Array> {
  const files = Array.from({ length: SHARDS }, (_, i) => program(`group1-shard${String(i + 1)}of${String(SHARDS)}`));
  const programs = await Promise.all(files.map((file) => readFile(file)));
  return Buffer.concat(programs.map(decoded));
}

/** The last text in quotes; to run six programs for it would take ten times as long. */
function decoded(program: Buffer): Buffer {
  const end = program.lastIndexOf(QUOTE);
  return Buffer.from(program.toString("latin1", program.lastIndexOf(QUOTE, end - 1) + 1, end), "base64");
}

/**
 * Inception v3 with trained weights: a content-moderation network of five classes (Drawing, Hentai, Neutral, Porn, Sexy), which the
 * package `nsfwjs` carries quantised to 8 bits. Input 299×299×3 in RGB, x/255 as it was trained (not the x/127.5 − 1 of ImageNet's
 * Inception). Blocks, output first: the paper's 17. CAM methods look at the last mixed block.
 */
export const inceptionV3 = defineModel({
  name: "inception-v3",
  version: "1",
  summary: "Inception v3, 299×299, trained for content moderation in five classes",
  paper: "Szegedy et al. 2016, arXiv:1512.00567",
  params: strictObject({}),
  // 22 MB need not be read to plan: the digest is the published one, since `load` takes no other network.
  describe: () => Promise.resolve().then(() => ({ ...describeNetwork(model(new Uint8Array())), digest: SHA256 })),
  async load() {
    const network = loadNetwork(model(await readWeights()));
    if (network.digest === SHA256) return network;
    network.dispose();
    const what = "the network is not the one that was published";
    throw new AssayError({ code: "FILE-DIGEST", where: WHERE, what, expected: SHA256, got: network.digest, next: INSTALL, exit: 3 });
  },
});
