/** A place in a text file: 1-based line and column, with the line itself for the code frame. */
export interface Place {
  /** a file, or an option of the command line with its value (`--set images=1`), which has no lines */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly source?: string;
  /** how many columns the caret underlines */
  readonly length?: number;
}

export interface ErrorFacts {
  /** stable, upper case with dashes; tests and tools assert on it */
  readonly code: string;
  /** what is wrong */
  readonly what: string;
  readonly expected?: string;
  readonly got?: string;
  /** what the reader should do now, as a full sentence */
  readonly next?: string;
  /** where: a place in a file, or the name of the thing (an instance, a plugin, a file) */
  readonly place?: Place;
  readonly where?: string;
  /** 2: the input is wrong; 3: a needed thing is missing; 1: an instance failed */
  readonly exit?: 1 | 2 | 3;
}

/** The one error class. Its message is `<CODE> <where>: <what>; expected <a>, got <b>. <next step>`. */
export class AssayError extends Error {
  override readonly name = "AssayError";
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super(describe(facts), options);
    this.facts = facts;
  }

  get code(): string {
    return this.facts.code;
  }

  get exit(): 1 | 2 | 3 {
    return this.facts.exit ?? 2;
  }
}

/** Several errors found in one pass, reported together. */
export class AssayErrors extends Error {
  override readonly name = "AssayErrors";
  readonly errors: readonly AssayError[];

  constructor(errors: readonly AssayError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.errors = errors;
  }

  get exit(): 1 | 2 | 3 {
    return this.errors.some((error) => error.exit === 3) ? 3 : 2;
  }
}

function describe({ code, what, expected, got, next, place, where }: ErrorFacts): string {
  const location = place ? nameOf(place) : where;
  const difference = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(", ");
  const sentence = difference ? `${what}; ${difference}` : what;
  return `${code}${location ? ` ${location}` : ""}: ${sentence}.${next ? ` ${next}` : ""}`;
}

const nameOf = ({ file, line, column }: Place): string => (file.startsWith("--") ? file : `${file}:${line}:${column}`);
