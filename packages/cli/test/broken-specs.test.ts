import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { encodeNpy } from "@assay/core";
import { describe, expect, it } from "vitest";
import { smallSpec, Workplace } from "./workplace.js";

const place = new Workplace();
const ORACLE = new URL("../../../../shared/oracle/models/cnn/", import.meta.url);

/** The small spec with one mistake in it. */
function mistake(right: string, wrong: string): string {
  const spec = smallSpec();
  if (!spec.includes(right)) throw new Error(`the small spec has no ${right}`);
  return spec.replace(right, wrong);
}

const PLUGIN = `export default { kind: "explainer", name: "gradient", version: "1", summary: "twice", params: { type: "object", properties: {}, additionalProperties: false }, attribute: (x) => x };\n`;

interface Broken {
  readonly spec: string;
  readonly code: string;
  /** what the message must name beside the place */
  readonly names?: RegExp;
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** false where the mistake is not in the text of the spec */
  readonly placed?: boolean;
}

const MNIST = 'dataset/mnist, with: { split: test, limit: "${params.images}" }';

const BROKEN: Readonly<Record<string, Broken>> = {
  "bad YAML": { spec: mistake("over: [draw] }", "over: [draw }"), code: "SPEC-YAML" },
  "a tab for indentation": { spec: mistake("  digits:", "\tdigits:"), code: "SPEC-YAML" },
  "an unknown key": { spec: mistake("name: small", "name: small\nnodse: {}"), code: "SPEC-UNKNOWN-KEY", names: /Did you mean .?nodes/ },
  "an unknown plugin": { spec: mistake("explainer/gradient ", "explainer/gradiant "), code: "SPEC-UNKNOWN-PLUGIN", names: /gradient/ },
  "an unknown parameter": { spec: mistake("times: 2", "tims: 2"), code: "SPEC-UNKNOWN-KEY", names: /unknown parameter.*times/ },
  "a wrong type": { spec: mistake("times: 2", "times: many"), code: "SPEC-TYPE", names: /integer/ },
  "a value out of bounds": { spec: mistake("times: 2", "times: 0"), code: "SPEC-BOUNDS" },
  "a value that is no choice": { spec: mistake("split: test", "split: tset"), code: "SPEC-CHOICE", names: /test/ },
  "an unknown layer": {
    spec: mistake("explainer/grad-cam }", "explainer/grad-cam, with: { layer: conv22 } }"),
    code: "SPEC-UNKNOWN-LAYER",
    names: /conv2/,
  },
  "a layer that is not convolutional": {
    spec: mistake("explainer/grad-cam }", "explainer/grad-cam, with: { layer: fc1 } }"),
    code: "SPEC-LAYER-SHAPE",
  },
  "Grad-CAM on a network without convolution": { spec: mistake("model/mnist-cnn", "model/mnist-mlp"), code: "SPEC-NEEDS-CONVOLUTION" },
  "an unknown node": { spec: mistake("a: reference, b: perturbed", "a: referense, b: perturbed"), code: "SPEC-UNKNOWN-NODE", names: /reference/ },
  "an unknown axis": { spec: mistake("over: [explainer],", "over: [explaner],"), code: "SPEC-UNKNOWN-AXIS", names: /explainer/ },
  "a cycle": { spec: mistake("in: { model: model }, over: [draw]", "in: { model: variants }, over: [draw]"), code: "SPEC-CYCLE" },
  "an axis that nobody consumes": {
    spec: mistake("over: [metric, explainer, draw, stage], in", "over: [metric, explainer, draw], in"),
    code: "SPEC-AXIS-NOT-CONSUMED",
    names: /stage/,
  },
  "an unknown port": { spec: mistake("a: reference, b: perturbed", "c: reference, b: perturbed"), code: "SPEC-UNKNOWN-PORT" },
  "a missing input": { spec: mistake("in: { a: reference, b: perturbed }", "in: { a: reference }"), code: "SPEC-MISSING-INPUT" },
  "ports that do not fit": { spec: mistake("images: digits", "images: model"), code: "SPEC-PORT-TYPE" },
  "a pick of no stage": { spec: mistake("stage: last", "stage: conv9"), code: "SPEC-", names: /conv/ },
  "a backend that there is not": { spec: smallSpec().replace("\nnodes:", "\nbackend: onnx\nnodes:"), code: "SPEC-CHOICE", names: /onnxruntime/ },
  "a param that is not declared": { spec: mistake("${params.images}", "${params.image}"), code: "SPEC-UNKNOWN-PARAM", names: /images/ },
  "an environment variable that is not declared": { spec: mistake('"${params.images}"', '"${env.IMAGES}"'), code: "SPEC-UNRESOLVED" },
  "a node defined twice": { spec: mistake("  model: {", "  digits: { uses: dataset/mnist }\n  model: {"), code: "SPEC-" },
  "crossed maps of one image": {
    spec: smallSpec({ images: 3 }).replace("minimum: 2", "minimum: 1"),
    args: ["--set", "images=1"],
    code: "SPEC-FEW-IMAGES",
  },
  "a window larger than the map": {
    spec: mistake("metric/spearman, view: signed", "metric/hog-pearson, view: signed, with: { cell: 28 }"),
    code: "SPEC-MAP-SIZE",
  },
  "an unknown --set": { spec: smallSpec(), args: ["--set", "image=4"], code: "SPEC-", names: /images/, placed: false },
  "a --set out of bounds": { spec: smallSpec(), args: ["--set", "images=1"], code: "SPEC-BOUNDS", placed: false },
  "an unknown node in --only": { spec: smallSpec(), args: ["--only", "similarty"], code: "SELECTION", names: /similarity/, placed: false },
  "an unknown axis in --where": { spec: smallSpec(), args: ["--where", "stag=conv2"], code: "SELECTION", names: /stage/, placed: false },
  "an unknown value in --where": { spec: smallSpec(), args: ["--where", "stage=conv22"], code: "SELECTION", names: /conv2/, placed: false },
  "a plugin that is not there": { spec: smallSpec({ plugins: ["./nowhere.js"] }), code: "PLUGIN-", placed: false },
  "a plugin whose name is taken": { spec: smallSpec({ plugins: ["./twice.js"] }), files: { "twice.js": PLUGIN }, code: "PLUGIN-DUPLICATE", names: /@assay\/explainers/, placed: false },
  "a plugin without a default export": { spec: smallSpec({ plugins: ["./empty.js"] }), files: { "empty.js": "export const a = 1;\n" }, code: "PLUGIN-", names: /default/, placed: false },
  "a plugin with a syntax error": { spec: smallSpec({ plugins: ["./typo.ts"] }), files: { "typo.ts": "export default {{;\n" }, code: "PLUGIN-SYNTAX", names: /typo\.ts/, placed: false },
  "a plugin that throws when loaded": { spec: smallSpec({ plugins: ["./throws.js"] }), files: { "throws.js": "throw new Error('no licence');\n" }, code: "PLUGIN-", names: /no licence/, placed: false },
  "a data file that is missing": { spec: mistake(MNIST, "dataset/npy, with: { path: ./none.npy }"), code: "", names: /none\.npy/, placed: false },
  "a data file with a wrong magic": { spec: mistake(MNIST, "dataset/npy, with: { path: ./text.npy }"), files: { "text.npy": "this is no array at all" }, code: "NPY-MAGIC", placed: false },
  "a data file with a NaN in it": { spec: mistake(MNIST, "dataset/npy, with: { path: ./nan.npy }"), files: { "nan.npy": encodeNpy(new Float32Array(2 * 784).with(5, NaN), [2, 28, 28, 1]) }, code: "NONFINITE", placed: false },
  "a model file that is missing": { spec: mistake("model/mnist-cnn }", "model/file, with: { path: ./no/model.json } }"), code: "", names: /no\/model\.json/, placed: false },
}; // prettier-ignore

