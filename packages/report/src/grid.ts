import { applyView, choice, defineReport, integer, isUndefined, optional, strictObject, text } from "@assay/core/plugin";
import type { Dataset, MapImage, MapsInput, MapStack } from "@assay/core/plugin";
import { html, type Markup } from "./html/markup.js";
import { ORDER_WORDS } from "./html/order-words.js";
import { inputPicture, mapPicture } from "./html/picture.js";
import { datasetOf, mapsOf } from "./inputs.js";

const TRAINED = "trained";
/** columns of maps that a table holds at 1440 px */
const WIDEST = 15;
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
    const perTable = Math.max(1, Math.floor(WIDEST / allStages.length));
    const tables: Markup[] = [];
    for (let from = 0; from < inputsShown.length; from += perTable) {
      tables.push(await table(inputsShown.slice(from, from + perTable), rows, allStages, view));
    }
    const pictures: GridPicture[] = [];
    for (const { method, stacks } of rows)
      for (const [step, stack] of stacks.entries())
        for (const image of shown) {
          const { png } = await pictured(stack, image, view);
          if (png !== undefined) pictures.push({ method, step, stage: allStages[step] ?? "", image, png });
        }
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

/** One map of the grid; `png` is a data URI. */
export interface GridPicture {
  readonly method: string;
  /** stage index, 0 = trained */
  readonly step: number;
  readonly stage: string;
  readonly image: number;
  readonly png: string;
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

interface Pictured {
  readonly image: number;
  readonly name: string;
  readonly source: string;
}

async function pictureOf(image: number, dataset: Dataset): Promise<Pictured> {
  const [height, width, channels] = dataset.shape;
  const label = dataset.labels?.[image];
  const meaning = label === undefined ? "" : `: ${dataset.classes?.[label] ?? `class ${label}`}`;
  const source = await inputPicture({ values: await dataset.read(image, 1), height, width, channels });
  return { image, name: `image ${dataset.ids[image] ?? image}${meaning}`, source };
}

async function table(
  images: readonly Pictured[],
  rows: readonly { readonly method: string; readonly stacks: readonly (MapStack | undefined)[] }[],
  stages: readonly string[],
  view: "absolute" | "signed",
): Promise<Markup> {
  const body: Markup[] = [];
  for (const { method, stacks } of rows) {
    const cells = images.flatMap(({ image, name }) =>
      stacks.map((stack, k) => cell(stack, image, view, `${method}, ${stages[k] ?? ""}, ${name}`)),
    );
    body.push(
      html`<tr>
        <th scope="row">${method}</th>
        ${await Promise.all(cells)}
      </tr>`,
    );
  }
  const inputs = images.map(
    ({ name, source }) =>
      html`<th scope="colgroup" colspan="${stages.length}" class="input">
        <img src="${source}" alt="input: ${name}" /><span>${name}</span>
      </th>`,
  );
  const heads = images.flatMap(() => stages.map((stage) => html`<th scope="col">${stage}</th>`));
  return html`<div class="wide" tabindex="0" role="region" aria-label="maps of ${images.map(({ name }) => name).join("; ")}">
    <table class="grid">
      <thead>
        <tr>
          <td></td>
          ${inputs}
        </tr>
        <tr>
          <th scope="col">method</th>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

async function cell(stack: MapStack | undefined, image: number, view: "absolute" | "signed", alt: string): Promise<Markup> {
  const { png, missing } = await pictured(stack, image, view);
  if (png === undefined)
    return html`<td><span class="missing" title="${missing}">${missing === "not kept" ? missing : "undefined"}</span></td>`;
  return html`<td><img src="${png}" alt="${alt}" /></td>`;
}

/** One map as a data URI, or why there is none. */
async function pictured(stack: MapStack | undefined, image: number, view: "absolute" | "signed") {
  const map = stack && mapOf(stack, image);
  if (!map) return { missing: "not kept" };
  const seen = applyView(map, view);
  if (isUndefined(seen)) return { missing: seen.undefined };
  return { png: await mapPicture(seen, view === "absolute" ? "ink" : "diverging") };
}

function mapOf({ values, height, width, channels, images }: MapStack, image: number): MapImage | undefined {
  const at = images.indexOf(image);
  const size = height * width * channels;
  return at < 0 ? undefined : { values: values.subarray(at * size, (at + 1) * size), height, width, channels };
}
