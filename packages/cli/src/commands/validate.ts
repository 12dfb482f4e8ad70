import type { Command } from "commander";
import type { AddCommand } from "../program.js";
import { addSpecOptions, openPlan, type SpecOptions } from "../spec-command.js";

export const addValidate: AddCommand = (program, { io }) => {
  addSpecOptions(program.command("validate"))
    .description("check a spec: every mistake at once, before anything is computed")
    .addHelpText("after", "\nExamples:\n  assay validate experiments/mnist-cascade.yaml\n  assay validate my.yaml --format json")
    .action(async (spec: string, _options: unknown, command: Command) => {
      const { plan } = await openPlan(io, spec, command.optsWithGlobals<SpecOptions>());
      io.out(`${spec} is valid: ${plan.nodes.length} nodes, ${plan.instances.size} instances.`);
    });
};
