import { graphOf } from "@assay/core";
import { type Command, Option } from "commander";
import type { AddCommand } from "../program.js";
import { addSpecOptions, openPlan, type SpecOptions } from "../spec-command.js";

export const addGraph: AddCommand = (program, { io }) => {
  addSpecOptions(program.command("graph"), "format of the graph")
    .description("draw the nodes of a spec, with their axes and counts")
    .addOption(new Option("--format <name>", "what to print").choices(["mermaid", "dot"]).default("mermaid"))
    .addHelpText("after", "\nExample:\n  assay graph experiments/mnist-cascade.yaml --format dot | dot -Tsvg > graph.svg")
    .action(async (spec: string, options: { format: "mermaid" | "dot" }, command: Command) => {
      const { plan } = await openPlan(io, spec, command.optsWithGlobals<SpecOptions>());
      io.out(graphOf(plan, options.format));
    });
};
