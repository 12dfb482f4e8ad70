import { languageSchema } from "@assay/core";
import type { Command } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { openSession } from "../session.js";

export const addSchema: AddCommand = (program, { io }) => {
  program
    .command("schema")
    .description("write the JSON Schema of the experiment language with all loaded plugins, for editors")
    .addHelpText("after", "\nExample:\n  assay schema > assay.schema.json   # then in a spec: # yaml-language-server: $schema=assay.schema.json")
    .action(async (_options: unknown, command: Command) => {
      const { registry } = await openSession(io, command.optsWithGlobals<GlobalOptions>());
      io.out(JSON.stringify(languageSchema(registry), undefined, 2));
    });
};
