import { type Command, InvalidArgumentError } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { openSession } from "../session.js";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) throw new InvalidArgumentError("Write a size such as 500M or 2G.");
  return Math.round(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!);
}

const shown = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`;

export const addGc: AddCommand = (program, { io }) => {
  program
    .command("gc")
    .description("shrink the store: oldest maps go first, scores and reports only after all maps")
    .requiredOption("--max <size>", "what may stay, such as 500M or 2G; 0 empties the store", bytes)
    .addHelpText("after", "\nExamples:\n  assay gc --max 1G\n  assay gc --max 0     # empties the store")
    .action(async (options: { max: number }, command: Command) => {
      const { store } = await openSession(io, command.optsWithGlobals<GlobalOptions>());
      const collected = await store.gc(options.max);
      io.out(`removed ${collected.removed} entries (${shown(collected.freedBytes)}), ${shown(collected.leftBytes)} left`);
    });
};
