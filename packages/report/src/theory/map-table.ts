import { applyView, isUndefined, type Dataset, type MapStack, type ViewName } from "@assay/core/plugin";
import { html, type Markup } from "../html/markup.js";
import { inputPicture, mapPicture } from "../html/picture.js";

export interface PicturedColumn {
  readonly name: string;
  readonly maps: MapStack;
  readonly view: Extract<ViewName, "absolute" | "signed">;
}

/** The first images of a data set, one a row: the input, then its map in each column, each scaled by itself. */
export async function mapTable(dataset: Dataset, images: number, columns: readonly PicturedColumn[]): Promise<Markup> {
  const [height, width, channels] = dataset.shape;
  const shown = Array.from({ length: Math.min(images, dataset.count) }, (_, i) => i);
  const rows = await Promise.all(
    shown.map(async (image) => {
      const input = await inputPicture({ values: await dataset.read(image, 1), height, width, channels });
      const name = `image ${dataset.ids[image] ?? image}`;
      const cells = await Promise.all(columns.map((column) => cell(column, image, name)));
      return html`<tr>
        <th scope="row">${name}</th>
        <td><img src="${input}" alt="input: ${name}" /></td>
        ${cells}
      </tr>`;
    }),
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="maps">
    <table class="grid">
      <thead>
        <tr>
          <td></td>
          <th scope="col">input</th>
          ${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

async function cell({ name, maps, view }: PicturedColumn, image: number, of: string): Promise<Markup> {
  const { values, height, width, channels, images } = maps;
  const [at, size] = [images.indexOf(image), height * width * channels];
  const seen = applyView({ values: values.subarray(at * size, (at + 1) * size), height, width, channels }, view);
  if (isUndefined(seen)) return html`<td><span class="missing" title="${seen.undefined}">undefined</span></td>`;
  return html`<td><img src="${await mapPicture(seen, view === "absolute" ? "ink" : "diverging")}" alt="${name} of ${of}" /></td>`;
}
