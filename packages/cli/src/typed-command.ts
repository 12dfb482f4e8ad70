import type { SpecOptions } from "./spec-command.js";

interface Typed extends SpecOptions {
  readonly only?: string;
  readonly where?: Readonly<Record<string, readonly string[]>>;
}

/** As a POSIX shell reads it: quoted where a character means something there. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** What to type to get a run's numbers again: `assay run my.yaml --preset paper --set 'draws=[0,1]'`. */
export function typedCommand(spec: string, { preset, set = {}, only, where = {}, backend }: Typed): string {
  const options = [
    ...(preset === undefined ? [] : ["--preset", preset]),
    ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
    ...(only === undefined ? [] : ["--only", only]),
    ...Object.entries(where).flatMap(([axis, values]) => values.flatMap((value) => ["--where", `${axis}=${value}`])),
    ...(backend === undefined ? [] : ["--backend", backend]),
  ];
  return ["assay", "run", spec, ...options].map(word).join(" ");
}
