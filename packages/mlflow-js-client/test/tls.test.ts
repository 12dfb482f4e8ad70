import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import { MlflowClient, mlflowAddress } from "../src/index.js";

// Made for this test, for 127.0.0.1, good for a hundred years, and a secret of nobody.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTot2jiIju0fr3MWJ
l49p7EMbldEK3JB+daSqj18qK+WhRANCAAT0fh5P+TujQHWdiDT2eLoVKjD3hUYL
a5LQ0NDcC/ukmRyyYCdUF3K1Ztuyk1aIIANvjqT4v/4FMLwPZIjLESjr
-----END PRIVATE KEY-----
`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUc1r6hmIm4wflkkNhUZm5D6YjHhcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzE5MTYyOVoYDzIxMjYxMDMw
MTkxNjI5WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT0fh5P+TujQHWdiDT2eLoVKjD3hUYLa5LQ0NDcC/ukmRyyYCdUF3K1
Ztuyk1aIIANvjqT4v/4FMLwPZIjLESjro2QwYjAdBgNVHQ4EFgQUJEG4h4QNc/BG
95vUd3PHWWDjc08wHwYDVR0jBBgwFoAUJEG4h4QNc/BG95vUd3PHWWDjc08wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IQCbJjwdxuS9D3MnUG3Z4IsH3bZEgsPB4m9ihRkKcJchqwIgW1N0mD5rx06mVQDc
omsmthHTdEq/NO4pvA2arunObqo=
-----END CERTIFICATE-----
`;

const folder = mkdtempSync(join(tmpdir(), "mlflow-tls-"));
const pem = join(folder, "both.pem");
writeFileSync(pem, CERTIFICATE + KEY);

const shown: unknown[] = [];
const server = createServer({ key: KEY, cert: CERTIFICATE, requestCert: true, rejectUnauthorized: false }, (request, response) => {
  if (request.socket instanceof TLSSocket) shown.push(request.socket.getPeerCertificate().fingerprint256);
  response.end(JSON.stringify({ experiment: { experiment_id: "1", name: "e", lifecycle_stage: "active" } }));
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
const ask = (env: Readonly<Record<string, string>>) =>
  new MlflowClient(mlflowAddress(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, env), {
    patience: { tries: 1 },
  }).experimentByName("e");

describe("a server with a certificate of its own", () => {
  it("is refused, with the reason", () => expect(ask({})).rejects.toThrow(/the connection failed \(DEPTH_ZERO_SELF_SIGNED_CERT\)/));

  it("is taken with its certificate", async () => {
    expect((await ask({ MLFLOW_TRACKING_SERVER_CERT_PATH: pem }))?.name).toBe("e");
  });

  it("is taken unchecked where that is asked for", async () => {
    expect((await ask({ MLFLOW_TRACKING_INSECURE_TLS: "true" }))?.name).toBe("e");
  });

  it("is shown a certificate of ours", async () => {
    shown.length = 0;
    await ask({ MLFLOW_TRACKING_SERVER_CERT_PATH: pem, MLFLOW_TRACKING_CLIENT_CERT_PATH: pem });
    expect(shown).toEqual([new X509Certificate(CERTIFICATE).fingerprint256]);
  });

  it("is not asked where a certificate cannot be read", () => {
    expect(() => mlflowAddress("https://127.0.0.1:1", { MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "none.pem") })).toThrow(
      /MLFLOW_TRACKING_SERVER_CERT_PATH: the certificate file cannot be read/,
    );
  });
});
