import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError, parseSpec, planExperiment, type Plan } from "@assay/core";
import { BACKENDS, backendAvailable, type BackendName } from "@assay/network";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Io } from "./io.js";
import type { GlobalOptions } from "./program.js";
import { chooseBackend, openSession, type Session } from "./session.js";

export interface SpecOptions extends GlobalOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly preset?: string;
}

function assignment(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Write name=value.");
  const name = text.slice(0, equals).replace(/^params\./, "");
  return { ...before, [name]: text.slice(equals + 1) };
}

/** The argument and options of every command that takes a spec. */
export function addSpecOptions(command: Command, format?: string): Command {
  command
    .argument("<spec>", "the experiment, a YAML file")
    .option("--set <name=value>", "set a param of the spec (repeatable)", assignment)
    .option("--preset <name>", "lay a preset of the spec over it");
  if (format === undefined)
    command.addOption(new Option("--format <name>", "how errors are printed").choices(["text", "json"]).default("text"));
  return command;
}

/** Reads, loads and plans a spec. Whatever is wrong with it is thrown before anything expensive starts. */
export async function openPlan(io: Io, spec: string, options: SpecOptions): Promise<{ readonly session: Session; readonly plan: Plan }> {
  const file = resolve(io.cwd, spec);
  const parsed = parseSpec(readSpec(file, spec), file, {
    readFile: (path) => readFileSync(path, "utf8"),
    set: options.set ?? {},
    ...(options.preset !== undefined && { preset: options.preset }),
    env: io.env,
  });
  const session = await openSession(io, options, { file, plugins: parsed.plugins ?? [] });
  // A name that there is not is among the mistakes that planning reports.
  const named = BACKENDS.find((name) => name === parsed.backend);
  const wanted = options.backend ?? named ?? "auto";
  const planOn = (backend: BackendName) => planExperiment(parsed, session.registry, session.facts, { backend });
  const plan = await planOn(chooseBackend(wanted));
  const training = wanted === "auto" ? trainersBackend(plan) : undefined;
  return { session, plan: training === undefined ? plan : await planOn(training) };
}

/** Training knows one backend only: where none was asked for, it computes the whole plan, so that one library makes a run. */
function trainersBackend({ backend, instances }: Plan): BackendName | undefined {
  for (const { plugin } of instances.values()) {
    const { definition } = plugin;
    if (definition.kind !== "trainer" || definition.backend === backend) continue;
    const own = definition.backend as BackendName;
    return backendAvailable(own) ? own : undefined;
  }
  return undefined;
}

function readSpec(file: string, given: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AssayError(
      { code: "SPEC-MISSING-FILE", where: given, what: "the spec cannot be read", next: "Check the path; experiments/ holds examples." },
      { cause: error },
    );
  }
}
