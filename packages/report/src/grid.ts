import { applyView, choice, defineReport, integer, isUndefined, optional, strictObject, text } from "@assay/core/plugin";
import type { Dataset, MapImage, MapsInput, MapStack } from "@assay/core/plugin";
import { gridTable, WIDEST, type Cell } from "./html/grid-table.js";
import { html } from "./html/markup.js";
import { ORDER_WORDS } from "./html/order-words.js";
import { inputPicture, isFine, mapPicture } from "./html/picture.js";
import { datasetOf, mapsOf } from "./inputs.js";

const TRAINED = "trained";
type Group = MapsInput["groups"][number];

/**
 * The maps themselves, as in the paper's figure 2: rows are methods, columns are stages, images side by side.
 * Each map is normalised by itself, so that only its layout can be compared, not its strength.
 */
export const grid = defineReport({
  name: "grid",
  version: "1",
  summary: "the maps themselves: rows are methods, columns are stages",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, figure 2",
  params: strictObject({
    images: integer({ minimum: 1, default: 3, description: "how many images are shown, the first of the data set" }),
    draw: optional(text({ description: "the draw shown; without it the first" })),
    view: choice(["absolute", "signed"], { default: "absolute", description: "absolute maps in ink, or signed ones from blue to red" }),
  }),
  inputs: { reference: { type: "maps" }, perturbed: { type: "maps" }, images: { type: "dataset" } },
  async build(inputs, { images, draw, view }) {
    const reference = mapsOf(inputs, "reference");
    const perturbed = mapsOf(inputs, "perturbed");
    const dataset = datasetOf(inputs, "images");
    const values = (name: string): readonly string[] => perturbed.axes.find((axis) => axis.name === name)?.values ?? [];
    // A `pick` on the edge leaves one draw without an axis of draws.
    const shownDraw = draw ?? values("draw")[0] ?? perturbed.groups[0]?.axes["draw"];
    const stages = values("stage").filter((stage) => stage !== TRAINED);
    const methods = reference.axes.find((axis) => axis.name === "explainer")?.values ?? [""];
    const of = (groups: readonly Group[], method: string) => groups.filter(({ axes }) => method === "" || axes["explainer"] === method);
    const atStage = (method: string, stage: string): MapStack | undefined =>
      of(perturbed.groups, method).find(({ axes }) => axes["stage"] === stage && (axes["draw"] ?? shownDraw) === shownDraw)?.maps;
    const rows = methods.map((method) => ({
      method: method || "method",
      stacks: [of(reference.groups, method)[0]?.maps, ...stages.map((stage) => atStage(method, stage))],
    }));
    const shown = [...(rows[0]?.stacks[0]?.images ?? [])].slice(0, images);
    const allStages = [TRAINED, ...stages];
    const inputsShown = await Promise.all(shown.map((image) => pictureOf(image, dataset)));
    const cells: { readonly method: string; readonly cells: readonly (readonly Cell[])[] }[] = [];
    for (const { method, stacks } of rows) {
      const ofImages = shown.map((image) => Promise.all(stacks.map((stack) => pictured(stack, image, view))));
      cells.push({ method, cells: await Promise.all(ofImages) });
    }
    const perTable = Math.max(1, Math.floor(WIDEST / allStages.length));
    const fine = rows.some(({ stacks }) => stacks[0] && isFine(stacks[0]));
    const tables = Array.from({ length: Math.ceil(shown.length / perTable) }, (_, i) => {
      const [from, to] = [i * perTable, (i + 1) * perTable];
      const own = cells.map((row) => ({ method: row.method, cells: row.cells.slice(from, to) }));
      return gridTable({ images: inputsShown.slice(from, to), stages: allStages, rows: own, fine });
    });
    const pictures = cells.flatMap(({ method, cells: ofImages }) =>
      allStages.flatMap((stage, step) =>
        shown.flatMap((image, i): GridPicture[] => {
          const own = ofImages[i]?.[step];
          return own && "source" in own ? [{ method, step, stage, image, source: own.source }] : [];
        }),
      ),
    );
    const colors =
      view === "absolute"
        ? "Dark cells are those that the method calls important."
        : "Red cells speak for the class, blue ones against it.";
    const { columns, lost } = ORDER_WORDS[perturbed.axes.find(({ name }) => name === "stage")?.order ?? "cascading"];
    const body = html`<p>
        ${colors} The column “trained” is the map that a user would see; ${columns}${shownDraw !== undefined && ` (draw ${shownDraw})`}. A
        map on the right that still looks like the one on the left did not come from ${lost}. Each map is scaled by itself.
      </p>
      ${tables}`;
    return {
      title: "The maps themselves",
      data: { kind: "grid", images: shown, draw: shownDraw ?? null, view, stages, methods, pictures } satisfies GridData,
      html: body.text,
    };
  },
});

/** One map of the grid; `source` is a data URI. */
export interface GridPicture {
  readonly method: string;
  /** stage index, 0 = trained */
  readonly step: number;
  readonly stage: string;
  readonly image: number;
  readonly source: string;
}

export interface GridData {
  readonly kind: "grid";
  readonly images: readonly number[];
  readonly draw: string | null;
  readonly view: string;
  readonly stages: readonly string[];
  readonly methods: readonly string[];
  readonly pictures: readonly GridPicture[];
}

export const isGridData = (data: unknown): data is GridData =>
  typeof data === "object" && data !== null && "kind" in data && data.kind === "grid";

async function pictureOf(image: number, dataset: Dataset): Promise<{ readonly name: string; readonly source: string }> {
  const [height, width, channels] = dataset.shape;
  const label = dataset.labels?.[image];
  const meaning = label === undefined ? "" : `: ${dataset.classes?.[label] ?? `class ${label}`}`;
  const source = await inputPicture({ values: await dataset.read(image, 1), height, width, channels });
  return { name: `image ${dataset.ids[image] ?? image}${meaning}`, source };
}

/** One map as a data URI, or why there is none. */
async function pictured(stack: MapStack | undefined, image: number, view: "absolute" | "signed"): Promise<Cell> {
  const map = stack && mapOf(stack, image);
  if (!map) return { missing: "not kept" };
  const seen = applyView(map, view);
  if (isUndefined(seen)) return { missing: seen.undefined };
  return { source: await mapPicture(seen, view === "absolute" ? "ink" : "diverging") };
}

function mapOf({ values, height, width, channels, images }: MapStack, image: number): MapImage | undefined {
  const at = images.indexOf(image);
  const size = height * width * channels;
  return at < 0 ? undefined : { values: values.subarray(at * size, (at + 1) * size), height, width, channels };
}
