import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { chance, faultFor, pick } from "./fault-plan.js";
import type { Fault } from "./fault-plan.js";
import type { MortalServer } from "./mortal-server.js";

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

interface Asked {
  readonly index: number;
  /** of all that makes it the same request when it comes again, this proxy included: what one hears is heard by all */
  readonly digest: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

const PAGE = "<!doctype html><html><body><h1>Something stands between you and MLflow</h1></body></html>";
const ON_ITS_WAY_MS = 5;
/** in an answer of 429: to which request, and when it may be sent again */
const ASKED = "x-asked";
const ALLOWED = "x-allowed-at";
const HEADERS_HEARD = "undici:request:headers";
const LIES = [
  "{}",
  "[]",
  "null",
  '"ok"',
  '{"status":"ok"}',
  '{"run":null,"experiment":null,"experiment_id":null}',
  '{"runs":[null]}',
  "%PDF",
];

/** A network between a client and a real server that fails as a seed says, the same way for the same requests. */
export class FaultProxy {
  readonly injected = new Map<Fault, number>();
  /** requests that had failed before and were sent again within one upload */
  retries = 0;
  requests = 0;
  /** requests that were sent again before Retry-After allowed it */
  hasty = 0;
  faults = 0;
  faulty = true;
  uri = "";
  readonly #seed: number;
  readonly #upstream: MortalServer;
  readonly #patienceMs: number;
  readonly #server: Server;
  readonly #pending = new Set<Promise<void>>();
  readonly #failed = new Set<string>();
  readonly #notBefore = new Map<string, number>();
  /** An answer counts when the client has it: one that comes after its patience has ended tells it nothing. */
  readonly #heard = (message: unknown) => {
    const lines = (message as { response: { headers: Buffer[] } }).response.headers.map(String);
    const header = (name: string) => lines[lines.indexOf(name) + 1] ?? "";
    if (lines.includes(ASKED)) this.#notBefore.set(header(ASKED), Number(header(ALLOWED)));
  };

