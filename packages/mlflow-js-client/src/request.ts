import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Response } from "undici";
import type { MlflowAddress } from "./address.js";
import { MlflowError } from "./error.js";

/** How long a dead or slow server is borne. */
export interface Patience {
  readonly tries: number;
  /** one try */
  readonly tryMs: number;
  /** all tries of one request: without any progress for so long, the upload gives up */
  readonly giveUpMs: number;
  /** first pause; doubled each time, with jitter */
  readonly pauseMs: number;
}

export const PATIENCE: Patience = { tries: 5, tryMs: 15_000, giveUpMs: 60_000, pauseMs: 250 };

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** below the server's address, without a leading slash */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
}

const RETRYABLE = new Set([408, 429, 500, 502, 503, 504]);

/** Sends once. Error texts carry the method and path, never a header, a query or a password. */
export async function send(address: MlflowAddress, call: Call, patience: Patience, signal?: AbortSignal): Promise<Uint8Array> {
  const where = `${call.method} ${address.base}/${call.path.slice(0, 120)}`;
  const clean = (text: string) => address.secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  const query = new URLSearchParams(Object.entries(call.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const body = call.bytes ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
  const limit = AbortSignal.timeout(patience.tryMs + Math.ceil((call.bytes?.length ?? 0) / 100));
  // Loaded with the first request: a hundred files that most commands can do without.
  const { fetch } = await import("undici");
  const dispatcher = await address.dispatcher?.();
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(`${address.base}/${call.path}${query.size > 0 ? `?${query.toString()}` : ""}`, {
      method: call.method,
      headers: { ...address.headers, ...(call.json === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      ...(dispatcher && { dispatcher }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const text = response.arrayBuffer();
    // A refusal whose text is lost on the way still has its status and Retry-After.
    bytes = new Uint8Array(await (response.ok ? text : text.catch(() => new ArrayBuffer(0))));
  } catch (error) {
    if (signal?.aborted) throw new MlflowError({ where, what: "the upload was stopped", retryable: false });
    throw new MlflowError({
      where,
      what: clean(limit.aborted ? `no answer within ${patience.tryMs / 1000} s` : reasonOf(error)),
      retryable: true,
    });
  }
  if (response.ok) return bytes;
  throw refusal(where, response, new TextDecoder().decode(bytes.subarray(0, 4000)), clean);
}

/** Errors whose patience has ended, so that a loop around another loop does not begin again. */
const spent = new WeakSet<MlflowError>();

/** Sends until it succeeds, cannot succeed, or `patience` ends. (No retry library here: Retry-After has to set the pause.) */
export async function retrying<T>(attempt: () => Promise<T>, patience: Patience, signal?: AbortSignal): Promise<T> {
  const end = performance.now() + patience.giveUpMs;
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof MlflowError) || !error.retryable || spent.has(error)) throw error;
      const backoff = patience.pauseMs * 2 ** (tried - 1);
      const pause = Math.max(error.facts.retryAfterMs ?? 0, backoff / 2 + randomInt(Math.ceil(backoff / 2) + 1));
      if (tried >= patience.tries || performance.now() + pause > end) {
        spent.add(error);
        throw error;
      }
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => undefined);
      if (signal?.aborted) throw error;
    }
  }
}

function refusal(where: string, response: Response, text: string, clean: (text: string) => string): MlflowError {
  const { status } = response;
  const answer = parsed(text) as { error_code?: unknown; message?: unknown } | undefined;
  const reason = typeof answer?.error_code === "string" ? clean(answer.error_code) : undefined;
  const message = typeof answer?.message === "string" ? answer.message : isPage(response) ? "" : text;
  const what = clean(
    `the server answered ${status} ${reason ?? ""} ${message.replace(/\s+/g, " ").slice(0, 300)}`.trim().replace(/\s+/g, " "),
  );
  const retryable = RETRYABLE.has(status) && reason !== "FEATURE_DISABLED";
  const after = retryAfter(response.headers.get("retry-after"));
  return new MlflowError({
    where,
    what,
    status,
    retryable,
    ...(reason === undefined ? {} : { reason }),
    ...(after === undefined ? {} : { retryAfterMs: after }),
    ...(status === 401 || status === 403
      ? { next: "Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN." }
      : {}),
    ...(status >= 300 && status < 400 ? { next: "Set MLFLOW_TRACKING_URI to the address that the server redirects to." } : {}),
  });
}

const isPage = (response: Response): boolean => response.headers.get("content-type")?.startsWith("text/html") ?? false;

/** Seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** fetch says only "fetch failed"; what happened is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "the connection failed";
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return `the connection failed (${code || cause.message})`;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
