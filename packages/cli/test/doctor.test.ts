import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnose, type Finding } from "../src/doctor.js";

let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-doctor-"));
  server = createServer((request, response) => {
    response.statusCode = request.url === "/health" ? 200 : 404;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** A PATH with these programs and no others, each printing its text. */
async function programs(said: Readonly<Record<string, string>>): Promise<string> {
  const bin = await mkdtemp(join(folder, "bin-"));
  for (const [name, text] of Object.entries(said)) {
    await writeFile(join(bin, name), `#!/bin/sh\necho '${text}'\n`);
    await chmod(join(bin, name), 0o755);
  }
  return bin;
}

async function finding(name: string, env: Record<string, string>): Promise<Finding> {
  const found = (await diagnose({ env: { ASSAY_CACHE: folder, ...env }, cwd: folder })).find((each) => each.name === name);
  if (!found) throw new Error(`the doctor says nothing of ${name}`);
  return found;
}

describe("doctor", () => {
  it("finds on a machine that passes these tests everything that Assay cannot do without", async () => {
    const findings = await diagnose({ env: process.env, cwd: folder });
    expect(findings.filter(({ state }) => state === "missing")).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "Node",
        "pnpm",
        "onnxruntime",
        "native library",
        "wasm backend",
        "Python",
        "Chromium",
        "MLflow",
        "cache",
        "disk",
        "MNIST",
        "Inception v3",
      ]),
    );
  });

  it("says what to type for everything that is not there", async () => {
    const env = { PATH: await programs({}), ASSAY_CACHE: "/dev/null/cache", MLFLOW_TRACKING_URI: "http://127.0.0.1:1" };
    const findings = await diagnose({ env, cwd: folder });
    const lacking = findings.filter(({ state }) => state !== "ok");
    expect(lacking.map(({ name }) => name)).toEqual(expect.arrayContaining(["Python", "Chromium", "MLflow", "cache"]));
    expect(lacking.filter(({ fix }) => fix === undefined)).toEqual([]);
  });

  it.each([
    ["Python 3.9.2", "optional"],
    ["Python 3.10.0", "ok"],
    ["Python 3.14.1", "ok"],
    ["Python 2.7.18", "optional"],
  ])("takes %s as %s", async (version, state) => {
    expect(await finding("Python", { PATH: await programs({ python3: version }) })).toMatchObject({ state });
  });

  it("takes the Chromium that is named over the one on PATH", async () => {
    const PATH = await programs({ chromium: "Chromium 100" });
    const CHROMIUM = join(await programs({ mine: "Chromium 200" }), "mine");
    expect(await finding("Chromium", { PATH })).toMatchObject({ state: "ok", detail: "Chromium 100" });
    expect(await finding("Chromium", { PATH, CHROMIUM })).toMatchObject({ state: "ok", detail: "Chromium 200" });
    expect(await finding("Chromium", { PATH, CHROMIUM: "/nowhere/chromium" })).toMatchObject({ state: "optional" });
  });

  it("asks the tracking server that is named, and keeps its password to itself", async () => {
    const found = await finding("MLflow", { MLFLOW_TRACKING_URI: `http://user:secret@${address}/` });
    expect(found).toMatchObject({ state: "ok" });
    expect(JSON.stringify(found)).not.toContain("secret");
    expect(await finding("MLflow", {})).toMatchObject({ state: "ok" });
    expect(await finding("MLflow", { MLFLOW_TRACKING_URI: "http://127.0.0.1:1" })).toMatchObject({ state: "optional" });
  });

  it("needs no pnpm, since set-up brings its own", async () => {
    expect(await finding("pnpm", { PATH: await programs({}) })).toMatchObject({ state: "ok" });
    expect(await finding("pnpm", { PATH: await programs({ pnpm: "10.34.8" }) })).toMatchObject({ state: "ok", detail: "10.34.8" });
  });
});
