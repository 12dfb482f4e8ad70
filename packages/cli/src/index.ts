import { CommanderError } from "commander";
import { type Io, processIo, reportError } from "./io.js";
import { createProgram } from "./program.js";

export type { Io } from "./io.js";

/** Runs one command line and gives its exit code: 0 done, 1 an instance failed, 2 wrong input, 3 a thing is missing, 130 interrupted. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  const result = { exitCode: 0 };
  const program = createProgram(io, result);
  try {
    await program.parseAsync(argv, { from: "user" });
    return result.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error, io, {
      debug: argv.includes("--debug"),
      json: argv.includes("--format=json") || argv.join(" ").includes("--format json"),
    });
  }
}
