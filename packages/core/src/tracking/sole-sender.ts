import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_AGAIN_MS = 100;

/** Names this process for `alive`: its number, and when it began, for numbers are used again (in a container, the same one each time). */
export const thisProcess = (): string => `${process.pid} ${beginOf(process.pid)}`.trim();

/** Whether the process of this machine that `thisProcess` named still runs. */
export function alive(name: string): boolean {
  const [pid = "", begin] = name.split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return begin === undefined || begin === beginOf(Number(pid));
}

/** In clock ticks since the machine started, where /proc tells: the 20th word after the name in brackets. Elsewhere nothing. */
function beginOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? ""
    );
  } catch {
    return "";
  }
}

/**
 * Does `work` while no other process does work of this name in this folder; waits for one that does, and takes over from one that died.
 * A lock is made whole by linking, so that it never stands without the process it belongs to.
 */
export async function alone<T>(folder: string, name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = join(folder, `${name}.lock`);
  const own = `${lock}-${process.pid}-${nextNumber()}`;
  writeFileSync(own, thisProcess());
  try {
    while (!taken(own, lock)) await sleep(LOOK_AGAIN_MS, undefined, signal ? { signal } : {});
  } finally {
    unlinkSync(own);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

let numbers = 0;
const nextNumber = (): number => ++numbers;

function taken(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    buryDead(lock);
    return false;
  }
}

/** Moves a dead process's lock away; should a living one have come in between, it is put back. */
function buryDead(lock: string): void {
  try {
    const holder = readFileSync(lock, "utf8");
    if (alive(holder)) return;
    const grave = `${lock}-dead-${holder.replace(" ", "-")}`;
    renameSync(lock, grave);
    if (readFileSync(grave, "utf8") !== holder) linkSync(grave, lock);
    unlinkSync(grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" && (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
