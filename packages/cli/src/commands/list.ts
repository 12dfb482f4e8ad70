import { PLUGIN_KINDS, type PluginKind } from "@assay/core";
import { type Command, InvalidArgumentError } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { openSession } from "../session.js";
import { table } from "../table.js";

function kindOf(text: string): PluginKind {
  const kind = PLUGIN_KINDS.find((each) => each === text || `${each}s` === text);
  if (!kind) throw new InvalidArgumentError(`Kinds are ${PLUGIN_KINDS.join(", ")}.`);
  return kind;
}

export const addList: AddCommand = (program, { io }) => {
  program
    .command("list")
    .description("list the plugins: data sets, models, explainers, randomizers, metrics, surrogates, reports")
    .argument("[kind]", PLUGIN_KINDS.join(", "), kindOf)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  assay list\n  assay list explainers")
    .action(async (kind: PluginKind | undefined, options: { json?: boolean }, command: Command) => {
      const { registry } = await openSession(io, command.optsWithGlobals<GlobalOptions>());
      const plugins = registry.list(kind);
      if (options.json) {
        const facts = plugins.map(({ id, definition: { version, summary }, origin }) => ({ id, version, summary, origin }));
        io.out(JSON.stringify(facts, undefined, 2));
      } else {
        io.out(table(["plugin", "what it does", "from"], plugins.map(({ id, definition, origin }) => [id, definition.summary, origin]))); // prettier-ignore
      }
    });
};
