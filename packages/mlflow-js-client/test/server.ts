import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMlflow } from "../../../scripts/mlflow-server.mjs";

export interface ServerOptions {
  readonly version?: string;
  /** the password of `admin` */
  readonly auth?: string;
  readonly prefix?: string;
  /** clients write artifacts into its folder instead of through it */
  readonly ownFolder?: boolean;
}

export interface TestServer {
  readonly uri: string;
  /** has MLflow's own client */
  readonly python: string;
  close(): Promise<void>;
}

/** A real MLflow server. Where it cannot be had: under CI a failure, elsewhere one line that says what was left out, and `undefined`. */
export async function mlflowServer(options: ServerOptions = {}): Promise<TestServer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "assay-mlflow-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  try {
    const server = await startMlflow({ folder, ...options });
    return {
      uri: server.uri,
      python: server.python,
      async close() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    if (process.env["CI"] === "true") throw error;
    process.stderr.write(`left out: tests against a real MLflow server (${error instanceof Error ? error.message : String(error)})\n`);
    return undefined;
  }
}