/** A person's message: a code, no stack trace. */
function expectPlainError(err: string): void {
  expect(err).not.toMatch(/^ {4}at /m);
  expect(err).not.toContain("UNEXPECTED");
}

describe("a broken spec ends with exit 2 before anything starts", () => {
  it.each(Object.entries(BROKEN))("%s", async (title, { spec, code, names, args = [], files = {}, placed = true }) => {
    const folder = title.replace(/\W+/g, "-");
    const file = place.write(`${folder}/spec.yaml`, spec);
    for (const [name, content] of Object.entries(files)) place.write(`${folder}/${name}`, content);
    const { code: exit, out, err } = await place.assay("run", file, "--root", folder, ...args);
    expect(err).toContain(code);
    expect(exit).toBe(2);
    expect(out).toBe("");
    expectPlainError(err);
    if (placed) expect(err).toMatch(/ [\w/-]*spec\.yaml:\d+:\d+: /);
    if (names) expect(err).toMatch(names);
    expect(existsSync(place.path(folder, "runs"))).toBe(false);
    expect(existsSync(place.path(folder, ".assay/store"))).toBe(false);
  });

  it("reports every mistake at once, and as JSON for tools", async () => {
    const spec = mistake("times: 2", "times: 0").replace("explainer/gradient ", "explainer/gradiant ");
    const { code, err } = await place.assay("validate", place.write("two.yaml", spec), "--format", "json");
    const { errors } = JSON.parse(err) as { errors: { code: string; place: { line: number } }[] };
    expect(code).toBe(2);
    expect(errors.map((each) => each.code).sort()).toEqual(["SPEC-BOUNDS", "SPEC-UNKNOWN-PLUGIN"]);
  });

  it("ends a process of its own with the same code and the same words", async () => {
    const { code, out, err } = await place.start("run", place.write("own.yaml", mistake("split: test", "split: tset"))).ended;
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/^SPEC-CHOICE own\.yaml:18:\d+: .* Did you mean test\?\n {2}18 \| .*\n {5}\| +\^+\n$/);
  });

  it("a spec that is not there", async () => {
    const { code, err } = await place.assay("run", "nowhere.yaml");
    expect(code).toBe(2);
    expect(err).toContain("nowhere.yaml");
    expectPlainError(err);
  });
});

