export const BACKENDS = ["tensorflow", "wasm"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** A compute library behind the network: one folder each. */
export interface Executor {
  readonly name: BackendName;
  /** Whether it can be loaded, without loading it. */
  available(): boolean;
  /** Name and version of its package, without loading it. */
  package(): string;
  /** Loads it, makes it the active TensorFlow.js backend, and returns the library's version. */
  start(): Promise<string>;
}
