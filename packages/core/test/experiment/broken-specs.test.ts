import { describe, expect, it } from "vitest";
import { renderError } from "../../src/index.js";
import { EXAMPLE, plan, refusal, type Trial } from "./fakes.js";

/** The smallest whole experiment; each row of the table breaks it in one place. */
const SOUND = `assay: 1
name: small
axes:
  draw: [0, 1]
  explainer:
    gradient: { uses: explainer/gradient }
    smoothgrad: { uses: explainer/smoothgrad, with: { samples: 5 } }
nodes:
  digits: { uses: dataset/mnist, with: { limit: 4 } }
  model: { uses: model/mnist-cnn }
  variants: { uses: randomizer/cascade, in: { model: model }, over: [draw] }
  reference: { uses: { axis: explainer }, over: [explainer], in: { model: model, images: digits } }
  perturbed: { uses: { axis: explainer }, over: [explainer, draw, stage], in: { model: variants, images: digits } }
  similarity: { uses: metric/ssim, view: signed, over: [explainer, draw, stage], in: { a: reference, b: perturbed } }
  verdicts: { uses: report/verdict, in: { scores: { from: similarity, collect: [explainer, draw, stage] } } }
`;

interface Row {
  readonly kind: string;
  /** edits of SOUND; « stands before what the errors must point at, in the order of the text */
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly codes: readonly string[];
  readonly says?: RegExp;
  readonly trial?: Trial;
}

const row = (kind: string, codes: string, from: string, to: string, says?: RegExp, more: Partial<Row> = {}): Row => ({
  kind,
  codes: codes.split(" "),
  ...(says && { says }),
  ...more,
  edits: [[from, to], ...(more.edits ?? [])],
});

