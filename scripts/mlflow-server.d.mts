interface Surroundings {
  readonly version?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: (line: string) => void;
}
export const NEWEST: string;
export const LAST_2: string;
export function installMlflow(options?: Surroundings): Promise<string>;
export function startMlflow(
  options: Surroundings & {
    readonly folder: string;
    readonly auth?: string;
    readonly prefix?: string;
    readonly ownFolder?: boolean;
    readonly port?: number;
  },
): Promise<{
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  readonly python: string;
  stop(): Promise<void>;
}>;
