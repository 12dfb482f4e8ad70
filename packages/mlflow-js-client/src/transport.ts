import type { MlflowAddress } from "./address.js";
import { MlflowError } from "./error.js";
import { PATIENCE, parsed, retrying, send } from "./request.js";
import type { Call, Patience } from "./request.js";

export interface ClientOptions {
  readonly patience?: Partial<Patience>;
  /** ends every request at once */
  readonly signal?: AbortSignal;
  /** called whenever the server did what it was asked for */
  readonly onAnswer?: () => void;
}

const API = "api/2.0/mlflow";

/** Requests of JSON under `api/2.0/mlflow`, with retries. */
export class Transport {
  readonly address: MlflowAddress;
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
  readonly #onAnswer: () => void;

  constructor(address: MlflowAddress, { patience, signal, onAnswer = () => undefined }: ClientOptions = {}) {
    this.address = address;
    this.patience = { ...PATIENCE, ...patience };
    this.signal = signal;
    this.#onAnswer = onAnswer;
  }

  retrying<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying(attempt, this.patience, this.signal);
  }

  /** The bytes of an answer, with retries. */
  bytes(call: Call): Promise<Uint8Array> {
    return this.retrying(() => this.#send(call));
  }

  get<T>(path: string, query: NonNullable<Call["query"]>, needs?: keyof T & string): Promise<T> {
    return this.retrying(() => this.once<T>({ method: "GET", path: `${API}/${path}`, query }, needs));
  }

  post<T = unknown>(path: string, json: unknown, needs?: keyof T & string): Promise<T> {
    return this.retrying(() => this.postOnce<T>(path, json, needs));
  }

  /** For what is not idempotent: look for the thing before sending again. */
  postOnce<T = unknown>(path: string, json: unknown, needs?: keyof T & string): Promise<T> {
    return this.once<T>({ method: "POST", path: `${API}/${path}`, json }, needs);
  }

  patch<T = unknown>(path: string, json: unknown): Promise<T> {
    return this.retrying(() => this.once<T>({ method: "PATCH", path: `${API}/${path}`, json }));
  }

  /** All pages of a list. A server that repeats its token has no more to say. */
  async pages<K extends string, T>(
    key: K,
    page: (token: string | undefined) => Promise<{ [P in K]?: T[] } & { next_page_token?: string }>,
  ): Promise<T[]> {
    const all: T[] = [];
    for (let token: string | undefined; ;) {
      const answer = await page(token);
      all.push(...(answer[key] ?? []));
      if (!answer.next_page_token || answer.next_page_token === token) return all;
      token = answer.next_page_token;
    }
  }

  async #send(call: Call): Promise<Uint8Array> {
    const bytes = await send(this.address, call, this.patience, this.signal);
    this.#onAnswer();
    return bytes;
  }

  /** An answer of JSON, or nothing at all (`{}`); cut short it may be asked for again, a page or another shape is an error. */
  private async once<T>(call: Call, needs?: keyof T & string): Promise<T> {
    const text = new TextDecoder().decode(await this.#send(call));
    const answer = text.trim() === "" ? {} : parsed(text);
    if (isAnswer(answer, needs)) return answer as T;
    const page = text.trimStart().startsWith("<");
    const what = page
      ? "a web page came instead of an answer: this is a login page, or not MLflow"
      : "the answer is cut short or not MLflow's";
    throw new MlflowError({ where: `${call.method} ${this.address.base}/${call.path}`, what, status: 200, retryable: !page });
  }
}

/** An object that has what is needed, and no list with a gap in it. */
function isAnswer(answer: unknown, needs: string | undefined): boolean {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return false;
  const facts = new Map<string, unknown>(Object.entries(answer));
  const gaps = [...facts.values()].some((fact) => Array.isArray(fact) && fact.includes(null));
  return !gaps && (needs === undefined || (facts.get(needs) ?? null) !== null);
}
