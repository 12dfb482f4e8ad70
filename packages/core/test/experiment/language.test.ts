import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { didYouMean, graphOf, languageSchema, nearest, parseSpec, type Instance, type Plan } from "../../src/index.js";
import { editDistance } from "../../src/errors/suggest.js";
import { EXAMPLE, fakeRegistry, plan, refusal } from "./fakes.js";

const at = (made: Plan, id: string): Instance => {
  const instance = made.instances.get(id);
  if (!instance) throw new Error(`no instance ${id}; there are ${[...made.instances.keys()].slice(0, 40).join(" ")}`);
  return instance;
};
const keysOf = (made: Plan) => Object.fromEntries([...made.instances].map(([id, { key }]) => [id, key]));
/** ids whose key differs between two plans */
const changed = (a: Plan, b: Plan) => [...a.instances.keys()].filter((id) => a.instances.get(id)!.key !== b.instances.get(id)?.key);
const nodesOf = (ids: readonly string[]) => [...new Set(ids.map((id) => id.split("[")[0]))];
const codes = async (...given: Parameters<typeof refusal>) => (await refusal(...given)).map(({ code }) => code);
const HEAD = "assay: 1\nname: small\n";

describe("keys", () => {
  it("are the same for the same text", async () => {
    expect(keysOf(await plan(EXAMPLE))).toEqual(keysOf(await plan(EXAMPLE)));
  });

  it("do not depend on the order, the spacing or the comments of the text", async () => {
    const other = EXAMPLE.replace("{ samples: 25 }", "{sigma: 0.15,   samples: 25}")
      .replace("# what similarity", "#")
      .replace(/^#.*\n/, "");
    expect(keysOf(await plan(other))).toEqual(keysOf(await plan(EXAMPLE)));
  });

  it("hold what they are made of in readable parts", async () => {
    const { keyParts } = at(await plan(EXAMPLE), "perturbed[explainer=smoothgrad,draw=1,stage=fc1]");
    expect(keyParts).toMatchObject({
      plugin: "explainer/smoothgrad",
      version: "1",
      code: "code of smoothgrad",
      params: '{"samples":25,"sigma":0.15}',
    });
    expect(keyParts).toMatchObject({ node: "perturbed", seed: "0", target: "frozen", trained: at(await plan(EXAMPLE), "model").key });
    expect(Object.keys(keyParts)).toEqual(expect.arrayContaining(["input.model", "input.images"]));
  });

  it("change downstream of a parameter, and nowhere else", async () => {
    const ids = changed(await plan(EXAMPLE), await plan(EXAMPLE.replace("samples: 25", "samples: 26")));
    expect(ids.every((id) => id === "verdicts" || id.includes("explainer=smoothgrad"))).toBe(true);
    expect(nodesOf(ids)).toEqual(["reference", "perturbed", "similarity", "surrogates", "floor", "verdicts"]);
  });

  it("change with the code of a plugin", async () => {
    const ids = changed(await plan(EXAMPLE), await plan(EXAMPLE, { registry: fakeRegistry("ssim") }));
    expect(ids.every((id) => id === "verdicts" || id.includes("metric=ssim"))).toBe(true);
    expect(ids).toHaveLength(60 + 24 + 1);
  });

  it("change with the seed where something is random, and with the backend where something is computed", async () => {
    const base = await plan(EXAMPLE);
    const reseeded = changed(base, await plan(`${EXAMPLE}seed: 7\n`));
    expect(nodesOf(reseeded)).not.toContain("digits");
    expect(reseeded).not.toContain("variants[draw=0,stage=trained]");
    expect(reseeded).toContain("variants[draw=0,stage=softmax]");
    const moved = changed(base, await plan(EXAMPLE, { backend: "wasm" }));
    expect(nodesOf([...base.instances.keys()].filter((id) => !moved.includes(id)))).toEqual(["digits"]);
  });

  it("change with the view of a metric and with the target of an explainer", async () => {
    const base = await plan(EXAMPLE);
    expect(nodesOf(changed(base, await plan(EXAMPLE.replace("view: signed", "view: unit"))))).toEqual(["similarity", "floor", "verdicts"]);
    const argmax = await plan(EXAMPLE.replace("explainer/gradient }", "explainer/gradient, target: argmax }"));
    expect(at(argmax, "reference[explainer=gradient]")).toMatchObject({ target: "argmax", keyParts: { target: "argmax" } });
    expect(at(argmax, "reference[explainer=gradient]").keyParts).not.toHaveProperty("trained");
  });

  it("share redrawn models between cascading and independent runs, and between nodes", async () => {
    const both = `${HEAD}axes: { draw: [0, 1] }
nodes:
  model: { uses: model/mnist-cnn }
  down: { uses: randomizer/cascade, in: { model: model }, over: [draw] }
  single: { uses: randomizer/independent, in: { model: model }, over: [draw] }
  undrawn: { uses: randomizer/independent, in: { model: model } }
`;
    const made = await plan(both);
    expect(at(made, "single[draw=1,stage=softmax]").key).toBe(at(made, "down[draw=1,stage=softmax]").key);
    expect(at(made, "single[draw=1,stage=fc1]").key).not.toBe(at(made, "down[draw=1,stage=fc1]").key);
    expect(at(made, "undrawn[stage=fc1]").key).toBe(at(made, "single[draw=0,stage=fc1]").key);
  });
});

describe("axes", () => {
  it("give each node the stages of its own randomizer", async () => {
    const made = await plan(`${HEAD}axes:
  net: { cnn: { uses: model/mnist-cnn }, mlp: { uses: model/mnist-mlp } }
nodes:
  digits: { uses: dataset/mnist }
  model: { uses: { axis: net }, over: [net] }
  variants: { uses: randomizer/cascade, in: { model: model }, over: [net] }
  maps: { uses: explainer/gradient, over: [net, stage], in: { model: variants, images: digits } }
  chance: { uses: surrogate/permuted, over: [net], in: { maps: { from: maps, pick: { stage: last } } } }
  grid: { uses: report/grid, in: { images: digits, perturbed: { from: maps, collect: [net, stage] } } }
`);
    const ids = [...made.instances.values()].filter(({ node }) => node === "maps").map(({ id }) => id);
    expect(ids).toHaveLength(5 + 3);
    expect(ids).toContain("maps[net=mlp,stage=hidden1]");
    expect(ids).not.toContain("maps[net=mlp,stage=fc1]");
    expect(at(made, "chance[net=cnn]").inputs[0]!.instances).toEqual(["maps[net=cnn,stage=conv1]"]);
    expect(at(made, "chance[net=mlp]").inputs[0]!.instances).toEqual(["maps[net=mlp,stage=hidden1]"]);
    expect(at(made, "grid").inputs[1]!.instances).toHaveLength(8);
  });

  it("refuse a join of nodes with different stages", async () => {
    const errors = await codes(`${HEAD}nodes:
  digits: { uses: dataset/mnist }
  cnn: { uses: model/mnist-cnn }
  mlp: { uses: model/mnist-mlp }
  down: { uses: randomizer/cascade, in: { model: cnn } }
  other: { uses: randomizer/cascade, in: { model: mlp } }
  a: { uses: explainer/gradient, over: [stage], in: { model: down, images: digits } }
  b: { uses: explainer/gradient, over: [stage], in: { model: other, images: digits } }
  scores: { uses: metric/spearman, over: [stage], in: { a: a, b: b } }
`);
    expect(errors).toEqual(["SPEC-AXIS-MISMATCH"]);
  });

  it("fill parameters of an instance, keeping the type of a whole scalar", async () => {
    const made = await plan(`${HEAD}axes: { samples: [5, 10], window: [3] }
nodes:
  digits: { uses: dataset/mnist }
  model: { uses: model/mnist-cnn }
  maps: { uses: explainer/smoothgrad, over: [samples], with: { samples: "\${axis.samples}" }, in: { model: model, images: digits } }
  scores: { uses: metric/ssim, over: [samples, window], with: { window: "\${axis.window}" }, in: { a: maps, b: maps } }
  table: { uses: report/verdict, over: [samples], with: { title: "n = \${axis.samples}" }, in: { scores: { from: scores, collect: [window] } } }
`);
    expect(at(made, "maps[samples=10]").params).toMatchObject({ samples: 10 });
    expect(at(made, "table[samples=5]").params).toEqual({ threshold: 0.5, title: "n = 5" });
  });

  it("keep signs of the id out of its values", async () => {
    const made = await plan(`${HEAD}axes: { of: ["a,b=c", "a%2Cb"] }\nnodes: { digits: { uses: dataset/mnist, over: [of] } }\n`);
    expect([...made.instances.keys()]).toEqual(["digits[of=a%2Cb%3Dc]", "digits[of=a%252Cb]"]);
    expect([...made.instances.values()].map(({ axes }) => axes["of"])).toEqual(["a,b=c", "a%2Cb"]);
  });
});

describe("settings of a node and of an axis value", () => {
  it("lay `with` over a preset, and an axis value over its node", async () => {
    const made = await plan(`${HEAD}axes:
  how:
    paper: { uses: explainer/smoothgrad, preset: paper, with: { sigma: 0.3 } }
    mine: { uses: explainer/smoothgrad, with: { samples: 7 }, target: 3 }
nodes:
  digits: { uses: dataset/mnist }
  model: { uses: model/mnist-cnn }
  maps: { uses: { axis: how }, over: [how], with: { sigma: 0.2 }, target: argmax, in: { model: model, images: digits } }
`);
    expect(at(made, "maps[how=paper]")).toMatchObject({ params: { samples: 25, sigma: 0.3 }, target: "argmax" });
    expect(at(made, "maps[how=mine]")).toMatchObject({ params: { samples: 7, sigma: 0.2 }, target: 3 });
  });

  it("resolve an inner explainer to any depth, with its defaults", async () => {
    const spec = (of: string) => EXAMPLE.replace("{ samples: 25 }", `{ samples: 25, of: ${of} }`);
    const made = await plan(spec("{ uses: smoothgrad, with: { samples: 2, of: gradient } }"));
    const { inner } = at(made, "reference[explainer=smoothgrad]");
    expect(inner).toMatchObject({
      plugin: { id: "explainer/smoothgrad" },
      params: { samples: 2, sigma: 0.15 },
      inner: { plugin: { id: "explainer/gradient" } },
    });
    expect(keysOf(await plan(spec("gradient")))).toEqual(keysOf(await plan(spec("explainer/gradient"))));
    expect(at(await plan(EXAMPLE), "reference[explainer=smoothgrad]").inner).toBeUndefined();
    const ids = changed(await plan(spec("gradient")), await plan(spec("gradient"), { registry: fakeRegistry("gradient") }));
    expect(ids).toContain("reference[explainer=smoothgrad]");
  });
});

describe("parameters of an experiment", () => {
  it("are set as YAML, checked by their declaration", async () => {
    const made = await plan(EXAMPLE, { set: { images: "3", draws: "[4, 9]" } });
    expect(made.params).toEqual({ images: 3, draws: [4, 9] });
    expect(at(made, "digits").params).toMatchObject({ limit: 3 });
    expect(made.axes.get("draw")!.values).toEqual(["4", "9"]);
    expect(await codes(EXAMPLE, { set: { images: "0" } })).toEqual(["SPEC-BOUNDS"]);
    expect(await codes(EXAMPLE, { set: { draws: "[a]" } })).toEqual(["SPEC-TYPE"]);
    expect(await codes(EXAMPLE, { set: { draws: "[1" } })).toEqual(["SPEC-YAML"]);
    const [unknown] = await refusal(EXAMPLE, { set: { image: "3" } });
    expect(unknown!.message).toBe("SPEC-UNKNOWN-PARAM --set image: the experiment has no parameter image. Did you mean images?");
  });

  it("keep text that looks like a number where text is declared", async () => {
    const spec = `${HEAD}params: { title: { type: string } }\nnodes:
  digits: { uses: dataset/mnist }
  model: { uses: model/mnist-cnn }
  maps: { uses: explainer/gradient, in: { model: model, images: digits } }
  scores: { uses: metric/spearman, in: { a: maps, b: maps } }
  table: { uses: report/verdict, with: { title: "\${params.title}" }, in: { scores: scores } }
`;
    expect(at(await plan(spec, { set: { title: "12" } }), "table").params).toMatchObject({ title: "12" });
    const reference = at(await plan(spec, { set: { title: "${axis.x}" } }), "table");
    expect(reference.params).toMatchObject({ title: "${axis.x}" });
  });
});

describe("references", () => {
  const titled = (title: string) => `${HEAD}env: [WHO]\nparams: { n: { type: integer, default: 4 } }\nnodes:
  digits: { uses: dataset/mnist }
  model: { uses: model/mnist-cnn }
  maps: { uses: explainer/gradient, in: { model: model, images: digits } }
  scores: { uses: metric/spearman, in: { a: maps, b: maps } }
  table: { uses: report/verdict, with: { title: ${JSON.stringify(title)} }, in: { scores: scores } }
`;
  it.each([
    ["for ${env.WHO}, ${params.n} times", "for me, 4 times"],
    ["$${params.n} and $${", "${params.n} and ${"],
    ["$5 {a} $", "$5 {a} $"],
    ["$${${params.n}}", "${4}"],
  ])("%s reads %s", async (written, read) => {
    expect(at(await plan(titled(written), { env: { WHO: "me" } }), "table").params).toMatchObject({ title: read });
  });

  it("refuse a list within a text", async () => {
    expect(await codes(EXAMPLE.replace("split: test", 'split: "a ${params.draws}"'))).toEqual(["SPEC-TYPE"]);
  });
});

describe("includes", () => {
  const base = `axes:\n  metric: { ssim: { uses: metric/ssim }, spearman: { uses: metric/spearman } }\n  draw: [0, 1, 2]
nodes:\n  digits: { uses: dataset/mnist, with: { split: train, limit: 9 } }\n  pictures: { uses: dataset/folder, with: { folder: photos } }\n`;
  const files = { "/spec/parts/base.yaml": base, "/spec/parts/photos": "" };

  it("merge maps deep and replace lists; paths stay relative to the file that names them", async () => {
    const made = await plan(
      `${HEAD}include: parts/base.yaml\naxes: { metric: { pearson: { uses: metric/pearson } }, draw: [7] }\nnodes:\n  digits: { override: true, with: { limit: 3 }, uses: dataset/mnist }\n`,
      { files },
    );
    expect(made.axes.get("metric")!.values).toEqual(["ssim", "spearman", "pearson"]);
    expect(made.axes.get("draw")!.values).toEqual(["7"]);
    expect(at(made, "digits").params).toEqual({ split: "train", limit: 3 });
    expect(at(made, "pictures").params).toEqual({ folder: "/spec/parts/photos" });
  });

  it("refuse a node that two files define, and name both places", async () => {
    const [error] = await refusal(`${HEAD}include: [parts/base.yaml]\nnodes:\n  digits: { uses: dataset/mnist }\n`, { files });
    expect(error!.message).toMatch(
      /^SPEC-DUPLICATE-NODE \/spec\/spec\.yaml:5:3: the node digits is already defined at \/spec\/parts\/base\.yaml:5:3/,
    );
  });

  it("point into the included file", async () => {
    const [error] = await refusal(`${HEAD}include: parts/base.yaml\n`, {
      files: { ...files, "/spec/parts/base.yaml": base.replace("limit: 9", "limit: 0") },
    });
    expect(error!.message).toMatch(/^SPEC-BOUNDS \/spec\/parts\/base\.yaml:5:63: limit is out of bounds/);
  });

  it("take a file that is reached twice once, and refuse a circle", async () => {
    const diamond = { ...files, "/spec/a.yaml": "include: parts/base.yaml\n", "/spec/b.yaml": "include: parts/base.yaml\n" };
    expect((await plan(`${HEAD}include: [a.yaml, b.yaml]\n`, { files: diamond })).instances.size).toBe(2);
    const circle = { "/spec/a.yaml": "include: spec.yaml\nnodes: { digits: { uses: dataset/mnist } }\n" };
    expect(await codes(`${HEAD}include: a.yaml\n`, { files: circle })).toEqual(["SPEC-INCLUDE-CYCLE"]);
  });
});

describe("presets", () => {
  const spec = `${HEAD}params: { many: { type: integer, default: 3 } }
presets:
  few: { params: { many: { default: 2 } }, axes: { draw: [0] }, nodes: { digits: { with: { split: train } } } }
axes: { draw: [0, 1] }
nodes:
  digits: { uses: dataset/mnist, over: [draw], with: { split: test, limit: "\${params.many}" } }
`;

  it("lie over the spec where they are asked for, `--set` over them", async () => {
    expect([...(await plan(spec)).instances.keys()]).toEqual(["digits[draw=0]", "digits[draw=1]"]);
    const few = await plan(spec, { preset: "few" });
    expect([...few.instances.keys()]).toEqual(["digits[draw=0]"]);
    expect(at(few, "digits[draw=0]").params).toEqual({ split: "train", limit: 2 });
    expect(few.preset).toBe("few");
    expect(keysOf(await plan(few.resolvedSpec))).toEqual(keysOf(few));
    const five = await plan(spec, { preset: "few", set: { many: "5" } });
    expect(at(five, "digits[draw=0]").params).toEqual({ split: "train", limit: 5 });
  });

  it("come from included files too", async () => {
    const made = await plan(`${HEAD}include: base.yaml\n`, { preset: "few", files: { "/spec/base.yaml": spec.replace(HEAD, "") } });
    expect(made.instances.size).toBe(1);
  });

  it("refuse a name that is none, and a part that is no part of a spec, also where they are not asked for", async () => {
    const [error] = await refusal(spec, { preset: "fw" });
    expect(error!.message).toBe("SPEC-UNKNOWN-PRESET --preset fw: the experiment has no preset fw. Did you mean few?");
    expect(await codes(spec.replace("few: { params", "few: { paramz"))).toEqual(["SPEC-UNKNOWN-KEY"]);
  });
});

describe("a parsed spec", () => {
  it("names its plugins with their places before any is loaded, even where other things are wrong", () => {
    const parsed = parseSpec(`${HEAD}plugins: [./mine.ts, some-package]\nbackend: wasm\nnodez: {}\n`, "a.yaml", { readFile: () => "" });
    expect(parsed.plugins).toMatchObject([
      { name: "./mine.ts", place: { file: "a.yaml", line: 3, column: 11 } },
      { name: "some-package", place: { file: "a.yaml", line: 3, column: 22 } },
    ]);
    expect(parsed).toMatchObject({ name: "small", backend: "wasm", seed: 0, question: "" });
    expect(parsed.problems.map(({ code }) => code)).toEqual(["SPEC-MISSING-KEY", "SPEC-UNKNOWN-KEY"]);
  });

  it("written out resolved, plans to the same keys from any folder", async () => {
    const spec = `# Why?\n# And how?\n${HEAD}include: parts/base.yaml\nparams: { n: { type: integer, default: 2 } }
axes: { limit: [1, 2] }
nodes:
  model: { uses: model/mnist-cnn }
  some: { uses: dataset/mnist, over: [limit], with: { limit: "\${axis.limit}" } }
  maps: { uses: explainer/gradient, over: [limit], in: { model: model, images: some } }
  scores: { uses: metric/spearman, over: [limit], in: { a: maps, b: maps } }
  table: { uses: report/verdict, over: [limit], with: { title: "$\${x} \${params.n} \${axis.limit}" }, in: { scores: scores } }
`;
    const files = { "/spec/parts/base.yaml": "nodes: { pictures: { uses: dataset/folder, with: { folder: p } } }\n", "/spec/parts/p": "" };
    const first = await plan(spec, { files, set: { n: "5" } });
    expect(first.resolvedSpec).not.toContain("include");
    const again = await plan(first.resolvedSpec, { files: { "/spec/parts/p": "" } });
    expect(keysOf(again)).toEqual(keysOf(first));
    expect(again.question).toBe("Why? And how?");
    expect(at(again, "table[limit=2]").params).toMatchObject({ title: "${x} 5 2" });
  });
});

describe("the graph", () => {
  it("shows nodes with their axes and counts, and what feeds what", async () => {
    const made = await plan(EXAMPLE);
    const mermaid = graphOf(made, "mermaid");
    expect(mermaid).toContain('  n4["perturbed<br/>4 × explainer<br/>explainer (4) × draw (3) × stage (5)<br/>60 instances"]');
    expect(mermaid).toContain('  n2 -- "model" --> n4');
    expect(mermaid).toContain('  n5 -- "scores: all metric, explainer, draw, stage" --> n8');
    const dot = graphOf(made, "dot");
    expect(dot).toContain('  n1 [label="model\\nmodel/mnist-cnn\\n1 instance"];');
    expect(dot.match(/->/g)).toHaveLength(12);
    expect(mermaid.match(/-->/g)).toHaveLength(12);
  });
});

describe("the schema of the language", () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(languageSchema(fakeRegistry()));
  const node = (uses: unknown, settings: object) => ({ assay: 1, name: "x", nodes: { n: { uses, ...settings } } });

  it.each<[string, boolean, unknown]>([
    ["a plugin with its parameters", true, node("explainer/smoothgrad", { with: { samples: 5, of: "gradient" }, preset: "paper" })],
    ["a parameter out of bounds", false, node("explainer/smoothgrad", { with: { samples: 0 } })],
    ["a parameter filled in later", true, node("explainer/smoothgrad", { with: { samples: "${params.n}" } })],
    ["a parameter of another plugin", false, node("explainer/gradient", { with: { samples: 5 } })],
    ["an unknown plugin", false, node("explainer/grad", {})],
    ["an unknown preset", false, node("explainer/smoothgrad", { preset: "thesis" })],
    ["plugins from an axis", true, node({ axis: "explainer" }, { over: ["explainer"] })],
    ["an axis filled in later", true, { ...node("dataset/mnist", {}), axes: { draw: "${params.draws}" } }],
  ])("takes %s: %s", (_, right, spec) => {
    expect(validate(spec)).toBe(right);
  });
});

describe("suggestions", () => {
  it.each([
    ["", "abc", 3],
    ["gradient", "gradient", 0],
    ["grdaient", "gradient", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("%s is %s with %i edits", (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  it("name the nearest word, or what there is", () => {
    expect(nearest("smoothgard", ["gradient", "smoothgrad"])).toBe("smoothgrad");
    expect(nearest("gradient", ["explainer/gradient"])).toBe("explainer/gradient");
    expect(nearest("zebra", ["gradient"])).toBeUndefined();
    expect(didYouMean("zebra", ["b", "a"], "Axes")).toBe("Axes: b, a.");
    expect(didYouMean("zebra", [])).toBe("Known: none.");
  });
});
