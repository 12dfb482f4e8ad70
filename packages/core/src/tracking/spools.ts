import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors/error.js";
import { deliveries, type Delivery } from "./delivery.js";
import { alive, alone, thisProcess } from "./sole-sender.js";
import { Spool } from "./spool.js";
import { readSpool } from "./spooled-run.js";
import type { SpooledExperiment, SpooledRun } from "./spooled-run.js";

/** One run of this machine, as its spool tells it. */
export interface LocalRun {
  readonly folder: string;
  readonly experiment: string;
  readonly parent: SpooledRun;
  /** `20261123-150405-1a2b3c`, the name of its folder of results */
  readonly id: string;
  readonly status: "running" | "done" | "failed" | "interrupted";
  readonly deliveries: readonly (Delivery & { readonly behind: boolean })[];
}

const WRITER = "writer.pid";
const STATUS = { FINISHED: "done", FAILED: "failed", KILLED: "interrupted" } as const;

/** Marks the spool as being written by this process, so that its death can be told from its silence. */
export const markWriter = (folder: string): void => {
  writeFileSync(join(folder, WRITER), thisProcess());
};

/** Every run whose spool lies under this root, the oldest first. A damaged one costs no other: it is told of and left out. */
export function localRuns(root: string, tell: (problem: string) => void = () => undefined): LocalRun[] {
  const all = join(root, ".assay", "runs");
  if (!existsSync(all)) return [];
  const runs = readdirSync(all).flatMap((name): LocalRun[] => {
    const folder = join(all, name);
    if (!existsSync(join(folder, "events.jsonl"))) return [];
    try {
      const spooled = readSpool(folder);
      const [parent] = spooled.runs;
      return parent ? [localRun(folder, spooled, parent)] : [];
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      tell(error.message);
      return [];
    }
  });
  return runs.sort((a, b) => a.parent.startMs - b.parent.startMs || (a.id < b.id ? -1 : 1));
}

/** The runs that are meant: by id, its beginning, or the name of an experiment for its newest run; all where nothing is named. */
export function chosenRuns(runs: readonly LocalRun[], names: readonly string[]): LocalRun[] {
  if (names.length === 0) return [...runs];
  return names.map((name) => {
    const newest = runs.findLast(({ parent }) => parent.name === name);
    const begun = runs.filter(({ id, parent }) => id.startsWith(name) || parent.uuid.startsWith(name));
    const [found] = newest ? [newest] : begun;
    if (found && (newest ?? begun.length === 1)) return found;
    throw new AssayError({
      code: "RUN-UNKNOWN",
      where: name,
      what: found ? `this is the beginning of ${begun.length} runs` : "no run of this machine is called so",
      next: "`assay runs` lists them.",
    });
  });
}

/** A run whose process died is closed where it ended, with all its children, once, by whoever comes first. */
export async function closeDead(folder: string): Promise<void> {
  if (isOpen(folder) && writerIsDead(folder))
    await alone(folder, "closing", () => {
      const [parent, ...children] = readSpool(folder).runs;
      const endMs = Math.round(statSync(join(folder, "events.jsonl")).mtimeMs);
      // The parent last: as long as it is open, the next one comes here again.
      const open = parent ? [...children, parent].filter(({ closed }) => !closed) : [];
      if (open.length > 0) Spool.at(folder).append(open.map(({ uuid }) => ({ type: "run-closed", run: uuid, status: "KILLED", endMs })));
      return Promise.resolve();
    });
}

const isOpen = (folder: string): boolean => readSpool(folder).runs[0]?.closed === undefined;

function writerIsDead(folder: string): boolean {
  const file = join(folder, WRITER);
  return !existsSync(file) || !alive(readFileSync(file, "utf8"));
}

const localRun = (folder: string, { name }: SpooledExperiment, parent: SpooledRun): LocalRun => ({
  folder,
  experiment: name,
  parent,
  id: parent.tags["assay.run"] ?? parent.uuid,
  status: parent.closed ? STATUS[parent.closed.status] : writerIsDead(folder) ? "interrupted" : "running",
  deliveries: deliveries(folder),
});
