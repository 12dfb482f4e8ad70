import { join } from "node:path";
import { MlflowError } from "mlflow-js-client";
import { openRun, trackRun, uploadSpool } from "../../../src/tracking/index.js";
import { differences } from "./contents.js";
import type { Fault } from "./fault-plan.js";
import { FaultProxy } from "./fault-proxy.js";
import type { MortalServer } from "./mortal-server.js";
import { serverContents } from "./server-contents.js";
import { anyRun } from "./small-run.js";
import { spoolContents } from "./spool-contents.js";

const TRY_MS = 350;
const PATIENCE = { tries: 4, tryMs: TRY_MS, giveUpMs: 5000, pauseMs: 8 };
const UPLOADS = 6;

/** One run, one network with faults, and how often it was sent. */
export class Schedule {
  uploads = 0;
  verified = 0;
  /** a verified upload had nothing to leave to the last sync */
  whole = 0;
  /** what must not be, one sentence each */
  readonly problems: string[] = [];
  readonly #name: string;
  readonly #spool: string;

  private constructor(
    readonly seed: number,
    readonly proxy: FaultProxy,
    readonly server: MortalServer,
    readonly root: string,
  ) {
    const { name, uuid } = anyRun(root, "faults", seed);
    this.#name = name;
    this.#spool = join(root, ".assay", "runs", uuid);
  }

  static async of(seed: number, server: MortalServer, root: string): Promise<Schedule> {
    return new Schedule(seed, await new FaultProxy(seed, server, TRY_MS).listen(), server, root);
  }

  /** Sends again and again until it is said to be there. A third of the runs is sent live first, as an experiment does it. */
  async suffer(): Promise<void> {
    const live = this.seed % 3 === 0;
    const summary = anyRun(this.root, "faults", this.seed);
    const options = { root: this.root, env: live ? { MLFLOW_TRACKING_URI: this.proxy.uri } : {}, log: () => undefined, patience: PATIENCE };
    if (live) await openRun(summary, options).close(summary);
    else await trackRun(summary, options);
    while (this.uploads < UPLOADS && this.verified === 0) {
      await this.server.up();
      this.proxy.beginUpload();
      this.uploads++;
      if (await this.#sent()) this.verified++;
    }
    await this.proxy.settled();
  }

  /** The last sync, through the same network in health; then the server must hold what the spool tells, and nothing twice. */
  async recover(): Promise<void> {
    this.proxy.faulty = false;
    this.proxy.beginUpload();
    if (this.verified > 0 && (await this.#different()).length === 0) this.whole++;
    const last = await uploadSpool(this.#spool, { uri: this.proxy.uri, env: {} });
    await this.proxy.close();
    if (!last.verified) this.#tell(`not verified in the end: ${last.problems.join("; ")}`);
    for (const line of await this.#different()) this.#tell(line);
    if (this.proxy.hasty > 0) this.#tell(`${this.proxy.hasty} requests sooner than Retry-After allows`);
  }

  async #different(): Promise<string[]> {
    return differences(spoolContents(this.#spool), await serverContents(this.server.uri, this.#name));
  }

  /** An upload fails with a word for people, never with an accident. */
  async #sent(): Promise<boolean> {
    try {
      return (await uploadSpool(this.#spool, { uri: this.proxy.uri, env: {}, patience: PATIENCE })).verified;
    } catch (error) {
      if (!(error instanceof MlflowError)) this.#tell(`an accident: ${String(error)}`);
      return false;
    }
  }

  #tell(problem: string): void {
    this.problems.push(`schedule ${this.seed}: ${problem}`);
  }
}

export interface Outcome {
  readonly injected: ReadonlyMap<Fault, number>;
  /** what must not be, one sentence each */
  readonly problems: readonly string[];
}

/**
 * Several schedules at a time on one server, each with an experiment of its own; what one does to the server, the others feel. The last
 * syncs come when all that is over.
 */
export async function runSchedules(seeds: readonly number[], server: MortalServer, root: string): Promise<Outcome> {
  const schedules = await Promise.all(seeds.map((seed) => Schedule.of(seed, server, root)));
  await inLanes(schedules, 6, (schedule) => schedule.suffer());
  await server.up();
  await inLanes(schedules, 3, (schedule) => schedule.recover());
  const injected = new Map<Fault, number>();
  for (const { proxy } of schedules) for (const [fault, count] of proxy.injected) injected.set(fault, (injected.get(fault) ?? 0) + count);
  process.stderr.write(told(schedules, injected, server.restarts));
  return { injected, problems: schedules.flatMap(({ problems }) => problems) };
}

export async function inLanes<T>(all: readonly T[], lanes: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function told(schedules: readonly Schedule[], injected: ReadonlyMap<Fault, number>, restarts: number): string {
  const sum = (of: (schedule: Schedule) => number): number => schedules.reduce((total, schedule) => total + of(schedule), 0);
  const kinds = [...injected].sort().map(([fault, count]) => `${fault} ${count}`);
  return [
    `${schedules.length} schedules: ${sum(({ proxy }) => proxy.faults)} faults (${kinds.join(", ")}), ${restarts} restarts`,
    `${sum(({ proxy }) => proxy.retries)} retries in ${sum(({ proxy }) => proxy.requests)} requests`,
    `${sum(({ uploads }) => uploads)} uploads through faults, ${sum(({ verified }) => verified)} of them verified, ${sum(({ whole }) => whole)} of those whole\n`,
  ].join("; ");
}
