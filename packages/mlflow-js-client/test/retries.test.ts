import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { MlflowClient, mlflowAddress } from "../src/index.js";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A server that answers as told, for what a real one cannot be made to do. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a request that fails for a while", () => {
  const client = async (listener: RequestListener) =>
    new MlflowClient(mlflowAddress(`http://${await answering(listener)}`, { MLFLOW_TRACKING_TOKEN: "t0ken" }), {
      patience: { pauseMs: 10, tryMs: 500 },
    });
  const experiment = JSON.stringify({ experiment: { experiment_id: "1", name: "e", lifecycle_stage: "active" } });

  it.each([408, 429, 500, 502, 503, 504])("is sent again after %i", async (status) => {
    let calls = 0;
    const found = await (
      await client((_, response) => void response.writeHead(calls++ < 2 ? status : 200).end(experiment))
    ).experimentByName("e");
    expect([found?.experiment_id, calls]).toEqual(["1", 3]);
  });

  it.each([400, 401, 403, 404])("is not sent again after %i", async (status) => {
    let calls = 0;
    const failing = await client((_, response) => {
      calls++;
      response.writeHead(status).end("no");
    });
    await expect(failing.experimentByName("e")).rejects.toMatchObject({ name: "MlflowError", status });
    expect(calls).toBe(1);
  });

  it("is sent again after a connection that breaks in the middle of the answer", async () => {
    let calls = 0;
    const found = await (
      await client((_, response) => {
        response.writeHead(200, { "content-length": experiment.length });
        if (calls++ === 0) response.write(experiment.slice(0, 20), () => response.destroy());
        else response.end(experiment);
      })
    ).experimentByName("e");
    expect([found?.name, calls]).toEqual(["e", 2]);
  });

  it("waits as long as Retry-After says, and sends the token", async () => {
    const times: number[] = [];
    await (
      await client((request, response) => {
        expect(request.headers.authorization).toBe("Bearer t0ken");
        times.push(performance.now());
        if (times.length === 1) response.writeHead(429, { "retry-after": "1" }).end();
        else response.end(experiment);
      })
    ).experimentByName("e");
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  it("waits as long as Retry-After says, though the rest of that answer never came", async () => {
    const times: number[] = [];
    await (
      await client((_request, response) => {
        times.push(performance.now());
        if (times.length > 1) return void response.end(experiment);
        response.writeHead(429, { "retry-after": "1", "content-length": 100 }).write("slow");
        setTimeout(() => response.destroy(), 50);
      })
    ).experimentByName("e");
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });
});

describe("headers of the caller's own", () => {
  it("go with every request, and stay out of what is told when a server sends them back", async () => {
    const seen: unknown[] = [];
    const address = await answering((request, response) => {
      seen.push(request.headers["x-gateway-key"]);
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify({ error_code: "DENIED", message: `bad key ${String(request.headers["x-gateway-key"])}` }));
    });
    const client = new MlflowClient(mlflowAddress(`http://${address}`, {}, { "x-gateway-key": "canary0key" }));
    const refused = await client.experimentByName("e").catch((error: unknown) => error);
    expect(seen).toEqual(["canary0key"]);
    expect(String(refused)).toContain("403 DENIED bad key ***");
    expect(JSON.stringify(refused) + String(refused)).not.toContain("canary0key");
  });

  it("cannot break out of their line", () => {
    expect(() => mlflowAddress("http://127.0.0.1:1", {}, { "x-key": "a\r\nb: c" })).toThrow(/header x-key/);
  });
});
