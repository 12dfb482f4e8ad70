import type { ClaimFamilies, MethodRow, Verdict, VerdictReport } from "../statistics/verdict-report.js";
import { html, type Markup } from "./markup.js";
import { figure, pValue, range } from "../numbers.js";

/** A verdict in words that need no paper beside them. */
export const GLOSSES: Readonly<Record<Verdict, string>> = {
  insensitive: "Its maps stay much the same even at the end, when everything that was to be destroyed is random.",
  blind: "Its maps stay much the same when these blocks alone are made random.",
  late: "Its maps hardly notice the first half of the destruction, only the rest.",
  inconclusive: "These data cannot decide.",
  sensitive: "Its maps change as the network is destroyed.",
  irreproducible: "Its maps change as much when the network is merely trained again.",
  uninformative: "Chance alone already makes these maps alike.",
};

const OTHER_GLOSSES: Readonly<Record<string, string>> = {
  "sensitive independent": "Its maps change whichever block alone is made random.",
  "sensitive graded": "Its maps change when the labels learned were random.",
  "insensitive graded": "Its maps stay much the same when the labels learned were random.",
};

/** Where a twin was given, a change is measured by that of training again. */
const TWIN_GLOSSES: Readonly<Partial<Record<Verdict, string>>> = {
  insensitive: "In the end its maps differ hardly more from the reference than those of a network that was merely trained again.",
  blind: "When these blocks alone are random, its maps differ hardly more than after merely training again.",
  late: "Through the first half of the destruction its maps differ hardly more than after merely training again.",
  sensitive: "Its maps differ far more than those of a network that was merely trained again.",
};

const gloss = (verdict: Verdict, { order, restsOn }: VerdictReport): string =>
  (restsOn === "rho" ? TWIN_GLOSSES[verdict] : OTHER_GLOSSES[`${verdict} ${order}`]) ?? GLOSSES[verdict];

const MARKS: Readonly<Record<Verdict, string>> = {
  insensitive: "✕",
  blind: "✕",
  late: "◐",
  inconclusive: "?",
  sensitive: "✓",
  irreproducible: "≠",
  uninformative: "?",
};

export const badge = (verdict: Verdict, label: string = verdict): Markup =>
  html`<span class="verdict ${verdict}"><span aria-hidden="true">${MARKS[verdict]}</span> ${label}</span>`;

/** The answer: one row a method, the deciding metric and κ with its interval. */
export function verdictTable(report: VerdictReport): Markup {
  const shared = sharedNotes(report.methods);
  const independent = report.order === "independent";
  const last = independent ? "at the deciding block" : `at the end (${report.finalStage})`;
  return html`<table class="verdicts">
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">verdict</th>
          <th scope="col">${report.restsOn === "rho" ? "ρ" : "κ"} ${last}</th>
          <th scope="col">decided by</th>
        </tr>
      </thead>
      <tbody>
        ${report.methods.map((row) => methodRow(row, report, shared))}
      </tbody>
    </table>
    <p class="fine">
      κ is likeness corrected for chance: 1 means that the maps did not change, 0 that they are no more alike than chance.
      ${restsOn(report)} Above ${figure(report.threshold)} counts as alike. ${intervalNote(report)} ${claimsNote(report.families)}
      ${shared.map((note) => `Of every row: ${note}. `)}To change is necessary for an explanation, not sufficient: noise changes too.
    </p>`;
}

/** What is true of every method is said once, under the table. */
const sharedNotes = (methods: readonly MethodRow[]): readonly string[] =>
  methods.length < 2 ? [] : (methods[0]?.notes ?? []).filter((note) => methods.every(({ notes }) => notes.includes(note)));

const restsOn = ({ restsOn }: VerdictReport): string =>
  restsOn === "rho"
    ? "The verdicts rest on ρ, the share of the likeness between two trainings that is left: 1 means that destruction changes the maps no more than retraining does."
    : "No second training was given to compare with, so the verdicts rest on κ alone.";

function intervalNote({ over, draws, images, confidence }: VerdictReport): string {
  const counts = `${draws} ${draws === 1 ? "draw" : "draws"} × ${images} ${images === 1 ? "image" : "images"}`;
  if (over === "nothing") return `There is one draw and one image, so there are no intervals and nothing can be concluded.`;
  const which = over === "draws × images" ? "they speak of other draws and other images" : `they speak of other ${over} only`;
  return `The bar and the brackets are ${Math.round(100 * confidence)} % intervals from ${counts}; ${which}.`;
}

