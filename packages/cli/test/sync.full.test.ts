import { afterAll, expect, it } from "vitest";
import { LAST_2 } from "../../../scripts/mlflow-server.mjs";
import { mlflowServer } from "../../mlflow-js-client/test/server.js";
import { smallSpec, Workplace } from "./workplace.js";

const PASSWORD = "canary0password";
const servers = [await mlflowServer({ auth: PASSWORD }), await mlflowServer({ version: LAST_2 })];
afterAll(async () => {
  for (const server of servers) await server?.close();
});

it.runIf(servers.every(Boolean))(
  "sends one run to a server with a password and to one of the last MLflow 2",
  { timeout: 120_000 },
  async () => {
    const place = new Workplace();
    const [locked, old] = servers.map((server) => server!.uri);
    place.write("small.yaml", smallSpec());
    const env = { MLFLOW_TRACKING_URI: locked!, MLFLOW_TRACKING_USERNAME: "admin", MLFLOW_TRACKING_PASSWORD: PASSWORD };
    const run = await place.assayWith(env, "run", "small.yaml");
    expect([run.code, run.out]).toEqual([0, expect.stringContaining(`MLflow   ${locked!}/#/experiments/`)]);
    const refused = await place.assayWith({ ...env, MLFLOW_TRACKING_PASSWORD: "wrong" }, "sync");
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/answered 401.*Check MLFLOW_TRACKING_USERNAME/)]);
    const sent = await place.assay("sync", "--to", old!);
    expect([sent.code, sent.err]).toEqual([0, ""]);
    expect(sent.out).toContain("all 1 runs were read back as they are here");
    const { out } = await place.assay("runs");
    for (const uri of [locked!, old!]) expect(out).toContain(`verified at ${uri}`);
    for (const text of [run.out, run.err, refused.out, sent.out, out]) expect(text).not.toContain(PASSWORD);
  },
);
