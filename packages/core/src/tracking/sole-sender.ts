import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_AGAIN_MS = 100;

/** Whether a process of this machine still runs. */
export function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Does `work` while no other process does work of this name in this folder; waits for one that does, and takes over from one that died.
 * A lock is made whole by linking, so that it never stands without the process it belongs to.
 */
export async function alone<T>(folder: string, name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = join(folder, `${name}.lock`);
  const own = `${lock}-${process.pid}-${nextNumber()}`;
  writeFileSync(own, String(process.pid));
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
    if (alive(Number(holder))) return;
    const grave = `${lock}-dead-${holder}`;
    renameSync(lock, grave);
    if (readFileSync(grave, "utf8") !== holder) linkSync(grave, lock);
    unlinkSync(grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" && (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