const claimsNote = ({ level, charges, clearances }: ClaimFamilies): string =>
  charges + clearances === 0
    ? ""
    : `p is how likely evidence as strong is where the verdict is not true, adjusted because ${charges} verdicts against a method and ` +
      `${clearances} in favour could have been found here by mistake (Holm); it must be below ${level}.`;

function methodRow(row: MethodRow, report: VerdictReport, shared: readonly string[]): Markup {
  const independent = report.order === "independent";
  const [value, low, high] = shown(row, report);
  const elsewhere = row.metric !== null && row.stage !== row.finalStage && !independent;
  const behind = report.restsOn === "rho" && row.kappa !== null;
  return html`<tr>
    <th scope="row">
      ${row.method}${row.control && html` <span class="control">control</span>`}
      ${row.notes.filter((note) => !shared.includes(note)).map((note) => html`<span class="note">${note}</span>`)}
    </th>
    <td>${badge(row.verdict, row.label)}<span class="gloss">${row.metric === null ? row.reason : gloss(row.verdict, report)}</span></td>
    <td class="number">
      ${value === null ? "–" : html`${interval(value, low, high, report.threshold)}<strong>${figure(value)}</strong> <span class="bounds">[${range(low, high)}]</span>${independent && html`<span class="gloss">${row.stage} alone random</span>`}`}
    </td>
    <td>
      ${row.metric === null ? "–" : row.metric}${row.stage !== null && html`<span class="gloss">${row.reason}</span>`}
      ${row.pAdjusted !== null && html`<span class="gloss">${pValue(row.pAdjusted)}, adjusted</span>`}
      ${row.detectable !== null && html`<span class="gloss">a change of κ by ${figure(row.detectable)} would be seen</span>`}
      ${elsewhere && report.restsOn === "rho" && html`<span class="gloss">ρ at ${row.stage}: ${figure(row.rho)} [${range(row.rhoLow, row.rhoHigh)}]</span>`}
      ${elsewhere && report.restsOn === "kappa" && html`<span class="gloss">κ at ${row.stage}: ${figure(row.kappa)} [${range(row.kappaLow, row.kappaHigh)}]</span>`}
      ${behind && html`<span class="gloss">κ ${elsewhere && `at ${row.stage ?? ""}: `}${figure(row.kappa)}, of retraining ${figure(row.twinKappa)}</span>`}
    </td>
  </tr>`;
}

/** What the verdict rests on, at the last stage or at the block that decides, with its interval; nothing where there is nothing to measure against. */
function shown(row: MethodRow, { order, restsOn }: VerdictReport): readonly [number | null, number | null, number | null] {
  if (row.verdict === "irreproducible") return [null, null, null];
  if (restsOn === "rho")
    return order === "independent" ? [row.rho, row.rhoLow, row.rhoHigh] : [row.finalRho, row.finalRhoLow, row.finalRhoHigh];
  return order === "independent" ? [row.kappa, row.kappaLow, row.kappaHigh] : [row.finalKappa, row.finalKappaLow, row.finalKappaHigh];
}

/** κ or ρ on a line from −.25 to 1, with its interval and the threshold. */
function interval(kappa: number, low: number | null, high: number | null, threshold: number): Markup {
  const x = (value: number): string => (((Math.min(Math.max(value, -0.25), 1) + 0.25) / 1.25) * 118 + 1).toFixed(1);
  return html`<svg class="interval" width="128" height="14" viewBox="-4 0 128 14" aria-hidden="true">
    <path d="M1 7H119" stroke="#d5d9e0" />
    <path d="M${x(0)} 3V11" stroke="#aab0bb" />
    <path d="M${x(threshold)} 0V14" stroke="#7a8190" stroke-dasharray="2 2" />
    ${low !== null && high !== null && html`<path d="M${x(low)} 7H${x(high)}" stroke="#2b3a55" stroke-width="3" />`}
    <circle cx="${x(kappa)}" cy="7" r="4" fill="#2b3a55" />
  </svg>`;
}
