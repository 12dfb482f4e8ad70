import type { PlanEntry } from "@assay/core";
import type { Command } from "commander";
import type { AddCommand } from "../program.js";
import { addSpecOptions, openPlan, type SpecOptions } from "../spec-command.js";
import { table } from "../table.js";

/** Multiplications a minute of a training, measured with the MNIST networks on two cores (80 GFLOP/s). */
const A_MINUTE = 60 * 40e9;

/** Reasons of one node, equal ones counted, most frequent first. */
function reasonsOf(entries: readonly PlanEntry[]): string {
  const counts = new Map<string, number>();
  for (const { state, reason } of entries) if (state === "run") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, 3).map(([reason, count]) => (sorted.length > 1 ? `${reason} (${count})` : reason)).join("; "); // prettier-ignore
}

export const addPlan: AddCommand = (program, { io }) => {
  addSpecOptions(program.command("plan"))
    .description("say what a run would compute, what is already in the store, and why")
    .option("--json", "print every instance as JSON")
    .addHelpText("after", "\nExamples:\n  assay plan experiments/mnist-cascade.yaml\n  assay plan my.yaml --set images=64 --json")
    .action(async (spec: string, options: { json?: boolean }, command: Command) => {
      const { session, plan } = await openPlan(io, spec, command.optsWithGlobals<SpecOptions>());
      const entries = session.states(plan);
      if (options.json) {
        io.out(JSON.stringify(entries.map(({ instance: { id, node, key }, state, reason }) => ({ id, node, key, state, reason })), undefined, 2)); // prettier-ignore
        return;
      }
      const rows = plan.nodes.map((node) => {
        const own = entries.filter(({ instance }) => instance.node === node);
        const count = (state: PlanEntry["state"]) => String(own.filter((entry) => entry.state === state).length);
        return [node, String(own.length), count("run"), count("hit"), reasonsOf(own)];
      });
      io.out(table(["node", "instances", "run", "hit", "why"], rows, ["left", "right", "right", "right", "left"]));
      const { maps, bytes, trainings, epochs, multiplications } = await session.estimate(plan, entries);
      io.out(`\n${maps} maps to compute, about ${(bytes / 2 ** 20).toFixed(1)} MiB in the store (backend ${plan.backend})`);
      if (trainings > 0) {
        const minutes = Math.ceil(multiplications / A_MINUTE);
        const count = trainings === 1 ? "1 network" : `${trainings} networks`;
        io.out(
          `${count} to train, ${epochs} ${epochs === 1 ? "epoch" : "epochs"} at most: up to about ${minutes} min on two cores, less where a training ends early`,
        );
      }
    });
};
