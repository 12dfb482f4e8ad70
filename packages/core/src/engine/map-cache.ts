import type { Store, StoredMaps } from "../store/store.js";

/** Stacks of maps that were made or read last, at most `maxBytes` of them: reference maps are wanted again at every stage. */
export class MapCache {
  readonly #store: Store;
  readonly #maxBytes: number;
  readonly #kept = new Map<string, StoredMaps>();
  #bytes = 0;

  constructor(store: Store, maxBytes: number) {
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  put(key: string, maps: StoredMaps): void {
    this.#drop(key);
    this.#kept.set(key, maps);
    this.#bytes += maps.values.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
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
