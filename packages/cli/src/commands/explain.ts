import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { applyView, AssayError, encodeNpy, explainOnce, isUndefined, VIEWS, type ExplainerDefinition, type ViewName } from "@assay/core";
import { startBackend } from "@assay/network";
import { type Preprocessing, PREPROCESSING } from "@assay/zoo";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readInput } from "../read-input.js";
import { resolveExplainer } from "../resolve-explainer.js";
import { resolveModel } from "../resolve-model.js";
import type { AddCommand, GlobalOptions } from "../program.js";
import { chooseBackend, openSession } from "../session.js";
import { writePng } from "../write-png.js";

interface ExplainOptions extends GlobalOptions {
  readonly model: string;
  readonly explainer: string;
  readonly with: string;
  readonly target?: number;
  readonly view: ViewName;
  readonly rule?: string;
  readonly preprocessing: Preprocessing;
  readonly input: string;
  readonly out: string;
}

function classIndex(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("A class index is a whole number from 0.");
  return value;
}

export const addExplain: AddCommand = (program, { io }) => {
  program
    .command("explain")
    .description("make the map of one method for one input")
    .requiredOption("--model <ref>", "a model of the zoo, or the path of a model.json or .onnx file")
    .requiredOption("--explainer <name>", "the method (assay list explainers)")
    .option("--with <json>", "its parameters", "{}")
    .option("--target <class>", "the explained class; the largest logit if not given", classIndex)
    .addOption(new Option("--view <name>", "how the attribution becomes a map").choices(VIEWS).default("raw"))
    .option("--rule <name>", "the explainer's parameter `rule`; for the gradient, how it passes ReLUs: standard, guided, deconvnet")
    .addOption(
      new Option("--preprocessing <name>", "how the bytes of a PNG or JPEG become model-input units")
        .choices(PREPROCESSING)
        .default("unit"),
    )
    .requiredOption("--input <file>", "an .npy ([h,w,c] or [n,h,w,c], model-input units) or a PNG or JPEG")
    .requiredOption("--out <file>", ".npy (float32, NHWC) or .png")
    .addHelpText(
      "after",
      "\nExample:\n  assay explain --model mnist-cnn --explainer integrated-gradients --with '{\"steps\": 50}' --input seven.png --view absolute --out seven.png",
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExplainOptions>();
      const format = extname(options.out).toLowerCase();
      if (format !== ".npy" && format !== ".png") {
        throw new AssayError({
          code: "INPUT-FORMAT",
          where: "--out",
          what: "this kind of file cannot be written",
          expected: ".npy or .png",
          got: options.out,
        });
      }
      const session = await openSession(io, options);
      const model = await resolveModel(session, io.cwd, options.model);
      const explainer = resolveExplainer(session.registry, io.cwd, options, model.facts);
      if (options.target !== undefined && options.target >= model.facts.classes) {
        throw new AssayError({
          code: "INPUT-TARGET",
          where: "--target",
          what: "the model has no such class",
          expected: `0 … ${model.facts.classes - 1}`,
          got: String(options.target),
        });
      }
      const input = await readInput(resolve(io.cwd, options.input), options.input, model.facts, options.preprocessing);
      await startBackend(chooseBackend(options.backend ?? "auto"), options.threads);
      const network = await model.load();
      const { values, shape, targets } = await explainOnce(network, explainer.plugin.definition as ExplainerDefinition, input, {
        params: explainer.params,
        ...(options.target !== undefined && { targets: options.target }),
        ...(explainer.inner && { inner: explainer.inner }),
      });
      const views = Array.from({ length: shape[0] }, (_, i) => viewed(values, shape, i, options.view));
      const [first] = views;
      const out = resolve(io.cwd, options.out);
      mkdirSync(dirname(out), { recursive: true });
      if (format === ".png") await writePng(out, first!, options.view);
      else {
        const all = new Float32Array(views.length * first!.values.length);
        views.forEach((view, i) => all.set(view.values, i * first!.values.length));
        writeFileSync(out, encodeNpy(all, [views.length, first!.height, first!.width, first!.channels]));
      }
      io.out(`${options.out}: [${views.length}, ${first!.height}, ${first!.width}, ${first!.channels}], class ${targets.join(", ")}`);
      network.dispose();
    });
};

function viewed(
  values: Float32Array,
  [, height, width, channels]: readonly [number, number, number, number],
  image: number,
  view: ViewName,
) {
  const size = height * width * channels;
  const map = applyView({ values: values.slice(image * size, (image + 1) * size), height, width, channels }, view);
  if (isUndefined(map)) throw new AssayError({ code: "VIEW-UNDEFINED", where: `image ${image}`, what: `the ${view} view is not defined: ${map.undefined}`, next: "Use --view raw to see the values.", exit: 1 }); // prettier-ignore
  return map;
}
