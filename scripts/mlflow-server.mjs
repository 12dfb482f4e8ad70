// A real MLflow server on this machine, for the tests and for trying things out:
//   node scripts/mlflow-server.mjs [FOLDER]     installs it at need, starts it, prints its address, ends with Ctrl-C
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, openSync, closeSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The newest 3.x that installs whole, and the last 2.x. */
export const NEWEST = "3.17.2";
export const LAST_2 = "2.22.5";
// What the server itself needs: less than half of what a plain `pip install mlflow` brings.
const BOTH = ["Flask", "alembic<2", "graphene<4", "numpy<3", "Flask-WTF<2"];
const NEEDS = {
  [NEWEST]: [...BOTH, "Flask-CORS<7", "sqlalchemy<3", "huey<4", "aiohttp", "pandas<4"],
  [LAST_2]: [...BOTH, "sqlalchemy<2.1", "pandas<3", "docker<8", "gunicorn<24", "pyarrow<20", "markdown<4"],
};
const MARKER = "assay-installed.json";

const cacheFolder = (env) => env.ASSAY_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "assay");

/** Installs MLflow into the cache once, and returns the path of its Python. An install that was cut short is never used. */
export async function installMlflow({ version = NEWEST, env = process.env, log = () => {} } = {}) {
  const requirements = [`mlflow-skinny==${version}`, ...NEEDS[version]];
  const digest = createHash("sha256").update(requirements.join("\n")).digest("hex").slice(0, 8);
  const cache = cacheFolder(env);
  const home = join(cache, `mlflow-${version}-${digest}`);
  const python = join(home, "bin", "python");
  if (existsSync(join(home, MARKER))) return python;
  await checkPython(env);
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const started = Date.now();
  log(`installing MLflow ${version} into ${home} (about a minute, 400 MB, once)`);
  const partial = await mkdtemp(join(cache, `mlflow-partial-${process.pid}-`));
  try {
    await run("python3", ["-m", "venv", partial]);
    const pip = (...args) =>
      run(join(partial, "bin", "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...args], {
        maxBuffer: 1 << 26,
      });
    await pip(...requirements);
    await pip("--no-deps", `mlflow==${version}`);
    await writeFile(join(partial, MARKER), JSON.stringify({ version, requirements }));
    if (existsSync(join(home, MARKER))) {
      await rm(partial, { recursive: true, force: true });
    } else {
      await rm(home, { recursive: true, force: true });
      await rename(partial, home);
    }
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (existsSync(join(home, MARKER))) return python;
    throw new Error(`MLflow could not be installed: ${lastLine(error.stderr || error.message)}`, { cause: error });
  }
  log(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
  return python;
}

/**
 * Starts a server on a free port of 127.0.0.1 that keeps everything in `folder`; `stop` ends it and all its processes.
 * `ownFolder`: clients write artifacts into its folder instead of through it. `auth`: it asks for the name `admin` and this password. `prefix`: its path, e.g. `/mlflow`. `port`: the same one again after a stop.
 */
export async function startMlflow(options) {
  const { folder, version = NEWEST, auth, prefix = "", ownFolder = false, port: wanted, env = process.env, log = () => {} } = options;
  const python = await installMlflow({ version, env, log });
  const place = resolve(folder);
  await mkdir(join(place, "artifacts"), { recursive: true });
  const port = wanted ?? (await freePort());
  const output = join(place, "server.log");
  const logFile = openSync(output, "a");
  const files = join(place, "artifacts");
  const artifacts = ownFolder ? ["--no-serve-artifacts", "--default-artifact-root", `file://${files}`] : ["--artifacts-destination", files];
  const stores = ["--backend-store-uri", `sqlite:///${join(place, "mlflow.db")}`, ...artifacts];
  if (auth) await writeFile(join(place, "auth.ini"), authConfig(place, auth));
  const more = [...(auth ? ["--app-name", "basic-auth"] : []), ...(prefix ? ["--static-prefix", prefix] : []), "--workers", "1"];
  const inherited = Object.entries(env).filter(([name]) => !name.startsWith("MLFLOW_"));
  const server = spawn(python, ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), ...stores, ...more], {
    cwd: place,
    detached: true,
    stdio: ["ignore", logFile, logFile],
    env: {
      ...Object.fromEntries(inherited),
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
      ...(auth && {
        MLFLOW_AUTH_CONFIG_PATH: join(place, "auth.ini"),
        MLFLOW_FLASK_SERVER_SECRET_KEY: "for tests only",
        MLFLOW_AUTH_ADMIN_PASSWORD: auth,
      }),
    },
  });
  closeSync(logFile);
  const ended = new Promise((done) => server.once("exit", done).once("error", done));
  const killGroup = (signal) => {
    try {
      process.kill(-server.pid, signal);
    } catch {
      return;
    }
  };
  const onExit = () => killGroup("SIGKILL");
  process.once("exit", onExit);
  const stop = async () => {
    killGroup("SIGTERM");
    await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
    killGroup("SIGKILL");
    process.off("exit", onExit);
  };
  const uri = `http://127.0.0.1:${port}${prefix}`;
  if (await healthy(uri, ended, auth)) return { uri, port, pid: server.pid, python, stop };
  await stop();
  throw new Error(`MLflow did not start: ${lastLine(await readFile(output, "utf8"))} (all of it: ${output})`);
}

const authConfig = (place, password) => `[mlflow]
default_permission = READ
database_uri = sqlite:///${join(place, "basic_auth.db")}
admin_username = admin
admin_password = ${password}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
`;

/** Ready is a server that has looked into its database once: /health does not, and the first look takes seconds on a busy machine. */
async function healthy(uri, ended, auth) {
  let over = false;
  void ended.then(() => (over = true));
  const headers = auth ? { Authorization: `Basic ${Buffer.from(`admin:${auth}`).toString("base64")}` } : {};
  const answers = (path) => fetch(`${uri}${path}`, { headers, signal: AbortSignal.timeout(10_000) }).then(({ ok }) => ok, () => false); // prettier-ignore
  for (const end = Date.now() + 60_000; Date.now() < end && !over; await sleep(200)) {
    if ((await answers("/health")) && (await answers("/api/2.0/mlflow/experiments/get?experiment_id=0"))) return true;
  }
  return false;
}

async function checkPython(env) {
  const check = "import sys, ensurepip; sys.exit(sys.version_info < (3, 10))";
  await run("python3", ["-c", check], { env }).catch((cause) => {
    throw new Error("MLflow needs python3 (3.10 or newer) with venv, which is not there", { cause });
  });
}

/** Installs of processes that are gone. */
async function removeLeftovers(cache) {
  for (const name of await readdir(cache)) {
    const pid = /^mlflow-partial-(\d+)-/.exec(name)?.[1];
    if (pid && !alive(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail).listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const lastLine = (text) => text.trim().split("\n").at(-1) ?? "";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const log = (line) => process.stderr.write(`${line}\n`);
  const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), "assay-mlflow-")));
  const server = await startMlflow({ folder, log });
  log(`MLflow keeps its data in ${resolve(folder)}; Ctrl-C ends it. Set for Assay: MLFLOW_TRACKING_URI=${server.uri}`);
  process.stdout.write(`${server.uri}\n`);
  const alone = setInterval(() => {}, 1 << 30);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      clearInterval(alone);
      void server.stop();
    });
  }
}
