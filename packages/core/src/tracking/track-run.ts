import { setTimeout as sleep } from "node:timers/promises";
import { MlflowClient, mlflowAddress, MlflowError, PATIENCE } from "mlflow-js-client";
import type { Patience } from "mlflow-js-client";
import { closingBatch, openingBatch } from "./run-layout.js";
import type { Batch } from "./run-layout.js";
import type { RunStart, RunSummary } from "./run-summary.js";
import { Spool } from "./spool.js";
import { markWriter } from "./spools.js";
import { uploadSpool } from "./upload.js";
import type { Upload } from "./upload.js";

export interface TrackOptions {
  /** the folder that holds `.assay` */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  /** Ctrl-C: ends a running upload at once; the spool is complete by then */
  readonly signal?: AbortSignal;
  readonly patience?: Partial<Patience>;
}

/** `off`: no server is named. `unsent`: `reason` says in one line why, and all is in the spool. */
export type TrackOutcome =
  | { readonly state: "off"; readonly spool: string }
  | ({ readonly state: "sent"; readonly spool: string } & Upload)
  | { readonly state: "unsent"; readonly spool?: string; readonly reason: string };

/** A finished experiment waits so long for the first word of a server that was not heard of while it ran. */
const SILENCE_MS = 500;
/** A request to make the run that is still under way at the end is given so long, lest the run be made twice. */
const GRACE_MS = 5000;

export interface TrackedRun {
  /** the folder of the spool, if it could be made */
  readonly spool?: string;
  /** Writes the rest and uploads; never throws, and ends in bounded time. */
  close(summary: RunSummary): Promise<TrackOutcome>;
}

/**
 * Begins the record of a run. The spool is on the disk when this returns; a server that is named gets the run as RUNNING beside the
 * experiment, which never waits for it and never fails by it.
 */
export function openRun(start: RunStart, options: TrackOptions): TrackedRun {
  const uri = options.env["MLFLOW_TRACKING_URI"] || start.track?.uri;
  let spool: Spool;
  try {
    spool = Spool.of(options.root, start.uuid);
    markWriter(spool.folder);
    write(spool, openingBatch(start, options.env["MLFLOW_EXPERIMENT_NAME"] || start.track?.experiment || start.name));
  } catch (error) {
    return { close: () => Promise.resolve(unsent(options, undefined, `the tracking record could not be written: ${oneLine(error)}`)) };
  }
  const { folder } = spool;
  const stop = new AbortController();
  const ending = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  let heard = false;
  const upload = (signal: AbortSignal) =>
    uploadSpool(folder, {
      uri: uri ?? "",
      env: options.env,
      signal,
      onAnswer: () => (heard = true),
      ...(options.patience ? { patience: options.patience } : {}),
    });
  const live = uri ? upload(ending).then(() => undefined, leftAlone) : undefined;
  const later = (why: string): TrackOutcome => unsent(options, folder, `not sent to MLflow: ${why} Send it with: assay sync ${start.id}`);
  return {
    spool: folder,
    async close(summary) {
      try {
        write(spool, closingBatch(summary));
      } catch (error) {
        stop.abort();
        return unsent(options, folder, `the tracking record could not be completed: ${oneLine(error)}`);
      }
      if (!uri) return { state: "off", spool: folder };
      const signal = options.signal ?? new AbortController().signal;
      const silence = heard ? undefined : await unanswered(uri, options);
      if (silence === undefined) await Promise.race([live, sleep(GRACE_MS, undefined, { signal: ending }).catch(() => undefined)]);
      stop.abort();
      const wish = await live;
      if (silence !== undefined) return later(silence);
      if (wish && wish.ms > (options.patience?.giveUpMs ?? PATIENCE.giveUpMs)) return later(wish.reason);
      if (wish) await sleep(wish.ms, undefined, { signal }).catch(() => undefined);
      try {
        const sent = await upload(signal);
        if (!sent.verified)
          options.log(
            `MLflow took the run but does not hold all of it (${sent.problems[0] ?? ""}). Send it again with: assay sync ${start.id}`,
          );
        return { state: "sent", spool: folder, ...sent };
      } catch (error) {
        return later(oneLine(error));
      }
    },
  };
}

/** How long the server wanted to be left alone (`Retry-After`) when an upload ended by its refusal, and its words. */
const leftAlone = (error: unknown): { readonly ms: number; readonly reason: string } | undefined =>
  error instanceof MlflowError && error.facts.retryAfterMs !== undefined
    ? { ms: error.facts.retryAfterMs, reason: oneLine(error) }
    : undefined;

/** Why a server does not answer one small question at once, or nothing where it does. */
async function unanswered(uri: string, { env, signal }: TrackOptions): Promise<string | undefined> {
  try {
    const client = new MlflowClient(mlflowAddress(uri, env), { patience: { tries: 1, tryMs: SILENCE_MS }, ...(signal ? { signal } : {}) });
    await client.experimentByName("Default");
    return undefined;
  } catch (error) {
    return oneLine(error);
  }
}

/** Records a run that is over: the spool always, the upload where a server is named. Never throws. */
export const trackRun = (summary: RunSummary, options: TrackOptions): Promise<TrackOutcome> => openRun(summary, options).close(summary);

function write(spool: Spool, { events, files }: Batch): void {
  const kept = files.map(({ run, path, content }) => spool.keep(run, path, content));
  const closing = events.filter(({ type }) => type === "run-closed");
  spool.append([...events.filter(({ type }) => type !== "run-closed"), ...kept, ...closing]);
}

function unsent({ log }: TrackOptions, spool: string | undefined, reason: string): TrackOutcome {
  log(reason);
  return { state: "unsent", reason, ...(spool === undefined ? {} : { spool }) };
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
