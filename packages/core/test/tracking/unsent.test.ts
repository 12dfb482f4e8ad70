import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Patience } from "mlflow-js-client";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openRun, readSpool, trackRun } from "../../src/tracking/index.js";
import { Spool, readEvents } from "../../src/tracking/spool.js";
import { syntheticRun } from "./synthetic-run.js";

const root = mkdtempSync(join(tmpdir(), "assay-unsent-"));
const endings: (() => void)[] = [];
const endServers = (): void => {
  for (const end of endings.splice(0)) end();
};
afterEach(endServers);
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
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

const track = async (uri: string | undefined, patience: Partial<Patience> = { pauseMs: 20, tryMs: 300 }) => {
  const lines: string[] = [];
  const summary = syntheticRun(join(root, "files"));
  const started = performance.now();
  const outcome = await trackRun(summary, { root, env: { MLFLOW_TRACKING_URI: uri }, log: (line) => lines.push(line), patience });
  return { outcome, lines, summary, elapsedMs: performance.now() - started };
};

const everyText = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");

describe("a run whose server does not take it", () => {
  it("keeps everything in the spool when no server is named", async () => {
    const { outcome, lines, summary } = await track(undefined);
    expect(outcome.state).toBe("off");
    expect(lines).toEqual([]);
    const { runs } = readSpool(outcome.spool ?? "");
    expect(runs).toHaveLength(1 + summary.explainers.length);
    expect(runs.every(({ closed }) => closed?.status === "FINISHED")).toBe(true);
    const files = [...(runs[0]?.artifacts.keys() ?? [])];
    expect(files.filter((path) => path.startsWith("images/"))).toHaveLength(4);
    expect(files.filter((path) => !path.startsWith("images/")).sort()).toEqual(summary.artifacts.map(({ path }) => path).sort());
  });

  it("gives up on a dead server within seconds, with one line that says where the results are", async () => {
    const closed = await answering(() => undefined);
    endServers();
    const { outcome, lines, elapsedMs } = await track(`http://${closed}`, { pauseMs: 250, tryMs: 15_000 });
    expect(outcome.state).toBe("unsent");
    expect(elapsedMs).toBeLessThan(2000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^not sent to MLflow: .*ECONNREFUSED.* Send it with: assay sync 20231114-221320-bbbbbb$/);
    expect(readSpool(outcome.spool ?? "").runs).toHaveLength(13);
  });

  it("gives up on a server that never answers", async () => {
    const silent = await answering(() => undefined);
    const { outcome, lines, elapsedMs } = await track(`http://${silent}`);
    expect(outcome.state).toBe("unsent");
    expect(lines[0]).toContain("no answer within 0.5 s");
    expect(elapsedMs).toBeLessThan(2000);
  });

  it("goes on with a server that is slow but was heard of", async () => {
    const experiment = { experiment_id: "1", name: "any", lifecycle_stage: "active", tags: [{ key: "mlflow.note.content", value: "any" }] };
    let answered: () => void;
    const heard = new Promise<void>((done) => (answered = done));
    const slow = await answering((request, response) => {
      const known = request.url?.includes("experiments/get-by-name") ?? false;
      setTimeout(() => {
        response.writeHead(known ? 200 : 400, { "content-type": "application/json" });
        response.end(JSON.stringify(known ? { experiment } : { error_code: "SLOW", message: "but not silent" }), answered);
      }, 700);
    });
    const summary = syntheticRun(join(root, "files"));
    const lines: string[] = [];
    const tracked = openRun(summary, { root, env: { MLFLOW_TRACKING_URI: `http://${slow}` }, log: (line) => lines.push(line) });
    await heard;
    await sleep(50);
    expect((await tracked.close(summary)).state).toBe("unsent");
    expect(lines[0]).toContain("answered 400 SLOW but not silent");
  });

  it.each([
    ["waits as long as a server wishes that ended the live upload", "1", 2],
    ["leaves a server alone that wishes it for longer than anyone waits", "3600", 1],
  ])("%s", async (_, retryAfter, requests) => {
    const times: number[] = [];
    const busy = await answering((request, response) => {
      if (request.url?.includes("Default"))
        return void response.end(JSON.stringify({ experiment: { experiment_id: "0", name: "Default" } }));
      times.push(performance.now());
      response.writeHead(429, { "retry-after": retryAfter }).end("slow down");
    });
    const { outcome, lines } = await track(`http://${busy}`, { pauseMs: 20, tryMs: 300, tries: 1 });
    expect(outcome.state).toBe("unsent");
    expect(lines[0]).toContain("answered 429 slow down");
    expect(times).toHaveLength(requests);
    if (requests === 2) expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  it("stops at once when it is interrupted", async () => {
    const silent = await answering(() => undefined);
    const stop = new AbortController();
    const summary = syntheticRun(join(root, "files"));
    const options = { root, env: { MLFLOW_TRACKING_URI: `http://${silent}` }, log: () => undefined, signal: stop.signal };
    const tracked = openRun(summary, options);
    stop.abort();
    const started = performance.now();
    expect((await tracked.close(summary)).state).toBe("unsent");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("tells neither password nor token, in no error and in no file", async () => {
    const address = await answering((request, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error_code: "DENIED", message: `bad ${request.headers.authorization ?? ""} for hunter2secret` }));
    });
    const { outcome, lines } = await track(`http://someone:hunter2secret@${address}/some/prefix`);
    expect(lines[0]).toContain("answered 401 DENIED");
    expect(lines[0]).toContain(`GET http://${address}/some/prefix/api/2.0/mlflow/`);
    const told = lines.join() + JSON.stringify(outcome) + everyText(outcome.spool ?? "");
    expect(told).not.toContain("hunter2secret");
    expect(told).not.toContain(Buffer.from("someone:hunter2secret").toString("base64"));
  });

  it.each([
    ["a login page", (r: ServerResponse) => void r.writeHead(200, { "content-type": "text/html" }).end("<html>"), /login page/],
    ["a redirect", (r: ServerResponse) => void r.writeHead(302, { location: "/login" }).end(), /answered 302.*redirects to/],
    ["no MLflow", (r: ServerResponse) => void r.writeHead(404, { "content-type": "text/html" }).end("<html>"), /answered 404/],
    ["an unknown answer", (r: ServerResponse) => void r.writeHead(200).end("{}"), /not MLflow/],
  ])("says what is wrong when the address leads to %s", async (_, answer, message) => {
    const address = await answering((_request, response) => {
      answer(response);
    });
    const { lines } = await track(`http://${address}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
  });

  it("refuses an address that is not a server's", async () => {
    const { outcome, lines } = await track("sqlite:///mlflow.db");
    expect(outcome.state).toBe("unsent");
    expect(lines[0]).toContain("not the address of a tracking server");
  });
});

describe("the spool", () => {
  it("is on the disk before the experiment begins", () => {
    const summary = syntheticRun(join(root, "files"));
    const { spool = "" } = openRun(summary, { root, env: {}, log: () => undefined });
    expect(readSpool(spool).runs).toMatchObject([{ uuid: summary.uuid, startMs: 1_700_000_000_000 }]);
  });

  it("loses only the line that a crash broke, and goes on after it", () => {
    const spool = Spool.of(root, "crashed-run");
    const opened = { type: "run-opened", run: "crashed-run", name: "a", startMs: 1 } as const;
    spool.append([opened]);
    appendFileSync(join(spool.folder, "events.jsonl"), '{"type":"tags","run":"crash');
    expect(readEvents(spool.folder)).toEqual([opened]);
    const closed = { type: "run-closed", run: "crashed-run", status: "FAILED", endMs: 2 } as const;
    Spool.of(root, "crashed-run").append([closed]);
    expect(readEvents(spool.folder)).toEqual([opened, closed]);
  });

  it("reports damage in the middle instead of dropping it", () => {
    const spool = Spool.of(root, "damaged-run");
    appendFileSync(join(spool.folder, "events.jsonl"), "garbage\n{}\n");
    expect(() => readEvents(spool.folder)).toThrow(expect.objectContaining({ code: "SPOOL-DAMAGED" }) as Error);
  });

  it("cannot be led out of its folder, and its failure is told and not thrown", async () => {
    const lines: string[] = [];
    const outcome = await trackRun(syntheticRun(join(root, "files"), { uuid: "../../escape" }), {
      root,
      env: {},
      log: (line) => lines.push(line),
    });
    expect(outcome.state).toBe("unsent");
    expect(lines[0]).toContain("SPOOL-UUID");
  });
});
