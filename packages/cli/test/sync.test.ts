import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MlflowClient, mlflowAddress } from "mlflow-js-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mlflowServer } from "../../mlflow-js-client/test/server.js";
import { smallSpec, Workplace } from "./workplace.js";

// Started here, not in a hook, because whether there is a server decides which tests exist.
const server = await mlflowServer();
afterAll(() => server?.close());

interface Listed {
  readonly id: string;
  readonly uuid: string;
  readonly status: string;
  readonly tracking: readonly { readonly server: string; readonly state: string }[];
}

describe.runIf(server)("assay sync", { timeout: 120_000 }, () => {
  const { uri = "http://127.0.0.1:1" } = server ?? {};
  const client = new MlflowClient(mlflowAddress(uri));
  const place = new Workplace();
  const listed = async (root: string): Promise<Listed[]> =>
    JSON.parse((await place.assay("runs", "--json", "--root", root)).out) as Listed[];
  const there = async (uuid: string) => {
    const { experiment_id } = await client.ensureExperiment("small");
    return client.searchRuns([experiment_id], `tags.\`assay.uuid\` = '${uuid}'`);
  };

  beforeAll(async () => {
    place.write("small.yaml", smallSpec());
    for (let times = 0; times < 2; times++) expect((await place.assay("run", "small.yaml", "--root", "offline")).code).toBe(0);
  }, 60_000);

  it("sends what was run without a server, says what is held, and sends nothing twice", async () => {
    expect((await listed("offline")).map(({ status, tracking }) => [status, tracking])).toEqual([
      ["done", []],
      ["done", []],
    ]);
    const first = await place.assay("sync", "--root", "offline", "--to", uri);
    expect(first.err).toBe("");
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/verified: 3 runs, \d+ metric points, \d+ params, \d+ tags, 3 inputs, \d+ artifacts/);
    expect(first.out).toContain("all 2 runs were read back as they are here");
    const runs = await listed("offline");
    expect(runs.map(({ tracking }) => tracking)).toMatchObject(runs.map(() => [{ server: uri, state: "verified" }]));
    const before = await Promise.all(runs.map(({ uuid }) => there(uuid)));
    expect(await place.assay("sync", "--root", "offline", "--to", uri)).toEqual(first);
    expect(await Promise.all(runs.map(({ uuid }) => there(uuid)))).toEqual(before);
    expect(before.map((found) => found.length)).toEqual([1, 1]);
  });

  it("sends the run that is named, by its id, its beginning or its experiment", async () => {
    const [first, second] = await listed("offline");
    for (const name of [second!.id, second!.uuid.slice(0, 13), "small"]) {
      const { out } = await place.assay("sync", name, "--root", "offline", "--to", uri, "--json");
      expect((JSON.parse(out) as { runs: { id: string }[] }).runs.map(({ id }) => id)).toEqual([second!.id]);
    }
    expect(first!.uuid).not.toBe(second!.uuid);
    const unknown = await place.assay("sync", "nothing-like-it", "--root", "offline", "--to", uri);
    expect([unknown.code, unknown.out]).toEqual([2, ""]);
    expect(unknown.err).toContain("`assay runs` lists them");
  });

  it("leaves one copy where two processes send at once", async () => {
    expect((await place.assay("run", "small.yaml", "--root", "raced")).code).toBe(0);
    const processes = [1, 2, 3].map(() => place.start("sync", "--root", "raced", "--to", uri).ended);
    for (const { code, out, err } of await Promise.all(processes)) {
      expect(code, err).toBe(0);
      expect(out).toContain("verified");
    }
    const [run] = await listed("raced");
    const [parent, ...more] = await there(run!.uuid);
    expect(more).toEqual([]);
    const children = await client.searchRuns([parent!.info.experiment_id], `tags.\`mlflow.parentRunId\` = '${parent!.info.run_id}'`);
    expect(children.map(({ info }) => info.run_name).sort()).toEqual(["grad-cam", "gradient"]);
    expect(readdirSync(place.path("raced/.assay/runs", run!.uuid)).filter((name) => name.includes(".lock"))).toEqual([]);
  });

  it("closes a run whose process was killed, and sends what it left", async () => {
    const explainers = { smoothgrad: "{ uses: explainer/smoothgrad, with: { samples: 200 } }" };
    place.write("long.yaml", smallSpec({ images: 32, draws: [0, 1], explainers }));
    const { child, ended } = place.start("run", "long.yaml", "--root", "killed");
    await new Promise<void>((resolve) => child.stderr!.on("data", (text: string) => void (/perturbed/.test(text) && resolve())));
    expect((await listed("killed")).map(({ status }) => status)).toEqual(["running"]);
    child.kill("SIGKILL");
    await ended;
    const { code, out } = await place.assay("sync", "--root", "killed", "--to", uri);
    expect([code, out]).toEqual([0, expect.stringContaining("verified: 1 runs")]);
    const [run] = await listed("killed");
    expect(run?.status).toBe("interrupted");
    expect((await there(run!.uuid)).map(({ info }) => info.status)).toEqual(["KILLED"]);
  });

  it("watches for runs as they end", async () => {
    const { child, ended } = place.start("sync", "--watch", "--root", "watched", "--to", uri);
    let out = "";
    child.stdout!.on("data", (text: string) => (out += text));
    expect((await place.assay("run", "small.yaml", "--root", "watched")).code).toBe(0);
    for (let waited = 0; !out.includes("verified") && waited < 300; waited++) await sleep(100);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect((await listed("watched")).map(({ tracking }) => tracking[0]?.state)).toEqual(["verified"]);
  });

  it("tells how to send later when the server is gone, and does so", async () => {
    const dead = "http://127.0.0.1:1023";
    const run = await place.assay("run", "small.yaml", "--root", "gone");
    expect(run.code, run.err).toBe(0);
    const unsent = await place.assay("sync", "--root", "gone", "--to", dead);
    expect(unsent.code).toBe(1);
    expect(unsent.out).toMatch(/not all there: .*ECONNREFUSED[\s\S]*0 of 1 runs/);
    expect((await place.assay("sync", "--root", "gone", "--to", uri)).code).toBe(0);
  });

  it("compares a run here with one on the server", async () => {
    const [run] = await listed("offline");
    const [there1] = await there(run!.uuid);
    const tracked = { MLFLOW_TRACKING_URI: uri };
    const compared = await place.assayWith(tracked, "compare-runs", "small", there1!.info.run_id, "--root", "offline");
    expect([compared.code, compared.err]).toEqual([0, ""]);
    expect(compared.out).toMatch(/^spec: no difference\nlock: no difference\nverdicts: no difference\n$/);
  });

  it("tells of a damaged record, and sends the others", async () => {
    expect((await place.assay("run", "small.yaml", "--root", "damaged")).code).toBe(0);
    place.write("damaged/.assay/runs/broken-run/events.jsonl", "garbage\n{}\n");
    const { code, out, err } = await place.assay("sync", "--root", "damaged", "--to", uri);
    expect([code, out]).toEqual([0, expect.stringContaining("all 1 runs were read back")]);
    expect(err).toMatch(/^SPOOL-DAMAGED .*line 1 is not an event/);
    expect((await place.assay("run", "small.yaml", "--root", "damaged")).code).toBe(0);
  });

  it("asks for a server where none is named", async () => {
    const { code, err } = await place.assay("sync", "--root", "offline");
    expect(code).toBe(2);
    expect(err).toContain("--to URI, or MLFLOW_TRACKING_URI");
  });

  it("keeps a password out of all that it prints and writes", async () => {
    const secret = "canary0password";
    const address = uri.replace("//", `//someone:${secret}@`);
    const { out, err } = await place.assay("sync", "--root", "offline", "--to", address);
    const refused = await place.assay("sync", "--root", "offline", "--to", `http://someone:${secret}@127.0.0.1:1023`);
    const files = readdirSync(place.folder, { recursive: true, encoding: "utf8" })
      .map((name) => place.path(name))
      .filter((path) => statSync(path).isFile());
    for (const text of [out, err, refused.out, refused.err, ...files.map((path) => readFileSync(path, "latin1"))]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(`someone:${secret}`).toString("base64"));
    }
  });
});
