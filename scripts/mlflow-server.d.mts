interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: (line: string) => void;
}
export function installMlflow(options?: Surroundings): Promise<string>;
export function startMlflow(options: Surroundings & { readonly folder: string }): Promise<{
  readonly uri: string;
  readonly pid: number;
  stop(): Promise<void>;
}>;
