import { detailTables } from "./html/details-table.js";
import { html, trusted, type Markup } from "./html/markup.js";
import { critiques, howToRead } from "./html/reading.js";
import { ORDER_WORDS } from "./html/order-words.js";
import { STYLE } from "./html/style.js";
import { isTableData } from "./tables/table-data.js";
import { isVerdictReport, type Verdict, type VerdictReport } from "./statistics/verdict-report.js";

/** One report node's result on the page. `html` is inserted as it is, so it must come from a report plugin. */
export interface PageSection {
  readonly title: string;
  readonly html: string;
  readonly data: unknown;
}

export interface PageInput {
  /** the experiment's name */
  readonly title: string;
  /** the first comment of the spec */
  readonly question: string;
  /** in any order: verdicts come first */
  readonly sections: readonly PageSection[];
  /** where the numbers come from, label → value in order; the entry `command` is shown as what to type */
  readonly facts: Readonly<Record<string, string>>;
}

/** Nothing may be fetched: not even by accident, or by a plugin's fragment. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** One self-contained page: the question, the answer, what supports it, how to read it, and how to get it again. */
export function renderPage({ title, question, sections, facts }: PageInput): string {
  const verdicts = sections.flatMap((section) => (isVerdictReport(section.data) ? [{ section, report: section.data }] : []));
  const others = sections.filter(({ data }) => !isVerdictReport(data));
  const [first] = verdicts;
  // Tables alone may be about anything; whatever else a page shows is about a network that was destroyed.
  const destroyed = !sections.every(({ data }) => isTableData(data));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <link rel="icon" href="data:," />
        <title>${title}: ${question}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <p class="name">${title}</p>
          <h1>${question}</h1>
          ${destroyed && html`<p class="lead">${whatWasDone(first?.report)}</p>`}
        </header>
        <main>
          ${verdicts.map(
            ({ section, report }, index) =>
              html`<section id="${index === 0 ? "verdict" : `verdict-${index + 1}`}">
                <h2>${section.title}</h2>
                <p class="lead">${summary(report)}</p>
                ${trusted(section.html)}
              </section>`,
          )}
          ${others.map(
            (section) =>
              html`<section id="${slug(section.title)}">
                <h2>${section.title}</h2>
                ${trusted(section.html)}
              </section>`,
          )}
          ${
            verdicts.length > 0 &&
            html`<section id="details">
              <h2>Every number behind the verdicts</h2>
              ${verdicts.map(({ report }) => detailTables(report))}
            </section>`
          }
          ${
            destroyed &&
            html`<section id="reading">
                <h2>How to read this</h2>
                ${howToRead(first?.report.threshold ?? 0.5, first?.report.restsOn === "rho")}
              </section>
              <section id="critiques">
                <h2>What is known against this test</h2>
                ${critiques()}
              </section>`
          }
        </main>
        <footer id="provenance">
          <h2>Where these numbers come from</h2>
          <dl class="facts">
            ${Object.entries(facts).map(
              ([label, value]) =>
                html`<dt>${label}</dt>
                  <dd>${label === "command" ? html`<code>${value}</code>` : value}</dd>`,
            )}
          </dl>
        </footer>
      </body>
    </html>`;
  return `${page.text}\n`;
}

const slug = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/gu, "-");

const whatWasDone = (report: VerdictReport | undefined): string =>
  `${ORDER_WORDS[report?.order ?? "cascading"].done}, which claim to show what the network looked at, were compared: ` +
  "a map that stays the same cannot be explaining what the network learned.";

const PHRASES: readonly (readonly [Verdict, string])[] = [
  ["insensitive", "do not notice at all"],
  ["blind", "are blind to single parts"],
  ["late", "notice late"],
  ["sensitive", "notice"],
  ["irreproducible", "change as much when the network is merely trained again"],
  ["inconclusive", "cannot be judged on these data"],
];

/** The answer in one sentence; controls stand apart, because they are there to be known. */
function summary({ methods }: VerdictReport): Markup {
  const judged = methods.filter(({ control }) => control === null);
  const groups = PHRASES.map(([verdict, phrase]) => ({
    phrase,
    names: judged.filter((row) => row.verdict === verdict).map(({ method }) => method),
  }));
  const said = groups.filter(({ names }) => names.length > 0);
  if (said.length === 0) return html`No method was judged.`;
  return html`Of ${judged.length} ${judged.length === 1 ? "method" : "methods"},
  ${said.map(({ names, phrase }, index) => html`${index > 0 && "; "}<strong>${names.length}</strong> ${names.length === 1 ? singular(phrase) : phrase} (${names.join(", ")})`)}.`;
}

const singular = (phrase: string): string =>
  phrase
    .replace(/^do not/u, "does not")
    .replace(/^are/u, "is")
    .replace(/^notice/u, "notices")
    .replace(/^change/u, "changes");
