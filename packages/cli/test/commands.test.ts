import { existsSync, readdirSync } from "node:fs";
import type { Verdicts } from "@assay/report";
import { beforeAll, describe, expect, it } from "vitest";
import { verdictTables } from "../src/verdict-table.js";
import { smallSpec, Workplace } from "./workplace.js";

const COMMANDS = [
  "run",
  "plan",
  "validate",
  "graph",
  "explain",
  "compare",
  "list",
  "describe",
  "schema",
  "report",
  "runs",
  "sync",
  "compare-runs",
  "doctor",
  "gc",
];
const STUCK = `export default {
  kind: "explainer", name: "stuck", version: "1", summary: "never ends",
  params: { type: "object", properties: {}, additionalProperties: false },
  attribute: () => {
    console.error("stuck now");
    return new Promise((resolve) => setTimeout(resolve, 1e9));
  },
};
`;

const THROWS = `export default {
  kind: "explainer", name: "throws", version: "1", summary: "fails always",
  params: { type: "object", properties: {}, additionalProperties: false },
  attribute: () => { throw new Error("out of ideas"); },
};
`;

describe("help", () => {
  const place = new Workplace();

  it.each(COMMANDS)("of %s shows an example", async (command) => {
    const { code, out } = await place.assay(command, "--help");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n +assay ${command}`));
  });

  it("names every command and the exit codes", async () => {
    const { code, out } = await place.assay("--help");
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, "m"));
    expect(out).toContain("Exit codes: 0 done");
  });

  it.each([
    [["rnu", "spec.yaml"], /unknown command 'rnu'[\s\S]*Did you mean run\?/],
    [["run", "spec.yaml", "--keep-goin"], /unknown option '--keep-goin'[\s\S]*Did you mean --keep-going\?/],
    [["describe", "explainer/gradeint"], /Did you mean explainer\/gradient\?/],
    [["describe", "grad-cma"], /Did you mean .*grad-cam/],
    [["list", "explainer-s"], /explainer/],
    [["run"], /missing required argument 'spec'/],
  ])("completes what is mistyped: %j", async (args, words) => {
    const { code, out, err } = await place.assay(...args);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(out).toBe("");
  });
});

describe("commands over a run", () => {
  const place = new Workplace();
  const json = async (...args: string[]): Promise<unknown> => {
    const { code, out, err } = await place.assay(...args);
    expect(code, err).toBe(0);
    return JSON.parse(out);
  };

  beforeAll(async () => {
    place.write("small.yaml", smallSpec());
    const { code, err } = await place.assay("run", "small.yaml");
    expect(code, err).toBe(0);
  }, 120_000);

  it("leaves a folder a run, and latest points at the newest", async () => {
    const [first] = readdirSync(place.path("runs/small"));
    const again = await place.assay("run", "small.yaml");
    expect(again.code).toBe(0);
    expect(again.out).toContain(`before   run ${first} had the same plan`);
    const folders = readdirSync(place.path("runs/small"));
    expect(folders).toContain("latest");
    expect(readdirSync(place.path("runs/small/latest")).sort()).toEqual(
      ["lock.json", "report.html", "scores.csv", "spec.resolved.yaml", "verdicts.json"].sort(),
    );
  });

  it("computes nothing again, and plan says so before", async () => {
    const plan = (await json("plan", "small.yaml", "--json")) as { state: string }[];
    expect(plan.filter(({ state }) => state === "run")).toEqual([]);
    expect(await json("run", "small.yaml", "--json")).toMatchObject({ status: "done", computed: 0 });
  });

  it("runs its own resolved spec to the same scores", async () => {
    const scores = place.read("runs/small/latest/scores.csv");
    const { code, err } = await place.assay("run", "runs/small/latest/spec.resolved.yaml", "--out", "again");
    expect(code, err).toBe(0);
    expect(place.read("again/small/latest/scores.csv")).toBe(scores);
  });

  it("computes the part that --only and --where name, and no more", async () => {
    const where = ["--root", "part", "--only", "perturbed", "--where", "stage=conv2"];
    const { computed } = (await json("run", "small.yaml", "--json", ...where)) as { computed: number };
    expect(computed).toBe(2);
  });

  it("writes on the page which preset it is and what to type to get it again", async () => {
    place.write("preset.yaml", `${smallSpec()}presets: { two: { params: { images: { default: 2 } } } }\n`);
    const { code, err } = await place.assay("run", "preset.yaml", "--preset", "two", "--out", "elsewhere");
    expect(code, err).toBe(0);
    const page = place.read("elsewhere/small/latest/report.html");
    expect(page).toContain('<p class="name">small · preset two</p>');
    expect(page).toContain("<code>assay run preset.yaml --preset two</code>");
  });

  it("prints the run's verdicts again", async () => {
    const { code, out } = await place.assay("report", "runs/small/latest");
    expect(code).toBe(0);
    expect(out).toMatch(/gradient +\w+/);
    expect(out).toContain("report.html");
  });

  it("says in what two runs differ, and that they do not", async () => {
    const same = await place.assay("compare-runs", "small", "runs/small/latest");
    expect([same.code, same.out]).toEqual([0, "spec: no difference\nlock: no difference\nverdicts: no difference\n"]);
    expect((await place.assay("run", "small.yaml", "--set", "images=4", "--out", "other")).code).toBe(0);
    const { out } = await place.assay("compare-runs", "small", "other/small/latest");
    expect(out).toMatch(/spec: \d differences?[\s\S]*limit +3 +4/);
    expect(out).toMatch(/lock: \d+ differences?[\s\S]*params › images +3 +4/);
    expect(out).toMatch(/verdicts: \d+ differences?[\s\S]*gradient by spearman +\w+, κ -?\d\.\d{3} \[/);
    expect((await place.assay("compare-runs", "small", "nothing")).code).toBe(2);
  });

  it("says why a change makes instances run again", async () => {
    const { out } = await place.assay("plan", "small.yaml", "--set", "images=4");
    expect(out).toMatch(/similarity .*\b[1-9]\d* /);
  });

  it.each([
    [["list", "--json"], "explainer/gradient"],
    [["describe", "explainer/gradient", "--json"], "gradient"],
    [["schema"], "randomizer"],
    [["doctor", "--json"], "Node"],
  ])("%j prints JSON on stdout", async (args, word) => {
    expect(JSON.stringify(await json(...args))).toContain(word);
  });

  it("prints a number that rounds to zero without a sign", () => {
    const verdicts = JSON.parse(place.read("runs/small/latest/verdicts.json")) as Verdicts;
    const [report] = Object.values(verdicts);
    const methods = report!.methods.map((row) => ({ ...row, kappa: -0.001, kappaLow: -0.0049, kappaHigh: 0.001 }));
    expect(verdictTables({ verdicts: { ...report!, methods } })).toContain(" .00 [.00, .00] ");
  });

  it("draws the graph of a spec", async () => {
    const { code, out } = await place.assay("graph", "small.yaml");
    expect(code).toBe(0);
    for (const node of ["digits", "model", "variants", "reference", "perturbed", "similarity", "floor", "verdicts"])
      expect(out).toContain(node);
  });

  it("shrinks the store, maps first, and a later run makes what it misses", async () => {
    const scores = place.read("runs/small/latest/scores.csv");
    const collected = await place.assay("gc", "--max", "0");
    expect(collected.code, collected.err).toBe(0);
    const { code, err } = await place.assay("run", "small.yaml");
    expect(code, err).toBe(0);
    expect(place.read("runs/small/latest/scores.csv")).toBe(scores);
  });
});

describe("a method that fails", () => {
  const place = new Workplace();
  const explainers = { throws: "{ uses: explainer/throws }", gradient: "{ uses: explainer/gradient }" };

  beforeAll(() => {
    place.write("throws.js", THROWS);
    place.write("throws.yaml", smallSpec({ plugins: ["./throws.js"], explainers }));
  });

  it("costs no other method its scores, and the run ends with 1", { timeout: 60_000 }, async () => {
    const { code, err } = await place.assay("run", "throws.yaml", "--keep-going");
    expect(code).toBe(1);
    expect(err).toContain("out of ideas");
    expect(err).not.toMatch(/^ {4}at /m);
    const scores = place.read("runs/small/latest/scores.csv");
    expect(scores).toMatch(/^spearman,signed,gradient,0,conv1,4,/m);
    expect(scores).not.toContain(",throws,");
  });

  it("stops a run that is not to go on, and keeps what was finished", { timeout: 60_000 }, async () => {
    const { code } = await place.assay("run", "throws.yaml", "--root", "stop");
    expect(code).toBe(1);
    expect(existsSync(place.path("stop/runs/small/latest/report.html"))).toBe(true);
  });
});

describe("Ctrl-C", () => {
  const place = new Workplace();

  it("ends a run with 130, keeps what is finished, and the next run goes on", { timeout: 180_000 }, async () => {
    place.write(
      "long.yaml",
      smallSpec({ images: 32, draws: [0, 1, 2], explainers: { smoothgrad: "{ uses: explainer/smoothgrad, with: { samples: 100 } }" } }),
    );
    const { child, ended } = place.start("run", "long.yaml");
    await new Promise<void>((resolve) => {
      child.stderr!.on("data", (text: string) => {
        if (/perturbed +\d/.test(text)) resolve();
      });
    });
    const asked = performance.now();
    child.kill("SIGINT");
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain("run again to go on");
    console.log(`ended ${Math.round(performance.now() - asked)} ms after SIGINT`);
    const again = await place.start("run", "long.yaml", "--json").ended;
    expect(again.code, again.err).toBe(0);
    expect((JSON.parse(again.out) as { hits: number }).hits).toBeGreaterThan(0);
  });

  it("twice kills a run that does not end", { timeout: 60_000 }, async () => {
    place.write("stuck.js", STUCK);
    place.write("stuck.yaml", smallSpec({ plugins: ["./stuck.js"], explainers: { stuck: "{ uses: explainer/stuck }" } }));
    const { child, ended } = place.start("run", "stuck.yaml");
    child.stderr!.on("data", (text: string) => {
      if (/stuck now|run again to go on/.test(text)) child.kill("SIGINT");
    });
    expect(await ended).toMatchObject({ code: null, signal: "SIGINT" });
  });
});
