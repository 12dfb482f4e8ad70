import { Command } from "commander";
import type { Io } from "./io.js";

/** What every command gets: where to print, and where to leave its exit code. */
export interface CommandContext {
  readonly io: Io;
  readonly result: { exitCode: number };
}

export type AddCommand = (program: Command, context: CommandContext) => void;

export interface GlobalOptions {
  readonly root: string;
  readonly backend: "auto" | "tensorflow" | "wasm";
  readonly debug?: boolean;
}
