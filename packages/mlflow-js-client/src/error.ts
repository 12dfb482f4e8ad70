export interface MlflowFacts {
  /** `GET http://host/path`, or the folder or option that it is about; never a query, a header or a password */
  readonly where: string;
  readonly what: string;
  /** of the answer, where there was one */
  readonly status?: number;
  /** MLflow's own word, e.g. `RESOURCE_ALREADY_EXISTS` */
  readonly reason?: string;
  /** the same request may succeed later */
  readonly retryable?: boolean;
  /** the server's own wish */
  readonly retryAfterMs?: number;
  /** what the reader should do now, as a full sentence */
  readonly next?: string;
}

/** What the server or the way to it said. Its message is `<where>: <what>. <next>`, with all secrets removed. */
export class MlflowError extends Error {
  override readonly name = "MlflowError";
  readonly facts: MlflowFacts;

  constructor(facts: MlflowFacts) {
    super(`${facts.where}: ${facts.what}.${facts.next === undefined ? "" : ` ${facts.next}`}`);
    this.facts = facts;
  }

  get status(): number | undefined {
    return this.facts.status;
  }

  get reason(): string | undefined {
    return this.facts.reason;
  }

  get retryable(): boolean {
    return this.facts.retryable ?? false;
  }
}
