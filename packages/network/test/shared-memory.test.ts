import { expect, it } from "vitest";
import { SharedMemory } from "../src/executors/onnxruntime/shared-memory.js";

it("hands no array out twice, and the smallest that fits again once it is back", () => {
  const memory = new SharedMemory();
  const [large, small] = [memory.take(100), memory.take(10)];
  small.fill(1);
  large.fill(2);
  expect([...new Set(small)]).toEqual([1]);
  memory.giveBack(large);
  memory.giveBack(small);
  const again = memory.take(8);
  expect([again.length, again.buffer]).toEqual([8, small.buffer]);
  expect(memory.take(8).buffer).toBe(large.buffer);
  expect([large.buffer, small.buffer]).not.toContain(memory.take(8).buffer);
});
