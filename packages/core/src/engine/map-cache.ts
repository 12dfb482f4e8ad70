import type { Store, StoredMaps } from "../store/store.js";

/** Enough for the maps of a few networks: what is kept must not grow with the number of images. */
const MAX_BYTES = 64 * 2 ** 20;

/** Stacks of maps that were made or read last, at most 64 MiB of them: reference maps are wanted again at every stage. */
export class MapCache {
  readonly #store: Store;
  readonly #kept = new Map<string, StoredMaps>();
  #bytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  put(key: string, maps: StoredMaps): void {
    this.#drop(key);
    this.#kept.set(key, maps);
    this.#bytes += maps.values.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MAX_BYTES || oldest === key) break;
      this.#drop(oldest);
    }
  }

  peek(key: string): StoredMaps | undefined {
    const maps = this.#kept.get(key);
    if (maps) this.put(key, maps);
    return maps;
  }

  /** Undefined where the stored entry is absent or damaged. */
  async get(key: string): Promise<StoredMaps | undefined> {
    const kept = this.peek(key);
    if (kept) return kept;
    const found = await this.#store.readMaps(key);
    if (found.state !== "found") return undefined;
    this.put(key, found.value);
    return found.value;
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.values.byteLength ?? 0;
    this.#kept.delete(key);
  }
}
