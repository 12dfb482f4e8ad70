import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startMlflow } from "../../../../../scripts/mlflow-server.mjs";

const run = promisify(execFile);

/** A real MLflow server that can be killed and brought back with its data, and whose disk can be full. */
export class MortalServer {
  readonly folder: string;
  #server: Awaited<ReturnType<typeof startMlflow>>;
  #restart: Promise<void> | undefined;
  #full = 0;
  #limits: Promise<unknown> = Promise.resolve();
  restarts = 0;

  private constructor(folder: string, server: Awaited<ReturnType<typeof startMlflow>>) {
    this.folder = folder;
    this.#server = server;
  }

  /** Where no server can be had: under CI a failure, elsewhere one line that says what was left out, and `undefined`. */
  static async start(): Promise<MortalServer | undefined> {
    const folder = await mkdtemp(join(tmpdir(), "assay-faults-"));
    try {
      return new MortalServer(folder, await startMlflow({ folder }));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (process.env["CI"] === "true") throw error;
      process.stderr.write(`left out: faults between client and MLflow (${error instanceof Error ? error.message : String(error)})\n`);
      return undefined;
    }
  }

  /** Of the server that is there now; another one after a restart. */
  get uri(): string {
    return this.#server.uri;
  }

  /** Kills all its processes at once, in the middle of whatever they do, and starts it again over the same data. */
  restart(): Promise<void> {
    this.#restart ??= this.#killAndStart().finally(() => (this.#restart = undefined));
    return this.#restart;
  }

  /** Resolves when no restart is under way. */
  async up(): Promise<void> {
    await this.#restart;
  }

  /**
   * While `work` runs, no process of the server can write a byte to any file: its own answers then are those of a full disk (503
   * TEMPORARILY_UNAVAILABLE of the database, a bare 500 for artifacts), since the limit on file sizes fails a write as a full disk does.
   */
  async whileDiskIsFull(work: () => Promise<void>): Promise<void> {
    if (this.#full++ === 0) await this.#limitFiles("0");
    try {
      await work();
    } finally {
      if (--this.#full === 0) await this.#limitFiles("unlimited");
    }
  }

  async close(): Promise<void> {
    await this.up();
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #killAndStart(): Promise<void> {
    this.restarts++;
    process.kill(-this.#server.pid, "SIGKILL");
    await this.#server.stop();
    this.#server = await startMlflow({ folder: this.folder });
  }

  /** One after the other; a process that has ended meanwhile needs no limit. */
  #limitFiles(size: string): Promise<unknown> {
    this.#limits = this.#limits.then(() =>
      Promise.all(groupOf(this.#server.pid).map((pid) => run("prlimit", ["--pid", pid, `--fsize=${size}:`]).catch(() => undefined))),
    );
    return this.#limits;
  }
}

/** The processes of a group, from /proc: the fifth field of `stat`, counted after the name in brackets. */
const groupOf = (group: number): string[] =>
  readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return (
        readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ")[2] === String(group)
      );
    } catch {
      return false;
    }
  });
