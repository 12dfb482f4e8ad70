import { readFileSync } from "node:fs";
import type { Dispatcher } from "undici";
import { MlflowError } from "./error.js";

/** Where the server is and how to be let in; `secrets` is what no message may ever contain. */
export interface MlflowAddress {
  /** no credentials, no trailing slash, path prefix kept */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** carries the TLS options, where there are any; made when it is first asked for */
  readonly dispatcher?: () => Promise<Dispatcher>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads an address and MLflow's own environment variables: `MLFLOW_TRACKING_USERNAME`, `_PASSWORD`, `_TOKEN`, `_INSECURE_TLS`,
 * `_SERVER_CERT_PATH`, `_CLIENT_CERT_PATH`, and `MLFLOW_WORKSPACE`. A name and password in the address win over the environment, both over
 * a token. `headers` go with every request (a gateway's key), and count as secrets. Throws where the address is not one of a server.
 */
export function mlflowAddress(uri: string, env: Environment = {}, headers: Readonly<Record<string, string>> = {}): MlflowAddress {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new MlflowError({
      where: url ? `${url.protocol}…` : "no address",
      what: "this is not the address of a tracking server, which begins with http:// or https://",
      next: "Set MLFLOW_TRACKING_URI to the address of an MLflow server.",
    });
  }
  const user = decoded(url.username) || (env["MLFLOW_TRACKING_USERNAME"] ?? "");
  const password = decoded(url.password) || (env["MLFLOW_TRACKING_PASSWORD"] ?? "");
  const token = env["MLFLOW_TRACKING_TOKEN"]?.trim() ?? "";
  const basic = user ? Buffer.from(`${user}:${password}`).toString("base64") : "";
  const workspace = env["MLFLOW_WORKSPACE"] ?? "";
  const all = {
    ...(basic ? { authorization: `Basic ${basic}` } : token ? { authorization: `Bearer ${token}` } : {}),
    ...(workspace ? { "x-mlflow-workspace": workspace } : {}),
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) {
    if (/[^\x20-\x7e]/.test(value)) throw new MlflowError({ where: `header ${name}`, what: "its value has characters that none may have" });
  }
  const dispatcher = tlsAgent(env);
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    headers: all,
    secrets: [password, url.password, token, basic, ...Object.values(headers)].filter((secret) => secret !== ""),
    ...(dispatcher && { dispatcher }),
  };
}

/** undici's agent, because Node's own fetch takes no certificates. */
function tlsAgent(env: Environment): (() => Promise<Dispatcher>) | undefined {
  const read = (name: string): string | undefined => {
    const path = env[name];
    if (!path) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch {
      throw new MlflowError({ where: name, what: "the certificate file cannot be read", next: "Check the path." });
    }
  };
  const ca = read("MLFLOW_TRACKING_SERVER_CERT_PATH");
  const client = read("MLFLOW_TRACKING_CLIENT_CERT_PATH");
  const insecure = env["MLFLOW_TRACKING_INSECURE_TLS"] === "true";
  if (ca === undefined && client === undefined && !insecure) return undefined;
  const connect = { rejectUnauthorized: !insecure, ...(ca && { ca }), ...(client && { cert: client, key: client }) };
  let agent: Promise<Dispatcher> | undefined;
  return () => (agent ??= import("undici").then(({ Agent }) => new Agent({ connect })));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
