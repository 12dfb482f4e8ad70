import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy } from "@assay/core";
import { expect } from "vitest";

/** Answers of independent libraries; see the README in that folder. */
const ORACLE = new URL("../../../../shared/oracle", import.meta.url).pathname;
if (!existsSync(ORACLE)) throw new Error(`the golden vectors are missing: ${ORACLE}`);

interface Manifest {
  readonly occlusion: { readonly window: number; readonly stride: number; readonly baseline: number };
  readonly arrays: Readonly<
    Record<string, { readonly file: string; readonly tolerance?: { readonly relL2: number; readonly maxAbsRelative: number } }>
  >;
}

export interface GoldenCase {
  readonly model: string;
  readonly array: string;
  readonly explainer: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export class GoldenModel {
  readonly folder: string;
  readonly manifest: Manifest;

  constructor(readonly name: string) {
    this.folder = join(ORACLE, "models", name);
    this.manifest = JSON.parse(readFileSync(join(this.folder, "manifest.json"), "utf8")) as Manifest;
  }

  file(array: string): string {
    return join(this.folder, this.manifest.arrays[array]!.file);
  }

  /** Every array that the command line can be asked for: those over stored noise cannot, since noise comes from the seed. */
  cases(): GoldenCase[] {
    const { arrays, occlusion } = this.manifest;
    const { window, stride, baseline } = occlusion;
    return Object.keys(arrays).flatMap((array): GoldenCase[] => {
      const one = (explainer: string, params: GoldenCase["params"] = {}) => [{ model: this.name, array, explainer, params }];
      const [, cam, layer, resize] = /^(grad-cam|guided-grad-cam)\.(.+)\.(half-pixel|legacy)$/.exec(array) ?? [];
      if (cam !== undefined) return one(cam, { layer, resize });
      if (array === "occlusion") return one(array, { window, stride, baseline });
      if (array === "integrated-gradients" || array.startsWith("integrated-gradients."))
        return one("integrated-gradients", {
          ...(array.includes(".paper") && { rule: "paper" }),
          ...(array.endsWith(".baseline-array") && { baseline: this.file("baseline") }),
        });
      return ["gradient", "gradient-x-input", "guided-backprop", "deconvnet"].includes(array) ? one(array) : [];
    });
  }

  /** Holds a written .npy against an array, within the tolerance that its manifest names. */
  expectAgrees(written: Uint8Array, array: string): void {
    const got = decodeNpy(written, "the map that was written").values;
    const expected = decodeNpy(readFileSync(this.file(array)), array).values;
    expect(got.length).toBe(expected.length);
    let [difference, norm, worst, largest] = [0, 0, 0, 0];
    expected.forEach((value, i) => {
      const d = got[i]! - value;
      difference += d * d;
      norm += value * value;
      worst = Math.max(worst, Math.abs(d));
      largest = Math.max(largest, Math.abs(value));
    });
    const tolerance = this.manifest.arrays[array]!.tolerance!;
    expect(Math.sqrt(difference / norm), `${array}: relative L2`).toBeLessThanOrEqual(tolerance.relL2);
    expect(worst / largest, `${array}: largest difference`).toBeLessThanOrEqual(tolerance.maxAbsRelative);
  }
}

export const goldenModels = readdirSync(join(ORACLE, "models")).map((name) => new GoldenModel(name));

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly hogCell: number;
  readonly scores: Readonly<Record<string, number | null>>;
}
export const goldenPairs = Object.entries(
  (JSON.parse(readFileSync(join(ORACLE, "metrics", "manifest.json"), "utf8")) as { readonly pairs: Readonly<Record<string, Pair>> }).pairs,
);
export const mapFile = (name: string): string => join(ORACLE, "metrics", name);
