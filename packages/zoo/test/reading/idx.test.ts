import { describe, expect, it } from "vitest";
import { parseIdx } from "../../src/reading/idx.js";

describe("IDX files", () => {
  it("gives sizes and values of a hand-written file", () => {
    const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);
    expect(parseIdx(file, "hand.idx")).toEqual({ sizes: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 255) });
  });

  it("refuses another type, a missing header and a wrong length", () => {
    expect(() => parseIdx(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0), "float.idx")).toThrow("IDX-MAGIC float.idx");
    expect(() => parseIdx(Uint8Array.of(0, 0, 8), "short.idx")).toThrow("IDX-MAGIC");
    expect(() => parseIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1), "cut.idx")).toThrow("IDX-MAGIC");
    expect(() => parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7), "cut.idx")).toThrow("IDX-LENGTH cut.idx");
  });
});
