import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LEFTOVER_AFTER_MS = 6 * 3_600_000;

/** Makes a folder beside its place and renames it there: it appears whole or not at all, whoever else makes it at the same time. */
export async function atomically(final, make) {
  const parent = dirname(final);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, basename(final));
  const temporary = `${final}.${randomUUID()}.tmp`;
  try {
    await make(temporary);
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
}

/** What a killed set-up left behind, once it is too old to be another one's work. */
async function removeLeftovers(parent, name) {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`${name}.`) || !entry.endsWith(".tmp")) continue;
    const path = join(parent, entry);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LEFTOVER_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Runs `work` while no other process of this machine runs work under the same lock file. The lock of a dead process is taken over. */
export async function alone(lock, waiting, work) {
  await mkdir(dirname(lock), { recursive: true });
  for (let told = false; !(await take(lock)); told = true) {
    if (!told) waiting();
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock) {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
  const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
  // An empty lock is one whose owner is just writing its number, unless it stays empty.
  const dead = holder > 0 ? !runs(holder) : Date.now() - mtimeMs > 5_000;
  if (dead) await rm(lock, { force: true });
  return false;
}

function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
