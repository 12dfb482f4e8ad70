import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { imagePaths, mlflowAddress, MlflowClient, push, readBack, recordOf, type RunContent } from "../src/index.js";
import { mlflowServer, type ServerOptions } from "./server.js";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
const READ = `
import json, mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
run = client.get_run(sys.argv[2])
history = client.get_metric_history(run.info.run_id, "curve/a")
print(json.dumps({
  "params": run.data.params, "tags": run.data.tags, "status": run.info.status,
  "history": [[m.step, m.value, m.timestamp] for m in sorted(history, key=lambda m: m.step)],
  "datasets": [i.dataset.digest for i in run.inputs.dataset_inputs],
  "files": sorted(f.path for f in client.list_artifacts(run.info.run_id)),
}))
`;

/** Everything that the client offers, on one kind of real server. */
export async function worksOn(title: string, options: ServerOptions, hasModels: boolean): Promise<void> {
  // Started here, not in a hook, because whether there is a server decides which tests exist.
  const server = await mlflowServer(options);
  const env = options.auth === undefined ? {} : { MLFLOW_TRACKING_USERNAME: "admin", MLFLOW_TRACKING_PASSWORD: options.auth };
  afterAll(() => server?.close());

  describe.runIf(server)(title, { timeout: 120_000 }, () => {
    const { uri = "http://127.0.0.1:1", python = "" } = server ?? {};
    const client = new MlflowClient(mlflowAddress(uri, env));
    const started = 1_700_000_000_000;
    const newRun = async (name: string, parentRunId?: string) => {
      const { experiment_id } = await client.ensureExperiment("client");
      const identity = { key: "test.uuid", value: randomUUID() };
      const asked = { experimentId: experiment_id, name, startMs: started, identity, ...(parentRunId !== undefined && { parentRunId }) };
      return { asked, run: await client.ensureRun(asked) };
    };
    const metrics = Array.from({ length: 2500 }, (_, step) => ({
      key: `curve/${step % 2 === 0 ? "a" : "b"}`,
      value: Math.sin(step) / 3,
      timestamp: started + step,
      step,
    }));
    const content: RunContent = {
      name: "whole",
      startMs: started,
      tags: Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`tag.${i}`, `ä ${i} "quoted" \\ \n`])),
      params: Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`param.${i}`, String(i / 7)])),
      metrics,
      datasets: [{ name: "mnist", digest: "d".repeat(32), sourceType: "assay", source: "{}", profile: "{}", context: "evaluation" }],
      artifacts: ["a.txt", "folder/b.bin", "folder/deep/ü+1.json"]
        .slice(0, hasModels ? 3 : 2)
        .map((path) => ({ path, bytes: path.length * 999, read: () => Promise.resolve(new Uint8Array(path.length * 999).fill(7)) })),
      closed: { status: "FINISHED", endMs: started + 9999 },
    };

    it("holds a run as it was wanted, over all limits and pages, and sending it again adds nothing", async () => {
      const { run } = await newRun("whole");
      await push(client, run, content);
      expect(await readBack(client, run.info.run_id, content)).toEqual([]);
      await push(client, await client.run(run.info.run_id), content);
      expect(await readBack(client, run.info.run_id, content)).toEqual([]);
      expect(await client.metricHistory(run.info.run_id, "curve/a")).toHaveLength(1250);
      const bytes = await client.artifacts.get(run.info, "folder/b.bin");
      expect([bytes.length, bytes[0]]).toEqual(["folder/b.bin".length * 999, 7]);
    });

    it("tells what a run lacks, each thing by its name", async () => {
      const { run } = await newRun("whole");
      const { artifacts, params, tags } = content;
      await push(client, run, { ...content, metrics: metrics.slice(2), artifacts: artifacts.slice(1), params: {}, tags: {}, datasets: [] });
      const problems = await readBack(client, run.info.run_id, content);
      expect(problems).toContain("run whole: metric curve/a lacks 1 of 1250 points");
      expect(problems).toContain("run whole: artifact a.txt is missing or of another size");
      expect(problems).toContain("run whole: dataset dddddddddddddddddddddddddddddddd is missing");
      expect(problems.filter((line) => / (param|tag) .* is missing$/.test(line))).toHaveLength(
        Object.keys(params).length + Object.keys(tags).length,
      );
    });

    it("is read whole by MLflow's own Python client", async () => {
      const { run } = await newRun("whole");
      await push(client, run, content);
      const { stdout } = await promisify(execFile)(python, ["-c", READ, uri, run.info.run_id], {
        env: { ...process.env, ...env, MLFLOW_DISABLE_TELEMETRY: "true" },
      });
      const read = JSON.parse(stdout) as Record<string, unknown>;
      expect(read["params"]).toEqual(content.params);
      expect(read["tags"]).toMatchObject(content.tags);
      expect(read["status"]).toBe("FINISHED");
      const curve = metrics.filter(({ key }) => key === "curve/a").map(({ step, value, timestamp }) => [step, value, timestamp]);
      expect(read["history"]).toEqual(curve);
      expect(read["datasets"]).toEqual(["d".repeat(32)]);
      expect(read["files"]).toEqual(["a.txt", "folder"]);
    });

    it("makes one run of an identity, and one experiment of a name, however often it is asked", async () => {
      const { asked, run } = await newRun("once");
      const again = await Promise.all([client.ensureRun(asked), client.ensureRun(asked)]);
      expect(again.map(({ info }) => info.run_id)).toEqual([run.info.run_id, run.info.run_id]);
      const name = `raced ${randomUUID()}`;
      const made = await Promise.all(Array.from({ length: 4 }, () => client.ensureExperiment(name)));
      expect(new Set(made.map(({ experiment_id }) => experiment_id)).size).toBe(1);
    });

    it.runIf(hasModels)("puts small files through the server where its store is out of reach, and refuses large ones", async () => {
      const { run } = await newRun("small files");
      const elsewhere = { ...run.info, artifact_uri: "s3://bucket/with/secret" };
      await client.artifacts.put(elsewhere, "folder/small.bin", new Uint8Array(5000).fill(3));
      expect([...(await client.artifacts.get(run.info, "folder/small.bin"))].slice(-2)).toEqual([3, 3]);
      const large = client.artifacts.put(elsewhere, "large.bin", new Uint8Array(11 * 1024 * 1024));
      await expect(large).rejects.toThrow(/artifact large\.bin: the server's store \(s3:…\) takes no files over 10 MB/);
    });

    it("finds runs by tag, param and metric", async () => {
      const { run } = await newRun("found");
      const child = (await newRun("child", run.info.run_id)).run;
      const value = randomUUID();
      await client.logParams(child.info.run_id, { needle: value });
      const { experiment_id } = await client.ensureExperiment("client");
      const ids = async (filter: string) => (await client.searchRuns([experiment_id], filter)).map(({ info }) => info.run_id);
      expect(await ids(`params.needle = '${value}'`)).toEqual([child.info.run_id]);
      expect(await ids(`tags.\`mlflow.parentRunId\` = '${run.info.run_id}'`)).toEqual([child.info.run_id]);
    });

    it("stores images where the step slider looks for them", async () => {
      const { run } = await newRun("images");
      for (const path of imagePaths("maps", 3, started, randomUUID())) await client.artifacts.put(run.info, path, PNG);
      await client.setTags(run.info.run_id, { "mlflow.loggedImages": "True" });
      const names = (await client.artifacts.list(run.info.run_id, "images")).map(({ path }) => path);
      expect(names).toHaveLength(2);
      for (const name of names) expect(Buffer.from(await client.artifacts.get(run.info, name))).toEqual(PNG);
    });

    it(hasModels ? "makes one logged model a run and name, ready and found by its tags" : "says nothing of logged models", async () => {
      const { run } = await newRun("model");
      const { experiment_id } = await client.ensureExperiment("client");
      const tag = randomUUID();
      const asked = {
        experimentId: experiment_id,
        name: "gradient",
        type: "explainer",
        runId: run.info.run_id,
        params: { steps: "50" },
        tags: { "assay.verdict": tag },
      };
      const model = await client.models.ensure(asked);
      const found = await client.models.search(experiment_id, `tags.\`assay.verdict\` = '${tag}'`);
      if (!hasModels) {
        expect([model, found]).toEqual([undefined, undefined]);
        return;
      }
      expect(model?.info.status).toBe("LOGGED_MODEL_READY");
      expect((await client.models.ensure(asked))?.info.model_id).toBe(model?.info.model_id);
      expect(found?.map(({ info }) => info.model_id)).toEqual([model?.info.model_id]);
      expect(recordOf(found?.[0]?.data?.params)).toEqual({ steps: "50" });
    });

    it("says that a deleted experiment blocks its name, and restores it", async () => {
      const name = `deleted ${randomUUID()}`;
      const { experiment_id } = await client.ensureExperiment(name);
      const headers = { "content-type": "application/json", ...client.address.headers };
      await fetch(`${uri}/api/2.0/mlflow/experiments/delete`, { method: "POST", headers, body: JSON.stringify({ experiment_id }) });
      await expect(client.ensureExperiment(name)).rejects.toThrow(/was deleted there, which blocks its name/);
      await client.restoreExperiment(experiment_id);
      expect((await client.ensureExperiment(name)).experiment_id).toBe(experiment_id);
    });

    it.runIf(hasModels)("is told at once that the server has no workspaces, where one is asked for", async () => {
      const elsewhere = new MlflowClient(mlflowAddress(uri, { ...env, MLFLOW_WORKSPACE: "team" }), {
        patience: { tries: 5, pauseMs: 5000 },
      });
      const started = performance.now();
      await expect(elsewhere.ensureExperiment("client")).rejects.toMatchObject({ reason: "FEATURE_DISABLED", retryable: false });
      expect(performance.now() - started).toBeLessThan(4000);
    });

    it("keeps a parameter as it was first written, and says that another is wanted", async () => {
      const { run } = await newRun("whole");
      const wanted = { ...content, metrics: [], artifacts: [], datasets: [], tags: {} };
      await push(client, run, { ...wanted, params: { a: "1" } });
      await push(client, await client.run(run.info.run_id), { ...wanted, params: { a: "2", b: "3" } });
      expect(await readBack(client, run.info.run_id, { ...wanted, params: { a: "2", b: "3" } })).toEqual(["run whole: param a is another"]);
    });

    it.runIf(options.auth)("is refused without a password, and says what to check", async () => {
      const stranger = new MlflowClient(mlflowAddress(uri.replace("//", "//admin:wrong0password@"), {}));
      const refused = stranger.ensureExperiment("client");
      await expect(refused).rejects.toMatchObject({ status: 401 });
      await expect(refused).rejects.toThrow(/Check MLFLOW_TRACKING_USERNAME/);
      await expect(refused).rejects.not.toThrow(/wrong0password/);
    });
  });
}
