import type { MetricRow, VerdictReport } from "../statistics/verdict-report.js";
import { html, type Markup } from "./markup.js";
import { figure, percent, pValue } from "../numbers.js";
import { badge } from "./verdict-table.js";

/** Every number behind the verdicts: a folding table a method, one row a metric, one column a stage. */
export const detailTables = (report: VerdictReport): Markup =>
  html`${report.methods.map(({ method, agreement }) => {
    const rows = report.metrics.filter((row) => row.method === method);
    const withRandom = report.metrics.some(({ random }) => random !== null);
    return html`<details>
      <summary>${method}</summary>
      <div class="wide" tabindex="0" role="region" aria-label="numbers of ${method}">
        <table class="details">
          <thead>
            <tr>
              <th scope="col">metric</th>
              <th scope="col">verdict</th>
              ${report.stages.map((stage) => html`<th scope="col">${stage}<span class="fine">s, κ [95 %]</span></th>`)}
              <th scope="col">floor${report.order === "independent" && html`<span class="fine">at ${report.finalStage}</span>`}</th>
              ${report.restsOn === "rho" && html`<th scope="col">retrained<span class="fine">s, κ [95 %]</span></th>`}
              ${withRandom && html`<th scope="col">both random<span class="fine">s [95 %], κ</span></th>`}
              <th scope="col">would be seen<span class="fine">at ${report.finalStage}; repeatable (ICC)</span></th>
              <th scope="col">ties</th>
              <th scope="col">undefined</th>
              ${report.order !== "independent" && html`<th scope="col">first below ${figure(report.threshold)}</th>`}
            </tr>
          </thead>
          <tbody>
            ${rows.map((row) => metricRow(row, report))}
          </tbody>
        </table>
      </div>
      ${agreement !== null && html`<p class="fine">Its metrics agree on which images’ maps change most: Krippendorff’s α ${figure(agreement)}.</p>`}
    </details>`;
  })}`;

function metricRow(row: MetricRow, report: VerdictReport): Markup {
  const stages = row.stages.filter(({ index }) => index > 0);
  const ties = stages.reduce((sum, stage) => sum + stage.ties, 0) / Math.max(stages.length, 1);
  return html`<tr>
    <th scope="row">${row.metric}<span class="fine">${row.uses}, ${row.view}</span></th>
    <td>${badge(row.verdict)}<span class="fine">${row.reason}</span>${ownClaim(row)}</td>
    ${stages.map(
      ({ score, kappa, kappaLow, kappaHigh, rho, rhoLow, rhoHigh, tieNull, floor }) =>
        html`<td class="number">
          ${figure(score)}<span class="fine">κ ${figure(kappa)} [${figure(kappaLow)}, ${figure(kappaHigh)}]</span
          >${rho !== null && html`<span class="fine">ρ ${figure(rho)} [${figure(rhoLow)}, ${figure(rhoHigh)}]</span>`}${tieNull !== null && html`<span class="fine">zeros alone ${figure(tieNull)}</span>`}${report.order === "independent" && html`<span class="fine">floor ${figure(floor)}</span>`}
        </td>`,
    )}
    <td class="number">
      ${figure(row.floor)}${Object.entries(row.nulls).map(
        ([name, value]) => html`<span class="fine">${name} ${figure(value)}${name === row.floorFrom && " (larger)"}</span>`,
      )}
    </td>
    ${report.restsOn === "rho" && html`<td class="number">${twinCell(row)}</td>`}
    ${report.metrics.some(({ random }) => random !== null) && html`<td class="number">${randomCell(row)}</td>`}
    <td class="number">
      ${figure(stages.at(-1)?.detectable ?? null)}<span class="fine">ICC ${figure(stages.at(-1)?.reliability ?? null)}</span>
    </td>
    <td class="number">${percent(ties)}</td>
    <td class="number">${row.undefinedScores} of ${row.scores}</td>
    ${report.order !== "independent" && html`<td>${crossing(row)}</td>`}
  </tr>`;
}

/** The p-value of what this metric says against the method, by itself and among all that could be said. */
function ownClaim({ claims, verdict }: MetricRow): Markup | false {
  const [strongest] = claims.filter((claim) => claim.verdict === verdict).sort((a, b) => a.p - b.p);
  return strongest !== undefined && html`<span class="fine">${pValue(strongest.p)}, adjusted ${pValue(strongest.pAdjusted)}</span>`;
}

const twinCell = ({ twin }: MetricRow): Markup =>
  twin
    ? html`${figure(twin.score)}<span class="fine">κ ${figure(twin.kappa)} [${figure(twin.kappaLow)}, ${figure(twin.kappaHigh)}]</span
        ><span class="fine">floor ${figure(twin.floor)}</span>`
    : html`–`;

const randomCell = ({ random }: MetricRow): Markup =>
  random
    ? html`${figure(random.score)}<span class="fine">[${figure(random.scoreLow)}, ${figure(random.scoreHigh)}]</span
        ><span class="fine">κ ${figure(random.kappa)}</span>`
    : html`–`;

/** Where κ first falls below the threshold; at the earliest and at the latest only where these differ from it. */
function crossing({ floor, firstBelow, firstBelowLow, firstBelowHigh }: MetricRow): Markup {
  if (floor === null) return html`–`;
  const same = firstBelowLow === firstBelow && firstBelowHigh === firstBelow;
  return html`${firstBelow ?? "never"}${!same && html`<span class="fine">${firstBelowLow ?? "never"} to ${firstBelowHigh ?? "never"}</span>`}`;
}
