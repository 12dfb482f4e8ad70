/**
 * Arrays that other threads see, used again and again: a new one for each question would be garbage of which the collector learns late, and pages that
 * the system has to clear.
 */
export class SharedMemory {
  readonly #free: Float32Array<SharedArrayBuffer>[] = [];

  /** Of that length, holding anything. */
  take(length: number): Float32Array<SharedArrayBuffer> {
    const fitting = this.#free.filter(({ buffer }) => buffer.byteLength >= 4 * length);
    const smallest = fitting.toSorted((a, b) => a.buffer.byteLength - b.buffer.byteLength)[0];
    if (!smallest) return new Float32Array(new SharedArrayBuffer(4 * length));
    this.#free.splice(this.#free.indexOf(smallest), 1);
    return new Float32Array(smallest.buffer, 0, length);
  }

  giveBack(array: Float32Array<SharedArrayBuffer>): void {
    this.#free.push(array);
  }
}
