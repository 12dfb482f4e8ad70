import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MlflowClient, mlflowAddress } from "mlflow-js-client";
import { openRun, readSpool, trackRun, uploadSpool } from "../../src/tracking/index.js";
import type { TrackOutcome } from "../../src/tracking/index.js";
import { startMlflow } from "../../../../scripts/mlflow-server.mjs";
import { between, closeProxies } from "./between.js";
import { mlflowServer } from "../../../mlflow-js-client/test/server.js";
import { syntheticRun } from "./synthetic-run.js";

// Started here, not in a hook, because whether there is a server decides which tests exist.
const server = await mlflowServer();
const root = await mkdtemp(join(tmpdir(), "assay-upload-"));
const log: string[] = [];
const env = { MLFLOW_TRACKING_URI: server?.uri };

afterAll(async () => {
  closeProxies();
  await server?.close();
  await rm(root, { recursive: true, force: true });
});

const sent = (outcome: TrackOutcome): Extract<TrackOutcome, { state: "sent" }> => {
  if (outcome.state !== "sent") throw new Error(`not sent: ${JSON.stringify(outcome)}`);
  return outcome;
};

describe("the server for tests", () => {
  it("says in one line that Python is missing, and leaves no half install", async () => {
    const cache = join(root, "cache");
    await expect(startMlflow({ folder: join(root, "none"), env: { ASSAY_CACHE: cache, PATH: root } })).rejects.toThrow(
      /^MLflow needs python3 .*$/,
    );
    expect(existsSync(cache)).toBe(false);
  });
});

