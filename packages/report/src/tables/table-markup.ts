import { html, type Markup } from "../html/markup.js";
import { writtenRows, type TableData } from "./table-data.js";

/** The table as a page shows it; the first column heads its row. */
export function tableMarkup(data: TableData): Markup {
  const { columns, note } = data;
  const rows = writtenRows(data).map(
    ([first, ...others]) =>
      html`<tr>
        <th scope="row">${first}</th>
        ${others.map((text, i) => html`<td class="${columns[i + 1]?.as === "text" ? "" : "number"}">${text}</td>`)}
      </tr>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="${note}">
      <table class="details">
        <thead>
          <tr>
            ${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <p class="fine">${note}</p>`;
}