const TABLE: readonly Row[] = [
  row("bad YAML", "SPEC-YAML", "draw: [0, 1]\n ", "draw: [0, 1\n  «explainer"),
  row("no map at all", "SPEC-YAML", SOUND, "«- a list\n"),
  row("an empty file", "SPEC-YAML", SOUND, "«"),
  row("two documents", "SPEC-YAML", "nodes:", "«---\nnodes:"),
  row("an alias of itself", "SPEC-YAML", "limit: 4", "limit: &a [«*a]"),
  row("a key twice", "SPEC-DUPLICATE-KEY", "  model: {", "  «digits: {"),
  row("another version", "SPEC-CHOICE", "assay: 1", "assay: «2", /expected 1, got 2/),
  row("no name", "SPEC-MISSING-KEY", "assay: 1\nname: small\n", "«assay: 1\n", /missing: name/),
  row("a name that is no folder", "SPEC-NAME", "name: small", "name: «../up"),
  row("unknown key", "SPEC-UNKNOWN-KEY", "view: signed", "«veiw: signed", /Did you mean view\?/),
  row("unknown key at the top", "SPEC-UNKNOWN-KEY", "nodes:", "«seeed: 1\nnodes:", /seed\?/),
  row("unknown key of an inner map", "SPEC-UNKNOWN-KEY", "nodes:", "track: { «experment: x }\nnodes:", /experiment\?/),
  row("unknown plugin", "SPEC-UNKNOWN-PLUGIN", "dataset/mnist", "«dataset/minst", /Did you mean dataset\/mnist\?/),
  row("plugin without its kind", "SPEC-UNKNOWN-PLUGIN", "explainer/gradient", "«gradient", /explainer\/gradient\?/),
  row("wrong type", "SPEC-TYPE", "limit: 4", "limit: «four", /expected an integer, got "four"/),
  row("out of bounds", "SPEC-BOUNDS", "samples: 5", "samples: «0", /expected at least 1, got 0/),
  row("not a number", "SPEC-TYPE", "samples: 5", "sigma: «.nan", /expected a number, got NaN/),
  row("not a choice", "SPEC-CHOICE", "limit: 4", "split: «tset", /Did you mean test\?/),
  row("unknown parameter", "SPEC-UNKNOWN-KEY", "samples: 5", "«sample: 5", /parameter of explainer\/smoothgrad.*samples\?/),
  row("missing parameter", "SPEC-MISSING-KEY", "dataset/mnist, with: { limit: 4 }", "«dataset/folder", /folder/),
  row(
    "unknown layer",
    "SPEC-UNKNOWN-LAYER",
    "explainer/gradient }",
    "explainer/grad-cam, with: { layer: «convv2 } }",
    /Did you mean conv2\?/,
  ),
  row(
    "layer without height and width",
    "SPEC-LAYER-SHAPE",
    "explainer/gradient }",
    "explainer/grad-cam, with: { layer: «fc1 } }",
    /\[1024\]/,
  ),
  row("network without convolution", "SPEC-NEEDS-CONVOLUTION", "explainer/gradient", "«explainer/grad-cam", /convolution/, {
    edits: [["mnist-cnn", "mnist-mlp"]],
  }),
  row("unknown node", "SPEC-UNKNOWN-NODE", "a: reference", "a: «refernce", /Did you mean reference\?/),
  row(
    "nodes in a circle",
    "SPEC-CYCLE",
    "model: model }, over: [draw] }",
    "model: again }, over: [draw] }\n  again: { uses: randomizer/cascade, in: { model: «variants } }",
    /variants → again → variants/,
  ),
  row("a node that feeds itself", "SPEC-PORT-TYPE SPEC-CYCLE", "b: perturbed", "b: ««similarity"),
  row(
    "axis not consumed",
    "SPEC-AXIS-NOT-CONSUMED",
    "from: similarity, collect: [explainer, draw, stage]",
    "from: «similarity, collect: [explainer, stage]",
    /similarity runs over draw.*Add draw to over, or consume it/,
  ),
  row("stage not consumed", "SPEC-AXIS-NOT-CONSUMED", "model: variants", "model: «variants", /variants runs over stage/, {
    edits: [["over: [explainer, draw, stage], in: { model", "over: [explainer, draw], in: { model"]],
  }),
  row(
    "axis of plugins not run over",
    "SPEC-AXIS-NOT-CONSUMED",
    "axis: explainer }, over: [explainer], in",
    "axis: «explainer }, over: [], in",
  ),
  row("unknown axis", "SPEC-UNKNOWN-AXIS", "over: [draw]", "over: [«draws]", /Did you mean draw\?/),
  row(
    "unknown axis of plugins",
    "SPEC-UNKNOWN-AXIS",
    "axis: explainer }, over: [explainer], in",
    "axis: «explainers }, over: [explainer], in",
  ),
  row(
    "an axis of values where plugins are due",
    "SPEC-TYPE",
    "axis: explainer }, over: [explainer], in",
    "axis: «draw }, over: [draw], in",
  ),
  row("stage from nowhere", "SPEC-UNKNOWN-AXIS", "over: [explainer], in", "over: [explainer, «stage], in", /randomizer/),
  row("stage of a randomizer", "SPEC-STAGE", "over: [draw]", "over: [draw, «stage]", /adds the axis stage itself/),
  row("collect of an axis that is not there", "SPEC-UNKNOWN-AXIS", "draw, stage] } }", "draw, stage, «metric] } }"),
  row("collect where one is taken", "SPEC-COLLECT", "b: perturbed }", "b: { from: perturbed, collect: [«stage] } }"),
  row("pick of a value that is not there", "SPEC-PICK", "b: perturbed }", "b: { from: perturbed, pick: { draw: «7 } } }"),
  row("pick and collect", "SPEC-PICK", "draw, stage] } }", "draw, stage], pick: { «draw: last } } }"),
  row("pick of an unknown stage", "SPEC-PICK", "b: perturbed }", "b: { from: perturbed, pick: { stage: «fc9 } } }", /Did you mean fc1\?/, {
    edits: [
      ["draw, stage], in: { a", "draw], in: { a"],
      ["draw, stage] } }", "draw] } }"],
    ],
  }),
  row("port mismatch", "SPEC-PORT-TYPE", "model: model, images", "model: «digits, images", /expected model, got dataset/),
  row("unknown input", "SPEC-MISSING-INPUT SPEC-UNKNOWN-PORT", "  reference:", "  «reference:", undefined, {
    edits: [["model: model, images", "model: model, «image"]],
  }),
  row("input not connected", "SPEC-MISSING-INPUT", "  similarity:", "  «similarity:", /a: NODE/, { edits: [["a: reference, ", ""]] }),
  row("unknown output", "SPEC-UNKNOWN-PORT", "b: perturbed }", "b: «perturbed.map }", /Did you mean maps\?/),
  row(
    "missing file",
    "SPEC-MISSING-FILE",
    "dataset/mnist, with: { limit: 4 }",
    "dataset/folder, with: { folder: «./photos }",
    /\/spec\/photos/,
  ),
  row("missing included file", "SPEC-MISSING-FILE", "name: small", "name: small\ninclude: «base.yaml"),
  row(
    "a model that the importer refuses",
    "MODEL-LAYER",
    "model/mnist-cnn",
    "«model/file, with: { path: m.json }",
    /model\.json: the layer LSTM/,
    {
      trial: { files: { "/spec/m.json": "" } },
    },
  ),
  row(
    "images of another size",
    "SPEC-SHAPE SPEC-SHAPE",
    "dataset/mnist, with: { limit: 4 }",
    "dataset/folder, with: { folder: p }",
    undefined,
    {
      edits: [
        ["model: model, images: digits", "model: model, images: «digits"],
        ["model: variants, images: digits", "model: variants, images: «digits"],
      ],
      trial: { files: { "/spec/p": "" } },
    },
  ),
  row(
    "a map too small for the metric",
    "SPEC-MAP-SIZE",
    "metric/ssim, view: signed",
    "«metric/ssim, with: { window: 29 }",
    /at least 29 × 29, got 28 × 28/,
  ),
  row("a foreground without a background", "SPEC-NO-BACKGROUND", "view: signed", "view: «{ name: signed, foreground: true }", undefined, {
    edits: [["dataset/mnist, with: { limit: 4 }", "dataset/blank"]],
  }),
  row("a class that is not there", "SPEC-BOUNDS", "over: [explainer], in", "target: «10, over: [explainer], in", /0 to 9/),
  row("a target that is no policy", "SPEC-CHOICE", "over: [explainer], in", "target: «frozn, over: [explainer], in", /frozen\?/),
  row("a view where none is read", "SPEC-UNKNOWN-KEY", "limit: 4 }", "limit: 4 }, view: «signed"),
  row("unknown view", "SPEC-CHOICE", "view: signed", "view: «singed", /signed\?/),
  row("unknown preset", "SPEC-UNKNOWN-PRESET", "samples: 5 }", "samples: 5 }, preset: «papers", /paper\?/),
  row("an empty axis", "SPEC-BOUNDS", "draw: [0, 1]", "draw: «[]"),
  row("an axis that is text", "SPEC-TYPE", "draw: [0, 1]", "draw: «0 to 4"),
  row("a value twice", "SPEC-DUPLICATE-VALUE", "draw: [0, 1]", "draw: «[0, 0]"),
  row("two values that read the same", "SPEC-DUPLICATE-VALUE", "  draw: [0, 1]", '  «draw: [1, "1"]'),
  row(
    "mixed kinds on an axis",
    "SPEC-PORT-TYPE",
    "  explainer:\n    gradient: { uses: explainer/gradient }",
    "  «explainer:\n    gradient: { uses: metric/ssim }",
  ),
  row("an axis called stage", "SPEC-NAME", "draw: [0, 1]", "draw: [0, 1]\n  «stage: [a]"),
  row("a node with a dot in its name", "SPEC-NAME", "  digits:", "  sound: { uses: dataset/mnist }\n  «digits.x:", undefined, {
    edits: [
      ["model: model, images: digits", "model: model, images: sound"],
      ["model: variants, images: digits", "model: variants, images: sound"],
    ],
  }),
  row("unknown parameter of the experiment", "SPEC-UNKNOWN-PARAM", "limit: 4", 'limit: «"${params.n}"'),
  row("a reference to nothing", "SPEC-UNRESOLVED", "limit: 4", 'limit: «"${n}"'),
  row("a reference that is not closed", "SPEC-UNRESOLVED", "limit: 4", 'limit: «"${params.n"'),
  row("a reference outside with and axes", "SPEC-UNRESOLVED", "view: signed", 'view: «"${params.n}"'),
  row("an environment variable not declared", "SPEC-UNRESOLVED", "limit: 4", 'limit: «"${env.N}"', /env: \[N\]/),
  row("an environment variable not set", "SPEC-UNRESOLVED", "limit: 4", 'limit: «"${env.N}"', /not set/, {
    edits: [["axes:", "env: [N]\naxes:"]],
  }),
  row("an axis that the node does not run over", "SPEC-UNKNOWN-AXIS", "limit: 4", 'limit: «"${axis.draw}"', /over: \[draw\]/),
  row("inner plugin of another kind", "SPEC-PORT-TYPE", "samples: 5", "of: «metric/ssim"),
  row("unknown inner plugin", "SPEC-UNKNOWN-PLUGIN", "samples: 5", "of: «gradien", /explainer\/gradient\?/),
  row("parameter of an inner plugin", "SPEC-BOUNDS", "samples: 5", "of: { uses: smoothgrad, with: { sigma: «-1 } }"),
  row("parameter without a value", "SPEC-MISSING-PARAM", "axes:", "params: { «n: { type: integer } }\naxes:"),
  row("parameter with a wrong default", "SPEC-BOUNDS", "axes:", "params: { n: { type: integer, minimum: 2, default: «1 } }\naxes:"),
  row(
    "parameter with an unknown rule",
    "SPEC-UNKNOWN-KEY",
    "axes:",
    "params: { n: { type: integer, «minimun: 2, default: 1 } }\naxes:",
    /minimum\?/,
  ),
];

