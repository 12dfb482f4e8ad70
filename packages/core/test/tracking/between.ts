import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a request: another body goes on, it is answered here and never arrives, or it arrives and its answer is lost. */
export interface Fate {
  readonly body?: unknown;
  readonly answer?: number;
  readonly answerAfter?: number;
}

const proxies: Server[] = [];

/** A bad network between the client and a real server. */
export async function between(server: string, decide: (path: string, json: unknown) => Fate): Promise<string> {
  const proxy = createServer((request, response) => {
    void (async () => {
      const bytes = await read(request);
      const path = request.url ?? "";
      const json: unknown = request.headers["content-type"] === "application/json" ? JSON.parse(bytes.toString()) : {};
      const { body, answer, answerAfter } = decide(path.split("?")[0] ?? "", json);
      if (answer !== undefined) return response.writeHead(answer).end("{}");
      const sent = body === undefined ? bytes : Buffer.from(JSON.stringify(body));
      const type = request.headers["content-type"];
      const passed = await fetch(server + path, {
        method: request.method ?? "GET",
        headers: type === undefined ? {} : { "content-type": type },
        ...(request.method === "GET" ? {} : { body: new Uint8Array(sent) }),
      });
      const reply = Buffer.from(await passed.arrayBuffer());
      return response.writeHead(answerAfter ?? passed.status).end(answerAfter === undefined ? reply : "");
    })().catch(() => response.destroy());
  });
  proxies.push(proxy);
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

export function closeProxies(): void {
  for (const proxy of proxies.splice(0)) {
    proxy.closeAllConnections();
    proxy.close();
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
