import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { applyView, AssayError, checkGivenParams, decodeNpy, isUndefined, type MapImage, type MetricDefinition, VIEWS, type ViewName } from "@assay/core";
import { type Command, Option } from "commander";
import { findPlugin } from "../find-plugin.js";
import { parseJson } from "../parse-params.js";
import type { AddCommand, GlobalOptions } from "../program.js";
import { openSession } from "../session.js";

/** One map from `[h, w]`, `[h, w, c]` or `[1, h, w, c]`. */
function readMap(cwd: string, file: string): MapImage {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(cwd, file));
  } catch (error) {
    throw new AssayError({ code: "INPUT-MISSING", where: file, what: "the file cannot be read", next: "Check the path." }, { cause: error });
  }
  const { values, shape } = decodeNpy(bytes, file);
  const inner = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  if (inner.length !== 2 && inner.length !== 3) {
    throw new AssayError({ code: "INPUT-SHAPE", where: file, what: "this is not one map", expected: "[h, w] or [h, w, c]", got: `[${shape.join(", ")}]` });
  }
  const [height, width, channels = 1] = inner as [number, number, number?];
  return { values: Float32Array.from(values), height, width, channels };
}

export const addCompare: AddCommand = (program, { io }) => {
  program
    .command("compare")
    .description("score two maps by one metric; prints one number, or `undefined` and why")
    .argument("<a>", "an .npy map")
    .argument("<b>", "an .npy map of the same shape")
    .requiredOption("--metric <name>", "the metric (assay list metrics)")
    .option("--with <json>", "its parameters", "{}")
    .addOption(new Option("--view <name>", "applied to both maps first").choices(VIEWS).default("raw"))
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  assay compare --metric spearman a.npy b.npy\n  assay compare --metric ssim --with '{\"range\": 2}' --view signed a.npy b.npy")
    .action(async (a: string, b: string, options: { metric: string; with: string; view: ViewName; json?: boolean }, command: Command) => {
      const { registry } = await openSession(io, command.optsWithGlobals<GlobalOptions>());
      const plugin = findPlugin(registry, options.metric, "metric");
      const definition = plugin.definition as MetricDefinition;
      const { params } = checkGivenParams(plugin, parseJson(options.with, "--with"), { registry, where: "--with", folder: io.cwd });
      const [first, second] = [readMap(io.cwd, a), readMap(io.cwd, b)];
      const shape = ({ height, width, channels }: MapImage) => `[${height}, ${width}, ${channels}]`;
      if (shape(first) !== shape(second)) {
        throw new AssayError({ code: "INPUT-SHAPE", where: b, what: "the maps differ in shape", expected: shape(first), got: shape(second) });
      }
      const smallest = definition.minimumSize?.(params) ?? 1;
      if (Math.min(first.height, first.width) < smallest) {
        throw new AssayError({ code: "INPUT-SIZE", where: a, what: `metric/${definition.name} cannot see so small a map`, expected: `sides of at least ${smallest}`, got: shape(first) });
      }
      const score = scoreOf(definition, params, options.view, first, second);
      if (options.json) io.out(JSON.stringify(typeof score === "number" ? { value: score } : { value: null, reason: score.undefined }));
      else io.out(typeof score === "number" ? String(score) : `undefined: ${score.undefined}`);
    });
};

function scoreOf(metric: MetricDefinition, params: Readonly<Record<string, unknown>>, view: ViewName, ...maps: [MapImage, MapImage]) {
  const prepared: unknown[] = [];
  for (const map of maps) {
    const viewed = applyView(map, view);
    if (isUndefined(viewed)) return viewed;
    const one = metric.prepare(viewed, params);
    if (isUndefined(one)) return one;
    prepared.push(one);
  }
  return metric.compare(prepared[0], prepared[1], params);
}