describe.runIf(server)("tracking on a real MLflow server", { timeout: 120_000 }, () => {
  const client = new MlflowClient(mlflowAddress(server?.uri ?? "http://127.0.0.1:1", {}));
  const summary = syntheticRun(join(root, "files"));
  let outcome: Extract<TrackOutcome, { state: "sent" }>;

  /** every child of the run, by name, and what MLflow holds of it */
  const children = async () => {
    const runs = await client.searchRuns([outcome.experimentId], `tags.\`mlflow.parentRunId\` = \'${outcome.parentRunId}\'`);
    return new Map(runs.map((run) => [run.info.run_name, run]));
  };
  const texts = (entries: readonly { key: string; value: string }[] = []) =>
    Object.fromEntries(entries.map(({ key, value }) => [key, value]));

  beforeAll(async () => {
    const run = openRun(summary, { root, env, log: (line) => log.push(line) });
    // A server that was just started, on a busy machine, answers later than the end of a run waits for its first word.
    await vi.waitUntil(() => client.experimentByName(summary.track?.experiment ?? summary.name), { timeout: 60_000 });
    outcome = sent(await run.close(summary));
  }, 120_000);

  it("uploads a run of twelve explainers and finds it complete", () => {
    expect(outcome.problems).toEqual([]);
    expect(outcome.verified).toBe(true);
    expect(log).toEqual([]);
  });

  it("names the pages that compare the explainers, show the run and open the report", () => {
    const { experimentId, parentRunId, links } = outcome;
    const page = `${server?.uri ?? ""}/#/experiments/${experimentId}`;
    const [address, query = ""] = links.charts.split("?");
    expect(address).toBe(`${page}/runs`);
    expect(query).not.toMatch(/[`' /]/);
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      searchFilter: `tags.\`mlflow.parentRunId\` = '${parentRunId}'`,
      orderByKey: "metrics.`cascade/spearman`",
      orderByAsc: "false",
      compareRunsMode: "CHART",
      workflowType: "machine_learning",
    });
    expect(links.run).toBe(`${page}/runs/${parentRunId}`);
    expect(links.report).toBe(`${page}/runs/${parentRunId}/artifacts/report.html`);
  });

  it("gives the parent its parameters, tags, note, dataset, verdict counts and status", async () => {
    const { info, data, inputs } = await client.run(outcome.parentRunId);
    expect(info).toMatchObject({ run_name: "synthetic", status: "FINISHED", start_time: 1_700_000_000_000, end_time: 1_700_000_060_001 });
    expect(texts(data.params)).toEqual({ images: "32", draws: "[0,1,2]", odd_key_1: "false" });
    const tags = texts(data.tags);
    expect(tags).toMatchObject({
      "assay.uuid": summary.uuid,
      "assay.kind": "experiment",
      "assay.spec.digest": summary.specDigest,
      "assay.plan.digest": summary.planDigest,
      "assay.backend": "tensorflow 2.21.0",
      "assay.seed": "7",
      "assay.version": "0.1.0",
      "assay.git.dirty": "true",
      "mlflow.source.name": "synthetic.yaml",
      "mlflow.source.git.commit": "c".repeat(40),
    });
    expect(tags["mlflow.note.content"]).toContain("| method-11 (control) | **irreproducible** | κ falls \\| by stage 11 ★ |");
    expect(tags["mlflow.note.content"]).toContain(`](${outcome.links.report ?? ""})`);
    expect(inputs?.dataset_inputs).toMatchObject([
      { tags: [{ key: "mlflow.data.context", value: "evaluation" }], dataset: { name: "mnist", digest: "d".repeat(32) } },
    ]);
    const counts = Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, value]));
    expect(counts).toEqual({
      "verdicts/sensitive": 2,
      "verdicts/late": 2,
      "verdicts/insensitive": 2,
      "verdicts/inconclusive": 2,
      "verdicts/uninformative": 2,
      "verdicts/irreproducible": 2,
    });
  });

  it("gives every explainer a child with every point of every curve at its stage", async () => {
    const runs = await children();
    expect([...runs.keys()].sort()).toEqual(summary.explainers.map(({ name }) => name).sort());
    for (const { name, curves } of summary.explainers) {
      const id = runs.get(name)?.info.run_id ?? "";
      const history = async (key: string) => {
        const points = await client.metricHistory(id, key);
        expect(points.every(({ timestamp }) => timestamp === 1_700_000_060_001)).toBe(true);
        return points.sort((a, b) => a.step - b.step).map(({ value }) => value);
      };
      for (const { order, metric, points, kappa = [] } of curves) {
        expect(await history(`${order}/${metric}`)).toEqual(points.map(({ mean }) => mean));
        expect(await history(`uncertainty/${order}.${metric}.low`)).toEqual(points.map(({ low }) => low));
        expect(await history(`uncertainty/${order}.${metric}.high`)).toEqual(points.map(({ high }) => high));
        expect(await history(`${order}-kappa/${metric}`)).toEqual(kappa.map(({ mean }) => mean));
        const [a = 0, b = 0, c = 0, d = 0, e = 0] = points.map(({ mean }) => mean);
        const area = await history(`summary/auc.${order}.${metric}`);
        expect(area).toHaveLength(order === "cascade" ? 1 : 0);
        if (order === "cascade") expect(area[0]).toBeCloseTo((a / 2 + b + c + d + e / 2) / 4, 12);
      }
    }
  });

  it("gives a child its parameters as text, its color, stages and verdict", async () => {
    const runs = await children();
    for (const [index, { name, verdict, color }] of summary.explainers.entries()) {
      const { data, info } = runs.get(name) ?? (await client.run(""));
      expect(info.status).toBe("FINISHED");
      expect(texts(data.params)).toEqual({
        explainer: `explainer/method-${index}`,
        "explainer.version": "1",
        images: "32",
        steps: "50",
        absolute: "true",
        layer: "null",
        sigma: "0.15",
        sizes: "[8,4]",
      });
      const tags = texts(data.tags);
      expect(tags).toMatchObject({ "assay.verdict": verdict, "assay.control": index === 11 ? "noise" : "false", "mlflow.runColor": color });
      const stages = ["trained", "logits", "fc1", "conv2", "conv1"];
      expect(JSON.parse(tags["assay.stages"] ?? "")).toEqual({ cascade: stages, independent: stages });
      expect(tags["mlflow.note.content"]).toContain("2. fc1");
    }
  });

  it("stores the files byte for byte, but for passwords in addresses", async () => {
    const { info } = await client.run(outcome.parentRunId);
    const read = async (path: string) => new TextDecoder().decode(await client.artifacts.get(info, path));
    for (const { path, ...content } of summary.artifacts.filter(({ path }) => path !== "spec.resolved.yaml")) {
      expect(await read(path)).toBe("text" in content ? content.text : readFileSync(content.file, "utf8"));
    }
    expect(await read("spec.resolved.yaml")).toBe("track: { uri: http://127.0.0.1:1 }\n");
    const child = (await children()).get("method-0");
    const table = JSON.parse(new TextDecoder().decode(await client.artifacts.get(child?.info ?? info, "tables/curves.json"))) as {
      data: unknown[];
    };
    expect(table.data).toHaveLength(2 * 4 * 5);
  });

  it("shows pictures in the step slider, under both names that the web page looks for", async () => {
    const { info, data } = await client.run(outcome.parentRunId);
    expect(texts(data.tags)["mlflow.loggedImages"]).toBe("True");
    const names = (await client.artifacts.list(info.run_id, "images")).map(({ path }) => path).sort();
    expect(names).toHaveLength(4);
    for (const name of names)
      expect(name).toMatch(/^images\/maps\.image-0\+step\+[01]\+timestamp\+1700000060001\+[\da-f-]{36}(\.png|\+compressed\.webp)$/);
    for (const name of names) expect([...(await client.artifacts.get(info, name))].at(-1)).toBe(name.includes("+step+0+") ? 100 : 101);
    const child = (await children()).get("method-3")!;
    expect(await client.artifacts.list(child.info.run_id, "images")).toHaveLength(2);
  });

  it("registers every method with its card, and finds those of a verdict by the queries of the docs", async () => {
    const late = summary.explainers.filter(({ verdict }) => verdict === "late").map(({ name }) => name);
    const filter = "tags.`assay.verdict` = 'late' and tags.`assay.model` = 'model/mnist-cnn'";
    const models = await client.models.search(outcome.experimentId, filter);
    expect(models?.map(({ info }) => info.name).sort()).toEqual(late);
    const runs = await children();
    for (const { info, data } of models ?? []) {
      expect(info.source_run_id).toBe(runs.get(info.name)?.info.run_id);
      expect(texts(data?.params)).toMatchObject({ explainer: `explainer/${info.name}`, steps: "50" });
    }
    const found = await client.searchRuns([outcome.experimentId], filter);
    expect(found.map(({ info }) => info.run_name).sort()).toEqual(late);
  });

  it("takes every filter of the how-to", async () => {
    const page = readFileSync(new URL("../../../../docs/how-to/compare-runs-in-mlflow.md", import.meta.url), "utf8");
    const filters = [...page.matchAll(/\| (?:``(.+?)``|`([^`]+)`) +\|$/gm)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    expect(filters.length).toBeGreaterThanOrEqual(9);
    const found = await Promise.all(filters.map((filter) => client.searchRuns([outcome.experimentId], filter)));
    expect(found.filter((runs) => runs.length > 0).length).toBeGreaterThanOrEqual(4);
  });

  it("adds nothing when the same spool is sent again", async () => {
    const before = await Promise.all([...(await children()).values()].map(({ info }) => client.run(info.run_id)));
    const again = await uploadSpool(outcome.spool, { uri: server?.uri ?? "", env: {} });
    expect(again).toEqual({ ...again, experimentId: outcome.experimentId, parentRunId: outcome.parentRunId, verified: true });
    const after = await Promise.all([...(await children()).values()].map(({ info }) => client.run(info.run_id)));
    expect(after).toEqual(before);
    expect(await client.searchRuns([outcome.experimentId], `tags.\`assay.uuid\` = \'${summary.uuid}\'`)).toHaveLength(1);
    expect(await client.metricHistory(before[0]?.info.run_id ?? "", "cascade/ssim")).toHaveLength(5);
  });

  it("shows the run as RUNNING while the experiment runs, and completes the same one", async () => {
    const next = syntheticRun(join(root, "files"), { name: "live", status: "interrupted" });
    const tracked = openRun(next, { root, env, log: () => undefined });
    const seen = async () => {
      const experiment = await client.experimentByName("live");
      return experiment ? client.searchRuns([experiment.experiment_id], `tags.\`assay.uuid\` = \'${next.uuid}\'`) : [];
    };
    await expect.poll(seen, { timeout: 20_000 }).toMatchObject([{ info: { status: "RUNNING" } }]);
    const { parentRunId, verified } = sent(await tracked.close(next));
    expect(verified).toBe(true);
    expect(await seen()).toMatchObject([{ info: { run_id: parentRunId, status: "KILLED" } }]);
  });

  it("makes one run when it is closed while it is being made", async () => {
    const next = syntheticRun(join(root, "files"), { name: "hasty", explainers: [] });
    const { experimentId, verified } = sent(await openRun(next, { root, env, log: () => undefined }).close(next));
    expect(verified).toBe(true);
    expect(await client.searchRuns([experimentId], `tags.\`assay.uuid\` = \'${next.uuid}\'`)).toHaveLength(1);
  });

  it("sends fractions, booleans, over-long texts and odd keys in forms that MLflow does not drop", async () => {
    const long = "x".repeat(7000);
    const points = [0, 1].map((step) => ({ step, stage: `s${step}`, mean: step === 0 ? Number.NaN : 0.5 }));
    const [first] = syntheticRun(join(root, "files")).explainers;
    const next = syntheticRun(join(root, "files"), {
      name: "odd",
      params: { long, "a/../b": null, "a/_/b": 1.5, emoji: "\ud83d", "": "empty", list: Array.from({ length: 150 }, (_, i) => i) },
      explainers: first ? [{ ...first, name: "odd/näme", params: {}, curves: [{ order: "cascade", metric: "top-k@5 %", points }] }] : [],
    });
    const { parentRunId, experimentId, spool, problems } = sent(await trackRun(next, { root, env, log: () => undefined }));
    expect(problems).toEqual([]);
    const parent = await client.run(parentRunId);
    const params = texts(parent.data.params);
    expect(params).toMatchObject({ "a/_/b": "null", "a/_/b_2": "1.5", emoji: "\ufffd", _: "empty" });
    expect(params["long"]).toHaveLength(6000);
    expect(await client.artifacts.get(parent.info, "overlong/param.long.txt")).toEqual(new TextEncoder().encode(long));
    const [child] = await client.searchRuns([experimentId], `tags.\`mlflow.parentRunId\` = \'${parentRunId}\'`);
    expect(texts(child?.data.tags)["assay.undefined"]).toBe("1");
    expect(child?.data.metrics).toMatchObject([{ key: "cascade/top-k_5 _", value: 0.5, step: 1 }]);
    expect(readSpool(spool).runs).toHaveLength(2);
  });

  it("says so when the server answers 200 and keeps only a part", async () => {
    const uri = await between(server?.uri ?? "", (path, body) => {
      const batch = body as { metrics?: unknown[] };
      return path.endsWith("/log-batch") && batch.metrics ? { body: { ...batch, metrics: batch.metrics.slice(0, -1) } } : {};
    });
    const lines: string[] = [];
    const next = syntheticRun(join(root, "files"), { name: "lossy", explainers: summary.explainers.slice(0, 1) });
    const { verified, problems, spool } = sent(
      await trackRun(next, { root, env: { MLFLOW_TRACKING_URI: uri }, log: (line) => lines.push(line) }),
    );
    expect(verified).toBe(false);
    expect(problems).toContain("run method-0: metric independent-kappa/hog-pearson lacks 1 of 5 points");
    expect(lines).toEqual([expect.stringContaining("does not hold all of it")]);
    expect((await uploadSpool(spool, { uri: server?.uri ?? "", env: {} })).verified).toBe(true);
  });

  it("sends once more what got lost once", async () => {
    const seen = new Set<string>();
    const uri = await between(server?.uri ?? "", (path, body) => {
      const kind = `${path} ${Object.keys(body as object).join()}`;
      const first = /log-batch|log-inputs|runs\/update/.test(path) && !seen.has(kind);
      seen.add(kind);
      return first ? { answer: 200 } : {};
    });
    const next = syntheticRun(join(root, "files"), { name: "once", explainers: summary.explainers.slice(0, 2) });
    expect(sent(await trackRun(next, { root, env: { MLFLOW_TRACKING_URI: uri }, log: () => undefined })).problems).toEqual([]);
  });

  it("makes one run of each when the answers to creating them are lost", async () => {
    const seen = new Set<string>();
    const uri = await between(server?.uri ?? "", (path, body) => {
      const key = `${path} ${JSON.stringify(body)}`;
      if (!path.endsWith("/create") || seen.has(key)) return {};
      seen.add(key);
      return { answerAfter: 502 };
    });
    const next = syntheticRun(join(root, "files"), { name: "echo", explainers: summary.explainers.slice(0, 2) });
    const { experimentId, parentRunId, verified } = sent(
      await trackRun(next, { root, env: { MLFLOW_TRACKING_URI: uri }, log: () => undefined }),
    );
    expect(verified).toBe(true);
    expect(seen.size).toBe(4);
    expect(await client.searchRuns([experimentId], `tags.\`assay.uuid\` = \'${next.uuid}\'`)).toHaveLength(1);
    expect(await client.searchRuns([experimentId], `tags.\`mlflow.parentRunId\` = \'${parentRunId}\'`)).toHaveLength(2);
  });
});