describe("broken inputs of explain and compare", () => {
  const pixels = new Float32Array(28 * 28);
  const good = (): string => place.write("good.npy", encodeNpy(pixels, [28, 28, 1]));
  const explain = (input: string, model = "mnist-cnn", explainer = "gradient", ...more: string[]) =>
    place.assay("explain", "--model", model, "--explainer", explainer, "--input", input, "--out", "out.npy", ...more);

  /** The oracle's cnn with one change to its text, without one file, or with one file cut. */
  function brokenModel(name: string, change: (topology: string) => string, weights = true): string {
    mkdirSync(place.path(name));
    place.write(`${name}/model.json`, change(readFileSync(new URL("model.json", ORACLE), "utf8")));
    if (weights) copyFileSync(new URL("weights.bin", ORACLE), place.path(name, "weights.bin"));
    return `${name}/model.json`;
  }

  const CASES: readonly (readonly [string, string, number, () => ReturnType<typeof explain>])[] = [
    ["an input that is missing", "INPUT-MISSING", 2, () => explain("none.npy")],
    ["an .npy with a wrong magic", "NPY-MAGIC", 2, () => explain(place.write("magic.npy", "this is not numpy at all, only text"))],
    ["an .npy that is cut", "NPY-TRUNCATED", 2, () => explain(place.write("cut.npy", encodeNpy(pixels, [28, 28, 1]).slice(0, 999)))],
    ["an .npy of another shape", "INPUT-SHAPE", 2, () => explain(place.write("shape.npy", encodeNpy(pixels, [784])))],
    ["a NaN in the input", "INPUT-NONFINITE", 2, () => explain(place.write("nan.npy", encodeNpy(pixels.with(5, NaN), [28, 28, 1])))],
    ["a PNG that is none", "IMAGE-BROKEN", 2, () => explain(place.write("text.png", "text"))],
    ["a class that is not there", "INPUT-TARGET", 2, () => explain(good(), "mnist-cnn", "gradient", "--target", "10")],
    ["a model that is unknown", "PLUGIN-UNKNOWN", 2, () => explain(good(), "mnist-cn")],
    ["an explainer that is unknown", "PLUGIN-UNKNOWN", 2, () => explain(good(), "mnist-cnn", "gradeint")],
    ["a --with that is no JSON", "INPUT-JSON", 2, () => explain(good(), "mnist-cnn", "occlusion", "--with", "{window: 4}")],
    ["a layer of a model with an unsupported class", "MODEL-UNSUPPORTED-LAYER", 2, () => explain(good(), brokenModel("layer", (text) => text.replaceAll('"Dropout"', '"LSTM"')))],
    ["a shard that is missing", "MODEL-", 2, () => explain(good(), brokenModel("shard", (text) => text, false))],
    ["a model.json that is cut", "MODEL-", 2, () => explain(good(), brokenModel("json", (text) => text.slice(0, 500)))],
    ["Grad-CAM on a network without convolution", "SPEC-NEEDS-CONVOLUTION", 2, () => explain(good(), "mnist-mlp", "grad-cam")],
    ["Grad-CAM at a dense layer", "SPEC-LAYER-SHAPE", 2, () => explain(good(), "mnist-cnn", "grad-cam", "--with", '{"layer":"fc1"}')],
    ["an unknown parameter", "unknown parameter of explainer/occlusion: windw. Did you mean window?", 2, () => explain(good(), "mnist-cnn", "occlusion", "--with", '{"windw":4}')],
    ["a backend that does not exist", "wasm", 2, () => explain(good(), "mnist-cnn", "gradient", "--backend", "wams")],
    ["an output of an unknown kind", "INPUT-FORMAT", 2, () => place.assay("explain", "--model", "mnist-cnn", "--explainer", "gradient", "--input", good(), "--out", "out.gif")],
    ["maps of two shapes", "INPUT-SHAPE", 2, () => place.assay("compare", "--metric", "spearman", good(), place.write("small.npy", encodeNpy(pixels.slice(0, 49), [7, 7, 1])))],
    ["maps smaller than the window", "INPUT-SIZE", 2, () => place.assay("compare", "--metric", "ssim", place.write("s.npy", encodeNpy(pixels.slice(0, 49), [7, 7])), "s.npy")],
  ]; // prettier-ignore

  it.each(CASES)("%s", async (_, code, exit, run) => {
    const ended = await run();
    expect(ended.err).toContain(code);
    expect(ended.code).toBe(exit);
    expect(ended.out).toBe("");
    expectPlainError(ended.err);
    expect(existsSync(place.path("out.npy"))).toBe(false);
  });
});
