import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { main } from "../src/index.js";

const BINARY = fileURLToPath(new URL("../bin/assay.mjs", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A temporary folder in which the command line is used as a person would use it; `start` runs the built one in a process of its own. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "assay-cli-"));

  constructor() {
    afterAll(() => {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, content: string | Uint8Array): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return name;
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const env = { ...process.env, NO_COLOR: "1", MLFLOW_TRACKING_URI: "" };
    const child = spawn(process.execPath, [BINARY, ...args], { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => {
        resolve({ code, signal, out, err });
      });
    });
    return { child, ended };
  }

  /** The same command line inside this process, which saves the start. */
  assay(...args: string[]): Promise<Ended> {
    return this.assayWith({}, ...args);
  }

  /** With these variables of the environment. */
  async assayWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
    let [out, err] = ["", ""];
    const io = {
      cwd: this.folder,
      env: { ...process.env, MLFLOW_TRACKING_URI: "", ...env },
      out: (text: string) => void (out += `${text}\n`),
      err: (text: string) => void (err += `${text}\n`),
    };
    return { code: await main(args, io), signal: null, out, err };
  }
}

export interface SmallSpec {
  readonly plugins?: readonly string[];
  readonly images?: number;
  readonly draws?: readonly number[];
  /** axis entries, as YAML flow maps */
  readonly explainers?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, string>>;
}

export const EXPLAINERS = { gradient: "{ uses: explainer/gradient }", "grad-cam": "{ uses: explainer/grad-cam }" };
export const METRICS = { spearman: "{ uses: metric/spearman, view: signed }" };

const axis = (name: string, entries: Readonly<Record<string, string>>): string =>
  [`  ${name}:`, ...Object.entries(entries).map(([key, value]) => `    ${key}: ${value}`)].join("\n");

/** The cascade of the tutorial, as small as it gets. */
export function smallSpec({ plugins, images = 3, draws = [0], explainers = EXPLAINERS, metrics = METRICS }: SmallSpec = {}): string {
  return `# Which methods notice, in small?
assay: 1
name: small
${plugins ? `plugins: [${plugins.join(", ")}]` : "# built-in plugins only"}
params:
  images: { type: integer, minimum: 2, default: ${images} }
axes:
  draw: [${draws.join(", ")}]
${axis("explainer", explainers)}
${axis("metric", metrics)}
  chance:
    permuted: { uses: surrogate/permuted, with: { times: 2 } }
    crossed: { uses: surrogate/crossed, with: { times: 1 } }
nodes:
  digits: { uses: dataset/mnist, with: { split: test, limit: "\${params.images}" } }
  model: { uses: model/mnist-cnn }
  variants: { uses: randomizer/cascade, in: { model: model }, over: [draw] }
  reference: { uses: { axis: explainer }, over: [explainer], in: { model: model, images: digits } }
  perturbed: { uses: { axis: explainer }, over: [explainer, draw, stage], in: { model: variants, images: digits } }
  similarity: { uses: { axis: metric }, over: [metric, explainer, draw, stage], in: { a: reference, b: perturbed } }
  surrogates: { uses: { axis: chance }, over: [chance, explainer, draw], in: { maps: { from: perturbed, pick: { stage: last } } } }
  floor: { uses: { axis: metric }, over: [metric, chance, explainer, draw], in: { a: reference, b: surrogates } }
  verdicts:
    uses: report/verdict
    in:
      scores: { from: similarity, collect: [metric, explainer, draw, stage] }
      floor: { from: floor, collect: [metric, chance, explainer, draw] }
`;
}
