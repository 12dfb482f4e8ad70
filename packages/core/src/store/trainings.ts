import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Epoch } from "../plugin/trainer.js";
import { ensureFolder, openJson, replaceFile, sealJson, sha256, writeDurably } from "./atomic-file.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import type { Found } from "./store.js";

/** How a training went. */
export interface History {
  readonly epochs: readonly Epoch[];
  /** share of the test images, in [0, 1], that the trained network names rightly; absent where none were given */
  readonly testAccuracy?: number;
}

/** What a training left: the weights in the order of `Network.weights()`, and how it went. */
export interface Trained extends History {
  readonly weights: Float32Array;
}

/** What is said of a training without its weights. */
export interface TrainingFacts extends History {
  /** hex SHA-256 of the weights as an `.npy` file */
  readonly digest: string;
}

/** How far a training is: after its last whole epoch. */
export interface Checkpoint {
  readonly state: Float32Array;
  readonly epochs: readonly Epoch[];
}

type Meta = History & { readonly npy: string };

const FILE = "weights.npy";

/**
 * Trained weights by instance key, in `store/<2 hex>/<key>/` (`weights.npy`, `meta.json`), and beside them, while a training is under
 * way, `<key>.part/` with the state after its last epoch. An entry appears whole or not at all, and is trusted only while its digest holds.
 */
export class Trainings {
  readonly #store: string;

  /** `store`: the folder `.assay/store` */
  constructor(store: string) {
    this.#store = store;
  }

  /** How it went, weights unread. */
  facts(key: string): TrainingFacts | undefined {
    try {
      const { npy, ...history } = openJson(readFileSync(join(this.#entry(key), "meta.json"), "utf8"))?.value as Meta;
      return { ...history, digest: npy };
    } catch {
      return undefined;
    }
  }

  /** Synchronous, as the reading of results is: a plan asks for it. */
  read(key: string): Found<Trained> {
    const entry = this.#entry(key);
    let meta: string;
    try {
      meta = readFileSync(join(entry, "meta.json"), "utf8");
    } catch {
      return { state: "absent" };
    }
    try {
      const { npy, ...history } = openJson(meta)?.value as Meta;
      const bytes = readFileSync(join(entry, FILE));
      if (sha256(bytes) !== npy) throw new Error("the digest does not hold");
      return { state: "found", value: { ...history, weights: floats(bytes, entry) } };
    } catch {
      rmSync(entry, { recursive: true, force: true });
      return { state: "damaged" };
    }
  }

  async write(key: string, { weights, ...history }: Trained): Promise<void> {
    const npy = encodeNpy(weights, [weights.length]);
    const temporary = join(this.#store, "tmp", randomUUID());
    await mkdir(temporary, { recursive: true });
    await writeDurably(join(temporary, FILE), npy);
    await writeDurably(join(temporary, "meta.json"), sealJson("training", { ...history, npy: sha256(npy) }));
    await ensureFolder(join(this.#store, key.slice(0, 2)));
    try {
      await rename(temporary, this.#entry(key));
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      // Another process was first: its entry has the same key, hence the same content.
      if (this.read(key).state !== "found") throw error;
    }
    await this.forget(key);
  }

  /** The last epoch that a training came to; nothing where it was never begun, or what it left is damaged. */
  async checkpoint(key: string): Promise<Checkpoint | undefined> {
    const folder = this.#part(key);
    try {
      const found = openJson(await readFile(join(folder, "meta.json"), "utf8"))?.value;
      const { file, npy, epochs } = found as { readonly file: string; readonly npy: string; readonly epochs: readonly Epoch[] };
      const bytes = await readFile(join(folder, file));
      return sha256(bytes) === npy ? { state: floats(bytes, folder), epochs } : undefined;
    } catch {
      return undefined;
    }
  }

  /** The new state is whole on the disk before `meta.json` names it; only then the one before goes. */
  async keep(key: string, { state, epochs }: Checkpoint): Promise<void> {
    const folder = this.#part(key);
    await ensureFolder(folder);
    const npy = encodeNpy(state, [state.length]);
    const file = `state-${randomUUID()}.npy`;
    await writeDurably(join(folder, file), npy);
    await replaceFile(folder, "meta.json", sealJson("checkpoint", { file, npy: sha256(npy), epochs }));
    for (const name of await readdir(folder)) if (name !== file && name !== "meta.json") await rm(join(folder, name), { force: true });
  }

  async forget(key: string): Promise<void> {
    await rm(this.#part(key), { recursive: true, force: true });
  }

  #entry(key: string): string {
    return join(this.#store, key.slice(0, 2), key);
  }

  #part(key: string): string {
    return `${this.#entry(key)}.part`;
  }
}

const floats = (npy: Uint8Array, where: string): Float32Array => decodeNpy(npy, where).values as Float32Array;
