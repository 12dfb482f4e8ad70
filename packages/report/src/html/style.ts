/** The whole look of `report.html`: inline, system fonts, light, fit for 800 px, 1440 px and paper. */
export const STYLE = `
:root { color-scheme: light; --ink: #1b2230; --soft: #566070; --line: #d9dde4; --wash: #f5f6f8; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main, header, footer { max-width: 1360px; margin: 0 auto; padding: 0 40px; }
header { padding-top: 36px; }
h1 { font-size: 30px; line-height: 1.25; margin: 4px 0 12px; max-width: 30em; text-wrap: balance; }
h2 { font-size: 22px; margin: 44px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 17px; margin: 20px 0 6px; }
p, ul, dl { max-width: 50em; margin: 8px 0 14px; }
.name { color: var(--soft); margin: 0; letter-spacing: .02em; }
.lead { font-size: 18px; }
.fine, .gloss, .note { color: var(--soft); font-size: 13px; font-weight: 400; line-height: 1.35; }
td .fine, th .fine, .gloss, .note { display: block; }
table { border-collapse: collapse; }
th { text-align: left; }
thead th { font-size: 13px; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--ink); }
.verdicts { width: 100%; }
.verdicts th, .verdicts td { padding: 9px 14px 9px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
.verdicts tbody th { font-weight: 600; min-width: 11em; }
.verdicts td:nth-child(2) { width: 30%; }
.verdicts .number { padding-right: 32px; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.interval { vertical-align: -2px; margin-right: 10px; }
.control { font-size: 11px; font-weight: 600; color: #47505e; border: 1px solid #98a0ac; border-radius: 3px; padding: 0 4px; text-transform: uppercase; letter-spacing: .04em; }
.verdict { display: inline-block; font-size: 14px; font-weight: 650; border-radius: 4px; padding: 1px 8px; white-space: nowrap; }
.insensitive, .blind { background: #fbe3e0; color: #8f1d12; white-space: normal; }
.late { background: #fdeccf; color: #774400; }
.sensitive { background: #ddefe3; color: #145a32; }
.inconclusive, .uninformative, .irreproducible { background: #e9ebef; color: #3d4654; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 26px 32px; }
.chart { margin: 0; break-inside: avoid; }
.chart svg { display: block; width: 100%; height: auto; max-width: 760px; }
.wide { overflow-x: auto; margin: 0 0 26px; }
.grid th, .grid td { padding: 2px; font-size: 12px; }
.grid thead th { border-bottom: 1px solid var(--line); text-align: center; vertical-align: bottom; max-width: calc(var(--side, 70px) + 6px); line-height: 1.2; }
.grid thead .input { max-width: none; }
.grid tbody th, .grid thead tr:last-child th:first-child { position: sticky; left: 0; background: #fff; padding-right: 10px; white-space: nowrap; font-weight: 500; text-align: left; }
.grid .input { text-align: left; padding: 4px 2px 8px; border: 0; color: var(--ink); font-size: 14px; }
.grid .input span { vertical-align: middle; margin-left: 10px; }
.grid img, .missing { display: block; width: var(--side, 70px); height: var(--side, 70px); object-fit: contain; image-rendering: pixelated; border: 1px solid var(--line); }
.fine-maps img { image-rendering: auto; }
.grid.fine-maps tbody th { white-space: normal; min-width: 9em; }
.fine-maps .input img { width: 140px; height: 140px; }
.grid .input img { display: inline-block; vertical-align: middle; }
.missing { display: grid; place-items: center; font-size: 12px; color: var(--soft); background: repeating-linear-gradient(45deg, #fff 0 6px, #eef0f3 6px 12px); }
details { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 8px 0; font-weight: 600; }
.details th, .details td { padding: 6px 16px 6px 0; vertical-align: top; font-size: 14px; border-bottom: 1px solid var(--line); }
.details tbody th { min-width: 9em; }
.details td:nth-child(2) { min-width: 12em; }
dt { font-weight: 600; }
dd { margin: 0 0 10px; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; max-width: none; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
code { font: 14px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; background: var(--wash); padding: 2px 5px; border-radius: 3px; }
footer { padding-bottom: 60px; }
@media (max-width: 900px) { main, header, footer { padding: 0 20px; } header { padding-top: 20px; } h1 { font-size: 24px; } .verdicts .interval, .verdicts .bounds { display: block; } .verdicts .number { padding-right: 20px; } .verdicts tbody th { min-width: 9em; } .verdicts td:last-child { width: 30%; } .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: 8px; } }
@media print { body { font-size: 11pt; } main, header, footer { padding: 0; max-width: none; } .charts { grid-template-columns: 1fr 1fr; } tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; } .wide { overflow: visible; } .grid img, .missing { width: 38px; height: 38px; } .grid th { font-size: 8px; } * { print-color-adjust: exact; } }
`;
