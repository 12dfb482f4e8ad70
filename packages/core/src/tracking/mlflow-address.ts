import { AssayError } from "../errors/error.js";

/** Where the server is and how to be let in; `secrets` is what no message may ever contain. */
export interface MlflowAddress {
  /** no credentials, no trailing slash, path prefix kept */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads an address and MLflow's own environment variables. A name and password in the address win over the environment, both over a token. */
export function mlflowAddress(uri: string, env: Environment): MlflowAddress {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new AssayError({
      code: "TRACK-URI",
      what: "the tracking address is not one of a server",
      expected: "http://… or https://…",
      got: url ? `${url.protocol}…` : "no address",
      next: "Set MLFLOW_TRACKING_URI to the address of an MLflow server.",
    });
  }
  const user = decoded(url.username) || (env["MLFLOW_TRACKING_USERNAME"] ?? "");
  const password = decoded(url.password) || (env["MLFLOW_TRACKING_PASSWORD"] ?? "");
  const token = env["MLFLOW_TRACKING_TOKEN"]?.trim() ?? "";
  const basic = user ? Buffer.from(`${user}:${password}`).toString("base64") : "";
  const workspace = env["MLFLOW_WORKSPACE"] ?? "";
  const headers = {
    ...(basic ? { authorization: `Basic ${basic}` } : token ? { authorization: `Bearer ${token}` } : {}),
    ...(workspace ? { "x-mlflow-workspace": workspace } : {}),
  };
  for (const [name, value] of Object.entries(headers)) {
    if (/[^\x20-\x7e]/.test(value))
      throw new AssayError({ code: "TRACK-HEADER", what: `the value for the header ${name} has characters that none may have` });
  }
  const secrets = [password, url.password, token, basic].filter((secret) => secret !== "");
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, headers, secrets, warnings: tlsWarnings(env) };
}

function tlsWarnings(env: Environment): string[] {
  const certificate = env["MLFLOW_TRACKING_SERVER_CERT_PATH"]
    ? ["MLFLOW_TRACKING_SERVER_CERT_PATH is not read; set NODE_EXTRA_CA_CERTS to that file."]
    : [];
  const insecure =
    env["MLFLOW_TRACKING_INSECURE_TLS"] === "true"
      ? ["MLFLOW_TRACKING_INSECURE_TLS is not read; set NODE_EXTRA_CA_CERTS to the server's certificate."]
      : [];
  return [...certificate, ...insecure];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
