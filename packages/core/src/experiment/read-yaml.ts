import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import type { Place } from "../errors/error.js";
import type { Entry, Located, LocatedMap, Scalar } from "./located.js";
import type { Problems } from "./problems.js";

/** An alias repeats what its anchor holds: a bound on the whole keeps a small file from becoming a huge tree. */
const MOST_VALUES = 50_000;

/** YAML 1.2 text as located data; `undefined` when it is not one map of text keys, with the reasons in `problems`. */
export function readYaml(text: string, file: string, problems: Problems): LocatedMap | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.2", lineCounter: lines, prettyErrors: false });
  const place = placer(text, file, lines);
  const faults = [...document.errors, ...document.warnings];
  const [broken] = faults.filter(({ code }) => code !== "DUPLICATE_KEY");
  for (const { code, pos } of faults)
    if (code === "DUPLICATE_KEY")
      problems.add({ code: "SPEC-DUPLICATE-KEY", what: "this key stands twice in one map", place: place(pos[0], pos[1]) });
  // What a parser says after its first error is mostly about that error.
  if (broken) {
    const what = `this is not YAML: ${broken.message.split("\n")[0]!.replace(/[.:]$/, "")}`;
    problems.add({ code: "SPEC-YAML", what, place: place(broken.pos[0], broken.pos[1]) });
  }
  if (faults.length > 0) return undefined;
  if (!isMap(document.contents)) {
    const [from, to] = document.contents?.range ?? [0, 0];
    problems.add({ code: "SPEC-YAML", what: "an experiment is a map of keys", expected: "`assay: 1` and so on", place: place(from, to) });
    return undefined;
  }
  const read = new Reader(document, place, problems).read(document.contents, []);
  return read.kind === "map" ? read : undefined;
}

type Placer = (from: number, to: number) => Place;

function placer(text: string, file: string, lines: LineCounter): Placer {
  const rows = text.split("\n");
  return (from, to) => {
    const { line, col } = lines.linePos(Math.min(from, text.length));
    const source = (rows[line - 1] ?? "").replace(/\r$/, "");
    return { file, line, column: col, source, length: Math.max(1, Math.min(to - from, source.length - col + 1)) };
  };
}

class Reader {
  #left = MOST_VALUES;

  constructor(
    private readonly document: Document,
    private readonly place: Placer,
    private readonly problems: Problems,
  ) {}

  read(node: Node | null, around: readonly Node[], at?: Place): Located {
    const [from, to] = node?.range ?? [0, 0];
    const place = at ?? this.place(from, to);
    if (--this.#left < 0 || (node && around.includes(node))) {
      if (this.#left >= -1) this.problems.add({ code: "SPEC-YAML", what: "aliases repeat themselves without end", place });
      this.#left = Math.min(this.#left, -1);
      return { kind: "broken", place };
    }
    if (isAlias(node)) {
      const anchor = node.resolve(this.document) ?? null;
      return this.read(anchor, [...around, node], anchor && around.includes(anchor) ? place : undefined);
    }
    if (isMap<Node, Node | null>(node)) {
      const within = [...around, node];
      const entries = new Map<string, Entry>();
      for (const { key, value } of node.items) {
        const keyPlace = this.place(key.range?.[0] ?? from, key.range?.[1] ?? to);
        if (!isScalar(key)) this.problems.add({ code: "SPEC-YAML", what: "a key must be plain text", place: keyPlace });
        else entries.set(String(key.value), { key: keyPlace, value: this.read(value, within, value?.range ? undefined : keyPlace) });
      }
      return { kind: "map", entries, place };
    }
    if (isSeq<Node>(node)) return { kind: "list", items: node.items.map((item) => this.read(item, [...around, node])), place };
    return { kind: "scalar", value: isScalar<Scalar>(node) ? node.value : null, place };
  }
}

/** The first block of comment lines: the question that the experiment asks. */
export function questionOf(text: string): string {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== "" && !/^(---|%)/.test(line));
  const block: string[] = [];
  for (const line of first < 0 ? [] : lines.slice(first)) {
    const comment = /^\s*#+\s?(.*)$/.exec(line);
    if (!comment) break;
    block.push(comment[1]!.trim());
  }
  return block.join(" ").trim();
}
