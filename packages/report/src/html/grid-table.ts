import { html, type Markup } from "./markup.js";

/** A picture that stands in a cell, or why there is none. */
export type Cell = { readonly source: string } | { readonly missing: string };

export interface GridTable {
  readonly images: readonly { readonly name: string; readonly source: string }[];
  readonly stages: readonly string[];
  /** a row a method: its cells image by image, stage by stage */
  readonly rows: readonly { readonly method: string; readonly cells: readonly (readonly Cell[])[] }[];
  /** Maps with more cells than a picture has pixels: smoothed, where the cells of small ones stay sharp squares. */
  readonly fine: boolean;
}

/** What a page of 1440 px leaves to the maps, beside the names of the methods. */
const ROOM = 1150;
const GAP = 6;
const [SMALLEST, LARGEST] = [44, 70];

/** columns of maps in their full size that a table holds */
export const WIDEST = Math.floor(ROOM / (LARGEST + GAP));

/** Methods down, stages across, for images side by side; where there are many columns, the maps become smaller. */
export function gridTable({ images, stages, rows, fine }: GridTable): Markup {
  const side = Math.min(LARGEST, Math.max(SMALLEST, Math.floor(ROOM / (images.length * stages.length)) - GAP));
  const inputs = images.map(
    ({ name, source }) =>
      html`<th scope="colgroup" colspan="${stages.length}" class="input">
        <img src="${source}" alt="input: ${name}" /><span>${name}</span>
      </th>`,
  );
  const heads = images.flatMap(() => stages.map((stage) => html`<th scope="col">${breakable(stage)}</th>`));
  const body = rows.map(
    ({ method, cells }) =>
      html`<tr>
        <th scope="row">${method}</th>
        ${images.flatMap(({ name }, i) => stages.map((stage, k) => cell(cells[i]?.[k], `${method}, ${stage}, ${name}`)))}
      </tr>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="maps of ${images.map(({ name }) => name).join("; ")}">
    <table class="grid${fine && " fine-maps"}" style="--side: ${side}px">
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

/** A long name such as Conv2d_4a_3x3 may be broken behind its first part. */
function breakable(name: string): Markup {
  const [first, ...rest] = name.split("_");
  return rest.length === 0 ? html`${name}` : html`${first}_<wbr />${rest.join("_")}`;
}

function cell(shown: Cell | undefined, alt: string): Markup {
  if (shown && "source" in shown) return html`<td><img src="${shown.source}" alt="${alt}" /></td>`;
  const why = shown?.missing ?? "not kept";
  return html`<td><span class="missing" title="${why}">${why === "not kept" ? why : "undefined"}</span></td>`;
}