  constructor(seed: number, upstream: MortalServer, patienceMs: number) {
    this.#seed = seed;
    this.#upstream = upstream;
    this.#patienceMs = patienceMs;
    this.#server = createServer((request, response) => {
      const handled = this.#handle(request, response).catch(() => void response.destroy());
      this.#pending.add(handled);
      void handled.then(() => this.#pending.delete(handled));
    });
  }

  async listen(): Promise<this> {
    subscribe(HEADERS_HEARD, this.#heard);
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.uri = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  beginUpload(): void {
    this.#failed.clear();
    this.#notBefore.clear();
  }

  /** Resolves when what the client has given up has reached the server too. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async close(): Promise<void> {
    await this.settled();
    unsubscribe(HEADERS_HEARD, this.#heard);
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const index = this.requests++;
    const body = await bytesOf(request);
    const path = (request.url ?? "").split("?")[0] ?? "";
    const digest = createHash("sha256")
      .update(`${request.method ?? ""} ${this.uri}${request.url ?? ""}\n`)
      .update(body)
      .digest("hex");
    if (this.#failed.has(digest)) this.retries++;
    if (Date.now() < (this.#notBefore.get(digest) ?? 0) - 50) this.hasty++;
    const fault = this.faulty ? faultFor(this.#seed, index, path) : undefined;
    if (fault === undefined) return void answer(response, await this.#forward({ index, digest, request, response, body }));
    this.faults++;
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
    this.#failed.add(digest);
    await this.#fail(fault, { index, digest, request, response, body });
  }

  async #fail(fault: Fault, asked: Asked): Promise<void> {
    const { response, index } = asked;
    const forward = () => this.#forward(asked);
    const socket = response.socket as Socket;
    switch (fault) {
      case "drop-before":
        return void socket.destroy();
      case "drop-after":
        await forward();
        return void socket.destroy();
      case "reset-before":
        return void socket.resetAndDestroy();
      case "reset-in-reply":
        return this.#half(response, await forward(), () => socket.resetAndDestroy());
      case "cut-connection":
        return this.#half(response, await forward(), () => socket.destroy());
      case "cut-text": {
        const reply = await forward();
        return void answer(response, { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) });
      }
      case "429-seconds":
      case "429-date": {
        const at = Date.now() + 1000;
        const header = fault === "429-date" ? new Date(at).toUTCString() : "1";
        const allowed = fault === "429-date" ? Date.parse(header) : at;
        return void response.writeHead(429, { "retry-after": header, [ASKED]: asked.digest, [ALLOWED]: allowed }).end("slow down");
      }
      case "502-page-before":
        return void answer(response, page(502));
      case "502-page-after":
        await forward();
        return void answer(response, page(502));
      case "503":
        return void response.writeHead(503).end();
      case "504-after":
        await forward();
        return void answer(response, page(504));
      case "hang-before":
        return gone(asked.request);
      case "hang-after":
        await forward();
        return gone(asked.request);
      case "late":
        await gone(asked.request);
        await sleep(chance(this.#seed, index, "late") * 300);
        return void (await forward());
      case "slow":
        return this.#dribble(response, await forward(), this.#patienceMs / 3);
      case "slower-than-patience":
        return this.#dribble(response, await forward(), this.#patienceMs * 1.5);
      case "wrong-json": {
        const lie = LIES[pick(LIES.length, this.#seed, index, "lie")] ?? "";
        return void answer(response, { status: 200, type: "application/json", body: Buffer.from(lie) });
      }
      case "login-page":
        return void answer(response, page(200));
      case "twice":
        await forward();
        return void answer(response, await forward());
      case "disk-full":
        return this.#upstream.whileDiskIsFull(async () => {
          answer(response, await forward());
        });
      case "restart": {
        const [forwarded] = await Promise.allSettled([forward(), this.#upstream.restart()]);
        return forwarded.status === "fulfilled" ? void answer(response, forwarded.value) : void socket.destroy();
      }
    }
  }

  /** As it came, to the server; fails while that is down. */
  async #forward({ request, body }: Asked): Promise<Reply> {
    const type = request.headers["content-type"];
    const method = request.method ?? "GET";
    const reply = await fetch(this.#upstream.uri + (request.url ?? ""), {
      method,
      headers: type === undefined ? {} : { "content-type": type },
      ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
      redirect: "manual",
    });
    return { status: reply.status, type: reply.headers.get("content-type") ?? "", body: Buffer.from(await reply.arrayBuffer()) };
  }

  /** Says how long the reply is, sends half of it (of an empty one nothing) and ends as told. */
  async #half(response: ServerResponse, { status, type, body }: Reply, end: () => void): Promise<void> {
    response.writeHead(status, { "content-type": type, "content-length": body.length + 8 });
    response.flushHeaders();
    response.write(body.subarray(0, Math.ceil(body.length / 2)));
    // Not until it is written: of that nobody tells where the client has gone meanwhile.
    await sleep(ON_ITS_WAY_MS);
    end();
  }

  async #dribble(response: ServerResponse, { status, type, body }: Reply, forMs: number): Promise<void> {
    const pieces = 5;
    response.writeHead(status, { "content-type": type, "content-length": body.length });
    for (let piece = 0; piece < pieces && !response.destroyed; piece++) {
      await sleep(forMs / pieces);
      response.write(body.subarray(Math.floor((piece * body.length) / pieces), Math.floor(((piece + 1) * body.length) / pieces)));
    }
    response.end();
  }
}

const answer = (response: ServerResponse, { status, type, body }: Reply): void =>
  void response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body);

const page = (status: number): Reply => ({ status, type: "text/html", body: Buffer.from(PAGE) });

/** The client has lost its patience. (Asked of the socket: a response that waits behind another on the same one is never closed.) */
async function gone({ socket }: IncomingMessage): Promise<void> {
  if (!socket.destroyed) await once(socket, "close");
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
