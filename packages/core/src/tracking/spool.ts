import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AssayError } from "../errors/error.js";
import { hideCredentials } from "mlflow-js-client";

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface SpoolDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly profile: string;
  readonly context: string;
}

export interface SpoolArtifact {
  /** path in the MLflow run */
  readonly path: string;
  /** the copy, relative to the spool folder */
  readonly file: string;
  readonly bytes: number;
}

export type ClosedStatus = "FINISHED" | "FAILED" | "KILLED";
type Texts = Readonly<Record<string, string>>;

/** One line of `events.jsonl`. `run` is Assay's uuid of the parent or of a child. */
export type SpoolEvent =
  | { readonly type: "experiment"; readonly name: string; readonly note: string }
  | { readonly type: "run-opened"; readonly run: string; readonly parent?: string; readonly name: string; readonly startMs: number }
  | { readonly type: "params"; readonly run: string; readonly params: Texts }
  | { readonly type: "tags"; readonly run: string; readonly tags: Texts }
  | { readonly type: "metrics"; readonly run: string; readonly metrics: readonly MetricPoint[] }
  | { readonly type: "dataset"; readonly run: string; readonly dataset: SpoolDataset }
  | ({ readonly type: "artifact"; readonly run: string } & SpoolArtifact)
  | { readonly type: "run-closed"; readonly run: string; readonly status: ClosedStatus; readonly endMs: number };

/** Content for an artifact: a file of this machine, or a text or bytes made here. */
export type ArtifactContent = { readonly file: string } | { readonly text: string } | { readonly bytes: Uint8Array };

const EVENTS = "events.jsonl";
const READABLE = /\.(ya?ml|json|csv|md|txt)$/;

/**
 * The append-only record of one run. A batch is on the disk when `append` returns; a crash loses at most the batch being written,
 * whose broken last line is dropped by the next reader and cut off by the next writer.
 */
export class Spool {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    cutBrokenTail(join(folder, EVENTS));
  }

  /** The spool of a run, made where there is none. */
  static of(root: string, uuid: string): Spool {
    if (!/^[\w-]{8,64}$/.test(uuid)) throw new AssayError({ code: "SPOOL-UUID", what: "the run's uuid cannot name a folder", got: uuid });
    return new Spool(join(root, ".assay", "runs", uuid));
  }

  /** One that is there. */
  static at = (folder: string): Spool => new Spool(folder);

  append(events: readonly SpoolEvent[]): void {
    const file = openSync(join(this.folder, EVENTS), "a");
    try {
      writeWhole(file, Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(this.folder);
  }

  /** Keeps a copy, so that the upload needs nothing but this folder; addresses in texts lose their passwords. */
  keep(run: string, path: string, content: ArtifactContent): SpoolEvent {
    const file = join("artifacts", run, path);
    const target = join(this.folder, file);
    mkdirSync(dirname(target), { recursive: true });
    if ("text" in content) writeFileSync(target, hideCredentials(content.text));
    else if ("bytes" in content) writeFileSync(target, content.bytes);
    else if (READABLE.test(path)) writeFileSync(target, hideCredentials(readFileSync(content.file, "utf8")));
    else copyFileSync(content.file, target);
    const handle = openSync(target, "r+");
    fsyncSync(handle);
    closeSync(handle);
    return { type: "artifact", run, path, file, bytes: readFileSync(target).length };
  }
}

/** Assay's uuid of a child run: the same for the same parent and name, so that a second writing finds it again. */
export const childUuid = (parent: string, name: string): string =>
  createHash("sha256")
    .update(`${parent}\n${name}`)
    .digest("hex")
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** Every whole event of a spool, in order. A broken line other than the last is damage, and an error. */
export function readEvents(folder: string): SpoolEvent[] {
  const file = join(folder, EVENTS);
  if (!existsSync(file))
    throw new AssayError({ code: "SPOOL-MISSING", where: folder, what: "there is no events.jsonl in this folder", exit: 2 });
  const lines = readFileSync(file, "utf8").split("\n");
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as SpoolEvent;
    } catch (cause) {
      const what = `line ${index + 1} is not an event`;
      throw new AssayError({ code: "SPOOL-DAMAGED", where: file, what, next: "Remove the line, or the folder, and run again." }, { cause });
    }
  });
}

function cutBrokenTail(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end === bytes.length) return;
  const file = openSync(path, "r+");
  ftruncateSync(file, end);
  fsyncSync(file);
  closeSync(file);
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Makes a new file's name durable too; a system that cannot open folders keeps its own promise. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    return;
  }
}
