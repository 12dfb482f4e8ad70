import { AssayError, AssayErrors, type ErrorFacts } from "../errors/error.js";

/** Everything found wrong so far. The same fault seen from two instances is kept once. */
export class Problems {
  readonly #found = new Map<string, AssayError>();

  add(problem: ErrorFacts | AssayError): void {
    const error = problem instanceof AssayError ? problem : new AssayError({ exit: 2, ...problem });
    if (!this.#found.has(error.message)) this.#found.set(error.message, error);
  }

  /** Keeps an error that was thrown elsewhere; anything that is no AssayError is a defect and passes through. */
  caught(thrown: unknown, facts: Pick<ErrorFacts, "place">): void {
    const errors = thrown instanceof AssayErrors ? thrown.errors : thrown instanceof AssayError ? [thrown] : undefined;
    if (!errors) throw thrown;
    for (const error of errors) {
      const kept = error.facts.where === undefined ? error.facts.what : `${error.facts.where}: ${error.facts.what}`;
      this.add(
        error.facts.place || !facts.place ? error : new AssayError({ ...error.facts, what: kept, place: facts.place }, { cause: error }),
      );
    }
  }

  get size(): number {
    return this.#found.size;
  }

  /** in the order of the text, files in the order in which they were first complained about */
  get list(): readonly AssayError[] {
    const errors = [...this.#found.values()];
    const files = [...new Set(errors.map((error) => error.facts.place?.file))];
    const rank = ({ facts: { place } }: AssayError) => [files.indexOf(place?.file), place?.line ?? 0, place?.column ?? 0] as const;
    return errors.sort((a, b) => {
      const [p, q] = [rank(a), rank(b)];
      return p[0] - q[0] || p[1] - q[1] || p[2] - q[2];
    });
  }

  throwIfAny(): void {
    if (this.size > 0) throw new AssayErrors(this.list);
  }
}
