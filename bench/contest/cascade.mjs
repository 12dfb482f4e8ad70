// A cascade by Assay and by its peers in turns: wall time and peak memory of each, after a check that all compute the same numbers.
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { script } from "../../scripts/setup.mjs";
import { exportJob, readSpec } from "./export-job.mjs";
import { machineLine, markdown, median, spread } from "./machine.mjs";
import { options } from "./options.mjs";
import { peersLine, setUpPeers } from "./peers.mjs";
import { cli, gib, peer, root, timed } from "./process.mjs";
import { Results } from "./results.mjs";

/**
 * `spec`: the experiment; `images(count)`: its images; `asFile`: whether its param `images` is their file, not their number; `sizes`: of the
 * full and the quick version, `{ images, draws, rounds, checked }`; `quantus`: whether Quantus takes part, with one pass a metric.
 */
export const cascadeContest = ({ name, spec, images, asFile = false, sizes, quantus = false }) =>
  script(async () => {
    const told = options();
    const size = told.quick ? sizes.quick : sizes.full;
    const passes = (await readSpec(spec)).metrics.map((metric) => metric.name);
    const results = new Results(told.quick ? `${name}-quick` : name);
    const contenders = ["assay", "captum", "fast", ...(quantus ? passes.map((metric) => `quantus-${metric}`) : [])];
    if (told.table) return console.log(table(contenders, await results.all()));
    const python = await setUpPeers();
    const job = join(results.folder, "job");
    console.log(`${size.images} images, ${size.draws} draws; ${machineLine()}`);
    console.log(await peersLine());
    if (!told.append) {
      await results.clear();
      const input = await images(size.images);
      const { note } = await exportJob(job, { spec, images: input, draws: size.draws, checked: size.checked, backend: told.backend });
      console.log(`backend: ${note}`);
      console.log("relative L2 of maps, and largest difference of a score, to Assay's on the same weights and noise:");
      const { out } = await timed(python, [peer("check"), job, ...(quantus ? ["quantus"] : [])]);
      console.log(out.trimEnd());
    } else if (!existsSync(join(job, "job.json"))) throw new Error("there are no results to add to: leave --append out");
    const wanted = contenders.filter(told.chosen);
    const rounds = told.rounds ?? size.rounds;
    for (let round = 0; round < rounds; round++) {
      // Forth and back, since a later one of a round meets a warmer machine.
      for (const contender of round % 2 === 0 ? wanted : wanted.toReversed()) {
        const load = loadavg()[0];
        const input = asFile ? join(job, "images.npy") : size.images;
        const run = contender === "assay" ? assay(spec, input, size.draws, told.backend) : python3(python, contender, job);
        const result = { contender, at: new Date().toISOString(), load, ...(await run) };
        await results.add(result);
        console.log(
          `${contender.padEnd(22)} ${result.seconds.toFixed(1).padStart(7)} s, peak ${gib(result.peak)} GiB, load before ${load.toFixed(2)}`,
        );
      }
    }
    console.log(`\n${table(contenders, await results.all())}`);
    console.log(`\n${relative(root, results.file)} keeps every run: --append adds to it, --table prints it.`);
  });

/** One run with an empty store. */
async function assay(spec, images, draws, backend) {
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
  try {
    const set = [`images=${images}`, `draws=[${Array.from({ length: draws }, (_, i) => i)}]`].flatMap((each) => ["--set", each]);
    const args = [cli, "--root", folder, "--backend", backend, "run", spec, ...set];
    const { seconds, peak } = await timed(process.execPath, args);
    const [name] = await readdir(join(folder, "runs"));
    const lock = JSON.parse(await readFile(join(folder, "runs", name, "latest", "lock.json"), "utf8"));
    return { seconds, peak, workSeconds: seconds, used: JSON.stringify(lock.backend) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function python3(python, contender, job) {
  const [, program, metric] = /^(captum|fast|quantus)-?(.*)$/.exec(contender);
  const file = { captum: "captum_expert", fast: "fast_torch", quantus: "quantus_mprt" }[program];
  const { seconds, peak, out } = await timed(python, [peer(file), job, join(job, `scores-${contender}.npy`), ...(metric ? [metric] : [])]);
  const { workSeconds } = JSON.parse(out.trimEnd().split("\n").at(-1));
  return { seconds, peak, workSeconds, used: out.split("\n")[0] };
}

const NAMES = {
  assay: "Assay",
  captum: "Captum + SciPy/scikit-image",
  fast: "hand-written PyTorch",
};

/**
 * Seconds of the whole process and, of the peers, those of the work alone: imports, search for the best batch and warm-up left out. Assay's
 * are the whole process both times.
 */
function table(contenders, all) {
  const of = (contender, key) => all.filter((each) => each.contender === contender).map((each) => each[key]);
  const measured = contenders.filter((contender) => of(contender, "peak").length > 0);
  const ours = measured.includes("assay") && { seconds: median(of("assay", "seconds")), work: median(of("assay", "workSeconds")) };
  const ratio = (seconds, own) => (ours ? (seconds / own).toFixed(2) : "");
  const row = (label, runs, seconds, work, shown, peak) => [
    label,
    runs,
    shown.seconds,
    ratio(seconds, ours.seconds),
    shown.work,
    ratio(work, ours.work),
    gib(peak),
  ];
  const rows = measured.map((contender) => {
    const [seconds, work] = [of(contender, "seconds"), of(contender, "workSeconds")];
    const shown = { seconds: spread(seconds), work: spread(work) };
    return row(NAMES[contender] ?? contender, seconds.length, median(seconds), median(work), shown, Math.max(...of(contender, "peak")));
  });
  const passes = contenders.filter((contender) => contender.startsWith("quantus"));
  if (passes.length > 0 && passes.every((pass) => measured.includes(pass))) {
    const sum = (key) => passes.reduce((total, pass) => total + median(of(pass, key)), 0);
    const shown = { seconds: sum("seconds").toFixed(1), work: sum("workSeconds").toFixed(1) };
    const peak = Math.max(...passes.flatMap((pass) => of(pass, "peak")));
    rows.push(row(`Quantus, all ${passes.length} passes`, "", sum("seconds"), sum("workSeconds"), shown, peak));
  }
  const used = [...new Set(all.map(({ contender, used: how }) => `${contender}: ${how}`))];
  const head = ["contender", "runs", "process, s", "× Assay", "work alone, s", "× Assay", "peak GiB"];
  return [markdown([head, ...rows]), "", ...used].join("\n");
}
