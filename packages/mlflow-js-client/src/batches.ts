/** What one `log-batch` takes. */
export const METRICS_A_BATCH = 1000;
export const PAIRS_A_BATCH = 100;

/** Requests stay below what proxies take. */
const BATCH_BYTES = 900_000;

/** Cuts a list into requests of at most `count` elements and 900 kB. */
export function batches<T>(elements: readonly T[], count: number, bytes = BATCH_BYTES): T[][] {
  const all: T[][] = [];
  let size = Infinity;
  for (const element of elements) {
    const length = Buffer.byteLength(JSON.stringify(element)) + 1;
    const last = all.at(-1);
    if (!last || last.length >= count || size + length > bytes) {
      all.push([element]);
      size = length;
    } else {
      last.push(element);
      size += length;
    }
  }
  return all;
}
