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
    // A run does not wait for a server that is slow to say its first word, as one that hashes passwords may be; sync does.
    expect((await place.assay("run", "small.yaml")).code).toBe(0);
    const admitted = await place.assayWith(env, "sync");
    expect([admitted.code, admitted.out]).toEqual([0, expect.stringContaining("all 1 runs were read back as they are here")]);
    const refused = await place.assayWith({ ...env, MLFLOW_TRACKING_PASSWORD: "wrong" }, "sync");
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/answered 401.*Check MLFLOW_TRACKING_USERNAME/)]);
    const sent = await place.assay("sync", "--to", old!);
    expect([sent.code, sent.err]).toEqual([0, ""]);
    expect(sent.out).toContain("all 1 runs were read back as they are here");
    const { out } = await place.assay("runs");
    for (const uri of [locked!, old!]) expect(out).toContain(`verified at ${uri}`);
    for (const text of [admitted.out, admitted.err, refused.out, sent.out, out]) expect(text).not.toContain(PASSWORD);
  },
);
