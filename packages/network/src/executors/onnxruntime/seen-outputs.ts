import { outputName } from "./names.js";
import type { Shared, Values } from "./session-threads.js";

/** Outputs of nodes, and the images that they are of. */
interface Seen {
  readonly x: Float32Array;
  readonly outputs: ReadonlyMap<string, Values>;
}

/** Outputs that one network gave last. */
export class SeenOutputs {
  /** those of the images that were asked about last */
  #asked: Seen | undefined;
  /** those that came with the last gradient, which may have been of a noisy copy that nobody asks about */
  #passing: Seen | undefined;

  /** The output of a node, if it is known; its images are then the ones that were asked about. */
  of({ data }: Values, node: string): Values | undefined {
    const seen = [this.#asked, this.#passing].find((each) => each && same(each.x, data));
    const known = seen?.outputs.get(node);
    if (known) this.#asked = seen;
    return known;
  }

  asked({ data }: Values, outputs: ReadonlyMap<string, Values>): void {
    this.#asked = { x: data.slice(), outputs };
  }

  cameWithGradient({ data }: Values, outputs: ReadonlyMap<string, Values>): void {
    this.#passing = { x: data.slice(), outputs };
  }
}

/** The outputs of nodes, if they are all there and any are asked. */
export function outputsIn(answer: Shared, nodes: readonly string[]): ReadonlyMap<string, Values> | undefined {
  const given = nodes.flatMap((node, i) => {
    const { data, shape } = answer[outputName(i)] ?? {};
    return data && shape ? [[node, { data: data.slice(), shape }] as const] : [];
  });
  return given.length > 0 && given.length === nodes.length ? new Map(given) : undefined;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);
const same = (a: Float32Array, b: Float32Array): boolean => bytesOf(a).equals(bytesOf(b));
