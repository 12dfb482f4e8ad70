import { parseArgs } from "node:util";

/** The command line that the contests share; `defaults` also names what else a bench can be told. */
export function options(more = {}) {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      backend: { type: "string", default: "auto" },
      append: { type: "boolean", default: false },
      table: { type: "boolean", default: false },
      ...more,
    },
  });
  const wanted = values.only?.split(",");
  return {
    ...values,
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    /** whether `--only` leaves a contender in: it names them, or how they begin */
    chosen: (name) => wanted === undefined || wanted.some((start) => name.startsWith(start)),
  };
}
