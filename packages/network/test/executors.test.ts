import * as tf from "@tensorflow/tfjs-core";
import { AssayError } from "@assay/core/plugin";
import { afterEach, describe, expect, it, vi } from "vitest";

describe("startBackend", () => {
  afterEach(() => {
    vi.doUnmock("../src/executors/onnxruntime/executor.js");
    vi.doUnmock("../src/executors/tensorflow/executor.js");
    vi.resetModules();
  });
  const withoutNative = async (): Promise<typeof import("../src/index.js")> => {
    vi.resetModules();
    const start = (): Promise<string> => Promise.reject(new Error("not loaded"));
    vi.doMock("../src/executors/onnxruntime/executor.js", () => ({ onnxruntime: { name: "onnxruntime", available: () => false, start } }));
    vi.doMock("../src/executors/tensorflow/executor.js", () => ({ tensorflow: { name: "tensorflow", available: () => false, start } }));
    return import("../src/index.js");
  };

  it("falls back to wasm where no native library is there, and says so", async () => {
    const { startBackend, backendAvailable } = await withoutNative();
    expect([backendAvailable("tensorflow"), backendAvailable("wasm")]).toEqual([false, true]);
    const { name, note, version } = await startBackend("auto");
    expect([name, tf.getBackend()]).toEqual(["wasm", "wasm"]);
    expect(version).toMatch(/^tfjs-backend-wasm 4\./);
    expect(note).toBe("wasm, slower: backend onnxruntime is not installed; backend tensorflow is not installed");
  });

  it("is an error that names the next step where the backend asked for is missing", async () => {
    const { startBackend } = await withoutNative();
    const error: unknown = await startBackend("tensorflow").catch((reason: unknown) => reason);
    expect((error as AssayError).facts).toMatchObject({ code: "BACKEND-MISSING", exit: 3, next: "Run `npx assay doctor`" });
  });
});