/** Takes the marks out of a text and says where they were. */
function marks(text: string): { text: string; places: string[] } {
  const parts = text.split("«");
  const places = parts.slice(0, -1).map((_, i) => {
    const lines = parts
      .slice(0, i + 1)
      .join("")
      .split("\n");
    return `${lines.length}:${lines.at(-1)!.length + 1}`;
  });
  return { text: parts.join(""), places };
}

describe("a broken spec", () => {
  it.each(TABLE)("$kind: $codes", async ({ edits, codes, says, trial }) => {
    let marked = SOUND;
    for (const [from, to] of edits) {
      expect(marked).toContain(from);
      marked = marked.replace(from, () => to);
    }
    const { text, places } = marks(marked);
    const errors = await refusal(text, trial);
    const found = errors.map(({ code, message, facts: { place } }) => [code, place ? `${place.line}:${place.column}` : message]);
    expect(found).toEqual(codes.map((code, i) => [code, places[i]]));
    for (const error of errors) {
      expect(error.exit).toBe(2);
      expect(error.facts.place?.file).toBe("/spec/spec.yaml");
      expect(renderError(error)).toContain("^");
    }
    if (says) expect(errors.map(({ message }) => message).join("\n")).toMatch(says);
  });

  it("is refused for what was changed: the text itself is sound", async () => {
    expect((await plan(SOUND)).instances.size).toBe(55);
  });

  it("reports every fault at once, in the order of the text", async () => {
    const broken = EXAMPLE.replace("default: 16", "default: 0")
      .replace("explainer/smoothgrad, with: { samples: 25 }", "explainer/grad-cam, with: { layer: conv9 }")
      .replace("metric/ssim", "metric/sim")
      .replace("times: 5", "times: none")
      .replace("over: [draw], with", "over: [drw], with")
      .replace("redraw: initializer", "redraw: initialiser")
      .replace("pick: { stage: last }", "pik: { stage: last }")
      .replace("experiment: mnist-cascade", "experimnt: x");
    const errors = await refusal(broken);
    expect(errors.map(({ code, facts: { place } }) => `${code} ${place!.line}`)).toEqual([
      "SPEC-BOUNDS 5",
      "SPEC-UNKNOWN-LAYER 11",
      "SPEC-UNKNOWN-PLUGIN 17",
      "SPEC-TYPE 19",
      "SPEC-UNKNOWN-AXIS 24",
      "SPEC-CHOICE 24",
      "SPEC-UNKNOWN-KEY 28",
      "SPEC-UNKNOWN-KEY 31",
    ]);
  });

  it("is shown with its line and a caret under the place", async () => {
    const [error] = await refusal(SOUND.replace("samples: 5", "smaples: 5"));
    expect(renderError(error!)).toBe(
      [
        "SPEC-UNKNOWN-KEY /spec/spec.yaml:7:55: unknown parameter of explainer/smoothgrad: smaples. Did you mean samples?",
        "  7 |     smoothgrad: { uses: explainer/smoothgrad, with: { smaples: 5 } }",
        "    |                                                       ^^^^^^^",
      ].join("\n"),
    );
  });
});
