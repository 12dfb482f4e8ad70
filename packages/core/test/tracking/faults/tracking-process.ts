// A process of its own that the tests kill: `experiment` computes (it only waits) while its run is sent live, `sync` sends a spool.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRun, uploadSpool } from "../../../src/tracking/index.js";
import { smallRun } from "./small-run.js";

const [mode = "", root = "", kind = "", seed = "", uri = ""] = process.argv.slice(2);
const summary = smallRun(root, kind, Number(seed));
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

say("begun");
if (mode === "experiment") {
  const tracked = openRun(summary, { root, env: { MLFLOW_TRACKING_URI: uri }, log: say });
  for (let instance = 0; instance < 10; instance++) await sleep(20);
  const outcome = await tracked.close(summary);
  say(outcome.state === "sent" && outcome.verified ? "verified" : `not verified: ${JSON.stringify(outcome)}`);
} else {
  const { verified, problems } = await uploadSpool(join(root, ".assay", "runs", summary.uuid), { uri, env: {} });
  say(verified ? "verified" : `not verified: ${problems.join("; ")}`);
}
